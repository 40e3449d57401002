"""Themes, claims, excerpts, quotations and needs: kept, moved, put out, and told in reports."""

from __future__ import annotations

import io
import sqlite3
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import docx
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualcode.claims import (
    ChosenQuotation,
    Claim,
    DisplayEdit,
    Excerpt,
    Need,
    display_edits,
    is_verbatim,
    printed,
)
from qualcode.errors import (
    AlreadyInStudy,
    BadCommand,
    NotAllowed,
    NotInStudy,
    QualcodeError,
    StillBlind,
)
from qualcode.model import THEME_STATES, Member, Participant, Seat, Theme
from qualcode.reports import REPORTS, theme_summary
from qualcode.reports.document import Placeholder
from qualcode.reports.facts import gather
from qualcode.reports.findings import findings, passages_of
from qualcode.reports.needs import by_priority, evidence_of, needs_report
from qualcode.reports.quotes import candidates
from qualcode.revision import Edit, compared, revise
from qualcode.spans import Span
from qualcode.store import Study, open_study

from .conftest import ANA, BEN, LEA, WORDS, coded, interview

AUTHOR = Seat("pam", frozenset({"author"}))
AUDITOR = Seat("ida", frozenset({"auditor"}))
SOURCE = "I stay late most days. My mentor noticed it [laughs], and we meet every Friday."


@pytest.fixture
def themed(two_coders: Study) -> Study:
    """Three interviews coded by both and submitted, P02 refusing to be quoted, one theme."""
    study = two_coders
    study.add(
        Participant("P01"),
        Participant("P02", quote_consent="no"),
        Participant("P03", quote_consent="id_only"),
    )
    for title in WORDS:
        turn = study.transcript(title).participant_turns[0].span
        for seat in (ANA, BEN):
            coded(study, seat, title, turn.start, turn.end)
            study.seated(seat).submit(title)
    study.seated(LEA).add_theme(
        Theme("Mentors notice who stays late", "What mentors see.", ("C1",), id="theme")
    )
    return study


def words(study: Study, title: str, phrase: str) -> Span:
    start = study.transcript(title).text.index(phrase)
    return Span(start, start + len(phrase))


# -- display edits -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "edits"),
    [
        (SOURCE, ()),
        ("I stay late [...] and we meet every Friday.", (DisplayEdit(11, 54, " [...] "),)),
        ("[...] My mentor noticed it [laughs], and we meet every Friday.",
         (DisplayEdit(0, 23, "[...] "),)),
        ("I stay late [...]", (DisplayEdit(11, 79, " [...]"),)),
        ("[We] stay late most days. [...]",
         (DisplayEdit(0, 1, "[We]"), DisplayEdit(22, 79, " [...]"))),
        ("I stay [very] late [...] Friday.",
         (DisplayEdit(6, 7, " [very] "), DisplayEdit(11, 72, " [...] "))),
    ],
)  # fmt: skip
def test_what_is_typed_for_print_becomes_edits(typed: str, edits: tuple[DisplayEdit, ...]) -> None:
    found = display_edits(SOURCE, typed)
    if typed.startswith("[We]"):
        assert printed(SOURCE, found) == typed
    else:
        assert found == edits
    assert printed(SOURCE, found) == typed


@pytest.mark.parametrize(
    "typed",
    [
        "I stay late most nights. [...]",
        "I stayed late [...]",
        "I sta [...] Friday.",
        "stay late [...]",
        "I stay late",
        "My mentor noticed it [laughs], and [...] I stay late most days.",
        "[...]",
        "[...] [and nothing else]",
        "I stay late [] Friday.",
        "",
    ],
)
def test_other_words_than_were_said_are_refused(typed: str) -> None:
    assert not is_verbatim(SOURCE, typed)


# Words that are told apart even where a bracket takes some of them out.
SAID = ["late", "mentor", "my", "a", "it", "Friday", "naïve", "👩🏽‍⚕️"]
PIECES = st.sampled_from([*SAID, "[laughs]"])
QUOTES = st.lists(PIECES, min_size=1, max_size=14).map(" ".join)


