"""Which beginnings of lines are speakers' labels, learned over the whole file.

A label counts when its word is a role (Interviewer, P03), or when it comes back: “Note:” or
“One thing:” inside somebody's speech is not a speaker, and a name in brackets stays text.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from qualcode.transcripts.marks import Form, Mark, labelled, unlabelled
from qualcode.transcripts.source import Line
from qualcode.transcripts.words import HEADER_WORDS, NOT_NAMES, PARTICLES, ROLE_WORDS, TITLES

MOST_WORDS = 4
RARE_LINES, MANY_LINES, TABBED_LINES, MOST_LINES = 0.05, 0.3, 0.4, 0.85
"""Shares of the lines that begin with a label, from which on it is believed."""
HEADER_LINES = 40
HEADER_LINE_WORDS = 25
Shape = Literal["role", "code", "name", "handle", ""]


@dataclass(frozen=True)
class Labels:
    """The labels of one file: how they are written, which they are, and which are in doubt.

    ``once`` are what looks like somebody's name, stands only once and stays text.
    """

    form: Form
    keys: frozenset[str]
    once: tuple[str, ...] = ()

    def mark(self, line: Line) -> Mark:
        """The line cut into its time, its label and its speech."""
        found = labelled(line, self.form) if self.keys else None
        if found is not None and found.label is not None and key_of(found.label) in self.keys:
            return found
        return unlabelled(line)


def key_of(label: str) -> str:
    """Labels that differ only in case, spaces or a full stop are one speaker.

    >>> key_of("INT. 1") == key_of("Int 1")
    True
    """
    return " ".join(label.casefold().replace(".", " ").split())


def role_word(label: str, words: frozenset[str] = ROLE_WORDS) -> str:
    """The word of a label that names a role, or nothing.

    >>> role_word("Interviewer 2"), role_word("P03"), role_word("Roy Neal")
    ('interviewer', 'p', '')
    """
    plain = re.sub(r"\s*\([^()]*\)\s*$", "", label).strip() or label
    single = re.fullmatch(r"[^\W\d_][-.#]?\s?\d{0,6}[A-Za-z]?", plain) is not None
    if len(plain) == 1 and plain.islower():
        return ""
    for word in plain.split():
        base = re.sub(r"[#._\-]*\d+[A-Za-z]?$", "", word).strip(".#-_").casefold()
        if base in words and (single or len(base) > 1):
            return base
        if base in NOT_NAMES | HEADER_WORDS:
            return ""
    return ""


def shape(label: str) -> Shape:
    """What kind of label these words could be, by their form alone.

    >>> [shape(label) for label in ("INT1", "JK", "Roy Neal", "nicolas-demorand", "One thing")]
    ['role', 'code', 'name', 'handle', '']
    """
    words = re.sub(r"\([^()]*\)|[/&]", " ", label).split()
    counted = [w for w in words if w.casefold().strip(".") not in PARTICLES | TITLES] or words
    if not 1 <= len(counted) <= MOST_WORDS or len(words) > MOST_WORDS + 3:
        return ""
    if any(sign in label for sign in ',;!?"“”…=<>{}|\\@%，。？！、；（「」'):
        return ""
    if role_word(label) and not any(word.islower() for word in words[1:]):
        return "role"
    if re.fullmatch(r"[A-Z]", label):
        return "code"
    first = words[0].casefold().replace("’", "'").strip(".'")
    if first in NOT_NAMES or (len(words) == 1 and first in HEADER_WORDS):
        return ""
    if re.fullmatch(r"[A-Za-z]{1,5}[-_.# ]?\d{1,6}[A-Za-z]?|(?:[A-Z]\.?){2,4}", label):
        return "code"
    if all(_name_word(word) for word in counted):
        return "name"
    if re.fullmatch(r"[^\W\d_][\w.\-]{0,29}(?: [\w.\-]{1,20}){0,2}", label):
        return "handle"
    return ""


def _name_word(word: str) -> bool:
    """A capital (or a letter of a script without capitals), then letters and their joints."""
    if not word[0].isalpha() or word[0].islower():
        return re.fullmatch(r"#?\d{1,4}", word) is not None
    return all(sign.isalpha() or sign in "'’.-·‧" or unicodedata.combining(sign) for sign in word)


def learn(lines: Sequence[Line], known: Iterable[str] = (), *, captions: bool = False) -> Labels:
    """The labels of a file, in the first way of writing them that makes sense in it."""
    named = {line.label for line in lines if line.label is not None}
    if named:
        return Labels("given", frozenset(key_of(label) for label in named))
    keys = frozenset(key_of(label.rstrip(":： ")) for label in known)
    forms: tuple[Form, ...] = ("colon", "bracket", "tab", "dash", "alone")
    once: tuple[str, ...] = ()
    for form in forms:
        labels = _learn(lines, form, keys, captions)
        if labels.keys:
            return labels
        once = once or labels.once
    return Labels("colon", frozenset(), once)


@dataclass(frozen=True)
class _Seen:
    """What looks like labels in one form: how each is spelled, how often it comes, its shape.

    ``set_off`` are those that the format marks: by a time, a heading, bold letters, a new caption.
    """

    spelled: dict[str, str]
    counts: Counter[str]
    shapes: dict[str, Shape]
    set_off: set[str]
    lines: int

    def share(self, keys: Iterable[str]) -> float:
        """The share of the lines that begin with one of these."""
        return sum(self.counts[key] for key in keys) / max(self.lines, 1)


def _look(lines: Sequence[Line], form: Form, captions: bool) -> _Seen:
    spelled: dict[str, str] = {}
    counts: Counter[str] = Counter()
    set_off: set[str] = set()
    for line in lines:
        mark = labelled(line, form)
        if mark is None or mark.label is None:
            continue
        key = key_of(mark.label)
        spelled.setdefault(key, mark.label)
        counts[key] += 1
        titled = line.heading and not mark.rest.strip()
        begins = captions and line.gap
        alone = form == "alone" and (line.lead or (" " in mark.label and mark.label.isupper()))
        if titled or begins or mark.timed or alone:
            set_off.add(key)
    shapes = {key: shape(label) for key, label in spelled.items()}
    return _Seen(spelled, counts, shapes, set_off, len(lines))


def _learn(lines: Sequence[Line], form: Form, known: frozenset[str], captions: bool) -> Labels:
    seen = _look(lines, form, captions)
    keys = {key for key in seen.shapes if _comes_back(key, seen, form)}
    share = seen.share(keys)
    role = any(seen.shapes[key] == "role" for key in keys)
    # One word that comes back now and then is a habit of writing, not a speaker.
    if not (len(keys) >= 2 or share >= MANY_LINES or (form == "colon" and (role or captions))):
        keys = set()
    # Where the format sets labels off, or nearly every line has one, a name may stand once.
    if form == "colon" and (share >= MANY_LINES or (captions and keys)):
        single = set(seen.shapes) if share >= MOST_LINES else seen.set_off
        keys |= {key for key in single if seen.shapes[key] in ("name", "code")}
    keys |= known & set(seen.counts)
    once = tuple(
        label
        for key, label in seen.spelled.items()
        if key not in keys and seen.counts[key] == 1 and _striking(label, seen.shapes[key])
    )
    return Labels(form, frozenset(keys), once)


def _striking(label: str, kind: Shape) -> bool:
    """Whether a label that is not taken for one deserves a look."""
    return kind == "name" and (label.isupper() or " " in label)


def _comes_back(key: str, seen: _Seen, form: Form) -> bool:
    """Whether what looks like a label has a role's name, or comes often enough for its shape."""
    kind, count, set_off = seen.shapes[key], seen.counts[key], key in seen.set_off
    if form == "colon" and kind == "role":
        return True
    if count < 2:
        return False
    if form == "dash":  # a dash is common in speech, a label before it stands in most lines
        return kind in ("role", "code", "name") and seen.share(seen.counts) >= TABBED_LINES
    if kind == "handle":
        return form == "colon" and (set_off or (count >= 3 and seen.share([key]) >= RARE_LINES))
    if kind == "name":
        tabbed = form == "tab" and seen.share(seen.counts) >= TABBED_LINES
        return form == "colon" or (form == "alone" and set_off) or tabbed
    return kind in ("role", "code")


def header_length(lines: Sequence[Line], labels: Labels) -> int:
    """How many lines at the top tell about the interview: “Date: …”, “Interviewer: Ana Ruiz”.

    They would be turns if the same words were not also labels of speakers.
    """
    length = 0
    about = False
    for number, line in enumerate(lines[:HEADER_LINES]):
        if len(line.text.split()) > HEADER_LINE_WORDS:
            break
        mark = labelled(line, "colon")
        if mark is None or mark.label is None:
            continue
        key = key_of(mark.label)
        if key not in labels.keys and any(word in HEADER_WORDS for word in key.split()):
            length, about = number + 1, True
        elif _tells_who(mark, mark.label, about and not line.gap):
            length = number + 1
        elif key in labels.keys:
            break
    if length and not about and not (length < len(lines) and lines[length].gap):
        return 0
    return length


def _tells_who(mark: Mark, label: str, among_others: bool) -> bool:
    """Whether a line names a person for a role instead of giving that person's words."""
    if len(role_word(label)) < 2:
        return False
    kind = shape(mark.rest.strip())
    return kind in ("role", "code") or (
        kind == "name" and (among_others or " " in mark.rest.strip())
    )
