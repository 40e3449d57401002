"""The first layer: the study's own list of names; a text in, every mention out.

A mention is found with its possessive and plural, with and without accents, in capitals, and by
a part of the name alone. The possessive and the plural ending are no part of the hit, so that
they stay in the text.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import regex

from qualcode.errors import BadCommand
from qualcode.model import Transcript
from qualcode.privacy.hits import KINDS, Hit, Kind, not_names, ordinary
from qualcode.privacy.shapes import TITLE
from qualcode.spans import Span

_TOKEN = regex.compile(r"[\p{L}\p{N}]+")
_GAP = regex.compile(r"[\s.'’\-‐‑]{1,3}")
_UNSPACED = regex.compile(
    r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}"
    r"\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]"
)
_BEFORE_NAME = regex.compile(rf"\b{TITLE}\b[.\s]*$", regex.IGNORECASE)
_UNTITLED = regex.compile(rf"^{TITLE}\b\.?\s+")
_SENTENCE_START = regex.compile(r"(?:^|[.!?…:\n\]][\"'“”‘’»)\]]*)\s*[\"'“‘«(\[]*$")
_PARTICLES = frozenset(
    ("de", "del", "della", "der", "den", "di", "da", "du", "des", "la", "le", "van", "von", "zu",
     "zur", "af", "av", "el", "al", "bin", "ibn", "y", "e", "st", "dr", "prof", "mr", "mrs", "ms",
     "jr", "sr")
)  # fmt: skip
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True)
class KnownName:
    """Somebody or some place that the study knows of.

    ``label`` is the word for it in a replacement (“mentor”, “hospital”); ``also`` are other forms
    (a nickname, an old name, an abbreviation). ``subject`` is one for all mentions.
    """

    name: str
    kind: Kind = "A"
    label: str = ""
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadCommand(f"“{self.kind}” is no kind of identifier; the kinds are A to R.")
        if any(not _TOKEN.search(name) for name in (self.name, *self.also)):
            raise BadCommand("A name on the study’s list has no letter in it; write it out.")

    @property
    def subject(self) -> str:
        return subject_of(self.name, self.kind)


def names_from(lines: str) -> tuple[KnownName, ...]:
    """The study's list as people write it: a name a line, then label, kind and other forms.

    The parts are set apart by semicolons, other forms of the name by commas; all but the name may
    be left out. A line that begins with # is a remark.

    >>> names_from("Helen Okafor; mentor\\nSt. Brendan’s; hospital; B; Brendan’s, SBH")[1].also
    ('Brendan’s', 'SBH')
    """
    found = []
    for number, line in enumerate(lines.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, label, kind, also, *rest = [part.strip() for part in [*line.split(";"), "", "", ""]]
        if any(rest):
            raise BadCommand(
                f"Line {number} of the list of names has too many parts; write: "
                "name; label; kind; other forms."
            )
        kind = kind.upper() or "A"
        if kind not in KINDS or any(
            not _TOKEN.search(form) for form in (name, *filter(None, also.split(",")))
        ):
            raise BadCommand(
                f"Line {number} of the list of names cannot be read; write: name; label; kind "
                "(A to R); other forms."
            )
        forms = tuple(form.strip() for form in also.split(",") if form.strip())
        found.append(KnownName(name, kind, label, forms))  # type: ignore[arg-type]
    return tuple(found)


def subject_of(name: str, kind: Kind = "A") -> str:
    """Who or what a name means, in a form that does not hang on accents, capitals and titles.

    People and places are kept apart, so that Mr. Hamilton is not Hamilton General.

    >>> subject_of("Dr. Benoît  LÉVESQUE"), subject_of("Lévesque", "B")
    ('benoit levesque', 'place: levesque')
    """
    tokens = " ".join(_tokens_of(untitled(name)[1])) or " ".join(_tokens_of(name))
    return tokens if kind == "A" else f"place: {tokens}"


def untitled(name: str) -> tuple[str, str]:
    """A name parted into its title and the rest.

    >>> untitled("Dr. Helen Okafor")
    ('Dr. ', 'Helen Okafor')
    """
    title = _UNTITLED.match(name)
    end = title.end() if title else 0
    return name[:end], name[end:]


def folded(text: str) -> tuple[str, Sequence[int]]:
    """The text in lower case without accents, and for each character its place in the text."""
    if text.isascii():
        return text.lower(), range(len(text) + 1)
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        if character.isascii():
            letters.append(character.lower())
            places.append(place)
            continue
        plain = unicodedata.normalize("NFKD", character).casefold()
        kept = [letter for letter in plain if not unicodedata.combining(letter)]
        letters += kept
        places += [place] * len(kept)
    return "".join(letters), [*places, len(text)]


def _tokens_of(name: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(folded(name)[0]))


def listed(transcript: Transcript, names: Iterable[KnownName]) -> Iterator[Hit]:
    """Every mention of a name on the study's list."""
    forms = _forms(names)
    if not forms:
        return
    text = transcript.text
    low, places = folded(text)
    for form, meant in forms.items():
        if len(form) == 1 and _UNSPACED.search(form[0]):
            yield from _unspaced(transcript, low, places, form[0], meant)
    starts: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for form in sorted(forms, key=lambda form: (-len(form), form)):
        starts[form[0]].append(form)
    tokens = list(_TOKEN.finditer(low))
    at = 0
    while at < len(tokens):
        found = _form_at(tokens, at, low, starts)
        if found is None:
            at += 1
            continue
        form, cut = found
        last = tokens[at + len(form) - 1]
        span = _span(text, places, tokens[at].start(), last.end() - cut)
        if (hit := _hit(transcript, span, form, forms[form])) is not None:
            yield hit
        at += len(form)