@given(QUOTES, st.data())
@settings(max_examples=200)
def test_every_display_edit_can_be_undone(quote: str, data: st.DataObject) -> None:
    """Cut and put in at random between words: what is printed is verbatim, by what is typed."""
    pieces = quote.split(" ")
    shown: list[str] = []
    for number, piece in enumerate(pieces):
        act = data.draw(st.sampled_from(["keep", "keep", "keep", "cut", "word", "in"]), str(number))
        if act == "cut":
            shown.append("[...]")
        elif act == "word":
            shown.append("[somebody]")
        else:
            shown += ["[again]", piece] if act == "in" else [piece]
    typed = " ".join(shown)
    if all(piece.startswith("[") and piece != "[laughs]" for piece in shown):
        assert not is_verbatim(quote, typed)
        return
    edits = display_edits(quote, typed)
    put = printed(quote, edits)
    assert is_verbatim(quote, put)
    outside = [(0, 0), *((edit.start, edit.end) for edit in edits), (len(quote), len(quote))]
    kept = [quote[a[1] : b[0]] for a, b in pairwise(outside)]
    place = 0
    for stretch in kept:  # what is outside brackets stands in the source, in order
        place = put.index(stretch, place) + len(stretch)


@given(*[st.lists(st.sampled_from(SAID), min_size=1, max_size=14).map(" ".join)] * 2)
@settings(max_examples=150)
def test_no_other_sentence_passes_for_a_quotation(quote: str, other: str) -> None:
    assert is_verbatim(quote, other) == (other == quote)


# -- what is kept, and what moves --------------------------------------------------------------


NEW_WORDS = st.text("abc .,👩é", min_size=0, max_size=12)


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 12), NEW_WORDS), max_size=3))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_quotation_differs_from_its_source_whatever_becomes_of_the_text(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, int, str]]
) -> None:
    path = tmp_path_factory.mktemp("text") / "study.qualcode"
    with open_study(path, create=True, title="Nurses") as study:
        _fill(study)
        lead = study.seated(LEA)
        for phrase, shown in (("I stay late most days.", "I stay late [...] days."),
                              ("My mentor noticed it, and we meet every Friday.", "")):  # fmt: skip
            lead.choose_quotation(
                ChosenQuotation("theme", "P01", words(study, "P01", phrase)), shown=shown
            )
            lead.link_excerpt(
                Excerpt("theme", "P01", words(study, "P01", phrase), role="divergent")
            )
        for start, length, text in edits:
            before = study.transcript("P01")
            turn = before.participant_turns[0].span
            at = min(turn.start + start, turn.end - 1)
            try:
                revision = revise(before, [Edit(at, min(at + length, turn.end), text)])
                asked = lead.touched(revision)
                lead.revise(
                    revision, reason="Heard again", confirmed={a.coding.id: a.where for a in asked}
                )
            except QualcodeError:
                continue  # nothing would be left, or nothing changes: refused whole
        text = study.transcript("P01").text
        version = study.text_versions("P01")[-1].number
        work = study.theme_work()
        for quotation in work.quotations:
            assert text[quotation.span.slice] == quotation.quote
            assert is_verbatim(quotation.quote, quotation.printed)
            assert quotation.text_version == version
        for excerpt in work.excerpts:
            assert text[excerpt.span.slice] == excerpt.quote
        facts = gather(study)
        for quote in findings(facts).quotations:
            assert is_verbatim(text[quote.span.slice], quote.shown[1:-1])
        assert study.check() == []


def _fill(study: Study) -> None:
    from qualcode.codebook import Codebook

    from .conftest import CODES

    for seat in (LEA, ANA, BEN):
        study.add_member(Member(seat.name, seat.roles))
    study.set_codebook(Codebook(CODES))
    study.add(Participant("P01"), interview("P01"))
    turn = study.transcript("P01").participant_turns[0].span
    for seat in (ANA, BEN):
        coded(study, seat, "P01", turn.start, turn.end)
        study.seated(seat).submit("P01")
    study.seated(LEA).add_theme(Theme("Staying late is seen", "x", ("C1",), id="theme"))


def test_untouched_words_keep_their_edits_and_changed_ones_ask_to_be_read(themed: Study) -> None:
    lead = themed.seated(LEA)
    span = words(themed, "P01", "My mentor noticed it, and we meet every Friday.")
    kept = lead.choose_quotation(ChosenQuotation("theme", "P01", span), shown="My mentor [...]")
    text = themed.transcript("P01")
    lead.revise(revise(text, [Edit(0, 3, "And how")]), reason="Heard again", confirmed={})
    (moved,) = themed.theme_work().quotations
    assert (moved.printed, moved.look_again, moved.text_version) == (kept.printed, False, 2)
    assert moved.span.start == span.start + 4
    text = themed.transcript("P01")
    at = text.text.index("mentor")
    revision = revise(text, [Edit(at, at + 6, "tutor")])
    asked = {each.coding.id: each.where for each in lead.touched(revision)}
    lead.revise(revision, reason="Heard again", confirmed=asked)
    (again,) = themed.theme_work().quotations
    assert again.look_again
    assert again.edits == ()
    assert again.printed == "My tutor noticed it, and we meet every Friday."
    assert themed.check() == []


