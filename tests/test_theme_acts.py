"""Themes moved about: codes placed, parts, order, merging, splitting, bringing back, undoing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qualcode.claims import ChosenQuotation, Claim, Excerpt, Need
from qualcode.errors import AlreadyInStudy, BadCommand, NotAllowed, NotInStudy, StillBlind
from qualcode.model import Member, Seat, Theme
from qualcode.spans import Span
from qualcode.store import Study
from qualcode.store.theme_acts import SHARED_CODES

from .conftest import ANA, LEA
from .test_findings import themed, words  # noqa: F401

AUTHOR = Seat("ada", frozenset({"author"}))


@pytest.fixture
def board(themed: Study) -> Study:  # noqa: F811
    """The lead's study with two themes and a part: “theme” holds C1, “other” C3, “part” nothing."""
    lead = themed.seated(LEA)
    lead.add_theme(Theme("Time is given by rank", "Who has time.", ("C3",), id="other"))
    lead.add_theme(Theme("Rank is not spoken of", parent="other", id="part"))
    return lead


def codes(study: Study) -> dict[str, tuple[str, ...]]:
    return {theme.id: theme.codes for theme in study.themes()}


def acts(study: Study, theme: str) -> list[str]:
    return [line["act"] for line in study.history(subject=theme)]


# -- codes -------------------------------------------------------------------------------------


def test_a_code_moves_and_both_themes_have_a_new_version(board: Study) -> None:
    changed = board.place_code("C1", source="theme", target="other", seen={"theme": 1, "other": 1})
    assert {theme.id: theme.version for theme in changed} == {"theme": 2, "other": 2}
    assert codes(board) == {"theme": (), "other": ("C3", "C1"), "part": ()}
    line = board.history("theme_change", subject="other")[-1]["details"]
    assert (line["changed"], line["moved_from"]) == (["codes"], "theme")
    assert [v.fields["codes"] for v in board.theme_versions("theme")] == [["C1"], []]
    board.place_code("C1", source="other")
    assert codes(board)["other"] == ("C3",)
    board.place_code("C1", target="part")
    assert codes(board)["part"] == ("C1",)
    assert board.check() == []


def test_who_has_not_seen_a_change_changes_nothing(board: Study) -> None:
    board.place_code("C1", source="theme", target="part")
    before = (codes(board), len(board.history()))
    refused: list[Callable[[], object]] = [
        lambda: board.place_code("C3", source="other", target="theme", seen={"theme": 1}),
        lambda: board.merge_themes("theme", "other", seen={"theme": 1}),
        lambda: board.split_theme("part", "New", codes=["C1"], seen={"part": 1}),
        lambda: board.place_theme("part", parent="", seen={"part": 1}),
        lambda: board.put_back_themes({"theme": 1}, seen={"theme": 1}),
        lambda: board.take_into_theme("theme", [], codes=["C2"], seen={"theme": 1}),
    ]
    for act in refused:
        with pytest.raises(AlreadyInStudy, match="changed in the meantime by lea"):
            act()
    assert (codes(board), len(board.history())) == before


def test_what_makes_no_sense_is_told(board: Study) -> None:
    with pytest.raises(BadCommand, match="stands there already"):
        board.place_code("C1", source="theme", target="theme")
    with pytest.raises(NotInStudy, match="does not stand in"):
        board.place_code("C2", source="theme", target="other")
    with pytest.raises(NotInStudy, match="has no code"):
        board.place_code("C77", target="other")
    with pytest.raises(AlreadyInStudy, match="by now; move it from there"):
        board.place_code("C1", target="other")
    assert codes(board)["other"] == ("C3",)


def test_a_code_stands_in_several_themes_where_the_study_allows_it(board: Study) -> None:
    with pytest.raises(BadCommand, match="the lead can allow several"):
        board.place_code("C1", source="theme", target="other", beside=True)
    board.settings.change({SHARED_CODES: "yes"})
    board.place_code("C1", source="theme", target="other", beside=True)
    assert codes(board) == {"theme": ("C1",), "other": ("C3", "C1"), "part": ()}
    with pytest.raises(AlreadyInStudy, match="already"):
        board.place_code("C1", source="theme", target="other", beside=True)


def test_a_candidate_brings_passages_and_codes(board: Study) -> None:
    place = (board.transcript("P01").id, words(board, "P01", "we meet every Friday"))
    kept = board.take_into_theme("other", [place], codes=["C1"])
    assert (kept.excerpts, kept.codes, kept.version) == ((place,), ("C3", "C1"), 2)
    assert codes(board)["theme"] == ()
    with pytest.raises(BadCommand, match="already"):
        board.take_into_theme("other", [place])
    with pytest.raises(BadCommand, match="not inside"):
        board.take_into_theme("other", [(place[0], Span(0, 9999))])
    board.put_back_themes({"other": 1, "theme": 1}, without={"other": [place]})
    assert codes(board) == {"theme": ("C1",), "other": ("C3",), "part": ()}
    assert board.themes()[1].excerpts == ()
    assert board.check() == []


# -- parts and order ---------------------------------------------------------------------------


