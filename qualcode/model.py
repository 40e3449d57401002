"""What a study is made of: frozen values that refuse nonsense when they are made.

The same thing has the same name here, in the study file, on the screens and in the exports.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date as Date
from datetime import datetime
from typing import Literal, overload

from qualcode.errors import BadCoding, BadCommand
from qualcode.languages import count
from qualcode.spans import Span

TurnRole = Literal["participant", "interviewer", "other"]
TURN_ROLES: tuple[TurnRole, ...] = ("participant", "interviewer", "other")
Role = Literal["lead", "coder", "author", "steward", "auditor"]
ROLES: tuple[Role, ...] = ("lead", "coder", "author", "steward", "auditor")
Outcome = Literal["a", "b", "both", "neither", "new"]
OUTCOMES: tuple[Outcome, ...] = ("a", "b", "both", "neither", "new")
DifferenceKind = Literal["boundary", "choice", "omission"]
DATE_FORMATS = ("%Y-%m-%d", "%d %b %Y", "%d %B %Y", "%B %d, %Y", "%d.%m.%Y")
RoundKind = Literal["pilot", "main", "repeat"]
ROUND_KINDS: tuple[RoundKind, ...] = ("pilot", "main", "repeat")
AssignmentState = Literal["assigned", "in_progress", "submitted", "reopened", "withdrawn"]
MAIN = "main"
"""The id of the round whose figures are the study's; every study has it."""
CONSENSUS = "consensus"
"""The layer of settled codings; no coder can have this name."""
OWNER = "owner"
"""Who the history names when the file is changed without a seat; nobody can sign in so."""


def new_id() -> str:
    """An identifier made once; it survives renaming, merging and export."""
    return str(uuid.uuid4())


def _text(value: str, what: str, limit: int) -> None:
    if not isinstance(value, str) or not value.strip():
        raise BadCommand(f"A {what} cannot be empty.")
    if len(value) > limit:
        raise BadCommand(f"A {what} has at most {limit} characters; this one has {len(value)}.")


@dataclass(frozen=True)
class Turn:
    """One speaker's stretch of a transcript; the label is not part of the text.

    ``at`` is the time in the recording as hh:mm:ss, where the file gives one.
    """

    speaker: str
    role: TurnRole
    span: Span
    at: str | None = None


@dataclass(frozen=True)
class Removal:
    """A piece of the source file that did not become text, and why."""

    text: str
    reason: str


@dataclass(frozen=True)
class Transcript:
    """One interview's text, fixed at import: ``text[start:end]`` is always the quotation.

    Turns are in order and do not overlap; between two turns stands one newline. ``source_sha256``
    is the digest of the file as it came, by which the same file is known again.
    """

    title: str
    text: str
    turns: tuple[Turn, ...]
    source_name: str = ""
    source_format: str = ""
    source_sha256: str = ""
    participant: str | None = None
    removals: tuple[Removal, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        _text(self.title, "transcript's title", 200)
        if re.search("[\r\x00\ud800-\udfff]", self.text):
            raise BadCommand(
                f"The text of {self.title} holds a raw line end, a null or half a character."
            )
        end = 0
        for turn in self.turns:
            if turn.span.start < end or turn.span.end > len(self.text):
                raise BadCommand(f"The turns of {self.title} overlap or leave the text.")
            if turn.role not in TURN_ROLES:
                raise BadCommand(f"“{turn.role}” is not a speaker’s role in {self.title}.")
            end = turn.span.end

    @property
    def sha256(self) -> str:
        """Digest of the text in UTF-8: two transcripts with one digest have the same words."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()

    @property
    def person(self) -> str:
        """The participant's id: the one given, or one made of the title."""
        if self.participant or len(self.title) <= 40:
            return self.participant or self.title
        return f"{self.title[:31]} {self.sha256[:8]}"  # long titles that begin alike are two people

    @property
    def participant_turns(self) -> tuple[Turn, ...]:
        return tuple(turn for turn in self.turns if turn.role == "participant")

    @property
    def words(self) -> int:
        """Words in the text, labels not counted; of scripts without blanks, the characters."""
        return count(self.text).total

    @property
    def interview_date(self) -> Date | None:
        """The day of the interview as typed in the facts, or None; never the day of import.

        >>> Transcript("P01", "", (), facts={"interview_date": "3 May 2025"}).interview_date
        datetime.date(2025, 5, 3)
        """
        typed = self.facts.get("interview_date", "").strip()
        for form in DATE_FORMATS:
            try:
                return datetime.strptime(typed, form).date()
            except ValueError:
                continue
        return None

    @property
    def duration_minutes(self) -> float | None:
        """Minutes as typed in the facts, or None: never guessed from the word count."""
        try:
            minutes = float(self.facts["duration_min"])
        except (KeyError, ValueError):
            return None
        return minutes if 0 <= minutes < math.inf else None

    def turn_at(self, position: int) -> Turn | None:
        """The turn that holds this character, or None between turns."""
        for turn in self.turns:
            if turn.span.start <= position < turn.span.end:
                return turn
        return None


@dataclass(frozen=True)
class Participant:
    """A person interviewed, by pseudonym, with attributes (the case)."""

    id: str
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)
    quote_consent: Literal["yes", "no", "id_only"] = "yes"
    status: Literal["included", "withdrew"] = "included"

    def __post_init__(self) -> None:
        _text(self.id, "participant's id", 40)
        if self.quote_consent not in ("yes", "no", "id_only"):
            raise BadCommand(
                f"Consent to quote {self.id} is “{self.quote_consent}”; write yes, no or id_only."
            )
        if self.status not in ("included", "withdrew"):
            raise BadCommand(
                f"The status of {self.id} is “{self.status}”; write included or withdrew."
            )