def test_who_has_not_agreed_is_not_quoted_by_anybody(themed: Study) -> None:
    span = words(themed, "P02", "I would trust her")
    for study in (themed, themed.seated(LEA)):
        with pytest.raises(NotAllowed, match="P02 has not agreed to be quoted"):
            study.choose_quotation(ChosenQuotation("theme", "P02", span))
    assert themed.theme_work().quotations == ()
    facts = gather(themed)
    offered = candidates(facts, passages_of(facts, themed.themes()[0]))
    assert {quote.participant for quote in offered} == {"P01", "P03"}
    assert {quote.attribution for quote in offered} == {"(P01)", "(P03)"}


def test_a_no_that_comes_later_takes_the_quotation_out_of_print(themed: Study) -> None:
    themed.choose_quotation(
        ChosenQuotation("theme", "P01", words(themed, "P01", "we meet every Friday"))
    )
    assert findings(gather(themed)).quoted == ("P01",)
    themed.add(Participant("P01", quote_consent="no"))
    assert "P01" not in findings(gather(themed)).quoted
    assert "every Friday" not in theme_summary(themed).to_bytes("md").decode()
    with pytest.raises(NotAllowed):
        themed.choose_quotation(themed.theme_work().quotations[0])


def test_a_withdrawal_takes_out_excerpts_and_quotations(themed: Study) -> None:
    claim = themed.keep_claim(Claim("theme", "They are seen."))
    span = words(themed, "P01", "we meet every Friday")
    themed.link_excerpt(Excerpt("theme", "P01", span, claim=claim.id, note="SECRET-NOTE"))
    chosen = themed.choose_quotation(ChosenQuotation("theme", "P01", span, sense="SECRET-SENSE"))
    themed.keep_need(Need("Time", themes=("theme",), quotations=(chosen.id,)))
    assert themed.withdrawal("P01").themes == ("Mentors notice who stays late",)
    themed.withdraw("P01", reason="asked by e-mail")
    work = themed.theme_work()
    assert (work.excerpts, work.quotations) == ((), ())
    assert [need.quotations for need in work.needs] == [()]
    assert themed.check() == []
    themed.close()
    found = b"".join(p.read_bytes() for p in themed.path.parent.iterdir() if p.is_file())
    assert b"SECRET" not in found
    assert b"every Friday" not in found


# -- a theme: versions, states, agreement, parts -----------------------------------------------


def test_a_changed_theme_is_a_new_version_that_nobody_has_agreed_to(themed: Study) -> None:
    lead = themed.seated(LEA)
    (theme,) = lead.themes()
    for seat in (LEA, ANA):
        themed.seated(seat).agree_to_theme("theme")
    assert lead.themes()[0].agreed == ("lea", "ana")
    changed = lead.change_theme(replace(theme, scope_out="Rank", codes=("C1", "C3")))
    assert (changed.version, changed.agreed, changed.changed_by) == (2, (), "lea")
    with pytest.raises(AlreadyInStudy, match="changed in the meantime"):
        lead.change_theme(replace(theme, name="Another"))
    with pytest.raises(BadCommand, match="Nothing of"):
        lead.change_theme(changed)
    first, second = lead.theme_versions("theme")
    assert (first.fields["codes"], second.fields["codes"]) == (["C1"], ["C1", "C3"])
    assert [line["details"].get("changed") for line in lead.history("theme_change")][-1] == [
        "scope_out",
        "codes",
    ]


def test_the_states_go_on_one_by_one(themed: Study) -> None:
    lead = themed.seated(LEA)
    with pytest.raises(BadCommand, match="has to be reviewed before it is defined"):
        lead.set_theme_state("theme", "defined")
    for state in THEME_STATES[1:]:
        lead.set_theme_state("theme", state)
    with pytest.raises(BadCommand, match="already"):
        lead.set_theme_state("theme", "in_report")
    lead.set_theme_state("theme", "candidate")
    lead.set_theme_state("theme", "reviewed")
    lead.change_theme(replace(lead.themes()[0], definition=" "))
    with pytest.raises(BadCommand, match="no definition yet"):
        lead.set_theme_state("theme", "defined")
    with pytest.raises(BadCommand, match="no state of a theme"):
        lead.set_theme_state("theme", "final")  # type: ignore[arg-type]


