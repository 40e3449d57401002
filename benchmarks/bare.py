"""The reference in the browser: a Streamlit app that does as little as such an app can.

A start page, a page with nothing but the text, a page with one button whose answer is one line.
The file named by BENCHMARK_TEXT holds the text.
"""

import os
from pathlib import Path

import streamlit as st


def start() -> None:
    st.title("Start")


def text() -> None:
    st.text(Path(os.environ["BENCHMARK_TEXT"]).read_text(encoding="utf-8"))


@st.fragment
def counter() -> None:
    clicks = st.session_state.get("clicks", 0) + st.button("Once more")
    st.session_state["clicks"] = clicks
    st.text(f"{clicks} clicks")


st.set_page_config(layout="wide")
st.navigation(
    [
        st.Page(start, title="Start", default=True),
        st.Page(text, title="Text", url_path="text"),
        st.Page(counter, title="Counter", url_path="counter"),
    ],
    position="top",
).run()
