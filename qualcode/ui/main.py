"""The app: navigation, the bar of the open study, and the one place that shows errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import streamlit as st

from qualcode.errors import QualcodeError
from qualcode.ui import parts, state, who

PAGES = (
    ("study", "Study", ":material/home:"),
    ("transcripts", "Transcripts", ":material/description:"),
    ("people", "People", ":material/groups:"),
    ("identifiers", "Identifiers", ":material/visibility_off:"),
    ("codebook", "Codebook", ":material/account_tree:"),
    ("rounds", "Rounds", ":material/assignment_ind:"),
    ("code", "Code", ":material/ink_highlighter:"),
    ("recode", "Recode", ":material/published_with_changes:"),
    ("agreement", "Agreement", ":material/balance:"),
    ("reconcile", "Reconcile", ":material/handshake:"),
    ("memos", "Memos", ":material/sticky_note_2:"),
    ("themes", "Themes", ":material/hub:"),
    ("explore", "Explore", ":material/travel_explore:"),
    ("report", "Report", ":material/article:"),
    ("record", "Record", ":material/history:"),
)

OF_A_PACKAGE = ("code", "codebook", "memos", "transcripts")


def bar() -> None:
    """Under the navigation: which study is open, through whose seat, and the way out."""
    with state.current_study() as study, st.container(
        horizontal=True, vertical_alignment="center", key="bar", gap="small"
    ):  # fmt: skip
        st.markdown(f"**{parts.plain(study.title)}**", width="content")
        seat = study.seat
        if state.is_sample() and seat is not None:
            members = {member.name: member for member in study.members()}
            chosen = st.segmented_control(
                "Sit in the seat of",
                list(members),
                format_func=lambda name: (
                    parts.plain(members[name].label)
                    + (" · lead" if "lead" in members[name].roles else " · coder")
                ),
                default=seat.name,
                required=True,
                key=f"bar.seat.{seat.name}",
                label_visibility="collapsed",
                help="Only the sample study has this switch: it shows what each person sees.",
            )
            if chosen and chosen != seat.name:
                state.choose_study(state.chosen_study(), chosen)
                st.rerun()
        elif seat is not None:
            st.caption(
                f"{parts.plain(who.display(seat.name))} · {', '.join(sorted(seat.roles))}",
                width="content",
            )
        st.space("stretch")
        if state.in_package():
            st.caption("Away from the team: bring this file back when you are done.")
            return
        if st.button("Close study", type="tertiary", icon=":material/close:", key="bar.close"):
            state.choose_study(None)
            st.rerun()
        if not state.is_sample():
            who.sign_out_form()


def strip(pages: list[Any]) -> None:
    """On a narrow screen the pages stand in a strip; Streamlit's drawer would stay in the way."""
    with st.container(horizontal=True, key="strip", gap="xxsmall"):
        for page in pages:
            st.page_link(page, label=page.title, icon="")


def addresses_elsewhere(known: set[str]) -> list[Any]:
    """Addresses of ours that are no page now: they lead to the first page, not to a refusal."""
    return [
        st.Page(lambda: None, title=title, url_path=name, visibility="hidden")
        for name, title, _ in PAGES
        if name not in known
    ]


def run() -> None:
    st.set_page_config(
        page_title="qualcode",
        page_icon=str(Path(__file__).with_name("icon.svg")),
        layout="wide",
    )
    st.html(parts.STYLE)
    chosen = state.chosen_study()
    if chosen is None:
        pages = [st.Page(parts.page("welcome"), title="qualcode", url_path="", default=True)]
    else:
        shown = [page for page in PAGES if not state.in_package() or page[0] in OF_A_PACKAGE]
        first = "code" if state.in_package() else "study"
        pages = [
            st.Page(
                parts.page(name),
                title=title,
                icon=icon,
                url_path="" if name == first else name,
                default=name == first,
            )
            for name, title, icon in shown
        ]
    astray = addresses_elsewhere({page.url_path for page in pages})
    here = st.navigation([*pages, *astray], position="hidden" if chosen is None else "top")
    if here in astray:
        st.switch_page(pages[0])
    parts.tell()
    try:
        if chosen is not None:
            strip(pages)
            bar()
            state.keep_address()
        here.run()
    except QualcodeError as error:
        parts.problem(error)
        if chosen is not None and not opens():
            with st.container(horizontal=True):
                if not state.is_sample() and who.signed_in() is None:
                    who.sign_in_link(then=f"/{here.url_path}?study={quote(chosen, safe='')}")
                if st.button("Back to the start page", key="main.back"):
                    state.choose_study(None)
                    st.rerun()


def opens() -> bool:
    """Whether the study of this session can be opened at all by whoever is here."""
    try:
        with state.current_study():
            return True
    except QualcodeError:
        return False


run()