@dataclass(frozen=True)
class Code:
    """A label with its rule: the six fields of MacQueen et al. (1998) and its place in the tree."""

    id: str
    name: str
    parent: str | None = None
    kind: Literal["theme", "category", "code"] = "code"
    codable: bool = True
    brief_definition: str = ""
    full_definition: str = ""
    when_to_use: str = ""
    when_not_to_use: str = ""
    example: str = ""
    origin: Literal["a_priori", "from_data", "from_guide", "machine_suggested"] = "a_priori"
    source_note: str = ""
    facets: str = ""
    color: str = "#6b7280"
    order: int = 0


@dataclass(frozen=True)
class Coding:
    """One code put on one span of a transcript by one coder, with the words it covers.

    ``uncertain`` is the coder's own mark of a doubt, to be looked at again before submitting.
    """

    transcript: str
    coder: str
    code: str
    span: Span
    quote: str
    memo: str = ""
    codebook_version: str = ""
    made_at: str = ""
    came_from: tuple[str, ...] = ()
    id: str = field(default_factory=new_id)
    round: str = MAIN
    uncertain: bool = False

    def __post_init__(self) -> None:
        if len(self.quote) != self.span.length:
            raise BadCoding(
                f"The quotation has {len(self.quote)} characters and its span {self.span.length}; "
                "select the passage again."
            )


def sealed_digest(codings: Iterable[Coding]) -> str:
    """What seals submitted codings: a digest of their ids, codes, places and memos, in no order."""
    told = sorted(
        [c.id, c.code, str(c.span.start), str(c.span.end), c.memo, str(int(c.uncertain))]
        for c in codings
    )
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode("utf-8")).hexdigest()


@dataclass(frozen=True)
class CodingSet(Sequence[Coding]):
    """The codings of one round together with what makes them comparable.

    ``sealed`` holds the (coder, transcript id) pairs that were submitted: only there does the
    absence of a coding mean "no". ``open`` holds the pairs that are still being coded. ``codes``
    are all codes of the codebook, used or not, with the themes that group them. ``not_blind``
    tells for each transcript id that was not coded blind why: it is no evidence of agreement.
    """

    codings: tuple[Coding, ...] = ()
    sealed: frozenset[tuple[str, str]] = frozenset()
    open: frozenset[tuple[str, str]] = frozenset()
    codes: tuple[Code, ...] = ()
    not_blind: Mapping[str, str] = field(default_factory=dict, hash=False)

    @overload
    def __getitem__(self, index: int) -> Coding: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Coding, ...]: ...
    def __getitem__(self, index: int | slice) -> Coding | tuple[Coding, ...]:
        return self.codings[index]

    def __len__(self) -> int:
        return len(self.codings)

    def __iter__(self) -> Iterator[Coding]:
        return iter(self.codings)


@dataclass(frozen=True)
class Round:
    """A round of blind coding: who codes what, under one codebook version.

    ``kind`` is ``pilot`` (to try the codebook; its figures are never the study's), ``main``, or
    ``repeat`` (transcripts coded once more: drift, or a changed definition). ``version`` is the
    codebook version the round is held to; empty where it follows the newest. ``gives_all`` is
    true where every new transcript and every new coder is given everything.
    """

    id: str
    name: str
    kind: RoundKind
    version: str = ""
    gives_all: bool = False
    closed_note: str | None = None
    made_at: str = ""

    def __post_init__(self) -> None:
        _text(self.name, "round's name", 100)
        if self.kind not in ROUND_KINDS:
            raise BadCommand(
                f"“{self.kind}” is no kind of round; write {' or '.join(ROUND_KINDS)}."
            )

    @property
    def is_closed(self) -> bool:
        return self.closed_note is not None


