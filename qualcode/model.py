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
from functools import cached_property
from typing import Literal, overload

from qualcode.errors import BadCoding, BadCommand
from qualcode.languages import count
from qualcode.spans import Span

TurnRole = Literal["participant", "interviewer", "other"]
TURN_ROLES: tuple[TurnRole, ...] = ("participant", "interviewer", "other")
Role = Literal["lead", "coder", "author", "steward", "auditor"]
ROLES: tuple[Role, ...] = ("lead", "coder", "author", "steward", "auditor")
Letter = Literal["a", "b", "c", "d", "e", "f"]
LETTERS: tuple[Letter, ...] = ("a", "b", "c", "d", "e", "f")
"""The coders of a passage in their order: a decision for one of them is this letter."""
Outcome = Literal[
    "a", "b", "c", "d", "e", "f",
    "both", "neither", "new", "other", "code_needed", "defer", "undone",
]  # fmt: skip
OUTCOMES: tuple[Outcome, ...] = (
    *LETTERS, "both", "neither", "new", "other", "code_needed", "defer", "undone",
)  # fmt: skip
UNSETTLED: frozenset[Outcome] = frozenset({"code_needed", "defer", "undone"})
"""What was said about a passage that leaves it open."""
TRUE_DIFFERENCE = "true difference of reading"
DEFINITION_REASONS = ("definition unclear", "definitions overlap")
"""Reasons that speak of the codebook: three on one code or pair open an issue."""
REASONS = (
    "slip",
    *DEFINITION_REASONS,
    "context needed",
    TRUE_DIFFERENCE,
    "unit problem",
    "text problem",
)
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
    def language(self) -> str:
        """The language of the text as a tag (“de”, “pt-BR”), or "" where nobody has said."""
        return self.facts.get("language", "").strip()

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
    """A label with its rule: the six fields of MacQueen et al. (1998) and its place in the tree.

    ``status`` is ``draft`` while it is being written, ``active``, or ``retired``: kept for what was
    coded with it, and put on text no more.
    """

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
    status: Literal["draft", "active", "retired"] = "active"

    @property
    def usable(self) -> bool:
        """True where it may be put on text."""
        return self.codable and self.status == "active"


@dataclass(frozen=True)
class Coding:
    """One code put on one span of a transcript by one coder, with the words it covers.

    ``uncertain`` is the coder's own mark of a doubt, to be looked at again before submitting.
    ``search`` is the id of the search whose hit it is (machine origin); empty where the coder
    marked the words.
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
    search: str = ""

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


Kept = Literal["all", "shared", "longest", "shortest"]
KEPT: tuple[Kept, ...] = ("all", "shared", "longest", "shortest")
SAME = 0.9
"""Two spans of one code agree when they share at least this part of their union."""


@dataclass(frozen=True)
class AgreedRule:
    """When codings of several coders count as one, and which span of theirs is then kept.

    ``same`` is the part of their union that two spans of one code share at least, 1 for identical
    spans only. ``keep`` is "all" from the first character of anybody to the last, "shared" only
    what everybody marked, "longest" or "shortest" one coder's span as it stands.
    """

    same: float = SAME
    keep: Kept = "all"

    def __post_init__(self) -> None:
        if not 0.5 <= self.same <= 1:
            raise BadCommand("Agreed spans share between 50 and 100 % of their characters.")
        if self.keep not in KEPT:
            raise BadCommand(f"“{self.keep}” is no span to keep; choose one of {', '.join(KEPT)}.")


@dataclass(frozen=True)
class CodingSet(Sequence[Coding]):
    """The codings of one round together with what makes them comparable.

    ``sealed`` holds the (coder, transcript id) pairs that were submitted: only there does the
    absence of a coding mean "no". ``open`` holds the pairs that are still being coded. ``codes``
    are all codes of the codebook, used or not, with the themes that group them. ``not_blind``
    tells for each transcript id that was not coded blind why: it is no evidence of agreement.
    ``rule`` is when the study counts spans as agreed.
    """

    codings: tuple[Coding, ...] = ()
    sealed: frozenset[tuple[str, str]] = frozenset()
    open: frozenset[tuple[str, str]] = frozenset()
    codes: tuple[Code, ...] = ()
    not_blind: Mapping[str, str] = field(default_factory=dict, hash=False)
    rule: AgreedRule = AgreedRule()

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
    true where every new transcript and every new coder is given everything. ``recode_blind`` is
    true where coders do not see each other's answers to a changed codebook before all are in;
    ``autocoding`` where its coders may code what a search finds.
    """

    id: str
    name: str
    kind: RoundKind
    version: str = ""
    gives_all: bool = False
    closed_note: str | None = None
    made_at: str = ""
    recode_blind: bool = True
    autocoding: bool = True

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

    @cached_property
    def id(self) -> str:
        """The same codings make the same id, on every machine and in every later version.

        An omission is also of the coder who left it out: with three coders there may be two.
        """
        codings = [coding.id for coding in (self.a, self.b) if coding is not None]
        return difference_id(codings + list(self.coders) * (len(codings) == 1))

    @cached_property
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
    makes (none for "neither"). The coders' own codings are never altered by it. ``also`` are the
    other differences of the same passage, settled by the same act; ``coders`` who coded it, in the
    order of the outcome's letters; ``blind`` whether who coded what was hidden from the decider;
    ``version`` the codebook version under which it was decided.
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
    also: tuple[str, ...] = ()
    coders: tuple[str, ...] = ()
    blind: bool = False
    version: str = ""

    @property
    def covers(self) -> tuple[str, ...]:
        """The ids of all differences that it is about."""
        return (self.difference, *self.also)

    @property
    def is_settling(self) -> bool:
        """False for what was put off, waits for a code, or was undone."""
        return self.outcome not in UNSETTLED

    @property
    def reason_kind(self) -> str:
        """The reason from the list, or "" where it was written freely."""
        kind = self.reason.partition(":")[0].strip()
        return kind if kind in REASONS else ""

    @property
    def memo(self) -> str:
        """The free words of the reason."""
        return self.reason.partition(":")[2].strip() if self.reason_kind else self.reason.strip()


