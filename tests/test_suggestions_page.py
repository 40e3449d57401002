"""What the machine suggests on the Themes page: looked at, judged, and told as what it is."""
# ruff: noqa: F811

from __future__ import annotations

import html
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from qualcode.errors import Stopped
from qualcode.model import CodingSet, ThemeCandidate, Transcript
from qualcode.reconciliation import find_passages
from qualcode.spans import Span
from qualcode.store import open_study
from qualcode.themes import (
    Contradiction,
    Gap,
    Gaps,
    LeftOut,
    Lens,
    Passage,
    ThemeSuggestions,
    Twins,
)
from qualcode.ui import candidate_cards, making, running

from .conftest import LEA
from .hostile_study import hostile_study
from .test_pages import app, folder, signed_in, sound  # noqa: F401
from .test_themes_page import MARKUP, kept, said, themes  # noqa: F401


def passages_of(texts: tuple[Transcript, ...]) -> list[Passage]:
    return [
        Passage(text.id, turn.span, text.participant or text.title, text.text[turn.span.slice])
        for text in texts
        for turn in text.participant_turns
        if turn.span.end - turn.span.start > 20
    ]


def candidate(number: int, units: list[Passage], **more: Any) -> ThemeCandidate:
    places = tuple((unit.transcript, unit.span) for unit in units)
    told: dict[str, Any] = {
        "label": f"label {number}",
        "terms": (("time", 2.0), ("data", 1.0)),
        "quotes": places[:2],
        "codes": (("MEN-15", 0.5),),
        "stability": 0.7,
        "edge": places[-1:],
        "within": 1,
        "why": "They share “time” (weight 2.00).",
    }
    told |= more
    return ThemeCandidate(
        number=number,
        passages=places,
        participants=tuple(sorted({unit.participant for unit in units})),
        **told,
    )


def found(texts: tuple[Transcript, ...], codings: CodingSet, **how: Any) -> ThemeSuggestions:
    """Candidates cut by hand, so that no model has to be read."""
    units = passages_of(texts)
    third = len(units) // 3
    cuts = units[:third], units[third : 2 * third], units[2 * third : 2 * third + 3]
    alone = [unit for unit in units if unit.participant == units[0].participant]
    fine = [candidate(n, cut, within=min(n, 2)) for n, cut in enumerate(cuts, start=1)]
    return ThemeSuggestions(
        candidates=(candidate(1, units[: 2 * third]), candidate(2, alone, stability=0.1)),
        coarse=(candidate(1, units, within=0, stability=0.5),),
        fine=tuple(fine),
        units=tuple(units),
        left_out=(LeftOut(units[-1].transcript, units[-1].span, "fewer than 4 content words"),),
        language="rules",
        vectors="static word vectors",
        parameters={
            "method": "sparse consensus", "seed": how["seed"], "clusters": how["clusters"],
            "vectors": "static word vectors", "language": "rules", "passages": len(units),
            "participants": len({unit.participant for unit in units}), "resamples": 60,
            "bundles": None,
        },
        warning="These candidates rest on few passages.",
    )  # fmt: skip


def gaps(texts: tuple[Transcript, ...], codings: CodingSet, **_: Any) -> Gaps:
    units = passages_of(texts)
    first = candidate(1, units[:4], codes=(), within=0)
    return Gaps(
        (Gap(first, 1.25, 0.6, 0.2), Gap(candidate(2, units[4:8], codes=()), 0.4, 0.4, 0.3)),
        uncoded=8,
        passages=len(units),
        parameters={"method": "gaps by novelty", "vectors": "static word vectors", "seed": 1},
        left_out=(LeftOut(units[9].transcript, units[9].span, "uncoded, alone"),),
    )


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(making, "suggest_themes", found)
    monkeypatch.setattr(making, "find_gaps", gaps)
    running._jobs.clear()
    yield
    running._jobs.clear()


def ready(at: AppTest) -> AppTest:
    """The page once the look has ended."""
    until = time.monotonic() + 20
    while [b for b in at.button if b.label == "Stop"] and time.monotonic() < until:
        time.sleep(0.05)
        at.run()
    sound(at)
    return at


def looked(at: AppTest) -> AppTest:
    at.button(key="themes.look").click().run()
    return ready(at)