def test_themes_keep_their_order_and_have_one_level_of_parts(board: Study) -> None:
    board.place_theme("other", before="theme")
    assert [theme.id for theme in board.themes()] == ["other", "theme", "part"]
    assert board.themes()[0].version == 1, "an order is no version"
    assert acts(board, "other")[-1] == "theme_order"
    with pytest.raises(BadCommand, match="stands there already"):
        board.place_theme("other", before="theme")
    with pytest.raises(BadCommand, match="one level"):
        board.place_theme("theme", parent="part")
    with pytest.raises(BadCommand, match="one level"):
        board.place_theme("other", parent="theme")
    moved = board.place_theme("part", parent="theme")
    assert (moved.parent, moved.version) == ("theme", 2)
    assert [theme.id for theme in board.themes()] == ["other", "theme", "part"]
    board.place_theme("part", parent="", before="other")
    assert [theme.id for theme in board.themes()] == ["part", "other", "theme"]
    with pytest.raises(NotInStudy, match="look again"):
        board.place_theme("part", before="x")
    assert board.check() == []


# -- merging, splitting, bringing back ---------------------------------------------------------


@pytest.fixture
def full(board: Study) -> Study:
    """“theme” and “other” with claims, excerpts, quotations, divergent cases and needs of each."""
    friday = words(board, "P01", "we meet every Friday")
    late = words(board, "P01", "I stay late")
    for theme in ("theme", "other"):
        board.keep_claim(Claim(theme, f"Claim of {theme}.", id=f"c-{theme}"))
        board.link_excerpt(Excerpt(theme, "P01", friday, claim=f"c-{theme}", id=f"e-{theme}"))
        board.link_excerpt(Excerpt(theme, "P01", late, role="divergent", id=f"d-{theme}"))
        board.choose_quotation(
            ChosenQuotation(theme, "P01", friday, claim=f"c-{theme}", id=f"q-{theme}")
        )
        board.keep_need(Need(f"For {theme}", themes=(theme,), quotations=(f"q-{theme}",), id=theme))
    board.choose_quotation(ChosenQuotation("theme", "P01", late, id="q-late"))
    board.keep_need(Need("For both", themes=("theme", "other"), id="both"))
    for seat in (LEA, ANA):
        board.seated(seat).agree_to_theme("other")
    return board


def work(study: Study) -> dict[str, dict[str, str]]:
    told = study.theme_work()
    return {
        "claims": {claim.id: claim.theme for claim in told.claims},
        "excerpts": {excerpt.id: excerpt.theme for excerpt in told.excerpts},
        "quotations": {quote.id: f"{quote.theme} {quote.claim}" for quote in told.quotations},
        "needs": {need.id: f"{need.themes} {need.quotations}" for need in told.needs},
    }


def test_everything_follows_a_merged_theme_and_comes_back_with_it(full: Study) -> None:
    before = (work(full), codes(full))
    kept = full.merge_themes("theme", "other", reason="one pattern", seen={"theme": 1, "other": 1})
    assert (kept.codes, kept.agreed, kept.version) == (("C3", "C1"), (), 2)
    after = work(full)
    assert set(after["claims"].values()) == {"other"}
    assert after["excerpts"].keys() == {"e-theme", "e-other", "d-other"}, "one divergent case once"
    assert after["quotations"] == {"q-other": "other c-other", "q-late": "other "}
    assert after["needs"] == {
        "theme": "('other',) ('q-other',)",
        "other": "('other',) ('q-other',)",
        "both": "('other',) ()",
    }
    (dropped,) = full.dropped_themes()
    assert dropped.reason == "merged into “Time is given by rank”: one pattern"
    assert (dropped.into, dropped.by) == ("other", "lea")
    assert acts(full, "theme")[-1] == "theme_drop"
    assert acts(full, "other")[-1] == "theme_merge"
    assert full.check() == []

    full.bring_back_theme("theme")
    claims, excerpts, quotations, needs = work(full).values()
    assert (claims, excerpts, codes(full)) == (
        before[0]["claims"],
        before[0]["excerpts"],
        before[1],
    )
    assert quotations == before[0]["quotations"]
    assert needs == before[0]["needs"] | {"both": "('other', 'theme') ()"}
    assert full.dropped_themes() == ()
    assert full.check() == []
    with pytest.raises(NotInStudy, match="was not dropped"):
        full.bring_back_theme("theme")


def test_parts_follow_a_merged_theme_and_never_stand_two_deep(board: Study) -> None:
    board.merge_themes("other", "theme")
    assert {theme.id: theme.parent for theme in board.themes()} == {"theme": "", "part": "theme"}
    board.bring_back_theme("other")
    assert board.themes()[-1].parent == "other"
    board.add_theme(Theme("A second part of it", parent="other", id="second"))
    board.merge_themes("other", "part")
    assert {theme.id: theme.parent for theme in board.themes()} == {
        "theme": "",
        "part": "",
        "second": "part",
    }
    assert board.check() == []


