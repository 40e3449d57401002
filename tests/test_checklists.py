"""Checklists are data: the printed items are all there, and a slip in a file is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualcode.checklists import checklist_names, load_checklist, read_checklist
from qualcode.checklists.rules import ITEM_RULES
from qualcode.errors import BadCommand, UnreadableFile
from qualcode.reports.evidence import EVIDENCE

ITEM = """
- id: X-01
  number: 1
  domain: Domain
  section: Section
  topic: Topic
  guide_question: What?
  fill: auto
  evidence: sample.n
"""
HEAD = "id: x\nversion: '1'\ntitle: T\ncitation: C\nitems:"


def written(folder: Path, text: str) -> Path:
    path = folder / "x_2025.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_coreq_has_its_32_items_in_three_domains_and_eight_sections() -> None:
    coreq = load_checklist("coreq")
    assert [item.number for item in coreq.items] == [str(n) for n in range(1, 33)]
    sizes = [sum(item.domain == domain for item in coreq.items) for domain in coreq.domains]
    assert sizes == [8, 15, 9]
    assert len({(item.domain, item.section) for item in coreq.items}) == 8
    fills = [item.fill for item in coreq.items]
    assert [fills.count(fill) for fill in ("auto", "semi", "form")] == [8, 17, 7]


def test_srqr_has_its_21_items() -> None:
    assert [item.number for item in load_checklist("srqr").items] == [f"S{n}" for n in range(1, 22)]


@pytest.mark.parametrize("name", checklist_names())
def test_every_item_names_evidence_that_the_reports_know(name: str) -> None:
    assert {item.evidence for item in load_checklist(name).items} <= set(EVIDENCE)


def test_an_item_is_found_by_its_id() -> None:
    assert load_checklist("coreq").item("COREQ-24").topic == "Number of data coders"
    with pytest.raises(BadCommand, match="COREQ has no item “COREQ-33”"):
        load_checklist("coreq").item("COREQ-33")


def test_an_unknown_checklist_is_answered_with_the_known_ones() -> None:
    with pytest.raises(BadCommand, match=r"“\.\./secret”; there are coreq, srqr"):
        load_checklist("../secret")


def test_a_new_file_needs_no_code(tmp_path: Path) -> None:
    made = read_checklist(written(tmp_path, HEAD + ITEM))
    assert (made.id, made.items[0].id, made.items[0].rules) == ("x", "X-01", ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + ITEM + ITEM, "item X-01: the id X-01 stands twice"),
        (HEAD + ITEM + ITEM.replace("X-01", "X-02"), "item X-02: the number 1 stands twice"),
        (HEAD + ITEM.replace("What?", ""), "item X-01: the field “guide_question” is missing"),
        (HEAD + ITEM.replace("auto", "maybe"), "item X-01: the field “fill” is “maybe”"),
        (HEAD + ITEM.replace("topic", "topci"), "item X-01: the field “topci” is not known"),
        (HEAD + ITEM.replace("X-01", ""), "item 1: the field “id” is missing"),
        (HEAD + ITEM.replace("Topic", "no"), "item X-01: the field “topic” should be text"),
        (HEAD + ITEM + "  rules: all\n", "item X-01: the field “rules” should be a list"),
        (HEAD + " []", "“items” is missing or empty"),
        (HEAD + " [1]", "item 1: an item holds"),
        (HEAD.replace("title: T\n", "") + ITEM, "the head: the field “title” is missing"),
        ("- a\n- b\n", "a checklist has id, title and items"),
        ("id: [", "this is not valid YAML"),
        ("id: !!python/object/apply:os.getcwd []", "this is not valid YAML"),
    ],
)
def test_a_slip_is_named_with_file_item_and_field(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadCommand, match=r"x_2025\.yaml") as refused:
        read_checklist(written(tmp_path, text))
    assert words in str(refused.value)


def test_a_file_in_another_encoding_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "x_2025.yaml"
    path.write_bytes((HEAD + ITEM).replace("Topic", "Thème").encode("cp1252"))
    with pytest.raises(BadCommand, match="not saved as UTF-8"):
        read_checklist(path)
    with pytest.raises(UnreadableFile, match="cannot be opened"):
        read_checklist(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            ITEM + "  rules: [flow_add_up]\n",
            "item X-01: the field “rules” names “flow_add_up”, which is not known; did you mean "
            "“flow_adds_up”?",
        ),
        (ITEM + "  rules: [dance]\n", "“dance”, which is not known; known are all_transcripts"),
        (ITEM + "  crosswalk: [S1]\n", "item X-01: the field “crosswalk” should hold lists"),
        (ITEM + "  crosswalk: {srqr: S1}\n", "item X-01, crosswalk: the field “srqr” should be"),
    ],
)
def test_an_unknown_rule_or_a_wrong_crosswalk_is_named(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(BadCommand, match=r"x_2025\.yaml") as refused:
        read_checklist(written(tmp_path, HEAD + text))
    assert words in str(refused.value)


def test_every_rule_that_can_be_named_is_named_somewhere() -> None:
    named = {
        rule for name in checklist_names() for i in load_checklist(name).items for rule in i.rules
    }
    assert named == set(ITEM_RULES)