def pressed(at: AppTest, label: str, place: int = 0) -> AppTest:
    [b for b in at.button if b.label == label][place].click().run()
    sound(at)
    return at


def view(at: AppTest, name: str) -> AppTest:
    at.segmented_control(key="themes.view").set_value(name).run()
    sound(at)
    return at


def suggestions(at: AppTest, name: str) -> AppTest:
    at.segmented_control(key="themes.suggestions").set_value(name).run()
    sound(at)
    return at


def test_a_look_that_was_stopped_is_not_begun_again(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = []

    def for_ever(texts: Any, codings: Any, *, cancelled: Any, **_: Any) -> Gaps:
        begun.append(threading.Event())
        while not cancelled():
            time.sleep(0.01)
        begun[-1].set()
        raise Stopped("It was stopped.")

    monkeypatch.setattr(making, "find_gaps", for_ever)
    at = suggestions(themes(), "Gaps")
    at.button(key="themes.gaps.look").click().run()
    pressed(at, "Stop")
    assert running.STOPPED in said(at)
    assert begun[0].wait(10)
    at.run()
    assert len(begun) == 1
    at.button(key="themes.gaps.look").click().run()
    pressed(at, "Stop")
    assert len(begun) == 2


def test_three_views_are_nested_and_medium_is_the_first(kept: Path) -> None:
    at = looked(themes())
    shown = said(at)
    assert at.segmented_control(key="themes.view").value == "medium"
    assert at.segmented_control(key="themes.view").options == [
        "Coarse (1)", "Medium (2)", "Fine (3)",
    ]  # fmt: skip
    assert "inside coarse 1, label 1" in shown
    assert "by static word vectors" in shown
    assert [w.value for w in at.warning] == ["These candidates rest on few passages\\."]
    view(at, "coarse")
    pressed(at, "Open its 2 medium candidates")
    assert at.segmented_control(key="themes.view").value == "medium"
    assert "Inside coarse candidate 1" in said(at)
    pressed(at, "Show all")
    view(at, "fine")
    assert "inside medium 1, label 1" in said(at)


def test_a_card_shows_what_it_needs_to_be_judged_by(kept: Path) -> None:
    at = looked(themes())
    shown = said(at).replace("\u00a0", " ")
    for words in (
        "They share “time”", "6 of 6 participants · clinical 3 of 3 · managerial 3 of 3",
        "one person’s voice", "1 of 6 participants", "Typical", "At the edge", "(P01)", " 50%",
        "●</i>steady", "○</i>shaky", "In groups as stable as this".lower(),
        "fewer than 4 content words",
    ):  # fmt: skip
        assert words in shown, words
    assert "width:50%" in shown, "the weights of the terms are bars"
    assert "title=" in shown
    at.selectbox(key="themes.attribute").set_value("").run()
    told = [t for t in said(at).replace("\u00a0", " ").splitlines() if "of 6 participants" in t]
    assert re.search(r"\d of 6 participants · \d+ passages<", told[-2]), told


def test_every_look_is_logged_and_a_run_of_before_is_kept_ready(kept: Path) -> None:
    at = looked(themes())
    looked(at)
    at.number_input(key="themes.seed").set_value(7)
    at.number_input(key="themes.clusters").set_value(3)
    looked(at)
    with open_study(kept) as study:
        lines = study.history("suggestion_run")
        assert [(x["details"]["seed"], x["details"]["clusters"]) for x in lines] == [
            (1, None), (1, None), (7, 3),
        ]  # fmt: skip
        assert lines[0]["details"]["versions"]["qualcode"]
        assert len(study.machine_help().runs) == 2
        assert "label" not in str(lines)
    assert len(running._jobs) == 2


def test_a_candidate_is_kept_under_a_name_that_a_person_types(kept: Path) -> None:
    at = looked(themes())
    pressed_ = [b for b in at.button if b.label == "Keep the theme"]
    pressed_[1].click().run()
    assert any("name of your own" in e.value for e in at.error)
    name = [t for t in at.text_input if t.label == "Name"][1]
    name.set_value("Evenings are where improving happens")
    pressed(at, "Keep the theme", 1)
    assert "kept as “Evenings are where improving happens”" in said(at)
    with open_study(kept) as study:
        theme = study.themes()[-1]
        assert (theme.origin, theme.made_by) == ("machine_suggested", "lea")
        assert theme.excerpts
        (line,) = study.history("suggestion_accept")
        assert line["details"] == {"candidate": 1, "view": "medium", "theme": theme.id}
        study.seated(LEA).drop_theme(theme.id, reason="thin")
    at.run()
    assert "kept as a theme that was dropped since" in said(at)


def test_a_candidate_is_set_aside_with_a_reason_and_taken_up_again(kept: Path) -> None:
    at = looked(themes())
    reason = next(t for t in at.text_input if t.label == "Reason, if you like")
    reason.set_value("Only the interviewer's words")
    pressed(at, "Set it aside")
    assert [e.label for e in at.expander if e.label.startswith("Set aside")] == ["Set aside (1)"]
    assert "Only the interviewer" in said(at)
    with open_study(kept) as study:
        assert [a.answer for a in study.machine_help().answers] == ["rejected"]
        assert "interviewer's" not in str(study.history("suggestion_reject"))
    at = looked(themes())  # another session finds it so
    assert [e.label for e in at.expander if e.label.startswith("Set aside")] == ["Set aside (1)"]
    pressed(at, "Take it up again")
    assert not [e for e in at.expander if e.label.startswith("Set aside")]


def test_a_coder_reads_and_judges_nothing_and_an_open_one_sees_nothing(
    kept: Path,
    folder: Path,
    sample_file: Path,
) -> None:
    at = looked(themes("ana"))
    assert "They share" in said(at)
    labels = {b.label for b in at.button}
    assert not labels & {"Keep the theme", "Set it aside", "Take it up again"}
    from qualcode.sample import build_sample

    build_sample(folder / ".sample" / "sample.qualcode", uncoded=["P06"]).close()
    at = themes("ana", "sample")
    assert "stay closed until every coder has submitted" in said(at)
    assert "themes.look" not in {b.key for b in at.button}


def test_a_look_is_watched_and_stopped(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    ended: list[str] = []

    def slow(texts: Any, codings: Any, **how: Any) -> Any:
        how["progress"]("vectors", 1, 2)
        for _ in range(1_000):
            if how["cancelled"]():
                ended.append("stopped")
                raise Stopped("The search was stopped.")
            time.sleep(0.01)
        ended.append("done")
        return found(texts, codings, **how)

    monkeypatch.setattr(making, "suggest_themes", slow)
    at = themes()
    at.button(key="themes.look").click().run()
    time.sleep(0.2)
    at.run()
    (progress,) = at.get("progress")
    assert progress.proto.text == "Turning passages into vectors…"
    next(b for b in at.button if b.label == "Stop").click().run()
    sound(at)
    assert "nothing was kept of it" in said(at)
    time.sleep(0.3)
    assert ended == ["stopped"]
    with open_study(kept) as study:
        assert study.history("suggestion_run") == []


def test_a_look_that_cannot_be_is_told_in_words(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    from qualcode.errors import BadCommand

    def refused(texts: Any, codings: Any, **how: Any) -> Any:
        raise BadCommand("There is too little text for themes.")

    monkeypatch.setattr(making, "suggest_themes", refused)
    at = themes()
    at.button(key="themes.look").click().run()
    until = time.monotonic() + 10
    while not at.error and time.monotonic() < until:
        at.run()
    assert [e.value for e in at.error] == ["There is too little text for themes\\."]


def test_a_gap_becomes_a_code_or_a_proposal(kept: Path) -> None:
    at = suggestions(themes(), "Gaps")
    at.button(key="themes.gaps.look").click().run()
    ready(at)
    shown = said(at)
    assert "8 of" in shown
    assert "Gap 1 · novelty 1.25" in shown
    assert "New: these lie much nearer to each other" in shown
    name = [t for t in at.text_input if t.label == "Name"]
    name[1].set_value("Meals")
    pressed(at, "Take it into the codebook")
    assert "became the code “Meals”" in said(at)
    reason = next(t for t in at.text_input if t.label == "Reason, if you like")
    reason.set_value("covered already")
    pressed(at, "Set it aside")
    assert "covered already" in said(at)
    pressed(at, "Take it up again")
    with open_study(kept) as study:
        assert study.codebook().codes[-1].origin == "machine_suggested"
        assert study.check() == []
    at = suggestions(themes("ana"), "Gaps")
    at.button(key="themes.gaps.look").click().run()
    ready(at)
    name = [t for t in at.text_input if t.label == "Name"]
    name[-1].set_value("Silence")
    pressed(at, "Propose it", -1)
    assert "proposed as “Silence”" in said(at)
    with open_study(kept, seat=LEA) as study:
        assert [p.name for p in study.proposals() if p.state == "open"] == ["Silence"]
        assert study.check() == []


def test_words_with_markup_stay_words_in_every_room(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signed_in(monkeypatch, "lea")
    hostile_study(folder / "nurses.qualcode", MARKUP)

    def marked(texts: Any, codings: Any, **how: Any) -> ThemeSuggestions:
        unit = Passage(texts[0].id, Span(0, len(texts[0].text)), "P", texts[0].text)
        one = candidate(1, [unit, unit], label=MARKUP, why=MARKUP, terms=((MARKUP, 1.0),))
        return ThemeSuggestions(
            (one,), (unit,), (LeftOut(unit.transcript, unit.span, MARKUP),), MARKUP, MARKUP,
            {"passages": 1, "participants": 1, "resamples": 1, "seed": 1, "bundles": None},
            MARKUP, (one,), (one,),
        )  # fmt: skip

    monkeypatch.setattr(making, "suggest_themes", marked)
    at = themes("lea", "nurses")
    looked(at)
    for element in at.get("html"):
        assert "<img" not in str(element.proto.body)
    for markdown in [*at.markdown, *at.caption, *at.warning]:
        assert "<img" not in markdown.value.replace("\\<img", "")


@pytest.mark.parametrize("text", ["one two <three> " * 200, "加班" * 900])
def test_a_passage_is_marked_whole_in_the_words_around_it(text: str) -> None:
    for start, end in ((0, 30), (700, 760), (1_000, 1_790), (300, 301)):
        shown = candidate_cards._marked(text, Span(0, len(text)), Span(start, end))
        (words,) = re.findall('<mark class="ui-a">(.*?)</mark>', shown)
        assert html.unescape(words) == text[start:end]
        assert "<three>" not in shown


# -- lenses --------------------------------------------------------------------------------------


def lens(at: AppTest, name: str) -> AppTest:
    suggestions(at, "Lenses")
    at.segmented_control(key="themes.lens.which").set_value(name).run()
    at.button(key="themes.lens.look").click().run()
    return ready(at)


def test_a_contradiction_leads_to_its_difference_though_it_is_settled(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def contradictions(
        texts: tuple[Transcript, ...], codings: CodingSet, **_: Any
    ) -> Lens[Contradiction]:
        first = find_passages(codings, ("ana", "ben"), codes=codings.codes)[0]
        by = first.codings[0]
        place = Passage(by.transcript, by.span, by.transcript, by.quote)
        other = "ben" if by.coder == "ana" else "ana"
        pair = Contradiction(by.code, place, by.coder, place, other, 1.0, 0.6)
        how = {"method": "contradictions", "vectors": "words", "passages": 9, "seed": 1}
        return Lens((pair,), 1, how)

    monkeypatch.setattr(making, "contradictions", contradictions)
    at = lens(themes(), "Contradictions")
    assert "put the code" in said(at)
    pressed(at, "To the difference")
    assert [title.value for title in at.title] == ["Reconcile"]
    assert "Nothing is open here" not in said(at)
    with open_study(kept) as study:
        (run,) = (r for r in study.machine_help().runs if r.kind == "contradictions")
        assert run.found == 1


def test_near_duplicates_stand_side_by_side(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def duplicates(texts: tuple[Transcript, ...], codings: CodingSet, **_: Any) -> Lens[Twins]:
        one, other = passages_of(texts)[0], passages_of(texts)[-1]
        how = {"method": "near duplicates", "vectors": "words", "passages": 9, "seed": 1}
        return Lens((Twins(one, other, 0.93),), 1, how)

    monkeypatch.setattr(making, "near_duplicates", duplicates)
    at = lens(themes(), "Near-duplicates")
    shown = said(at)
    assert "likeness 0.93" in shown
    with open_study(kept) as study:
        units = passages_of(study.transcripts())
    for unit in (units[0], units[-1]):
        assert html.escape(unit.text[:40]) in shown
