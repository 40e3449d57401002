"""Looking across, as reports: which codings a seat may look at, and each table with its picture."""

from __future__ import annotations

from qualcode.reports.across.layers import Layer, corpus_of, layers
from qualcode.reports.across.let_out import let_out_picture
from qualcode.reports.across.reports import (
    cautions,
    cooccurrence_report,
    curves_of,
    heat_of,
    matrix_report,
    passages_report,
    saturation_report,
    spread_report,
    words_report,
)
from qualcode.reports.across.view import KINDS, View

__all__ = [
    "KINDS",
    "Layer",
    "View",
    "cautions",
    "cooccurrence_report",
    "corpus_of",
    "curves_of",
    "heat_of",
    "layers",
    "let_out_picture",
    "matrix_report",
    "passages_report",
    "saturation_report",
    "spread_report",
    "words_report",
]
