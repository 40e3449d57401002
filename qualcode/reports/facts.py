"""What a report may know of a study: gathered once, plain values, nothing from open coding."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date as Date
from functools import cached_property
from typing import Any, Protocol

from qualcode.claims import ThemeWork
from qualcode.codebook import Codebook
from qualcode.errors import QualcodeError
from qualcode.memos import Memo
from qualcode.model import (
    CONSENSUS,
    MAIN,
    Approach,
    Attribute,
    Code,
    CodebookIssue,
    Coding,
    CodingSet,
    Consent,
    Decision,
    Member,
    Participant,
    Round,
    Theme,
    Transcript,
)
from qualcode.queries.corpus import Corpus
from qualcode.queries.orders import codes_of
from qualcode.reconciliation.passages import Passage
from qualcode.reports.form import FORM_FIELDS
from qualcode.store.collecting import Guide, MemberCheck
from qualcode.store.likenesses import LikenessGiven
from qualcode.store.suggesting import MachineHelp

REFLEXIVE = "reflexive"
GROUP = "group"


PUBLISHED = "agreement"
"""What the lead publishes for the authors: {"sentence": …, "report": …}, as JSON."""


class StudyLike(Protocol):
    """What a report asks of a study."""

    @property
    def title(self) -> str: ...
    def setting(self, key: str, default: str = "") -> str: ...
    def answers(self, checklist: str) -> Mapping[str, Mapping[str, str]]: ...
    def team(self) -> Sequence[Mapping[str, str]]: ...
    def members(self) -> tuple[Member, ...]: ...
    def coders(self) -> tuple[str, ...]: ...
    def transcripts(self) -> tuple[Transcript, ...]: ...
    def participants(self) -> tuple[Participant, ...]: ...
    def consents(self) -> Mapping[str, Consent]: ...
    def recruitment(self) -> tuple[Approach, ...]: ...
    def attributes(self) -> tuple[Attribute, ...]: ...
    def guides(self) -> tuple[Guide, ...]: ...
    def member_checks(self) -> tuple[MemberCheck, ...]: ...
    def codebook(self) -> Codebook: ...
    def rounds(self) -> tuple[Round, ...]: ...
    def codings(self, *, round: str = MAIN) -> CodingSet: ...
    def current_codings(self) -> CodingSet: ...
    def decisions(self) -> tuple[Decision, ...]: ...
    def current_decisions(self) -> tuple[Decision, ...]: ...
    def codebook_issues(self) -> tuple[CodebookIssue, ...]: ...
    def themes(self) -> tuple[Theme, ...]: ...
    def theme_work(self) -> ThemeWork: ...
    def history(self) -> Sequence[Mapping[str, Any]]: ...
    def published(self, key: str) -> str: ...
    def memos(self) -> tuple[Memo, ...]: ...
    def machine_help(self) -> MachineHelp: ...
    def likenesses(self) -> tuple[LikenessGiven, ...]: ...


@dataclass(frozen=True)
class StudyFacts:
    """A study as its reports see it.

    People who withdrew are counted and otherwise left out. A transcript is ``closed`` when
    everybody who was given it has submitted it; only closed transcripts are analysed.
    """

    title: str
    form: Mapping[str, str]
    team: tuple[Mapping[str, str], ...]
    members: tuple[Member, ...]
    coders: tuple[str, ...]
    transcripts: tuple[Transcript, ...]
    participants: tuple[Participant, ...]
    withdrew: int
    codebook: Codebook
    codings: CodingSet
    decisions: tuple[Decision, ...]
    themes: tuple[Theme, ...]
    history: tuple[Mapping[str, Any], ...] = field(default=())
    published: Mapping[str, Any] = field(default_factory=dict)
    consents: Mapping[str, Consent] = field(default_factory=dict)
    recruitment: tuple[Approach, ...] = ()
    current: CodingSet | None = None
    """The codings as they are settled, where a changed codebook made them others than at first."""
    work: ThemeWork = field(default_factory=ThemeWork)
    attributes: tuple[Attribute, ...] = ()
    guides: tuple[Guide, ...] = ()
    member_checks: tuple[MemberCheck, ...] = ()
    memos: tuple[Memo, ...] = ()  # those that may be reported
    machine: MachineHelp = field(default_factory=MachineHelp)
    alike: frozenset[str] = frozenset()
    """What put the codings of passages that a machine found alike; see ``Coding.search``."""

    # -- people and interviews ---------------------------------------------------------------

    @cached_property
    def transcript(self) -> Mapping[str, Transcript]:
        return {transcript.id: transcript for transcript in self.transcripts}

    @cached_property
    def participant(self) -> Mapping[str, Participant]:
        return {person.id: person for person in self.participants}

    @property
    def in_order(self) -> tuple[Transcript, ...]:
        """Transcripts by interview date; those without a date keep their place at the end."""
        return tuple(sorted(self.transcripts, key=lambda t: t.interview_date or Date.max))

    def refused(self, permission: str) -> tuple[str, ...]:
        """The participants of the analysis who said no to this (record, share, recontact)."""
        return tuple(
            person.id
            for person in self.participants
            if person.id in self.consents and getattr(self.consents[person.id], permission) == "no"
        )

    @property
    def group_attribute(self) -> str:
        return self.form.get("report.group_attribute") or GROUP

    def group_of(self, person: str) -> str:
        """The group of a participant, or "" where none is recorded."""
        known = self.participant.get(person)
        return known.attributes.get(self.group_attribute, "").strip() if known else ""

    def label(self, coder: str) -> str:
        """How a coder is named in print: initials of the team page, else the name shown."""
        shown = next((member.label for member in self.members if member.name == coder), coder)
        wanted = {coder.casefold(), shown.casefold()}
        for names in (_whole_names, _first_name):
            matching = [p for p in self.team if wanted & {name.casefold() for name in names(p)}]
            if len(matching) == 1 and matching[0].get("initials", "").strip():
                return matching[0]["initials"].strip()
        return shown

    @property
    def approach(self) -> str:
        return self.form.get("study.approach", "")

    @property
    def is_reflexive(self) -> bool:
        """A reflexive analysis reports neither agreement nor saturation unless the authors do."""
        chosen = (self.form.get("approach", ""), self.approach)
        return any(REFLEXIVE in words.casefold() for words in chosen)

    @property
    def is_consensus_only(self) -> bool:
        """True where an author asks: the locked consensus is all that is read of the codings."""
        return {coder for coder, _ in self.codings.sealed} == {CONSENSUS}

    # -- coding ------------------------------------------------------------------------------

    @cached_property
    def closed(self) -> tuple[Transcript, ...]:
        """The transcripts whose coding is finished."""
        open_ones = {transcript for _, transcript in self.codings.open}
        sealed = {transcript for _, transcript in self.codings.sealed}
        return tuple(t for t in self.transcripts if t.id in sealed - open_ones)

    @property
    def coding_is_open(self) -> bool:
        return len(self.closed) < len(self.transcripts)

    def coders_of(self, transcript: str) -> tuple[str, ...]:
        """Who submitted this transcript, in the order of the team."""
        return tuple(c for c in self.coders if (c, transcript) in self.codings.sealed)

    @cached_property
    def twice(self) -> tuple[Transcript, ...]:
        """The closed transcripts that two or more coded."""
        return tuple(t for t in self.closed if len(self.coders_of(t.id)) > 1)

    def codings_of(
        self, transcripts: Sequence[Transcript], codings: CodingSet | None = None
    ) -> CodingSet:
        """The submitted codings of these transcripts, with the codes that can be put on text."""
        given = self.codings if codings is None else codings
        wanted = {transcript.id for transcript in transcripts}
        sealed = frozenset(pair for pair in given.sealed if pair[1] in wanted)
        return replace(
            given,
            codings=tuple(c for c in given if (c.coder, c.transcript) in sealed),
            sealed=sealed,
            open=frozenset(),
            codes=self.codebook.codable,
        )

    @cached_property
    def settled(self) -> tuple[Coding, ...]:
        """The consensus codings; where one coder coded alone, that coder's."""
        from qualcode.reconciliation import consensus

        once = [t for t in self.closed if t not in self.twice]
        settled = list(self.codings_of(once, self.current))
        settled += consensus(self.codings_of(self.twice, self.current), self.decisions)
        place = {transcript.id: n for n, transcript in enumerate(self.transcripts)}
        return tuple(sorted(settled, key=lambda c: (place[c.transcript], c.span, c.code)))

    @cached_property
    def codes_met(self) -> tuple[frozenset[str], ...]:
        """For each interview in order the codes settled in it, leaves of the codebook only."""
        across = Corpus(self.transcripts, self.settled, self.codebook.codes)
        return codes_of(across, self.in_order)

    @cached_property
    def by_search(self) -> tuple[int, int]:
        """(submitted codings that a search put and a coder accepted, submitted codings)."""
        submitted = self.codings_of(self.closed)
        found = sum(bool(c.search) and c.search not in self.alike for c in submitted)
        return found, len(submitted)

    @cached_property
    def by_likeness(self) -> int:
        """Submitted codings that a machine suggested as being like a code's own."""
        return sum(coding.search in self.alike for coding in self.codings_of(self.closed))

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """Where those who coded a transcript part; one is settled by one decision."""
        from qualcode.reconciliation import find_passages

        return find_passages(
            self.codings_of(self.twice, self.current),
            self.coders,
            transcripts=[t.id for t in self.twice],
            codes=self.codebook.codes,
        )

    @property
    def undecided(self) -> int:
        """How many of these nobody has settled yet."""
        from qualcode.reconciliation import progress

        done, total = progress(self.passages, self.decisions)
        return total - done

    @cached_property
    def agreement(self) -> Mapping[str, Any] | None:
        """Agreement before discussion as figures, or None where nothing was coded twice."""
        if not self.twice:
            return None
        from qualcode.agreement import compare_coders

        try:
            compared = compare_coders(self.twice, self.codings_of(self.twice), unit="turn")
        except QualcodeError:
            return None
        figures: Mapping[str, Any] = compared.to_dict()
        return figures

    @cached_property
    def snapshot(self) -> str:
        """Twelve characters that change with the data: two reports with one snapshot agree."""
        digest = hashlib.sha256()
        parts = [
            self.title,
            self.codebook.version,
            *sorted(t.sha256 for t in self.transcripts),
            *sorted(str(dict(t.facts)) for t in self.transcripts),
            *sorted(f"{p.id} {dict(p.attributes)} {p.quote_consent}" for p in self.participants),
            *sorted(c.id for c in self.codings_of(self.closed)),
            *sorted(d.id for d in self.decisions),
            *(f"{a.channel} {a.outcome} {a.reason}" for a in self.recruitment),
            *sorted(str(consent) for consent in self.consents.values()),
            *sorted(f"{t.id} {t.name} {t.definition} {t.codes}" for t in self.themes),
            *(str(replace(theme, agreed=())) for theme in self.themes if theme.version > 1),
            *([str(self.work)] if self.work != ThemeWork() else []),
            *(f"{key} {value}" for key, value in sorted(self.form.items())),
            *(str(sorted(person.items())) for person in self.team),
            *(str(attribute) for attribute in self.attributes),
            *(str(guide) for guide in self.guides),
            *(str(check) for check in self.member_checks),
            *(f"{memo.id} {memo.text}" for memo in self.memos),
            *([str(self.machine)] if self.machine != MachineHelp() else []),
        ]
        for part in parts:
            digest.update(part.encode("utf-8", errors="replace") + b"\0")
        return digest.hexdigest()[:12]

    def codes_under(self, code: str) -> tuple[Code, ...]:
        """The codes in use that stand under this one, at any depth; itself if it is one."""
        own = tuple(c for c in self.codebook.codes if c.id == code and c.usable)
        children = [c for c in self.codebook.codes if c.parent == code]
        return own + tuple(found for child in children for found in self.codes_under(child.id))