def test_once_a_theme_is_in_the_report_only_such_are(themed: Study) -> None:
    lead = themed.seated(LEA)
    lead.add_theme(Theme("Another pattern of meaning", "x", ("C3",)))
    assert len(findings(gather(themed)).themes) == 2
    for state in THEME_STATES[1:]:
        lead.set_theme_state("theme", state)
    found = findings(gather(themed))
    assert [theme.name for theme in found.themes] == ["Mentors notice who stays late"]
    assert found.left_out == ("Another pattern of meaning",)
    assert len(findings(gather(themed), every=True).themes) == 2


def test_a_part_counts_for_the_theme_above_it(themed: Study) -> None:
    lead = themed.seated(LEA)
    lead.add_theme(Theme("The whole of it together", "x", id="above"))
    lead.change_theme(replace(lead.themes()[0], parent="above"))
    whole, part = findings(gather(themed)).themes
    assert (whole.name, part.parent) == ("The whole of it together", "The whole of it together")
    assert whole.participants == part.participants == ("P01", "P02", "P03")
    with pytest.raises(BadCommand, match="one level"):
        lead.change_theme(replace(lead.themes()[1], parent="theme"))
    with pytest.raises(NotInStudy, match="above this one"):
        lead.change_theme(replace(lead.themes()[0], parent="x"))


def test_a_theme_from_before_is_as_it_was(themed: Study) -> None:
    """What the migration makes of a file whose themes had a name and a definition only."""
    from qualcode.store.migrations import study_file

    (theme,) = themed.themes()
    raw = sqlite3.connect(themed.path, isolation_level=None)
    raw.execute("DELETE FROM _sqlite_migrations WHERE name = 'm011_findings'")
    tables = ("theme_versions", "theme_claims", "theme_excerpts", "theme_quotations", "needs")
    for table in tables:
        raw.execute(f"DROP TABLE {table}")
    columns = ("scope_in", "scope_out", "kind", "state", "parent", "relations", "version")
    for column in (*columns, "changed_by", "changed_at", "agreed"):
        raw.execute(f"ALTER TABLE themes DROP COLUMN {column}")
    raw.close()
    study_file.apply(themed._db)
    (old,) = themed.themes()
    assert replace(old, state="candidate") == theme
    assert old.state == "defined"
    themed.seated(LEA).change_theme(replace(old, scope_in="All of it"))
    assert [version.number for version in themed.theme_versions("theme")] == [1, 2]
    assert themed.drop_theme("theme", reason="merged") is None
    assert themed.themes() == ()


# -- who may, and who sees ---------------------------------------------------------------------


def test_who_may_do_what(themed: Study) -> None:
    span = words(themed, "P01", "we meet every Friday")
    claim, quotation = Claim("theme", "They are seen."), ChosenQuotation("theme", "P01", span)
    need = Need("Time", themes=("theme",))
    for seat in (ANA, AUTHOR, AUDITOR):
        study = themed.seated(seat)
        for act in (
            lambda s=study: s.keep_claim(claim),
            lambda s=study: s.link_excerpt(Excerpt("theme", "P01", span, role="divergent")),
            lambda s=study: s.set_theme_state("theme", "reviewed"),
            lambda s=study: s.change_theme(themed.themes()[0]),
        ):
            with pytest.raises(NotAllowed):
                act()
    for seat in (ANA, AUDITOR):
        with pytest.raises(NotAllowed):
            themed.seated(seat).choose_quotation(quotation)
        with pytest.raises(NotAllowed):
            themed.seated(seat).keep_need(need)
    themed.seated(AUTHOR).keep_need(need)
    with pytest.raises(NotAllowed, match="from the locked consensus"):
        themed.seated(AUTHOR).choose_quotation(quotation)
    themed.seated(LEA).choose_quotation(quotation)
    author = themed.seated(AUTHOR)
    assert "we meet every Friday" in author.transcript("P01").text
    assert "I stay late" not in author.transcript("P01").text
    (seen,) = author.theme_work().quotations
    author.choose_quotation(replace(seen, sense="They meet."))
    (hidden,) = themed.seated(AUDITOR).theme_work().quotations
    assert set(hidden.quote) <= {"·", " "}


