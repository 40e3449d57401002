"""A page with nothing but the coding surface."""

from __future__ import annotations

import json
from functools import partial
from urllib.parse import urlencode

import streamlit as st

from qualcode.ui.coder import coding_surface
from qualcode.ui.coder.edits import EDITS
from tests.browser.coder_study import CODES, MANY, STATE, coder_of, study_of, transcripts

STATE.with_name("texts.json").write_text(
    json.dumps({name: transcript.text for name, transcript in transcripts().items()}), "utf-8"
)
asked = st.query_params.to_dict()
st.set_page_config(page_title="Coding surface", layout="wide")
names = list(transcripts())
chosen = st.radio(
    "Transcript", names, index=names.index(asked.get("transcript", "p01")), horizontal=True
)
coding_surface(
    partial(study_of, asked),
    chosen,
    coder=coder_of(asked),
    edits=f"{EDITS}?{urlencode(asked)}",
    codes=MANY if asked.get("book") == "many" else CODES,
    readonly_reason=asked.get("readonly"),
)
