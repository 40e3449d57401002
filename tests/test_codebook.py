"""Codebooks: what is read is what was written, and what is wrong is named with its place."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qualcode.codebook import (
    COLUMNS,
    KINDS,
    MAX_BYTES,
    ORIGINS,
    STATUS,
    STATUSES,
    Codebook,
    read_codebook,
)
from qualcode.errors import BadCodebook, BadCommand, UnreadableFile
from qualcode.model import Code
from qualcode.templates import load_template, template_names

HEADER = "code_id,parent_id,name,kind,codable,color,sort_order\n"


def read(text: str) -> Codebook:
    return read_codebook("book.csv", text.encode())


# -- templates ---------------------------------------------------------------------------------


def test_the_templates_are_four_and_the_mentorship_study_is_first() -> None:
    assert template_names() == (
        "mentorship_needs_assessment",
        "alignment_model",
        "learning_action_collaborative",
        "mentored_qi_programme",
    )


@pytest.mark.parametrize("name", template_names())
def test_a_template_is_whole(name: str) -> None:
    template = load_template(name)
    assert template.title
    assert template.summary
    assert template.attributes
    book = template.codebook
    assert len(book.codable) >= 10
    assert all(not theme.codable for theme in book.themes)
    for code in book.codable:
        for field in ("brief_definition", "when_to_use", "when_not_to_use", "color"):
            assert getattr(code, field), (code.id, field)
    assert read(book.to_csv()) == book


def test_the_mentorship_template_has_its_five_themes_and_24_codes() -> None:
    book = load_template("mentorship_needs_assessment").codebook
    assert [code.id for code in book.codable] == [f"MEN-{n:02}" for n in range(1, 25)]
    assert [theme.id for theme in book.themes] == [f"MEN-T{n}" for n in range(1, 6)]


@pytest.mark.parametrize("name", ["", "nurses", "../codebooks", "mentorship_needs_assessment/"])
def test_a_template_that_is_not_there_is_told_with_those_that_are(name: str) -> None:
    with pytest.raises(BadCommand) as error:
        load_template(name)
    assert "mentorship_needs_assessment" in str(error.value)


# -- there and back ----------------------------------------------------------------------------

texts = st.one_of(
    st.text(max_size=30),
    st.text(alphabet="'=+-@\t\"\n\r,; aé", max_size=8),
    st.sampled_from(["=1+1", "'=1", "''=1", "-", "'", "''", '"', ',";\n', "naïve 👩🏽‍⚕️", "\ufeff"]),
).filter(lambda text: not {"\x00"} & set(text))
names = texts.filter(str.strip)


@st.composite
def codebooks(draw: st.DrawFn) -> Codebook:
    ids = draw(st.lists(names, min_size=1, max_size=6, unique_by=str.strip))
    labels = draw(
        st.lists(
            names,
            min_size=len(ids),
            max_size=len(ids),
            unique_by=lambda name: (
                name.strip().replace("\r\n", "\n").replace("\r", "\n").casefold()
            ),
        )
    )
    codes: list[Code] = []
    for code_id, name in zip(ids, labels, strict=True):
        above = [code.id for code in codes if code.parent is None]
        codes.append(
            Code(
                id=code_id,
                name=name,
                parent=draw(st.sampled_from([None, *above])),
                kind=draw(st.sampled_from(KINDS)),  # type: ignore[arg-type]
                codable=draw(st.booleans()),
                brief_definition=draw(texts),
                full_definition=draw(texts),
                when_to_use=draw(texts),
                when_not_to_use=draw(texts),
                example=draw(texts),
                origin=draw(st.sampled_from(ORIGINS)),  # type: ignore[arg-type]
                source_note=draw(texts),
                facets=draw(texts),
                color=draw(st.sampled_from(["", "#4E79A7", "#abcdef"])),
                order=draw(st.integers(-5, 5)),
                status=draw(st.sampled_from(("active", "active", *STATUSES))),  # type: ignore[arg-type]
            )
        )
    try:
        return Codebook(tuple(codes))
    except BadCodebook:  # two ids that are one when their blanks are gone; a retired theme
        return Codebook()


@given(codebooks())
@example(Codebook((Code("a", "'=1"), Code("=b", "+b", "a"), Code("'c", "''-", "=b"))))
def test_a_codebook_written_and_read_again_is_the_same(book: Codebook) -> None:
    if not len(book):
        return
    assert read(book.to_csv()) == book
    assert read_codebook("b.csv", b"\xef\xbb\xbf" + book.to_csv().encode()) == book
    assert read(book.to_csv().replace("\n", "\r\n")) == book


@given(codebooks())
def test_no_cell_of_the_csv_begins_like_a_formula(book: Codebook) -> None:
    for number, row in enumerate(csv.reader(io.StringIO(book.to_csv(), newline=""))):
        for column, cell in zip((*COLUMNS, STATUS), row, strict=False):
            assert number == 0 or column == "sort_order" or not cell.startswith(tuple("=+-@"))


def test_a_column_of_the_status_comes_only_with_codes_that_are_not_in_use() -> None:
    book = Codebook((Code("A", "One"), Code("B", "Two")))
    assert book.to_csv().splitlines()[0] == ",".join(COLUMNS)
    retired = book.with_code(replace(book["A"], status="retired"))
    assert retired.to_csv().splitlines()[0] == ",".join((*COLUMNS, "status"))
    assert read(retired.to_csv()) == retired
    assert [code.id for code in read("code_id,name,status\nA,One,Retired\nB,Two,\n").codable] == [
        "B"
    ]


def test_what_coders_may_find_hard_is_noted_and_is_no_error() -> None:
    good = "She asks every week how I am doing with the new ward."
    one = Code("A", "One", when_not_to_use="Never", example=good)
    assert Codebook((one,)).notes() == ()
    many = Codebook(tuple(replace(one, id=f"C{n}", name=f"Code {n}") for n in range(41)))
    assert many.notes() == ("41 codes may be put on text; coders hold about 40 in mind.",)
    bare = Codebook((replace(one, when_not_to_use="", example="Too short"),))
    assert len(bare.notes()) == 2
    assert all("One" in note and note.endswith(".") for note in bare.notes())


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_semicolons_and_tabs_are_understood(delimiter: str) -> None:
    assert [c.name for c in read(f"code_id{delimiter}name\nA{delimiter}One, or two\n").codes] == [
        "One, or two"
    ]


def test_a_file_of_windows_is_understood() -> None:
    data = "code_id;name\r\nA;naïve – “café”\r\n".encode("cp1252")
    assert read_codebook("book.csv", data)["A"].name == "naïve – “café”"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends_are_understood(end: str) -> None:
    book = read(f'code_id,name,example{end}A,One,"two{end}lines"{end}{end}B,Two,{end}')
    assert [c.id for c in book.codes] == ["A", "B"]
    assert book["A"].example == "two\nlines"


def test_a_column_not_known_here_is_kept_in_the_source_note() -> None:
    book = read("code_id,name,owner,source_note\nA,One,Ana,guide\nB,Two,,\nC,Three,Ben,\n")
    assert [c.source_note for c in book.codes] == ["guide\nowner: Ana", "", "owner: Ben"]
    assert read(book.to_csv()) == book


def test_a_code_needs_only_a_name_or_an_id() -> None:
    assert [(c.id, c.name) for c in read("name\nTrust\n").codes] == [("Trust", "Trust")]
    assert [(c.id, c.name) for c in read("code_id\nC1\n").codes] == [("C1", "C1")]


# -- order and colour --------------------------------------------------------------------------


def test_the_reading_order_is_each_theme_followed_by_its_codes() -> None:
    book = read(
        HEADER + "b2,B,b two,,,,20\nA,,a,theme,,,30\nB,,b,theme,,,10\n"
        "b1,B,b one,,,,10\na1,A,a one,,,,5\nb11,b1,b one one,,,,1\n"
    )
    assert [code.id for code in book.codes] == ["B", "b1", "b11", "b2", "A", "a1"]
    assert [code.id for code in book.path("b11")] == ["B", "b1", "b11"]
    assert book.depth("b11") == 3
    assert [code.id for code in book.children("B")] == ["b1", "b2"]
    assert [code.id for code in book.codable] == ["b1", "b11", "b2", "a1"]


def test_codes_without_an_order_stand_as_in_the_file() -> None:
    assert [c.id for c in read("code_id,name\nz,Z\na,A\nm,M\n").codes] == ["z", "a", "m"]


def test_codes_take_the_colour_of_their_theme() -> None:
    book = read(HEADER + "A,,a,theme,,,\nB,,b,theme,,#123abc,\na1,A,a1,,,,\nb1,B,b1,,,,\n")
    assert book["a1"].color == book["A"].color != ""
    assert book["b1"].color == "#123abc"
    assert book.with_code(Code("b2", "b2", "B", color=""))["b2"].color == "#123abc"


def test_a_code_put_in_again_replaces_the_one_of_its_id() -> None:
    book = read(HEADER + "A,,a,theme,,,\na1,A,a1,,,,\n")
    changed = book.with_code(replace(book["a1"], name="better"))
    assert [c.name for c in changed.codes] == ["a", "better"]
    assert "a1" in book
    assert "a2" not in book
    with pytest.raises(BadCodebook):
        book["a2"]


# -- what is wrong and where -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "line", "column", "words"),
    [
        ("A,B,a,,,,\nB,A,b,,,,\n", 2, "parent_id", "stands under itself"),
        ("A,A,a,,,,\n", 2, "parent_id", "stands under itself"),
        ("A,,a,,,,\nB,Z,b,,,,\n", 3, "parent_id", "not in the codebook"),
        ("A,,a,,,,\nA,,b,,,,\n", 3, "code_id", "line 2 already"),
        ("A,,Trust,,,,\nB,,trust ,,,,\n", 3, "name", "used by A and B"),
        ("A,,a,,,red,\n", 2, "color", "is not a colour"),
        ("A,,a,,,#12345,\n", 2, "color", "is not a colour"),
        ("A,,a,cat,,,\n", 2, "kind", "theme, category, code"),
        ("A,,a,,perhaps,,\n", 2, "codable", "yes, no"),
        ("A,,a,,,,first\n", 2, "sort_order", "whole number"),
        ("A,,a,,,," + "9" * 5000 + "\n", 2, "sort_order", "whole number"),
        ("A,,a,,,,,extra\n", 2, None, "8 cells, 7 columns"),
        (",A,,,,,\n", 2, "code_id", "no id"),
        (f"A,,{'x' * 121},,,,\n", 2, "name", "120 is the most"),
        (f"{'x' * 61},,a,,,,\n", 2, "code_id", "60 is the most"),
        ("A,,a,,,,\nB,A,b,,,,\nC,B,c,,,,\nD,C,d,,,,\nE,D,e,,,,\n", 6, "parent_id", "5 levels"),
        ('A,,a,,,,\nB,,"b,,,,\nC,,c,,,,\n', 3, None, "quotation mark"),
        ('A,,"a"x,,,,\n', 2, None, "quotation mark"),
        ('A,,"a\nb",,,,\n\nB,,b,,,red,\n', 5, "color", "is not a colour"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_column(
    rows: str, line: int, column: str | None, words: str
) -> None:
    with pytest.raises(BadCodebook) as error:
        read(HEADER + rows)
    assert (error.value.line, error.value.column) == (line, column)
    told = str(error.value)
    assert told.startswith(f"Line {line}")
    assert words in told
    assert len(told) < 300
    assert "\n" not in told


@pytest.mark.parametrize(
    ("header", "words"),
    [("code,label", "no column"), ("", "no column"), ("code_id,name,Name ", "two columns")],
)
def test_a_first_line_that_names_no_columns_is_refused(header: str, words: str) -> None:
    with pytest.raises(BadCodebook, match=words) as error:
        read(header + "\nA,b,c\n")
    assert error.value.line == 1


def test_a_text_longer_than_a_rule_is_refused() -> None:
    with pytest.raises(BadCodebook, match="20000 is the most"):
        read(f"code_id,name,example\nA,a,{'x ' * 10_001}y\n")


@pytest.mark.parametrize(
    "make",
    [
        lambda: Codebook((Code("", "a"),)),
        lambda: Codebook((Code("A", "  "),)),
        lambda: Codebook((Code("A", "a", "B"),)),
        lambda: Codebook((Code("A", "a"), Code("A", "b"))),
        lambda: Codebook((Code("A", "a"), Code("B", "A "))),
        lambda: Codebook((Code("A", "a", color="javascript:x"),)),
        lambda: Codebook((Code("A", "a", kind="cat"),)),  # type: ignore[arg-type]
        lambda: Codebook((Code("A", "a\x00"),)),
        lambda: Codebook((Code("A", "a\ud800"),)),
        lambda: Codebook((Code("A", "x" * 121),)),
        lambda: Codebook((Code("A", "a", "B"), Code("B", "b", "A"))),
    ],
)
def test_a_codebook_made_in_place_obeys_the_same_rules(make: Callable[[], Codebook]) -> None:
    with pytest.raises(BadCodebook) as error:
        make()
    assert error.value.line is None


# -- files -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"  \n\n",
        b"\xef\xbb\xbf",
        b"code_id,name\n",
        b"code_id,name\n,\n",
        b"code_id,name\nA,\x00\n",
        "code_id,name\nA,a\n".encode("utf-16"),
        b"PK\x03\x04\x00\x00",
        b"code_id,name\nA,\x81\x8d\n",
        b"a" * (MAX_BYTES + 1),
    ],
)
def test_a_file_without_codes_is_told_in_a_sentence(data: bytes) -> None:
    with pytest.raises(UnreadableFile) as error:
        read_codebook("book.csv", data)
    assert str(error.value).startswith("book.csv ")
    assert str(error.value).endswith(".")


def test_a_file_is_read_from_its_place(tmp_path: Path) -> None:
    path = tmp_path / "book.csv"
    path.write_text("code_id,name\nA,a\n", encoding="utf-8-sig")
    assert len(read_codebook(path)) == len(read_codebook(str(path))) == 1
    for nowhere in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(UnreadableFile, match="cannot be opened"):
            read_codebook(nowhere)
    path.write_bytes(b"code_id,name\n" + b"A,a\n" * 2_000_000)
    with pytest.raises(UnreadableFile, match="larger than 5 MB"):
        read_codebook(path)


def test_a_codebook_of_nearly_5_mb_is_read() -> None:
    rows = "".join(f'C{n},,"Name {n}","{"long " * 500}"\n' for n in range(1_900))
    book = read("code_id,parent_id,name,full_definition\n" + rows)
    assert len(book) == 1_900
    assert read(book.to_csv()).codes == book.codes
