"""From hits to released texts: the names are in no byte of the study and of nothing made of it."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qualcode.codebook import Codebook
from qualcode.deidentification import (
    Scan,
    beside_id,
    decide,
    decisions,
    key_path,
    open_beside,
    progress,
    proposed_beside,
    release,
    replacements,
    same_words,
    scan,
    write,
)
from qualcode.errors import BadCommand, NotAllowed
from qualcode.model import Member, Removal, Transcript, Turn
from qualcode.privacy import Elsewhere, Hit, KeyFile, Rules, find_identifiers, keyfile
from qualcode.reports import FORMATS, REPORTS
from qualcode.reports.record import history_csv, history_rows
from qualcode.sample import build_sample
from qualcode.spans import Span
from qualcode.store import Study, backups, open_study
from qualcode.store.packages import take_away
from qualcode.store.people_files import people_csv
from tests.conftest import ANA, BEN, CODES, LEA, coded, interview

PASSPHRASE = "four walnuts under a blue hat"
PLANTED = (
    "Okafor", "Brendan", "j.mori", "416-555-0134", "14 March 2021", "Lakeshore", "00482913",
    "intranet.example", "84211", "Harbour Street", "M5V 0A1", "Lévesque",
)  # fmt: skip
LOOKALIKES = ("Plan-Do-Study-Act", "in May", "Will you", "mark the date", "the Joint Commission")
TWENTY = (
    "Adaeze Nwosu", "Bertrand Lemaire", "Catalina Ibarra", "Dmitri Volkonsky", "Eleni Papadaki",
    "Farhad Moradi", "Gunnhild Aasen", "Hiroshi Takemura", "Ingeborg Lindqvist", "Jovana Petrović",
    "Katarzyna Wójcik", "Lorcan Ó Briain", "Mireille Fontaine", "Nasrin Karimi", "Oluwaseun Bakare",
    "Piotr Zieliński", "Quilla Mamani", "Ruaridh MacAskill", "Solveig Thorsen", "Tamsin Penhaligon",
)  # fmt: skip


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyfile, "MEMORY_KIB", 64)
    monkeypatch.setattr(keyfile, "PASSES", 1)
    monkeypatch.setattr(keyfile, "LANES", 1)


def key_of(study: Study) -> KeyFile:
    path = Path(*key_path(study))
    return KeyFile.create(path, PASSPHRASE, who="lea", at="2025", study=study.setting("id"))


def scans(study: Study, key: KeyFile) -> list[Scan]:
    return [scan(text, key, entities=False) for text in study.transcripts()]


def replaced(study: Study, key: KeyFile) -> None:
    """Everything that is found is replaced as proposed, in the text and beside it."""
    found = scans(study, key)
    for each in found:
        decide(key, each.hits, "replace", who="lea", at="2025-03-04T10:00:00Z")
    known = replacements(found, key)
    for each in found:
        beside = {b: proposed_beside(each.transcript, b) for b in each.beside}
        write(study, key, each, known=known, beside=beside)


# -- every byte --------------------------------------------------------------------------------


def unpacked(data: bytes) -> Iterator[bytes]:
    """These bytes, the parts of a packed file in them, and streams of a PDF."""
    yield data
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from unpacked(archive.read(name))
    for piece in data.split(b"stream\n")[1:]:
        try:
            yield zlib.decompressobj().decompress(piece)
        except zlib.error:
            continue


def forms(word: str) -> tuple[bytes, ...]:
    """How a word may stand in a file: as text, in JSON with escapes, in UTF-16."""
    escaped = word.encode("ascii", "backslashreplace")
    entities = word.encode("ascii", "xmlcharrefreplace")
    return (word.encode(), escaped, entities, word.encode("utf-16-le"))


def seen_in(words: Iterable[str], data: bytes) -> set[str]:
    pieces = list(unpacked(data))
    return {w for w in words for form in forms(w) for piece in pieces if form in piece}


def everything(study: Study, folder: Path) -> dict[str, bytes]:
    """Every file that can be made of a study, and the study's own with what lies beside it."""
    made: dict[str, bytes] = {}
    for kind, report in REPORTS.items():
        for format in FORMATS:
            made[f"{kind}.{format}"] = report(study).to_bytes(format)
    made["history.csv"] = history_csv(history_rows(study.history(), study.titles())).encode()
    made["people.csv"] = people_csv(study).encode()
    for command in (["codings"], ["codings", "--json"], ["history", "--csv"], ["differences"]):
        made[" ".join(command)] = subprocess.run(
            [sys.executable, "-m", "qualcode", command[0], str(study.path), *command[1:]],
            capture_output=True,
            check=True,
        ).stdout
    made["transcripts"] = repr(study.transcripts()).encode()
    study.backup(folder / "backup.qualcode")
    name = study.make_copy()
    for coder in ("ana", "ben"):
        take_away(study, folder / f"{coder}.qualcode", coder=coder)
    for path in (*folder.rglob("*.qualcode*"), *study.path.parent.rglob("*.qualcode*")):
        if path.is_file() and path.suffix != ".qualcodekey":
            made[str(path)] = path.read_bytes()
    assert any(name in path for path in made)
    return made