def test_a_part_of_a_theme_becomes_one_of_its_own(full: Study) -> None:
    full.place_code("C2", target="theme")
    old, new = full.split_theme(
        "theme",
        "Lateness is a sign",
        definition="What staying late says.",
        codes=["C2"],
        claims=["c-theme"],
        quotations=["q-late"],
        seen={"theme": 2},
    )
    assert (old.codes, new.codes, new.state) == (("C1",), ("C2",), "candidate")
    told = work(full)
    assert {id_ for id_, theme in told["excerpts"].items() if theme == new.id} == {"e-theme"}
    assert told["claims"]["c-theme"] == new.id
    assert told["quotations"]["q-theme"] == f"{new.id} c-theme"
    assert [theme.id for theme in full.themes()] == ["theme", new.id, "other", "part"]
    assert acts(full, "theme")[-1] == "theme_split"
    assert acts(full, new.id) == ["theme_change"]
    assert full.check() == []
    full.merge_themes(new.id, "theme", reason="split taken back")
    assert codes(full)["theme"] == ("C1", "C2")
    assert full.check() == []


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({}, "Choose what goes"),
        ({"codes": ["C3"]}, "does not hold all of this"),
        ({"claims": ["c-other"]}, "does not belong to this theme"),
        ({"excerpts": ["e-theme"]}, "goes with its claim"),
        (
            {"codes": ["C1"], "claims": ["c-theme"], "excerpts": ["d-theme"],
             "quotations": ["q-late"]},
            "Nothing would be left",
        ),
    ],
)  # fmt: skip
def test_a_splitting_that_makes_no_sense_leaves_all_as_it_was(
    full: Study, chosen: dict[str, list[str]], sentence: str
) -> None:
    before = (work(full), codes(full), len(full.history()))
    with pytest.raises((BadCommand, NotInStudy), match=sentence):
        full.split_theme("theme", "Another one of them", **chosen)  # type: ignore[arg-type]
    with pytest.raises(AlreadyInStudy):
        full.split_theme("theme", "Time is given by rank", claims=["c-theme"])
    assert (work(full), codes(full), len(full.history())) == before


def test_a_dropped_theme_comes_back_without_codes_that_stand_elsewhere(board: Study) -> None:
    board.drop_theme("theme", reason="too thin")
    assert [(d.name, d.reason) for d in board.dropped_themes()] == [
        ("Mentors notice who stays late", "too thin")
    ]
    board.place_code("C1", target="other")
    kept = board.bring_back_theme("theme")
    assert (kept.codes, kept.version, kept.agreed) == ((), 2, ())
    assert board.history("theme_back")[-1]["details"]["elsewhere"] == ["C1"]
    board.drop_theme("theme", reason="again")
    board.add_theme(Theme("Mentors notice who stays late"))
    with pytest.raises(AlreadyInStudy, match="another name first"):
        board.bring_back_theme("theme")
    assert board.check() == []


def test_an_earlier_version_is_kept_again_as_a_new_one(board: Study) -> None:
    board.place_code("C1", source="theme", target="other")
    back = board.put_back_themes({"theme": 1, "other": 1}, seen={"theme": 2, "other": 2})
    assert [theme.version for theme in back] == [3, 3]
    assert codes(board) == {"theme": ("C1",), "other": ("C3",), "part": ()}
    with pytest.raises(BadCommand, match="stands so already"):
        board.put_back_themes({"theme": 3})
    with pytest.raises(NotInStudy, match="no version 9"):
        board.put_back_themes({"theme": 9})
    board.place_code("C1", source="theme", target="part")
    with pytest.raises(AlreadyInStudy, match="by now; move it from there"):
        board.put_back_themes({"theme": 3})
    assert codes(board)["theme"] == ()
    assert [line["details"].get("back_to") for line in board.history(subject="theme")][-2] == 1


def test_a_withdrawal_reaches_what_a_merged_theme_left_behind(full: Study) -> None:
    full.merge_themes("theme", "other")
    full.withdraw("P01", reason="asked by e-mail")
    for table in ("theme_excerpts", "theme_quotations"):
        assert full._db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    full.bring_back_theme("theme")
    assert full.check() == []


# -- who may -----------------------------------------------------------------------------------


def test_only_the_lead_moves_themes_about(board: Study) -> None:
    board.add_member(Member("ada", AUTHOR.roles))
    for seat in (ANA, AUTHOR):
        study = board.seated(seat)
        for act in everything(study):
            with pytest.raises(NotAllowed):
                act()
        assert study.dropped_themes() == ()


def test_nothing_of_it_while_somebody_codes(two_coders: Study) -> None:
    lead = two_coders.seated(LEA)
    for act in everything(lead):
        with pytest.raises(StillBlind):
            act()
    assert two_coders.seated(ANA).dropped_themes() == ()


def everything(study: Study) -> list[Callable[[], object]]:
    return [
        lambda: study.place_code("C1", target="other"),
        lambda: study.place_theme("theme", before="other"),
        lambda: study.merge_themes("theme", "other"),
        lambda: study.split_theme("theme", "Another one", codes=["C1"]),
        lambda: study.bring_back_theme("theme"),
        lambda: study.put_back_themes({"theme": 1}),
        lambda: study.take_into_theme("theme", [], codes=["C2"]),
    ]