@dataclass(frozen=True)
class CodebookIssue:
    """What was decided about a code or pair of codes whose definition parted the coders.

    ``codes`` are one code, or two that were taken for one another; ``wording`` what the definition
    should say; ``differences`` how many there were when it was decided.
    """

    codes: tuple[str, ...]
    decision: str
    wording: str = ""
    differences: int = 0
    decided_by: str = ""
    decided_at: str = ""
    version: str = ""
    id: str = field(default_factory=new_id)


@dataclass(frozen=True)
class ThemeCandidate:
    """A grouping of passages proposed by the machine; a person turns it into a theme, or not.

    ``terms`` are (phrase, weight) from strongest to weakest; ``quotes`` typical passages from
    different people; ``codes`` (code id, share of the passages that carry it); ``stability`` is
    the mean share of resampled runs in which two of its passages fall together, less that of
    passages outside it, from -1 to 1. ``edge`` are passages that hardly belong; ``within`` is the
    number of the candidate of the next coarser view that holds it, 0 in the coarsest. ``why`` is
    one sentence of what its passages have in common, with the weights of its terms.
    """

    number: int
    label: str
    terms: tuple[tuple[str, float], ...]
    passages: tuple[tuple[str, Span], ...]
    quotes: tuple[tuple[str, Span], ...]
    participants: tuple[str, ...]
    codes: tuple[tuple[str, float], ...]
    stability: float
    edge: tuple[tuple[str, Span], ...] = ()
    within: int = 0
    why: str = ""


ThemeState = Literal["candidate", "reviewed", "defined", "in_report"]
THEME_STATES: tuple[ThemeState, ...] = ("candidate", "reviewed", "defined", "in_report")


@dataclass(frozen=True)
class Theme:
    """A pattern of shared meaning, named by a person.

    ``scope_in`` and ``scope_out`` say what it includes and leaves out, ``relations`` how it stands
    to other themes; ``parent`` is the id of the theme it is a part of. Each change of its words or
    codes is a ``version``, and ``agreed`` are the members who agreed to this one.
    """

    name: str
    definition: str = ""
    codes: tuple[str, ...] = ()
    excerpts: tuple[tuple[str, Span], ...] = ()
    origin: Literal["from_codes", "machine_suggested"] = "from_codes"
    made_by: str = ""
    made_at: str = ""
    id: str = field(default_factory=new_id)
    scope_in: str = ""
    scope_out: str = ""
    kind: Literal["major", "minor"] = "major"
    state: ThemeState = "candidate"
    parent: str = ""
    relations: str = ""
    version: int = 1
    changed_by: str = ""
    changed_at: str = ""
    agreed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _text(self.name, "theme's name", 200)
        if self.kind not in ("major", "minor") or self.state not in THEME_STATES:
            raise BadCommand(
                f"A theme is major or minor, and its state one of {', '.join(THEME_STATES)}."
            )


def as_role(value: str) -> Role:
    """The role of this name, refused in words if there is none."""
    if value not in ROLES:
        raise BadCommand(f"“{value}” is not a role; the roles are {', '.join(ROLES)}.")
    return value


