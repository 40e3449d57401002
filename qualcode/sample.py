"""The sample study: six fictional interviews, two coders, their codings; built from plain files."""

from __future__ import annotations

import csv
import os
import tomllib
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from qualcode.changes import CodeChange
from qualcode.codebook import Codebook
from qualcode.errors import AlreadyInStudy, BadCommand
from qualcode.model import Approach, Attribute, Member, Participant, Role, Seat, Transcript
from qualcode.spans import Span
from qualcode.store import Study, open_study
from qualcode.store.attributes import of_template
from qualcode.store.file import remove_study
from qualcode.templates import data_folder, load_template
from qualcode.transcripts import read_transcript

TEMPLATE = "mentorship_needs_assessment"
PEOPLE: tuple[tuple[str, str, Role], ...] = (
    ("ana", "Ana", "coder"),
    ("ben", "Ben", "coder"),
    ("lea", "Lea", "lead"),
)
TRANSCRIPT_FACTS = (
    "interview_date",
    "mode",
    "duration_min",
    "prior_relationship",
    "field_notes",
)


def build_sample(
    path: Path, *, uncoded: Collection[str] = (), replace_existing: bool = False
) -> Study:
    """Build the sample study at ``path``, both coders sealed, and leave it open.

    Parameters
    ----------
    uncoded
        Titles of transcripts that are left without codings and not submitted, for practice.
    replace_existing
        Whether a sample that stands at ``path`` may be replaced; nothing else ever is.
    """
    if path.exists():
        _refuse_to_replace(path, replace_existing=replace_existing)
    # Built beside and moved into place whole: two visitors may open the sample at once.
    beside = path.with_name(f".{uuid.uuid4().hex}.building")
    try:
        with open_study(beside, create=True, title="Sample") as study:
            _fill(study, uncoded)
        if path.exists():
            _refuse_to_replace(path, replace_existing=replace_existing)
            remove_study(path)
        os.replace(beside, path)
    finally:
        remove_study(beside)
    return open_study(path)


def _refuse_to_replace(path: Path, *, replace_existing: bool) -> None:
    if not replace_existing:
        raise AlreadyInStudy(f"There is a file at {path} already; choose another name.")
    with open_study(path) as old:
        if not old.is_sample:
            raise BadCommand(f"{path.name} is not the sample study, so it is not replaced.")


def _fill(study: Study, uncoded: Collection[str]) -> None:
    folder = data_folder("transcripts_sample")
    facts = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))
    people = _rows(folder / "participants.csv")
    interviewers = _interviewers(facts)
    transcripts = [
        _transcript(folder, row, interviewers) for row in people if row["status"] == "included"
    ]
    for name, display, role in PEOPLE:
        study.add_member(Member(name, frozenset({role}), display))
    study.set_codebook(load_template(TEMPLATE).codebook, note=f"template {TEMPLATE}")
    study.set_attributes(*_attributes())
    study.add(*[_participant(row) for row in people], *transcripts)
    asked = _rows(folder / "recruitment.csv")
    known = {row["id"] for row in people}
    study.set_recruitment(*[_approach(row, known) for row in asked])
    form = _form(facts, asked)
    study.settings.change({"title": facts["title"], "sample": "yes", **form})
    study.settings.set_team(_researchers(facts))
    _code(study, transcripts, _rows(folder / "codings.csv"), uncoded)


LIVED = (
    "Lived only: a wish or a plan is MEN-23, also where it is told beside something that existed."
)
WISHED = (
    "Wished or proposed only: what exists or existed is MEN-19, also where it serves as a model."
)


def second_version(book: Codebook) -> tuple[Codebook, tuple[CodeChange, ...]]:
    """The codebook of the sample with the change that its differences ask for, and what is said.

    Formal mentorship (MEN-19) is narrowed to what was lived, the proposed model (MEN-23) to what is
    wished; each earlier coding of the two is then to be confirmed or removed.
    """
    changed = [
        replace(book[code], full_definition=f"{book[code].full_definition} {words}")
        for code, words in (("MEN-19", LIVED), ("MEN-23", WISHED))
    ]
    said = tuple(CodeChange("narrow", code.id, note="Lived or wished?") for code in changed)
    return book.with_code(*changed), said


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _transcript(folder: Path, row: dict[str, str], interviewers: Mapping[str, str]) -> Transcript:
    (file,) = (f for f in folder.glob(f"{row['id']}.*"))
    transcript = read_transcript(file, participant=row["id"])
    facts = {key: row[key] for key in TRANSCRIPT_FACTS if row.get(key)}
    facts["interviewer"] = interviewers[row["interviewer"]]
    facts["returned"] = row["transcript_returned"]
    facts["others_present"] = "no"
    return replace(
        transcript,
        id=_id("transcript", row["id"]),
        facts={**transcript.facts, **facts},
    )


def _participant(row: dict[str, str]) -> Participant:
    kept = ("role", "group", "site", "years_band", "qi_training", "mentoring")
    return Participant(
        id=row["id"],
        attributes={key: row[key] for key in kept if row.get(key)},
        quote_consent=row["quote_consent"] or "no",  # type: ignore[arg-type]
        status=row["status"],  # type: ignore[arg-type]
    )