def test_nothing_of_it_before_the_coding_is_done(two_coders: Study) -> None:
    for act in (
        lambda: two_coders.keep_claim(Claim("theme", "x")),
        lambda: two_coders.keep_need(Need("x", judgement=True)),
        lambda: two_coders.agree_to_theme("theme"),
    ):
        with pytest.raises(StillBlind):
            act()


def test_what_is_not_there_is_refused_in_words(themed: Study) -> None:
    other = themed.seated(LEA).add_theme(Theme("Another pattern of meaning", id="other"))
    claim = themed.keep_claim(Claim("theme", "They are seen."))
    span = words(themed, "P01", "we meet every Friday")
    acts = (
        lambda: themed.keep_claim(Claim("none", "x")),
        lambda: themed.keep_claim(Claim(other.id, "x", id=claim.id)),
        lambda: themed.drop_claim("none"),
        lambda: themed.link_excerpt(Excerpt("theme", "P01", span, claim="none")),
        lambda: themed.link_excerpt(Excerpt("theme", "P99", span, role="divergent")),
        lambda: themed.link_excerpt(Excerpt("theme", "P01", Span(5, 9999), role="divergent")),
        lambda: themed.unlink_excerpt("none"),
        lambda: themed.choose_quotation(ChosenQuotation("theme", "P01", span, claim="none")),
        lambda: themed.choose_quotation(ChosenQuotation("theme", "P01", span), shown="Other"),
        lambda: themed.drop_quotation("none"),
        lambda: themed.keep_need(Need("x", themes=("none",))),
        lambda: themed.keep_need(Need("x", codes=("C9",))),
        lambda: themed.drop_need("none", reason="x"),
        lambda: Need("x"),
        lambda: Need("x", judgement=True, importance=6, importance_by="us"),
        lambda: Need("x", judgement=True, importance=5),
        lambda: Excerpt("theme", "P01", span, role="supports"),
        lambda: theme_summary(themed, theme="none"),
    )
    before = themed.theme_work()
    for act in acts:
        with pytest.raises(QualcodeError) as error:
            act()
        assert str(error.value).endswith(".")
    assert themed.theme_work() == before


def test_the_same_words_are_not_kept_twice(themed: Study) -> None:
    span = words(themed, "P01", "we meet every Friday")
    themed.choose_quotation(ChosenQuotation("theme", "P01", span))
    with pytest.raises(AlreadyInStudy):
        themed.choose_quotation(ChosenQuotation("theme", "P01", span))
    themed.link_excerpt(Excerpt("theme", "P01", span, role="divergent"))
    with pytest.raises(AlreadyInStudy):
        themed.link_excerpt(Excerpt("theme", "P01", span, role="divergent"))


# -- needs and reports -------------------------------------------------------------------------


def test_a_need_counts_the_people_of_its_codes(themed: Study) -> None:
    themed.keep_need(Need("Time", themes=("theme",), codes=("C3",)))
    themed.keep_need(Need("A post", judgement=True, importance=5, importance_by="lea"))
    time = next(need for need in findings(gather(themed)).needs if need.need.need == "Time")
    assert time.participants == ()  # nobody has a passage of C3
    assert evidence_of(time, 3) == "Mentors notice who stays late: 3 of 3; Staying late: 0 of 3"
    post = next(need for need in findings(gather(themed)).needs if need.need.need == "A post")
    assert evidence_of(post, 3) == "Team judgement"
    themed.drop_need(time.need.id, reason="said twice")
    assert [need.need for need in themed.theme_work().needs] == ["A post"]


def test_the_finished_sample_is_as_planned(finished: Study) -> None:
    facts = gather(finished)
    found = findings(facts)
    assert facts.undecided == 0
    assert [theme.passages for theme in found.themes] == [10, 13, 19, 16, 8]
    assert {len(theme.participants) for theme in found.themes} == {6}
    assert found.quoted == ("P01", "P02", "P03", "P05", "P06")
    assert {q.attribution for q in found.quotations if q.participant == "P06"} == {"(P06)"}
    assert all(len(theme.claims) in range(2, 5) for theme in found.themes)
    assert all(claim.excerpts for theme in found.themes for claim in theme.claims)
    assert all(quote.codes for quote in found.quotations)
    assert [need.priority for need in by_priority(found)] == [20, 16, 12, 10, 6]
    assert {theme.state for theme in found.themes} == {"in_report"}
    assert {theme.agreed for theme in found.themes} == {("lea", "ana", "ben")}
    assert finished.check() == []