AttributeKind = Literal["choice", "band", "number", "date", "text"]
LONGEST_ATTRIBUTE = 2_000
"""A question of a survey may name an attribute; forms and tables of people ask for 60 at most."""
ATTRIBUTE_KINDS: tuple[AttributeKind, ...] = ("choice", "band", "number", "date", "text")


@dataclass(frozen=True)
class Attribute:
    """What is known of each participant or, with ``of``, of each interview: a name and its kind.

    A choice or a band has its allowed values, in order; the other kinds have none.

    >>> Attribute("years_band", "band", ("0-4", "5-9")).problem("7")
    'is none of 0-4, 5-9'
    """

    name: str
    kind: AttributeKind = "text"
    values: tuple[str, ...] = ()
    of: Literal["participant", "transcript"] = "participant"

    def __post_init__(self) -> None:
        _text(self.name, "name of an attribute", LONGEST_ATTRIBUTE)
        if self.kind not in ATTRIBUTE_KINDS or self.of not in ("participant", "transcript"):
            raise BadCommand(
                f"The attribute {self.name} is of kind “{self.kind}”; "
                f"choose one of {', '.join(ATTRIBUTE_KINDS)}."
            )
        if self.kind in ("choice", "band"):
            if not self.values:
                raise BadCommand(f"The attribute {self.name} needs its allowed values.")
            if len({value.casefold() for value in self.values}) < len(self.values):
                raise BadCommand(f"A value of the attribute {self.name} is named twice.")
            for value in self.values:
                _text(value, f"value of {self.name}", 200)
        elif self.values:
            raise BadCommand(
                f"The attribute {self.name} is of kind {self.kind}, which has no list of values; "
                "make it a choice or a band."
            )

    def problem(self, value: str) -> str:
        """Why this cannot be a value of the attribute, or ""; nothing known is no problem."""
        if not value:
            return ""
        if self.kind in ("choice", "band") and value not in self.values:
            return f"is none of {', '.join(self.values)}"
        try:
            if self.kind == "number" and not math.isfinite(float(value)):
                return "is no number"
        except ValueError:
            return "is no number"
        try:
            if self.kind == "date":
                Date.fromisoformat(value)
        except ValueError:
            return "is no day such as 2025-03-04"
        return ""


PermissionAnswer = Literal["", "yes", "no"]
PERMISSIONS = ("record", "share", "recontact")


@dataclass(frozen=True)
class Consent:
    """What one participant permitted beside being quoted; "" where they were not asked.

    ``form`` names the version of the consent form; ``signed_on`` and ``deadline`` (until when a
    withdrawal takes everything out) are days as 2025-03-04.
    """

    participant: str
    record: PermissionAnswer = ""
    share: PermissionAnswer = ""
    recontact: PermissionAnswer = ""
    form: str = ""
    signed_on: str = ""
    deadline: str = ""

    def __post_init__(self) -> None:
        for name in PERMISSIONS:
            if getattr(self, name) not in ("", "yes", "no"):
                raise BadCommand(
                    f"What {self.participant} answered to “{name}” is yes, no, or left empty."
                )
        if len(self.form) > 100:
            raise BadCommand("The name of a consent form has at most 100 characters.")
        for day in (self.signed_on, self.deadline):
            _day(day, f"the consent of {self.participant}")


ApproachOutcome = Literal[
    "completed", "declined", "no_reply", "ineligible", "withdrew_before", "withdrew_after"
]
APPROACH_OUTCOMES: tuple[ApproachOutcome, ...] = (
    "completed", "declined", "no_reply", "ineligible", "withdrew_before", "withdrew_after",
)  # fmt: skip


@dataclass(frozen=True)
class Approach:
    """One person asked to take part: how, when, what came of it; ``participant`` by pseudonym."""

    channel: str
    outcome: ApproachOutcome
    reason: str = ""
    date: str = ""
    participant: str = ""
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        _text(self.channel, "channel of recruitment", 100)
        if self.outcome not in APPROACH_OUTCOMES:
            raise BadCommand(
                f"“{self.outcome}” is no outcome of recruitment; "
                f"choose one of {', '.join(APPROACH_OUTCOMES)}."
            )
        if len(self.reason) > 300 or len(self.participant) > 40:
            raise BadCommand("A reason has at most 300 characters, a pseudonym at most 40.")
        _day(self.date, "the recruitment log")


def _day(words: str, where: str) -> None:
    try:
        if words:
            Date.fromisoformat(words)
    except ValueError as error:
        raise BadCommand(
            f"“{words[:40]}” in {where} is not a day; write it as 2025-03-04."
        ) from error