def _attributes() -> tuple[Attribute, ...]:
    """Those of the template; what people do is told in their own words here."""
    asked = of_template(load_template(TEMPLATE).attributes)
    return tuple(Attribute("role") if a.name == "role" else a for a in asked)


def _approach(row: Mapping[str, str], known: Collection[str]) -> Approach:
    return Approach(
        channel=row["channel"],
        outcome=row["outcome"],  # type: ignore[arg-type]
        reason=row["reason"],
        participant=row["id"] if row["id"] in known else "",
        id=_id("approach", row["id"]),
    )


def _code(
    study: Study,
    transcripts: Iterable[Transcript],
    codings: list[dict[str, str]],
    uncoded: Collection[str],
) -> None:
    for transcript in transcripts:
        if transcript.title in uncoded:
            continue
        for coder in ("ana", "ben"):
            seated = study.seated(Seat(coder, frozenset({"coder"})))
            applied = seated.apply(
                transcript.id,
                [
                    _operation(transcript, row, number)
                    for number, row in enumerate(codings)
                    if row["coder"] == coder and row["transcript"] == transcript.title
                ],
            )
            if applied.rejected:
                raise BadCommand(
                    f"The sample’s codings do not fit {transcript.title}: "
                    f"{applied.rejected[0]['reason']}"
                )
            seated.submit(transcript.id)


def _operation(transcript: Transcript, row: dict[str, str], number: int) -> dict[str, Any]:
    times = transcript.text.count(row["quote"])
    if times != 1:
        raise BadCommand(
            f"The sample’s codings.csv quotes words that stand {times} times in "
            f"{transcript.title}: “{row['quote'][:60]}”."
        )
    start = transcript.text.index(row["quote"])
    span = Span(start, start + len(row["quote"]))
    return {
        "op": "add",
        "op_id": _id("operation", str(number)),
        "quote": row["quote"],
        "coding": {
            "id": _id("coding", f"{row['coder']}-{number}"),
            "start": span.start,
            "end": span.end,
            "code": row["code"],
            "memo": "",
        },
    }


def _researchers(facts: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        {
            "initials": _initials(person["name"]),
            "name": person["name"],
            "credentials": person["credentials"],
            "occupation": person["occupation"],
            "gender": person["gender"],
            "experience": person["experience_and_training"],
            "role": ", ".join(person["roles"]),
            "reflexivity": person["reflexivity"],
        }
        for person in facts["team"]
    ]


def _interviewers(facts: Mapping[str, Any]) -> dict[str, str]:
    """The interviewer's mark in participants.csv → initials on the team page."""
    names = {person["id"]: person["name"] for person in facts["team"]}
    return {mark: _initials(names[person]) for mark, person in facts["interviewers"].items()}


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split())


def _form(facts: Mapping[str, Any], people: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The answers of the reporting form (``reports/form.py``) as the sample's files give them."""
    study, collected = facts["study"], facts["data_collection"]
    guide, recruited = facts["guide"], facts["recruitment"]
    reasons = Counter(
        row["reason"] or "no reason given" for row in people if row["outcome"] == "declined"
    )
    return {
        "approach": facts["approach"],
        "study.aims": "\n".join(study["aims"]),
        "study.setting": study["setting"],
        "study.approach": study["methodology"],
        "study.paradigm": study["orientation"],
        "study.sampling": f"{study['sampling']}. {study['sampling_detail']}",
        "study.disclosed_to_participants": study["disclosed_to_participants"],
        "recruitment.channels": study["method_of_approach"],
        "recruitment.approached": str(recruited["approached"]),
        "recruitment.declined": str(recruited["declined"]),
        "recruitment.declined_reasons": ", ".join(f"{what} {n}" for what, n in reasons.items()),
        "recruitment.no_reply": str(recruited["no_reply"]),
        "recruitment.withdrew": str(recruited["withdrew"]),
        "transcripts.recording": collected["recording"],
        "transcripts.transcription": (
            f"By {collected['transcribed_by']}; all checked against the audio"
        ),
        "saturation.position": collected["saturation"],
        "guide.version": guide["version"],
        "guide.questions": str(len(guide["questions"])),
        "guide.text": "\n".join(question["question"] for question in guide["questions"]),
        "guide.pilot": guide["pilot"],
        "transcripts_returned.count": str(facts["transcripts_returned"]["sent"]),
        "transcripts_returned.corrections": str(facts["transcripts_returned"]["corrections"]),
        "member_check.sent": str(facts["member_check"]["sent"]),
        "member_check.replied": str(facts["member_check"]["replied"]),
        "member_check.changes": str(facts["member_check"]["changes"]),
        "ethics.approval": study["ethics"],
        "report.group_attribute": "group",
    }


def _id(kind: str, name: str) -> str:
    """The same id in every sample study, so that examples and tests can name it."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"qualcode:sample:{kind}:{name}"))