def test_the_plain_sample_keeps_its_open_differences(sample: Path) -> None:
    with open_study(sample) as study:
        assert gather(study).undecided == 16
        assert study.themes() == ()


def test_the_sentences_of_the_sample_tell_the_counts_of_the_data(finished: Study) -> None:
    """“Every participant”, “each group” and “two participants” in claims are true."""
    themes = {theme.id: theme for theme in findings(gather(finished)).themes}
    claims = {claim.sentence: claim for theme in themes.values() for claim in theme.claims}
    every = next(c for s, c in claims.items() if s.startswith("Every participant"))
    assert len(every.participants) == 6
    two = next(c for s, c in claims.items() if s.startswith("Two participants"))
    assert len(two.participants) == 2
    facts = gather(finished)
    group = next(c for s, c in claims.items() if s.startswith("Participants in each group"))
    assert {facts.group_of(person) for person in group.participants} == {"clinical", "managerial"}


@pytest.mark.parametrize("kind", ["themes", "needs"])
@pytest.mark.parametrize("ending", ["docx", "html", "xlsx", "csv", "md", "json"])
def test_no_word_of_whoever_refused_is_in_a_file(finished: Study, kind: str, ending: str) -> None:
    content = REPORTS[kind](finished).to_bytes(ending)
    if ending == "docx":
        document = docx.Document(io.BytesIO(content))
        cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
        text = "\n".join([*(p.text for p in document.paragraphs), *cells])
    elif ending == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(content))
        text = "\n".join(str(c.value) for s in book for row in s.iter_rows() for c in row)
    else:
        text = content.decode()
    assert "Protected time" in text
    said = finished.transcript("P04")
    for turn in said.participant_turns:
        for sentence in said.text[turn.span.slice].split(". "):
            assert len(sentence) < 25 or sentence not in text


def test_numbers_of_the_theme_summary_are_those_of_the_findings(finished: Study) -> None:
    report, found = theme_summary(finished), findings(gather(finished))
    for theme, told in zip(found.themes, report.data["themes"], strict=True):
        assert told["participants"] == list(theme.participants)
        assert told["passages"] == theme.passages
        assert [c["participants"] for c in told["claims"]] == [
            list(claim.participants) for claim in theme.claims
        ]
    text = report.to_bytes("md").decode()
    for theme in found.themes:
        assert (
            f"6 of 6 participants (clinical 3 of 3, managerial 3 of 3), in {theme.passages}" in text
        )
    plain = text.replace("\\", "")
    assert all(quote.shown in plain for quote in found.quotations)
    assert not any(isinstance(block, Placeholder) for block in report.blocks)


def test_one_theme_alone(finished: Study) -> None:
    theme = finished.themes()[3]
    text = theme_summary(finished, theme=theme.id).to_bytes("md").decode()
    assert theme.name in text
    assert finished.themes()[0].name not in text


def test_numbers_of_the_needs_register_are_those_of_the_findings(finished: Study) -> None:
    report = needs_report(finished)
    found = {need.need.need: need for need in findings(gather(finished)).needs}
    for record in report.records:
        need = found[str(record["need"])]
        if need.evidence:
            assert record["participants"] == len(need.participants)
        else:
            assert record["participants"] is None
            assert record["judgement"] == "Team judgement"
    assert [sheet.name for sheet in report.sheets] == ["Needs", "Evidence", "Priority grid"]
    assert needs_report(finished).to_bytes("docx") == report.to_bytes("docx")


def test_a_corrected_file_moves_the_quotations_too(themed: Study) -> None:
    lead = themed.seated(LEA)
    lead.choose_quotation(ChosenQuotation("theme", "P01", words(themed, "P01", "every Friday")))
    before = themed.transcript("P01")
    question, answer = before.text.split("\n", 1)
    revision = compared(before, interview("P01", answer, f"Well then. {question}"))
    lead.revise(revision, reason="A word was left out", confirmed={})
    (moved,) = themed.theme_work().quotations
    assert moved.quote == "every Friday"
    assert themed.transcript("P01").text[moved.span.slice] == "every Friday"