def _whole_names(person: Mapping[str, str]) -> set[str]:
    return {person.get(name, "").strip() for name in ("initials", "name")}


def _first_name(person: Mapping[str, str]) -> set[str]:
    return set(person.get("name", "").split()[:1])


def gather(study: StudyLike, form: Mapping[str, str] | None = None) -> StudyFacts:
    """Read a study once; what ``form`` holds stands before what is kept in the study."""
    people = study.participants()
    gone = {person.id for person in people if person.status == "withdrew"}
    transcripts = tuple(t for t in study.transcripts() if t.participant not in gone)
    present = {t.participant for t in transcripts}
    answers = {key: study.setting(key).strip() for key in FORM_FIELDS}
    # "approach" is the choice made when the study was set up, "study.approach" its words in print.
    answers["approach"] = study.setting("approach").strip()
    answers["study.approach"] = answers["study.approach"] or answers["approach"]
    answers |= {key: str(value).strip() for key, value in (form or {}).items()}
    return StudyFacts(
        title=study.title,
        form=answers,
        team=tuple(study.team()),
        members=study.members(),
        coders=study.coders(),
        transcripts=transcripts,
        participants=tuple(p for p in people if p.id in present),
        withdrew=len(gone),
        codebook=study.codebook(),
        codings=study.codings(),
        decisions=study.current_decisions(),
        current=study.current_codings(),
        themes=study.themes(),
        history=tuple(study.history()),
        published=json.loads(study.published(PUBLISHED) or "{}"),
        consents=study.consents(),
        recruitment=study.recruitment(),
        work=study.theme_work(),
        attributes=study.attributes(),
        guides=study.guides(),
        member_checks=tuple(c for c in study.member_checks() if c.participant not in gone),
        memos=tuple(memo for memo in study.memos() if memo.may_be_reported),
        machine=study.machine_help(),
        alike=frozenset(given.act for given in study.likenesses()),
    )