def _forms(names: Iterable[KnownName]) -> dict[tuple[str, ...], list[KnownName]]:
    """Each form a name may take in speech, and whom it may mean."""
    forms: dict[tuple[str, ...], list[KnownName]] = {}

    def add(form: tuple[str, ...], name: KnownName) -> None:
        meant = forms.setdefault(form, [])
        if form and name not in meant:
            meant.append(name)

    for name in names:
        for written in (name.name, *name.also):
            bare = untitled(written)[1] if name.kind == "A" else written
            german = bare.casefold().translate(_GERMAN)
            for tokens in dict.fromkeys((_tokens_of(bare), _tokens_of(german))):
                add(tokens, name)
                if name.kind == "A" and len(tokens) > 1:
                    add((*tokens[-1:], *tokens[:-1]), name)  # “Okafor, Helen”
                    add((tokens[0][0], tokens[-1]), name)  # “H. Okafor”
                    for part in tokens:
                        if len(part) > 2 and part not in _PARTICLES:
                            add((part,), name)
    forms.pop((), None)
    return forms


def _form_at(
    tokens: Sequence[regex.Match[str]],
    at: int,
    low: str,
    starts: dict[str, list[tuple[str, ...]]],
) -> tuple[tuple[str, ...], int] | None:
    """The longest form that begins at this token, and the length of its plural ending."""
    first = tokens[at].group()
    for cut in (0, 1, 2):
        stem = first[: len(first) - cut]
        if (cut == 1 and not first.endswith("s")) or (cut == 2 and not first.endswith("es")):
            continue
        for form in starts.get(stem, ()):
            if len(form) == 1:
                if len(stem) > 2 or not cut:
                    return form, cut
            elif not cut and (ending := _rest(tokens, at, low, form)) is not None:
                return form, ending
    return None


