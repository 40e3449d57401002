"""Changes of a codebook: told from two versions and by a person, kept, and what they touch."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.changes import (
    EFFECTS,
    OF_MEANING,
    ChangeKind,
    CodeChange,
    carried,
    changes_between,
    effect_of,
    keeping_all,
    merged,
    sentence,
    split,
    without,
    word_diff,
)
from qualcode.codebook import MEANING, Codebook, read_codebook
from qualcode.errors import AlreadyInStudy, BadCodebook, NotAllowed, QualcodeError
from qualcode.model import MAIN, Code, Seat, Theme
from qualcode.sample import second_version
from qualcode.spans import Span
from qualcode.store import Study, open_study

from .conftest import ANA, BEN, CODES, LEA, add, coded

BOOK = Codebook(CODES)


def kinds(before: Codebook, after: Codebook, *said: CodeChange) -> list[tuple[ChangeKind, str]]:
    return [(change.kind, change.code) for change in changes_between(before, after, said)]


# -- what a comparison tells --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"name": "Confidence"}, ["rename"]),
        ({"parent": "T2"}, ["move"]),
        ({"example": "I would tell her anything."}, ["look"]),
        ({"color": "#000000"}, ["look"]),
        ({"brief_definition": "Faith in somebody"}, ["redefine"]),
        ({"when_not_to_use": "Not of things"}, ["redefine"]),
        ({"status": "retired"}, ["retire"]),
        ({"status": "draft"}, ["retire"]),
        ({"name": "X", "parent": "T2", "example": "Y"}, ["rename", "move", "look"]),
        ({}, []),
    ],
)
def test_a_comparison_tells_what_happened_to_a_code(
    change: dict[str, str], expected: list[str]
) -> None:
    after = BOOK.with_code(replace(BOOK["C1"], **change))  # type: ignore[arg-type]
    assert kinds(BOOK, after) == [(kind, "C1") for kind in expected]


def test_codes_that_come_and_go_are_told() -> None:
    after = Codebook((*CODES[:-1], Code("C4", "Humour", "T1")))
    assert kinds(BOOK, after) == [("add", "C4"), ("retire", "C3")]
    assert kinds(BOOK, keeping_all(BOOK, after)) == [("add", "C4"), ("retire", "C3")]


def test_other_case_blanks_or_commas_are_a_rewording() -> None:
    before = BOOK.with_code(replace(BOOK["C1"], brief_definition="Trust, as said"))
    after = BOOK.with_code(replace(BOOK["C1"], brief_definition="trust — as  said."))
    assert kinds(before, after) == [("reword", "C1")]
    assert kinds(BOOK.with_code(replace(BOOK["C1"], brief_definition="not said")), after) == [
        ("redefine", "C1")
    ]


@pytest.mark.parametrize("kind", OF_MEANING)
def test_a_person_says_what_became_of_a_definition(kind: ChangeKind) -> None:
    after = BOOK.with_code(replace(BOOK["C1"], name="Faith", brief_definition="Another"))
    said = CodeChange(kind, "C1", note="agreed on Monday")
    assert changes_between(BOOK, after, [said]) == (CodeChange("rename", "C1"), said)


def test_what_is_said_of_an_unchanged_definition_says_nothing() -> None:
    assert kinds(BOOK, BOOK, CodeChange("narrow", "C1")) == []


def test_codes_that_stand_in_another_order_are_told() -> None:
    after = BOOK.with_code(replace(BOOK["C1"], order=35))
    assert kinds(BOOK, after) == [("look", "C1")]
    shifted = Codebook(tuple(replace(code, order=code.order * 7) for code in CODES))
    assert kinds(BOOK, shifted) == []


def test_of_a_first_version_there_is_nothing_to_tell() -> None:
    assert changes_between(Codebook(), BOOK) == ()


# -- merge and split ----------------------------------------------------------------------------


def test_codes_are_merged_into_one_of_them_or_into_a_new_one() -> None:
    after, said = merged(BOOK, ["C1", "C2"], "C1")
    assert changes_between(BOOK, after, said) == (CodeChange("merge", "C2", ("C1",)),)
    after, said = merged(BOOK, ["C1", "C2"], Code("C9", "Being met", "T1"))
    assert changes_between(BOOK, after, said) == (
        CodeChange("merge", "C1", ("C9",)),
        CodeChange("merge", "C2", ("C9",)),
    )
    assert [code.id for code in after.codable] == ["C9", "C3"]


def test_a_code_is_split_into_others() -> None:
    new = (Code("C7", "Given", "T1"), Code("C8", "Earned", "T1"))
    after, said = split(BOOK, "C1", new)
    assert changes_between(BOOK, after, said) == (CodeChange("split", "C1", ("C7", "C8")),)
    assert [code.id for code in after.codable] == ["C7", "C8", "C2", "C3"]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: merged(BOOK, ["C1"], "C1"), "“Trust” cannot be merged into itself"),
        (lambda: merged(BOOK, [], "C1"), "Choose the codes"),
        (lambda: merged(BOOK, ["C1", "C99"], "C2"), "no code “C99”"),
        (lambda: split(BOOK, "C1", ["C2"]), "“Trust” needs two codes or more"),
        (lambda: split(BOOK, "C1", ["C2", "C2"]), "needs two codes or more"),
        (lambda: split(BOOK, "C1", ["C1", "C2"]), "cannot be split into itself"),
        (lambda: split(BOOK, "C99", ["C1", "C2"]), "no code “C99”"),
        (lambda: changes_between(BOOK, BOOK, [CodeChange("merge", "C1", ("C1",))]), "into itself"),
        (lambda: changes_between(BOOK, BOOK, [CodeChange("merge", "C1", ("C2",))]), "yet in use"),
        (lambda: changes_between(BOOK, BOOK, [CodeChange("split", "C1", ("C2",))]), "two codes"),
        (lambda: changes_between(BOOK, BOOK, [CodeChange("merge", "C1")]), "into one code"),
        (lambda: changes_between(BOOK, BOOK, [CodeChange("merge", "C1", ("T1",))]), "not put on"),
        (lambda: changes_between(BOOK, BOOK, [CodeChange("merge", "C1", ("C9",))]), "not put on"),
        (
            lambda: changes_between(
                BOOK, BOOK.with_code(Code("C9", "New")), [CodeChange("merge", "C9", ("C1",))]
            ),
            "“New” is new",
        ),
        (lambda: changes_between(BOOK, BOOK, [CodeChange("narrow", "C9")]), "in neither codebook"),
        (lambda: BOOK.with_code(replace(BOOK["T1"], parent="C1")), "stands under itself"),
        (lambda: BOOK.with_code(Code("C9", "trust", "T2")), "is used by C1 and C9"),
        (lambda: BOOK.with_code(replace(BOOK["T1"], status="retired")), "which is retired"),
        (
            lambda: BOOK.with_code(*(Code(f"D{n}", f"D{n}", f"D{n - 1}") for n in range(1, 6))
                                   , Code("D0", "D0")),
            "levels deep",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_in_one_sentence(act: object, words: str) -> None:
    with pytest.raises(BadCodebook) as error:
        act()  # type: ignore[operator]
    assert words in str(error.value)
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)


def test_the_name_of_a_retired_code_may_be_given_again() -> None:
    after = BOOK.with_code(replace(BOOK["C1"], status="retired"), Code("C9", "trust", "T2"))
    assert [code.id for code in after.codable] == ["C2", "C9", "C3"]
    with pytest.raises(BadCodebook, match="is used by"):
        after.with_code(replace(after["C1"], status="active"))


# -- what counts as what ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ([], ("A",)),
        ([CodeChange("narrow", "A"), CodeChange("move", "A")], ("A",)),
        ([CodeChange("merge", "A", ("B",)), CodeChange("merge", "B", ("C",))], ("C",)),
        ([CodeChange("merge", "B", ("C",)), CodeChange("merge", "A", ("B",))], ("B",)),
        ([CodeChange("retire", "A")], ()),
        ([CodeChange("retire", "A"), CodeChange("restore", "A")], ("A",)),
        ([CodeChange("merge", "A", ("B",)), CodeChange("restore", "A")], ("B",)),
        ([CodeChange("merge", "A", ("B",)), CodeChange("retire", "B")], ()),
        ([CodeChange("split", "A", ("B", "C"))], ()),
    ],
)
def test_a_coding_counts_by_itself_as_its_code_became(
    changes: list[CodeChange], counts: tuple[str, ...]
) -> None:
    assert carried("A", changes) == counts


def test_a_code_that_only_groups_touches_no_coding() -> None:
    after = BOOK.with_code(replace(BOOK["T1"], brief_definition="Narrower"), Code("T3", "Third",
                           kind="theme", codable=False))  # fmt: skip
    found = changes_between(BOOK, after)
    assert {(c.kind, effect_of(c, BOOK, after)) for c in found} == {
        ("redefine", "none"),
        ("add", "none"),
    }


# -- words --------------------------------------------------------------------------------------


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_pieces_of_a_difference_make_up_both_texts(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(words for kind, words in pieces if kind != "in") == before
    assert "".join(words for kind, words in pieces if kind != "out") == after
    assert all(words for _, words in pieces)
    assert all(one[0] != other[0] for one, other in pairwise(pieces))


def test_a_difference_of_long_texts_is_quick() -> None:
    pieces = word_diff("a b " * 5_000, "b a " * 5_000)
    assert len(pieces) > 1


def test_every_kind_of_change_has_its_sentence() -> None:
    before = BOOK.with_code(Code("C5", "Gone", "T2", status="retired"))
    after, said = merged(before, ["C2"], "C1")
    after = after.with_code(
        replace(after["C1"], name="Confidence", brief_definition="x", parent="T2", example="y"),
        replace(after["C3"], status="retired"),
        replace(after["C5"], status="active"),
        Code("C9", "Humour"),
    )
    told = [sentence(c, before, after) for c in changes_between(before, after, said)]
    assert set(told) == {
        "“Regular meetings” is merged into “Confidence”.",
        "“Trust” is renamed “Confidence”.",
        "“Trust” is moved under “Work load”.",
        "“Trust” has another meaning.",
        "“Trust” has another example, colour, order or note.",
        "“Staying late” is retired.",
        "“Gone” is brought back.",
        "“Humour” is added.",
    }


# -- kept with the study ------------------------------------------------------------------------


def submitted(study: Study) -> Study:
    """Ana and Ben have submitted P01 to P03: C1 three times, C2 and C3 once."""
    coded(study, ANA, "P01", 0, 6, "C1")
    coded(study, ANA, "P02", 0, 6, "C1")
    coded(study, BEN, "P01", 0, 6, "C1")
    coded(study, BEN, "P01", 7, 9, "C2")
    coded(study, BEN, "P03", 0, 6, "C3")
    for seat in (ANA, BEN):
        study.seated(seat).submit("P01", "P02", "P03")
    return study.seated(LEA)


def narrowed(book: Codebook, code: str = "C1") -> Codebook:
    return book.with_code(replace(book[code], brief_definition="Only lived, not wished for"))


def test_a_version_keeps_its_changes_and_the_file_is_sound(two_coders: Study) -> None:
    lead = submitted(two_coders)
    said = (CodeChange("narrow", "C1", note="wishes are C2"),)
    assert lead.set_codebook(narrowed(lead.codebook()), changes=said).version == "1.0"
    after, merging = merged(lead.codebook(), ["C2"], "C3")
    assert lead.set_codebook(after, changes=merging).version == "2.0"
    assert [(c.version, c.change, c.effect) for c in lead.codebook_changes()] == [
        ("1.0", said[0], "confirm"),
        ("2.0", merging[0], "moved"),
    ]
    assert [c.change for c in lead.codebook_changes("1.0")] == list(said)
    assert lead.codebook_changes("0.1") == ()
    assert lead.history("codebook_change")[-1]["details"]["changes"] == [["merge", "C2", "C3"]]
    with pytest.raises(QualcodeError, match="no codebook version 9"):
        lead.codebook_changes("9")
    assert lead.check() == []


@pytest.mark.parametrize("act", ["UPDATE codebook_changes SET note = 'x'",
                                 "DELETE FROM codebook_changes"])  # fmt: skip
def test_what_was_told_of_a_version_stays(two_coders: Study, act: str) -> None:
    two_coders.set_codebook(narrowed(BOOK))
    with pytest.raises(Exception, match="append only"):
        two_coders._db.execute(act)


def test_only_what_can_change_coding_makes_a_major_version(two_coders: Study) -> None:
    lead = submitted(two_coders)
    book = lead.codebook()

    def next_of(after: Codebook, *said: CodeChange) -> str:
        return lead.set_codebook(after, changes=said).version

    assert next_of(narrowed(book), CodeChange("reword", "C1")) == "0.1.1"
    assert next_of(lead.codebook().with_code(replace(book["C3"], parent="T1"))) == "0.1.2"
    assert next_of(narrowed(lead.codebook(), "C2"), CodeChange("narrow", "C2")) == "1.0"
    theme = Code("T9", "Another", kind="theme", codable=False)
    assert next_of(lead.codebook().with_code(theme)) == "1.1"
    assert next_of(*merged(lead.codebook(), ["C2"], "C1")[:1], CodeChange("merge", "C2", ("C1",)))
    assert lead.codebook().version == "2.0"


def test_a_change_is_refused_that_rests_on_an_older_version(two_coders: Study) -> None:
    two_coders.set_codebook(narrowed(BOOK), on="0.1")
    with pytest.raises(AlreadyInStudy, match=r"0\.2 was kept meanwhile"):
        two_coders.set_codebook(narrowed(BOOK, "C2"), on="0.1")


def test_a_retired_code_stays_and_is_put_on_text_no_more(two_coders: Study) -> None:
    study = two_coders
    coded(study, ANA, "P01", 0, 6, "C1")
    retired = study.set_codebook(BOOK.with_code(replace(CODES[1], status="retired")))
    assert "C1" in retired
    assert "C1" not in {code.id for code in retired.codable}
    text = study.transcript("P01")
    refused = study.seated(ANA).apply("P01", [add(text, 7, 9, "C1")]).rejected
    assert "may not be put on text" in refused[0]["reason"]
    study.hold_round(MAIN, "0.1")  # the round goes on under the version that has it
    assert study.seated(ANA).apply("P01", [add(text, 7, 9, "C1")]).rejected == ()
    with pytest.raises(BadCodebook, match="retire it instead"):
        study.set_codebook(Codebook(tuple(c for c in retired.codes if c.id != "C1")))
    assert study.check() == []


def test_retiring_a_code_of_a_theme_is_asked_about(two_coders: Study) -> None:
    lead = submitted(two_coders)
    text = lead.transcript("P01")
    lead.add_theme(Theme("Trust is slow", codes=("C1",), excerpts=((text.id, Span(0, 6)),)))
    after = lead.codebook().with_code(replace(lead.codebook()["C1"], status="retired"))
    assert lead.effects(after)[0].themes == ("Trust is slow",)
    with pytest.raises(BadCodebook, match="The theme “Trust is slow” holds “Trust”"):
        lead.set_codebook(after)
    assert lead.codebook().version == "0.1"
    lead.set_codebook(after, despite_themes=True)
    assert lead.check() == []


# -- what a change touches ----------------------------------------------------------------------


def test_the_effects_name_codings_transcripts_and_coders(two_coders: Study) -> None:
    lead = submitted(two_coders)
    places = {title: id for id, title in lead.titles().items()}
    after, said = merged(narrowed(lead.codebook()), ["C2"], "C3")
    after = after.with_code(Code("C4", "Humour", "T1"))
    found = {e.change.kind: e for e in lead.effects(after, [CodeChange("narrow", "C1"), *said])}
    narrow, merge, add = found["narrow"], found["merge"], found["add"]
    assert (narrow.effect, narrow.codings, narrow.coders) == ("confirm", 3, ("ana", "ben"))
    assert set(narrow.transcripts) == {places["P01"], places["P02"]}
    assert (merge.effect, merge.codings, merge.coders) == ("moved", 1, ("ben",))
    assert (add.effect, add.codings, len(add.transcripts)) == ("look_again", 0, 3)
    assert {effected.unseen for effected in found.values()} == {0}


def test_codings_count_as_what_their_code_became(two_coders: Study) -> None:
    lead = submitted(two_coders)
    after, said = merged(lead.codebook(), ["C1"], "C2")
    lead.set_codebook(after, changes=said)
    (narrow,) = lead.effects(narrowed(lead.codebook(), "C2"), [CodeChange("narrow", "C2")])
    assert narrow.codings == 4  # three that were Trust, and the one that was made as it
    assert lead.pairs()[0].state != "stale"
    lead.set_codebook(narrowed(lead.codebook(), "C2"), changes=[CodeChange("narrow", "C2")])
    assert [pair.state for pair in lead.pairs()] == ["stale", "stale", "both_submitted"]


def test_what_is_still_coded_is_not_counted_and_that_is_told(two_coders: Study) -> None:
    study = two_coders
    for title in ("P01", "P02"):
        coded(study, ANA, title, 0, 6, "C1")
    coded(study, BEN, "P01", 0, 6, "C1")
    study.seated(ANA).submit("P01", "P02")
    study.seated(BEN).submit("P01")
    (narrow,) = study.seated(LEA).effects(narrowed(BOOK))
    assert (narrow.codings, len(narrow.transcripts), narrow.unseen) == (2, 1, 2)
    with pytest.raises(NotAllowed):
        study.seated(ANA).effects(narrowed(BOOK))
    leading = study.seated(Seat("ben", frozenset({"coder", "lead"})))
    (own,) = leading.effects(narrowed(BOOK))
    assert (own.codings, own.coders, own.unseen) == (1, ("ben",), 3)


def test_a_pilot_is_not_counted(two_coders: Study) -> None:
    pilot = two_coders.add_round("Pilot", kind="pilot")
    two_coders.give({"ana": ["P01"], "ben": ["P01"]}, round=pilot.id)
    text = two_coders.transcript("P01")
    two_coders.seated(ANA).apply("P01", [add(text, 0, 6, "C1")], round=pilot.id)
    for seat in (ANA, BEN):
        two_coders.seated(seat).submit("P01", round=pilot.id)
    assert two_coders.effects(narrowed(BOOK))[0].codings == 0


def test_versions_from_before_changes_were_told_are_compared(tmp_path: Path) -> None:
    golden = Path(__file__).parent / "golden" / "studies" / "v0.2.0.qualcode"
    path = tmp_path / "old.qualcode"
    path.write_bytes(golden.read_bytes())
    with open_study(path) as study:
        names = [row["version"] for row in study.versions()]
        told = study.codebook_changes()
        for before, after in pairwise(names):
            assert tuple(c.change for c in told if c.version == after) == changes_between(
                study.codebook(before), study.codebook(after)
            )
        assert all(code.status == "active" for code in study.codebook().codes)
        assert study.check() == []


def test_the_demo_change_of_the_sample_touches_what_was_coded_lived_or_wished(
    sample: Path,
) -> None:
    with open_study(sample, seat=LEA) as study:
        book, said = second_version(study.codebook())
        found = study.effects(book, said)
        codings = list(study.codings())
        assert [(e.change.kind, e.change.code, e.effect) for e in found] == [
            ("narrow", "MEN-19", "confirm"),
            ("narrow", "MEN-23", "confirm"),
        ]
        for effected in found:
            own = [c for c in codings if c.code == effected.change.code]
            assert effected.codings == len(own) > 5
            assert set(effected.transcripts) == {c.transcript for c in own}
            assert effected.coders == ("ana", "ben")
        assert study.set_codebook(book, changes=said).version == "1.0"
        assert list(study.codings()) == codings
        assert study.check() == []


def test_the_effects_on_twenty_thousand_codings_are_told_at_once(two_coders: Study) -> None:
    study = two_coders
    text = study.transcript("P01")
    with study._writing():
        study._db.conn.executemany(
            "INSERT INTO codings (id, transcript, coder, code, start, end, quote, memo, "
            "codebook_version, made_at, round, uncertain) "
            "VALUES (?, ?, 'ana', ?, ?, ?, 'x', '', '0.1', '', 'main', 0)",
            [
                (f"{code}{n}", text.id, code, n, n + 1)
                for code in ("C1", "C2")
                for n in range(10_000)
            ],
        )
    for seat in (ANA, BEN):
        study.seated(seat).submit("P01")
    took = []
    for _ in range(3):
        began = time.perf_counter()
        (narrow,) = study.effects(narrowed(BOOK), [CodeChange("narrow", "C1")])
        took.append(time.perf_counter() - began)
    assert narrow.codings == 10_000
    assert min(took) < 0.5, "about 30 ms on a free machine"


# -- laws ---------------------------------------------------------------------------------------

ACTS = ("rename", "reword", "move", "retire", "restore", "add", "merge", "split", "look")


@st.composite
def acts(draw: st.DrawFn) -> list[tuple[str, int, int, int]]:
    numbers = st.integers(0, 30)
    return draw(st.lists(st.tuples(st.sampled_from(ACTS), numbers, numbers, numbers), max_size=8))


def acted(
    book: Codebook, act: tuple[str, int, int, int], number: int
) -> tuple[Codebook, tuple[CodeChange, ...]]:
    """The codebook after one act on codes chosen by number."""
    kind, first, second, third = act
    code, other = (book.codes[n % len(book)] for n in (first, second))
    new = Code(f"N{number}", f"New {number}", draw_parent(book, second))
    match kind:
        case "rename":
            return book.with_code(replace(code, name=f"Named {third}")), ()
        case "reword":
            field = MEANING[second % len(MEANING)]
            said = CodeChange(OF_MEANING[third % 4], code.id)
            return book.with_code(replace(code, **{field: f"words {third}"})), (said,)  # type: ignore[arg-type]
        case "move":
            return book.with_code(replace(code, parent=other.id)), ()
        case "retire":
            return book.with_code(replace(code, status="retired")), ()
        case "restore":
            return book.with_code(replace(code, status="active")), ()
        case "add":
            return book.with_code(new), ()
        case "merge":
            return merged(book, [code.id, other.id], new if third % 2 else other.id)
        case "split":
            return split(book, code.id, (other.id, new))
        case _:
            return book.with_code(replace(code, color=f"#0000{third:02d}", order=second)), ()


def draw_parent(book: Codebook, number: int) -> str | None:
    themes = [code.id for code in book.themes if code.status == "active"]
    return themes[number % len(themes)] if themes else None


@settings(max_examples=25)
@given(versions=st.lists(acts(), max_size=3))
def test_any_changes_leave_a_valid_codebook_and_a_sound_study(
    versions: list[list[tuple[str, int, int, int]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("laws") / "a.qualcode"
    with open_study(path, create=True, title="A") as study:
        study.set_codebook(BOOK)
        for place, doings in enumerate(versions):
            before = book = study.codebook()
            said: tuple[CodeChange, ...] = ()
            for number, act in enumerate(doings):
                try:
                    after, more = acted(book, act, place * 100 + number)
                    changes_between(before, after, (*said, *more))
                except BadCodebook:
                    continue
                book, said = after, (*said, *more)
            found = changes_between(before, book, said)
            kept = study.set_codebook(book, changes=said)
            assert read_codebook("b.csv", kept.to_csv().encode()).codes == kept.codes
            if kept.version != before.version:
                told = tuple(c.change for c in study.codebook_changes(kept.version))
                assert told == (found or changes_between(before, kept))
            assert {c.id for c in before.codes} <= {c.id for c in kept.codes}
            for change in found:
                assert effect_of(change, before, kept) in set(EFFECTS.values())
                assert sentence(change, before, kept).endswith(".")
                for now in carried(change.code, found):
                    assert now in kept
        assert study.check() == []


@given(acts())
def test_every_change_can_be_taken_back_until_nothing_is_left(
    doings: list[tuple[str, int, int, int]],
) -> None:
    book, said = BOOK, ()
    for number, act in enumerate(doings):
        try:
            after, more = acted(book, act, number)
            changes_between(BOOK, after, (*said, *more))
        except BadCodebook:
            continue
        book, said = after, (*said, *more)
    for _ in range(100):
        left = changes_between(BOOK, book, said)
        if not left:
            break
        for change in reversed(left):
            try:
                back, rest = without(BOOK, book, said, change)
                changes_between(BOOK, back, rest)
            except BadCodebook:  # another change rests on it, and is taken back first
                continue
            book, said = back, rest
            break
        else:
            pytest.fail(f"none of {left} can be taken back")
    assert book.codes == BOOK.codes