@dataclass(frozen=True)
class Assignment:
    """One transcript given to one coder in one round, and how far it is.

    ``seen`` and ``turns`` count participant turns that have been on the coder's screen, and all.
    ``not_blind`` says why the coder was not blind here, if so: discussed, or reopened afterwards.
    ``offline`` is when the coder took it away in a package, until it comes back.
    """

    transcript: str
    coder: str
    state: AssignmentState
    submitted_at: str | None = None
    round: str = MAIN
    position: int = 0
    seen: int = 0
    turns: int = 0
    not_blind: str = ""
    offline: str | None = None

    @property
    def is_open(self) -> bool:
        """True while the coder still has work to do here."""
        return self.state in ("assigned", "in_progress", "reopened")


@dataclass(frozen=True)
class Member:
    """Somebody of the team: ``name`` is the sign-in name, ``display`` what the screen shows."""

    name: str
    roles: frozenset[Role]
    display: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w.@+-]{1,60}", self.name) or self.name.casefold() == CONSENSUS:
            raise BadCommand(
                f"“{self.name[:60]}” cannot be a sign-in name: "
                "use letters, digits and . @ + - _ only."
            )
        if self.name.casefold() == OWNER:
            raise BadCommand(f"“{self.name}” is taken by the program; choose another name.")
        if len(self.display) > 100:
            raise BadCommand("A name on the screen has at most 100 characters; shorten it.")
        if not self.roles or not self.roles <= set(ROLES):
            raise BadCommand(f"A role is one of {', '.join(ROLES)}.")

    @property
    def label(self) -> str:
        return self.display or self.name


@dataclass(frozen=True)
class Seat:
    """Who is asking: every read and write of the app names its seat."""

    name: str
    roles: frozenset[Role]

    @property
    def is_lead(self) -> bool:
        return "lead" in self.roles

    @property
    def is_coder(self) -> bool:
        return "coder" in self.roles

    @property
    def reads_only_results(self) -> bool:
        """True for an author, who has no part in the coding: the consensus is what they read."""
        return "author" in self.roles and not self.roles & {"lead", "coder", "auditor"}


@dataclass(frozen=True)
class Difference:
    """A place where two coders part.

    ``a`` and ``b`` are the codings of the first and the second coder that it is about; either is
    None for an omission. ``sibling`` is true for a choice between two codes with one parent.
    """

    transcript: str
    kind: DifferenceKind
    coders: tuple[str, str]
    a: Coding | None
    b: Coding | None
    sibling: bool = False

    @property
    def id(self) -> str:
        """The same codings make the same id, on every machine and in every later version.

        An omission is also of the coder who left it out: with three coders there may be two.
        """
        codings = [coding.id for coding in (self.a, self.b) if coding is not None]
        return difference_id(codings + list(self.coders) * (len(codings) == 1))

    @property
    def span(self) -> Span:
        """From the first character to the last that either coder coded."""
        spans = [coding.span for coding in (self.a, self.b) if coding is not None]
        return Span(min(s.start for s in spans), max(s.end for s in spans))


def difference_id(codings: Iterable[str]) -> str:
    """The id of the difference between these codings."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "qualcode:difference:" + ",".join(sorted(codings))))


@dataclass(frozen=True)
class Decision:
    """What was settled about one difference: who, when, why, and the codings that follow.

    ``settles`` are the ids of the coders' codings it is about; ``result`` the consensus codings it
    makes (none for "neither"). The coders' own codings are never altered by it.
    """

    difference: str
    transcript: str
    kind: DifferenceKind
    outcome: Outcome
    reason: str
    settles: tuple[str, ...]
    result: tuple[Coding, ...]
    decided_by: str = ""
    decided_at: str = ""
    id: str = field(default_factory=new_id)


@dataclass(frozen=True)
class ThemeCandidate:
    """A grouping of passages proposed by the machine; a person turns it into a theme, or not.

    ``terms`` are (phrase, weight) from strongest to weakest; ``quotes`` typical passages from
    different people; ``codes`` (code id, share of the passages that carry it); ``stability`` is
    the mean share of resampled runs in which two of its passages fall together, less that of
    passages outside it, from -1 to 1.
    """

    number: int
    label: str
    terms: tuple[tuple[str, float], ...]
    passages: tuple[tuple[str, Span], ...]
    quotes: tuple[tuple[str, Span], ...]
    participants: tuple[str, ...]
    codes: tuple[tuple[str, float], ...]
    stability: float


@dataclass(frozen=True)
class Theme:
    """A pattern of shared meaning, named by a person."""

    name: str
    definition: str = ""
    codes: tuple[str, ...] = ()
    excerpts: tuple[tuple[str, Span], ...] = ()
    origin: Literal["from_codes", "machine_suggested"] = "from_codes"
    made_by: str = ""
    made_at: str = ""
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        _text(self.name, "theme's name", 200)


def as_role(value: str) -> Role:
    """The role of this name, refused in words if there is none."""
    if value not in ROLES:
        raise BadCommand(f"“{value}” is not a role; the roles are {', '.join(ROLES)}.")
    return value