def test_the_sample_holds_no_planted_name_any_more_nor_does_anything_made_of_it(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    with build_sample(tmp_path / "sample.qualcode", uncoded=["P05", "P06"]) as built:
        study = built.seated(LEA)
        before = study.path.read_bytes() + b"".join(
            p.read_bytes() for p in backups.beside(study.path) if p.exists()
        )
        assert seen_in(PLANTED, before) == set(PLANTED), "they were there"
        key = key_of(study)
        replaced(study, key)
        assert study.check() == []
        assert all(progress(each, key).is_clean for each in scans(study, key))
        for name, data in everything(study, folder).items():
            assert seen_in(PLANTED, data) == set(), name
        assert seen_in(PLANTED, key.path.read_bytes()) == set()
        found = {entry.name for entry in key.entries}
        assert {"Dr. Helen Okafor", "Benoît Lévesque", "j.mori@example.org"} <= found


def test_only_the_planted_are_found_in_the_sample_and_no_look_alike(sample: Path) -> None:
    with open_study(sample) as study:
        texts = study.transcripts()
        assert all(any(word in text.text for text in texts) for word in LOOKALIKES)
        found = {
            text.title: {hit.text for hit in find_identifiers(text, rules=Rules(entities=False))}
            for text in texts
        }
    assert found == {
        "P01": {"the only geriatric psychiatrist", "Dr. Helen Okafor", "St. Brendan's Hospital"},
        "P02": {"won last year's award", "j.mori@example.org", "416-555-0134"},
        "P03": {"14 March 2021", "Lakeshore General"},
        "P04": {"00482913", "https://intranet.example.org/qi", "Benoît Lévesque"},
        "P05": {"91"},
        "P06": {"84211", "120 Harbour Street", "M5V 0A1"},
    }


@pytest.fixture
def named(tmp_path: Path) -> Iterator[Study]:
    """Four interviews in which twenty people are named, coded and submitted, not yet replaced.

    They are named in full, by surname and in the possessive, and one as a speaker, in a file's
    name, in a fact and in what was left out.
    """
    with open_study(tmp_path / "named.qualcode", create=True, title="Named") as study:
        for seat in (LEA, ANA, BEN):
            study.add_member(Member(seat.name, seat.roles))
        study.set_codebook(Codebook(CODES))
        texts = []
        for number in range(4):
            people = [*TWENTY[number * 5 : number * 5 + 5], TWENTY[(number * 5 + 7) % 20]]
            answer = " ".join(
                f"I met {name} in spring. {name.split()[-1]} listened, and {name}’s door is open."
                for name in people
            )
            text = interview(f"P0{number + 1}", answer)
            texts.append(text)
        last = texts[-1]
        texts[-1] = replace(
            last,
            turns=(last.turns[0], Turn("Tamsin Penhaligon", "participant", last.turns[1].span)),
            source_name="Penhaligon_2025.docx",
            source_format="docx",
            facts={"interviewer": "Gunnhild Aasen", "mode": "video"},
            removals=(Removal("Tamsin Penhaligon:", "speaker labels"),),
        )
        study.add(*texts)
        for seat in (ANA, BEN):
            for text in texts[:3]:
                at = text.text.index(" listened")
                coded(study, seat, text.title, at - 8, at + 9)
                study.seated(seat).submit(text.title)
            coded(study, seat, "P04", last.text.index("I met") + 6, last.text.index(" in spring"))
        yield study


def test_twenty_names_are_in_no_byte_of_the_study_and_its_exports(
    named: Study, tmp_path: Path
) -> None:
    words = [name.split()[-1] for name in TWENTY]
    study = named.seated(LEA)
    kept = {c.id: c for c in named.seated(ANA).codings(coders=["ana"])}
    key = key_of(study)
    key.set_names("\n".join(TWENTY))
    replaced(study, key)
    assert study.check() == []
    text = study.transcript("P04")
    assert text.source_name == "P04.docx"
    assert text.facts == {"mode": "video"}
    assert {turn.speaker for turn in text.turns} == {"I", "P04"}
    # The codings went with their words.
    for coding in named.seated(ANA).codings(coders=["ana"]):
        assert coding.quote == named.transcript(coding.transcript).text[coding.span.slice]
        assert coding.id in kept
        assert "[colleague" in coding.quote
    folder = tmp_path / "exports"
    folder.mkdir()
    for name, data in everything(study, folder).items():
        assert seen_in(words, data) == set(), name
    assert seen_in(words, key.path.read_bytes()) == set()
    # One person, one replacement, in full, by surname and in every transcript; the key tells who.
    for name in TWENTY:
        made = {e.replacement for e in key.entries if name.split()[-1] in e.name and e.start}
        assert len(made) == 1, name
    assert len({e.replacement for e in key.entries if e.start}) == 20


def test_copies_from_before_hold_the_names_until_they_are_deleted(named: Study) -> None:
    study = named.seated(LEA)
    old = backups.make(study.path)
    key = key_of(study)
    key.set_names("\n".join(TWENTY))
    replaced(study, key)
    assert seen_in(["Penhaligon"], old.path.read_bytes()) == {"Penhaligon"}
    new = study.make_copy()
    with pytest.raises(NotAllowed, match="Only a data steward"):
        study.seated(ANA).delete_copies(old.name)
    study.delete_copies(old.name)
    assert [copy.name for copy in study.copies()] == [new]
    for copy in backups.copies(study.path):
        assert seen_in(["Penhaligon"], copy.path.read_bytes()) == set()
    (line,) = study.history("copies_delete")
    assert line["details"] == {"copies": [old.name]}
    assert study.check() == []


# -- deciding ----------------------------------------------------------------------------------


def one(text: str, title: str = "P01") -> Transcript:
    return interview(title, text)


def test_decisions_are_in_the_key_alone_and_are_there_again_when_it_is_opened(study: Study) -> None:
    study.add(one("Helen Okafor and Helen Okafor came. I rang 416-555-0134."))
    key = key_of(study)
    key.set_names("Helen Okafor; mentor")
    (found,) = scans(study, key)
    first, second, phone = found.hits
    assert same_words(first, found.hits) == (first, second)
    decide(key, same_words(first, found.hits), "replace", who="lea", at="2025")
    decide(key, [phone], "keep", who="lea", at="2026")
    assert seen_in(["416-555-0134"], study.path.read_bytes()) <= {"416-555-0134"}
    again = KeyFile.open(key.path, PASSPHRASE, who="lea", at="2027", study=study.setting("id"))
    assert [(d.hit, d.action) for d in decisions([found], again)] == [
        (first, "replace"),
        (second, "replace"),
        (phone, "keep"),
    ]
    again.keep({phone.id: None})
    assert progress(found, again).undecided == 1


def test_what_is_kept_stays_decided_when_its_place_moves(study: Study) -> None:
    study.add(one("Helen Okafor is here. Will she ring 416-555-0134?"))
    key = key_of(study)
    key.set_names("Helen Okafor")
    (found,) = scans(study, key)
    name, phone = found.hits
    decide(key, [name], "replace", who="lea", at="2025", exactly="[a very senior colleague]")
    decide(key, [phone], "keep", who="lea", at="2025")
    assert write(study, key, found, known=replacements([found], key)) == 2
    (after,) = scans(study, key)
    assert "[a very senior colleague] is here" in after.transcript.text
    assert [hit.text for hit in after.hits] == ["416-555-0134"]
    assert progress(after, key).is_clean


def test_nothing_is_written_while_a_hit_is_undecided(study: Study) -> None:
    study.add(one("Helen Okafor is here. I rang 416-555-0134."))
    key = key_of(study)
    key.set_names("Helen Okafor")
    (found,) = scans(study, key)
    decide(key, found.hits[:1], "replace", who="lea", at="2025")
    with pytest.raises(BadCommand, match="1 identifier that nobody has decided on"):
        write(study, key, found, known=replacements([found], key))
    assert study.transcript("P01") == found.transcript
    assert key.entries == ()


def test_the_names_are_in_the_key_before_the_text_loses_them(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    study.add(one("Helen Okafor is here."))
    key = key_of(study)
    key.set_names("Helen Okafor")
    (found,) = scans(study, key)
    decide(key, found.hits, "replace", who="lea", at="2025")
    known = replacements([found], key)

    def cut_off(*args: object, **kwargs: object) -> int:
        raise OSError("The machine stopped here")

    with monkeypatch.context() as patch:
        patch.setattr(Study, "revise", cut_off)
        with pytest.raises(OSError, match="stopped here"):
            write(study, key, found, known=known)
    assert [entry.name for entry in key.entries] == ["Helen Okafor"]
    assert study.transcript("P01").text == found.transcript.text
    (found,) = scans(study, key)
    write(study, key, found, known=replacements([found], key))  # once more, and no entry twice
    assert [entry.name for entry in key.entries] == ["Helen Okafor"]
    assert "[colleague 1] is here" in study.transcript("P01").text


def test_pseudonyms_are_one_for_a_person_in_all_transcripts_and_no_hits_themselves(
    study: Study,
) -> None:
    study.add(one("Helen Okafor helped me."), one("I asked Okafor about it.", "P02"))
    key = key_of(study)
    key.set_names("Helen Okafor")
    key.set_style("pseudonym")
    replaced(study, key)
    first, second = (text.text.partition("\n")[2] for text in study.transcripts())
    pseudonym = first.split()[0]
    assert first == f"{pseudonym} helped me."
    assert second == f"I asked {pseudonym} about it."
    assert all(not each.hits for each in scans(study, key))


def test_a_name_beside_the_text_may_stay_by_decision(study: Study) -> None:
    text = one("It is fine.")
    turns = (text.turns[0], replace(text.turns[1], speaker="Maria"))
    study.add(replace(text, turns=turns))
    key = key_of(study)
    (found,) = scans(study, key)
    (label,) = open_beside(found, key)
    assert (label, proposed_beside(found.transcript, label)) == (
        Elsewhere("speaker", "Maria"),
        "P01",
    )
    assert not progress(found, key).is_clean
    assert write(study, key, found, known={}, beside={label: "Maria"}) is None
    assert beside_id(found.transcript, label) in key.kept
    assert progress(scans(study, key)[0], key).is_clean


def test_a_hit_keeps_to_its_key(study: Study, tmp_path: Path) -> None:
    """The key of another study, a wrong passphrase and a damaged key: one sentence each."""
    key = key_of(study)
    with pytest.raises(NotAllowed, match="is the key of another study"):
        KeyFile.open(key.path, PASSPHRASE, who="lea", at="2025", study="another")
    with pytest.raises(NotAllowed, match="does not open"):
        KeyFile.open(key.path, "four walnuts", who="lea", at="2025", study=study.setting("id"))


def test_a_release_waits_until_all_is_decided_and_written(two_coders: Study) -> None:
    study = two_coders.seated(LEA)
    study.add(one("Helen Okafor is here.", "P09"))
    study.hold_texts_back(True)
    key = key_of(study)
    key.set_names("Helen Okafor")
    found = next(each for each in scans(study, key) if each.transcript.title == "P09")
    with pytest.raises(NotAllowed, match="1 identifier that nobody has decided on"):
        release(study, key, found, signed="Sue")
    decide(key, found.hits, "replace", who="lea", at="2025")
    with pytest.raises(NotAllowed, match="1 name still to be replaced"):
        release(study, key, found, signed="Sue")
    write(study, key, found, known=replacements([found], key))
    found = next(each for each in scans(study, key) if each.transcript.title == "P09")
    assert release(study, key, found, signed=" Sue  Stern ") == 2
    kept = study.releases()[found.transcript.id]
    assert (kept.signed, kept.number, kept.found, kept.carried) == ("Sue Stern", 2, 1, False)
    told = study.history("release")[-1]
    assert told["details"] == {"number": 2, "found": 1}
    assert "Sue" not in str(told)
    assert "Okafor" not in str(told)


def test_hits_of_a_list_are_found_whatever_the_language(study: Study) -> None:
    study.add(replace(one("李明 kam heute."), facts={"language": "de"}))
    key = key_of(study)
    key.set_names("李明")
    (found,) = scans(study, key)
    hits: tuple[Hit, ...] = found.hits
    assert [(hit.text, hit.span) for hit in hits] == [("李明", Span(11, 13))]
