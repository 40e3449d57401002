"""Who asks and who answers: a proposal for each speaker, for a person to confirm."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from qualcode.model import TurnRole
from qualcode.transcripts.labels import key_of, role_word
from qualcode.transcripts.words import ASKING_WORDS, OTHER_WORDS, PARTICIPANT_WORDS

ASKS_OFTEN = 0.5
"""A speaker of whose turns at least this share ends with a question asks rather than answers."""
ASKS_SOMETIMES = 0.2
"""Beside somebody who says most, this share is enough."""
ASKS_MORE = 3
"""Of two speakers, one who asks so many times as often as the other is the interviewer."""
SAYS_MOST, SAYS_LITTLE = 0.6, 1 / 3
ENDING = 150
"""A question within so many characters of the end of a turn is put to the other person."""
FEWEST_TURNS = 3
TOP = 5_000
_INTERVIEWS = re.compile(
    r"\binterview(?:er|ers|ed by)\b[\s:：]{1,5}(?:is |was )?([^\n]{1,60})", re.IGNORECASE
)
UNCLEAR = "nothing clear: everybody is taken for a participant"
_EITHER = frozenset({"r", "m", "f"})


@dataclass
class _Speaker:
    """How much one speaker says and asks; ``length`` is in characters, as in every script."""

    label: str
    turns: int = 0
    questions: int = 0
    length: int = 0

    @property
    def asks(self) -> float:
        return self.questions / self.turns

    @property
    def length_a_turn(self) -> float:
        return self.length / self.turns


@dataclass(frozen=True)
class Roles:
    """The role of each speaker, by the key of its label, and what it was told from."""

    by_key: Mapping[str, TurnRole]
    ground: str


def propose_roles(turns: Sequence[tuple[str, str]], preamble: str) -> Roles:
    """The roles of the speakers of these (label, text) turns.

    A role word in a label decides; then what the lines before the first turn say about who
    interviews; then who asks questions in fewer words. Where that leaves doubt everybody is a
    participant, so that nobody's words are hidden from the coders.
    """
    speakers: dict[str, _Speaker] = {}
    for label, text in turns:
        speaker = speakers.setdefault(key_of(label), _Speaker(label))
        speaker.turns += 1
        speaker.questions += any(sign in text[-ENDING:] for sign in "?？؟")
        speaker.length += len(text)
    roles: dict[str, TurnRole] = {}
    for key, speaker in speakers.items():
        if role_word(speaker.label, OTHER_WORDS):
            roles[key] = "other"
        elif role_word(speaker.label, ASKING_WORDS):
            roles[key] = "interviewer"
        else:
            roles[key] = "participant"
    if "interviewer" in roles.values():
        return Roles(roles, "the labels")
    answering = {key for key, one in speakers.items() if role_word(one.label, PARTICIPANT_WORDS)}
    open_ = {
        key: speaker
        for key, speaker in speakers.items()
        if key and roles[key] == "participant" and key not in answering
    }
    # Beside participants, R is the researcher, M the moderator, F the facilitator.
    beside = [key for key in open_ if len(open_) == 1 or key in _EITHER] if answering else []
    if beside:
        return Roles({**roles, **dict.fromkeys(beside, "interviewer")}, "the labels")
    named = _named(preamble, {key: speaker.label for key, speaker in open_.items()})
    if named:
        return Roles({**roles, **dict.fromkeys(named, "interviewer")}, "the lines at the top")
    asking = _asking(speakers, open_)
    if asking:
        return Roles({**roles, **dict.fromkeys(asking, "interviewer")}, "who asks")
    return Roles(roles, UNCLEAR)


def _named(preamble: str, labels: Mapping[str, str]) -> list[str]:
    """The speakers of whom the top says “Interviewer: Ana Ruiz” or “interviewed by Ana Ruiz”."""
    said = [
        f"{match.group(1).casefold()} "
        for match in islice(_INTERVIEWS.finditer(preamble[:TOP]), 10)
    ]
    return [
        key
        for key, label in labels.items()
        if any(
            name.startswith(label.casefold()) and not name[len(label)].isalnum() for name in said
        )
    ]


def _asking(speakers: Mapping[str, _Speaker], open_: Mapping[str, _Speaker]) -> list[str]:
    """The speakers who ask; never all of them, and never the one who says most."""
    if not open_:
        return []
    whole = sum(speaker.length for speaker in speakers.values())
    turns = sum(speaker.turns for speaker in speakers.values())
    most = max(speakers.values(), key=lambda speaker: speaker.length)
    leads = most.length >= SAYS_MOST * whole
    asking = [
        key
        for key, speaker in open_.items()
        if speaker is not most
        and (
            (
                speaker.asks >= ASKS_OFTEN
                and speaker.turns >= FEWEST_TURNS
                and speaker.length_a_turn < whole / turns
            )
            or (leads and speaker.turns > 1 and speaker.asks >= max(ASKS_SOMETIMES, most.asks))
        )
    ]
    if asking or len(speakers) != 2 or len(open_) != 2:
        return asking
    less, more = sorted(open_.values(), key=lambda speaker: speaker.asks)
    if more.questions > 1 and more.asks >= ASKS_OFTEN and more.asks >= ASKS_MORE * less.asks:
        return [key_of(more.label)]
    other = next(speaker for speaker in open_.values() if speaker is not most)
    if leads and other.length < SAYS_LITTLE * whole and other.turns >= FEWEST_TURNS:
        return [key_of(other.label)]
    return []
