"""Looking across a study: interviews and one layer of codings in, tables and passages out.

Values in, values out: no file and no screen. A :class:`Corpus` is what is asked; every cell of an
answer knows the numbers of its passages, so that a page can show them.
"""

from __future__ import annotations

from qualcode.queries.cooccurrence import Cooccurrence, cooccurrence
from qualcode.queries.corpus import Corpus, Group, Passage
from qualcode.queries.framework import Matrix, matrix
from qualcode.queries.language import parse
from qualcode.queries.orders import by_date, codes_of, stated
from qualcode.queries.retrieval import Retrieved, retrieve
from qualcode.queries.saturation import Saturation, chao2, sample_coverage, saturation
from qualcode.queries.spread import Spread, masked, spread
from qualcode.queries.words import Frequencies, concordance, frequencies, read_words

__all__ = [
    "Cooccurrence",
    "Corpus",
    "Frequencies",
    "Group",
    "Matrix",
    "Passage",
    "Retrieved",
    "Saturation",
    "Spread",
    "by_date",
    "chao2",
    "codes_of",
    "concordance",
    "cooccurrence",
    "frequencies",
    "masked",
    "matrix",
    "parse",
    "read_words",
    "retrieve",
    "sample_coverage",
    "saturation",
    "spread",
    "stated",
]
