"""What the page Explore looks across: the layer that is chosen, kept between runs of the page."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date
from functools import lru_cache

import streamlit as st

from qualcode.model import Attribute
from qualcode.queries import Corpus
from qualcode.queries.words import Spoken
from qualcode.reports.across import Layer, View, corpus_of, layers
from qualcode.reports.across.readers import KEPT_TEXTS, Read, read_texts, spoken_words
from qualcode.reports.facts import GROUP
from qualcode.store import Study
from qualcode.ui import aside, parts

LAYER = "explore.layer"


def chosen(study: Study) -> View | None:
    """The layer to look across, as the reader chooses; None, with a word why, if there is none."""
    there = layers(study)
    if not there:
        parts.nothing_yet(
            "Looking across opens when the coding is submitted. " + study.sight().sentence
        )
        return None
    names = labels(study, there)
    wanted = st.selectbox(
        "Look across", [layer.id for layer in there], format_func=lambda id_: names.get(id_, id_),
        key=LAYER, width=300,
        help="The consensus is what was agreed on and settled; until it is there, your own codings "
        "or the words alone.",
    )  # fmt: skip
    corpus, layer = corpus_of(study, wanted if wanted in names else "")
    corpus = _kept(fingerprint(corpus), corpus)
    return View(
        corpus,
        layer,
        study.title,
        names[layer.id],
        study.codebook().version,
        date.today(),
        study.setting("report.group_attribute") or GROUP,
    )


def labels(study: Study, there: tuple[Layer, ...]) -> dict[str, str]:
    """Id of a layer → how it is called on the screen and in print."""
    coders = parts.coder_labels(study)
    said = {"consensus": "Consensus", "words": "Words alone, no codings", "own": "My own codings"}
    return {
        layer.id: said.get(layer.kind) or f"Codings of {coders.get(layer.id, layer.id)}"
        for layer in there
    }


def fingerprint(corpus: Corpus) -> Hashable:
    """What a corpus is made of: two with one fingerprint answer alike, whoever asks."""
    return (
        tuple((t.id, t.title, t.sha256, t.participant, tuple(sorted(t.facts.items())))
              for t in corpus.transcripts),
        tuple((c.id, c.code, c.span.start, c.span.end) for c in corpus.codings),
        corpus.codes,
        tuple((t.id, t.version, t.name, t.codes, t.parent) for t in corpus.themes),
        tuple((p.id, p.quote_consent, tuple(sorted(p.attributes.items())))
              for p in corpus.participants),
        corpus.attributes,
    )  # fmt: skip


@st.cache_resource(max_entries=16, show_spinner=False)
def _kept(seen: Hashable, _corpus: Corpus) -> Corpus:
    """The corpus of this fingerprint, with what it has worked out already."""
    return _corpus


def spoken(corpus: Corpus, *, lemmas: bool) -> tuple[Spoken, str]:
    """The words of a corpus; the first reading takes a while where lemmas are asked for."""
    return _spoken(fingerprint(corpus), lemmas, corpus)


@st.cache_resource(max_entries=6, show_spinner="Reading the words…")
def _spoken(seen: Hashable, lemmas: bool, _corpus: Corpus) -> tuple[Spoken, str]:
    return spoken_words(_corpus, lemmas=lemmas, reading=_read)


@lru_cache(maxsize=KEPT_TEXTS)
def _read(texts: tuple[str, ...], tag: str, lemmas: bool) -> Read:
    return aside.made(read_texts, texts, tag, lemmas)


def attribute(view: View, key: str, *, label: str = "By", none: str = "") -> Attribute | None:
    """An attribute of participants or interviews, chosen; None where ``none`` says so or there is
    no attribute with a value.
    """
    there = [a for a in view.corpus.fields if view.corpus.values(a)]
    there.sort(key=lambda a: (a.name != view.group, a.of != "participant"))
    if not there:
        return None
    options: list[int | None] = [*([None] if none else []), *range(len(there))]
    wanted = st.selectbox(
        label, options, format_func=lambda n: none if n is None else named(there[n]),
        key=key, width=260,
    )  # fmt: skip
    return None if wanted is None else there[wanted]


def named(attribute: Attribute) -> str:
    """An attribute as it is called on the screen."""
    words = attribute.name.replace("_", " ")
    return words if attribute.of == "participant" else f"{words} (of the interview)"
