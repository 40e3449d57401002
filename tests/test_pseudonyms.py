"""Names taken out: one replacement a person everywhere, and not a character beside them changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.errors import BadCommand
from qualcode.model import Coding, Removal, Transcript, Turn
from qualcode.privacy import (
    Decision,
    KeyFile,
    KnownName,
    Rules,
    assigned,
    find_identifiers,
    labelled,
    log,
    mentions,
    names_elsewhere,
    pseudonymise,
)  # fmt: skip
from qualcode.privacy import keyfile as keyfile_module
from qualcode.revision import carry
from qualcode.spans import Span

ALONE = Rules(entities=False)
TWENTY = [
    "Helen Okafor", "Benoît Lévesque", "Priya Raman", "Tomás Ibáñez", "Siobhán Ní Bhriain",
    "Grace Hill", "Will Marsh", "Mark Young", "Hope Banks", "May Lim", "Jürgen Groß",
    "Zoë Sørensen", "Łukasz Żak", "Nguyen Thi Hoa", "Anne-Marie Roy", "Kwame Mensah",
    "Olga Ivanova", "Jun Sato", "Fatima Al-Sayed", "Seamus O'Brien",
]  # fmt: skip


def text(words: str, name: str = "P01") -> Transcript:
    return Transcript(name, words, (), id=name)


def decided(transcript: Transcript, **options: object) -> list[Decision]:
    hits = find_identifiers(transcript, rules=ALONE, **options)
    return [Decision(hit, who="sam", at="2025-03-04") for hit in hits]


def test_one_person_has_one_replacement_in_all_transcripts() -> None:
    names = [KnownName("Helen Okafor"), KnownName("Priya Raman", label="mentor")]
    first = text("Dr. Okafor's list. Then Helen and Priya met; the Okafors came.")
    second = text("Priya’s mentor was Helen Okafor at St. Brendan's Hospital.", "P02")
    all_decided = [decided(each, names=names) for each in (first, second)]
    known = assigned([d for each in all_decided for d in each])
    assert [
        pseudonymise(each, of, known=known).after.text
        for each, of in zip((first, second), all_decided, strict=True)
    ] == [
        "[colleague 1]'s list. Then [colleague 1] and [mentor 1] met; the [colleague 1]s came.",
        "[mentor 1]’s mentor was [colleague 1] at [hospital 1].",
    ]


def test_people_are_brought_together_across_transcripts_read_one_after_the_other() -> None:
    first = decided(text("So Dr. Okafor came."))
    known = assigned(first)
    second = decided(text("It was Dr. Helen Okafor who came.", "P02"))
    both = assigned(second, known=known)
    assert both["helen okafor"] == both["okafor"] == "[colleague 1]"
    third = decided(text("Then Dr. Ben Okafor and Mr. Hamilton of Hamilton General.", "P03"))
    more = assigned(third, known=both)
    assert more["ben okafor"] == "[colleague 2]"
    assert more["hamilton"] == "[colleague 3]"
    assert more["place: hamilton general"] == "[hospital 1]"


def test_pseudonyms_keep_the_title_and_are_nobodys_name() -> None:
    transcript = text("Dr. Helen Okafor met Ainsley at Lakeshore General.")
    decisions = decided(transcript)
    known = assigned(decisions, style="pseudonym", avoid=[transcript.text])
    after = pseudonymise(transcript, decisions, style="pseudonym", known=known).after
    assert after.text == "Dr. Briar met Ainsley at [hospital 1]."


def test_when_the_pseudonyms_are_used_up_people_are_numbered() -> None:
    people = [f"Dr. {chr(65 + n // 26)}{chr(97 + n % 26)}x" for n in range(60)]
    made = assigned(decided(text(". ".join(people))), style="pseudonym")
    assert len(set(made.values())) == 60
    assert "[person 1]" in made.values()


def test_a_person_decides_what_is_replaced_removed_kept_or_worded_otherwise() -> None:
    transcript = text("Dr. Okafor and Mrs. Lee rang 416-555-0134 about Mr. Cho and Dr. Okafor.")
    okafor, lee, number, cho, again = decided(transcript)
    decisions = [
        okafor,
        Decision(lee.hit, exactly="a patient"),
        Decision(number.hit, action="remove"),
        Decision(cho.hit, action="keep"),
        Decision(again.hit, label="chief"),
    ]
    assert pseudonymise(transcript, decisions).after.text == (
        "[colleague 1] and a patient rang [...] about Mr. Cho and [colleague 1]."
    )
    with pytest.raises(BadCommand, match="cannot be the name itself"):
        Decision(lee.hit, exactly="mrs. lee")
    with pytest.raises(BadCommand, match="other words than stand"):
        pseudonymise(text("Another text altogether."), [okafor])


def test_twenty_planted_names_are_gone_from_the_text_and_ordinary_words_stay() -> None:
    names = [KnownName(name) for name in TWENTY]
    said = "I will mark the date in May, and I hope, with grace. "
    words = said + " ".join(
        f"Then {name} came, {name.upper()}’s friend, and so {name.split()[-1]} left."
        for name in TWENTY
    )
    transcript = text(words)
    after = pseudonymise(transcript, decided(transcript, names=names)).after.text
    assert after.startswith(said)
    parts = {part for name in TWENTY for part in name.split() if len(part) > 2}
    body = after[len(said) :]
    assert [part for part in parts if part in body or part.upper() in body] == []
    assert body.count("’s friend") == 20


@given(st.data())
def test_nothing_but_the_decided_hits_changes(data: st.DataObject) -> None:
    pieces = st.sampled_from(
        [
            "Dr. Okafor",
            "Helen",
            "will",
            " ",
            ". ",
            "👩‍👩‍👧",
            "é",
            "שלום",
            "416-555-0134",
            "’s",
            "\n",
            "x",
        ]
    )
    words = "".join(data.draw(st.lists(pieces, min_size=1, max_size=25)))
    transcript = text(words)
    decisions = [
        Decision(hit, action=data.draw(st.sampled_from(("replace", "keep", "remove"))))
        for hit in find_identifiers(transcript, names=[KnownName("Helen")], rules=ALONE)
    ]
    style = data.draw(st.sampled_from(("bracket", "pseudonym")))
    after = pseudonymise(transcript, decisions, style=style).after.text
    rest, place = [], 0
    for each in decisions:
        if each.action != "keep":
            rest.append(words[place : each.hit.span.start])
            place = each.hit.span.end
    rest.append(words[place:])
    at = 0
    for piece in rest:
        at = after.index(piece, at) + len(piece)
    assert after.startswith(rest[0])
    assert after.endswith(rest[-1])


def test_codings_beside_a_replaced_name_keep_their_words() -> None:
    transcript = text("Then Dr. Okafor called, and I was afraid.")
    revision = pseudonymise(transcript, decided(transcript))
    start = transcript.text.index("I was afraid")
    coding = Coding("P01", "ana", "FEAR", Span(start, start + 12), "I was afraid")
    (moved,) = carry([coding], revision).moved
    assert revision.after.text[moved.span.slice] == "I was afraid"


def test_the_key_remembers_what_was_replaced_and_the_study_goes_on_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyfile_module, "MEMORY_KIB", 64)
    transcript = text("Dr. Okafor rang 416-555-0134.")
    decisions = decided(transcript)
    known = assigned(decisions)
    key = KeyFile.create(tmp_path / "k", "four walnuts under a hat", who="sam", at="now")
    key.add(log(transcript, decisions, known))
    again = KeyFile.open(tmp_path / "k", "four walnuts under a hat", who="sam", at="later")
    name, number = again.entries
    assert (name.name, name.replacement, name.who) == ("Dr. Okafor", "[colleague 1]", "sam")
    assert transcript.text[number.start : number.end] == "416-555-0134"
    assert number.text_sha256 == transcript.sha256
    later = assigned(decided(text("Dr. Lee met Dr. Okafor.", "P02")), known=again.replacements)
    assert (later["okafor"], later["lee"]) == ("[colleague 1]", "[colleague 2]")


def test_names_decided_on_in_one_transcript_are_looked_for_in_the_others() -> None:
    first = find_identifiers(text("Dr. Helen Okafor of Lakeshore General"), rules=ALONE)
    hits = mentions(text("and Helen, at Lakeshore General, said", "P02"), labelled(first))
    assert [(hit.text, hit.suggestion) for hit in hits] == [
        ("Helen", "colleague"),
        ("Lakeshore General", "hospital"),
    ]
    assert {hit.subject for hit in hits} == {hit.subject for hit in first}


def test_pseudonymised_text_is_never_called_anonymous() -> None:
    folder = Path(keyfile_module.__file__).parent
    for file in [*folder.glob("*.py"), folder.parent / "revision.py"]:
        assert "anonym" not in file.read_text(encoding="utf-8").casefold().replace(
            "pseudonym", ""
        ), file.name


def test_names_beside_the_text_are_told_and_speakers_get_other_labels() -> None:
    turns = (
        Turn("Lea Brandt", "interviewer", Span(0, 9)),
        Turn("P03", "participant", Span(10, 13)),
        Turn("Interviewer 1", "interviewer", Span(14, 15)),
        Turn("Sam", "participant", Span(15, 16)),
    )
    transcript = Transcript(
        "P01", "How was it\nSo.\nAB", turns, id="P01", source_name="okafor_helen_2.docx",
        removals=(Removal("Interview with Dr. Okafor", "a heading"), Removal("00:12:03", "a time")),
        facts={"mode": "video", "interviewer": "asked by Dr. Lee", "interview_date": "3 May 2025"},
    )  # fmt: skip
    found = names_elsewhere(transcript, names=[KnownName("Helen Okafor")])
    assert [(each.where, each.text) for each in found] == [
        ("speaker", "Lea Brandt"),
        ("speaker", "Sam"),
        ("file name", "okafor_helen_2.docx"),
        ("fact interviewer", "asked by Dr. Lee"),
        ("left out", "Interview with Dr. Okafor"),
    ]
    after = pseudonymise(transcript, [], speakers={"Lea Brandt": "I1", "Sam": "P06"}).after
    assert [turn.speaker for turn in after.turns] == ["I1", "P03", "Interviewer 1", "P06"]
    assert after.text == transcript.text