def _rest(
    tokens: Sequence[regex.Match[str]], at: int, low: str, form: tuple[str, ...]
) -> int | None:
    """Whether the further words of a form follow; the length of the plural ending if so."""
    if at + len(form) > len(tokens):
        return None
    for number, word in enumerate(form[1:], start=1):
        token, before = tokens[at + number], tokens[at + number - 1]
        gap = low[before.end() : token.start()]
        if not (_GAP.fullmatch(gap) or (number == 1 and gap == ", ")):
            return None
        if "." in gap and len(before.group()) > 1:
            return None  # a stop behind a whole word ends a sentence; behind an initial it does not
        if token.group() != word:
            last = number == len(form) - 1
            for ending in ("s", "es") if last else ():
                if token.group() == word + ending:
                    return len(ending)
            return None
    return 0


def _span(text: str, places: Sequence[int], start: int, end: int) -> Span:
    last = places[end - 1] + 1
    while last < len(text) and unicodedata.combining(text[last]):
        last += 1
    return Span(places[start], last)


def _unspaced(
    transcript: Transcript,
    low: str,
    places: Sequence[int],
    form: str,
    meant: Sequence[KnownName],
) -> Iterator[Hit]:
    """A name in a script without spaces stands inside longer runs of characters."""
    at = low.find(form)
    while at >= 0:
        span = _span(transcript.text, places, at, at + len(form))
        yield _made(transcript, span, (form,), meant, 0.9)
        at = low.find(form, at + len(form))


def _hit(
    transcript: Transcript, span: Span, form: tuple[str, ...], meant: Sequence[KnownName]
) -> Hit | None:
    """The mention, or None where an ordinary word stands there by chance."""
    text = transcript.text[span.slice]
    letter = next(character for character in text if character.isalnum())
    lower = letter.islower()
    if len(form) > 1:
        return _made(transcript, span, form, meant, 0.8 if lower else 1.0)
    word = form[0]
    if word in ordinary() or word in not_names():
        sure = 0.0 if lower else _by_chance(transcript.text, span)
        return _made(transcript, span, form, meant, sure) if sure else None
    if lower and len(word) < 4:
        return None
    return _made(transcript, span, form, meant, 0.6 if lower else 0.95)


def _by_chance(text: str, span: Span) -> float:
    """How sure it is that a capital makes a name of an ordinary word here; 0 for not at all."""
    before, after = text[max(0, span.start - 24) : span.start], text[span.end : span.end + 24]
    if _BEFORE_NAME.search(before):
        return 0.95
    if regex.match(r"['’]s\b|[ \-]+\p{Lu}\p{Ll}", after):
        return 0.7
    if text[span.slice].casefold() in ("may", "march", "april", "june", "august") and regex.search(
        r"\b(?:in|last|next|this|since|by|until|till|of|early|late|mid|every|from|to|through|and)"
        r"[ \-]+$",
        before,
        regex.IGNORECASE,
    ):
        return 0.0
    if not _SENTENCE_START.search(before):
        return 0.7
    following = regex.match(r"\s+([\p{L}'’]+)", after)
    if following is None:
        return 0.4
    word = following.group(1).casefold().replace("’", "'")
    return 0.0 if word in not_names() and word not in _SAID_OF else 0.4


# After a name at a sentence's start: “Will was late”, but not “Will you”.
_SAID_OF = frozenset(("was", "is", "has", "had", "and", "would", "did", "does", "went", "came"))


def _made(
    transcript: Transcript,
    span: Span,
    form: tuple[str, ...],
    meant: Sequence[KnownName],
    confidence: float,
) -> Hit:
    first = meant[0]
    sure = len(meant) == 1
    who = first.name if sure else " or ".join(name.name for name in meant)
    return Hit(
        transcript=transcript.id,
        span=span,
        kind=first.kind,
        layer="list",
        text=transcript.text[span.slice],
        suggestion=first.label or ("colleague" if first.kind == "A" else "place"),
        reason=f"on the study’s list: {who}" if sure else f"on the study’s list; it may be {who}",
        confidence=confidence if sure else min(confidence, 0.8),
        rule="study list",
        subject=first.subject if sure else subject_of(" ".join(form), first.kind),
    )
