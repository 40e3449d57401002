"""The first screen: what this is, and two ways in."""

from __future__ import annotations

import re
from contextlib import suppress

import streamlit as st

from qualcode.errors import AlreadyInStudy, BadCommand
from qualcode.model import Member
from qualcode.store import open_study
from qualcode.store.attributes import of_template
from qualcode.store.file import ENDING
from qualcode.templates import load_template, template_names
from qualcode.ui import aside, making, parts, places, seats, state, who


def open_sample(name: str = seats.SAMPLE) -> None:
    path = places.sample_path(name)
    if not path.exists():
        with st.spinner("Building the sample study…"), suppress(AlreadyInStudy):
            # or somebody else has just built it
            aside.made(making.sample, path, finished=name == seats.FINISHED)
    state.choose_study(name, "lea")
    st.rerun()


def new_study(person: str) -> None:
    """The form that starts a study with the person signed in as its lead."""
    templates = {"": "An empty codebook"} | {
        name: load_template(name).title for name in template_names()
    }
    with st.form("welcome.new", border=False):
        title = st.text_input("Title", max_chars=120, placeholder="Mentoring on the wards, 2026")
        template = st.selectbox("Begin with", list(templates), format_func=templates.get, index=1)
        codes = st.checkbox("I will code as well", help="A lead who codes is blind like any coder.")
        holds = st.checkbox(
            "Coders read a text when it is released",
            value=True,
            help="A data steward, or the lead where there is none, looks for names first and signs "
            "each transcript on the page Identifiers.",
        )
        if not st.form_submit_button("Start the study", type="primary"):
            return
    if not title.strip():
        raise BadCommand("Give the study a title.")
    stem = re.sub(r"[^\w]+", "-", title.strip().lower()).strip("-")[:60] or "study"
    folder = places.studies_folder()
    name, n = stem, 2
    while (folder / f"{name}{ENDING}").exists():
        name, n = f"{stem}-{n}", n + 1
    with open_study(folder / f"{name}{ENDING}", create=True, title=title) as study:
        study.add_member(
            Member(person, frozenset({"lead", "coder"} if codes else {"lead"}), who.display(person))
        )
        if template:
            chosen = load_template(template)
            study.set_attributes(*of_template(chosen.attributes))
            study.set_codebook(chosen.codebook, note=f"template {template}")
            study.settings.change(
                {
                    "guide.version": chosen.guide_version,
                    "guide.questions": str(len(chosen.questions)),
                    "guide.text": "\n".join(chosen.questions),
                }
            )
        study.hold_texts_back(holds)
    state.choose_study(name)
    st.rerun()


def own_studies(person: str) -> None:
    """Whoever has signed in finds their studies before anything else."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Your studies", anchor=False, width="content")
        st.space("stretch")
        st.caption(f"Signed in as {parts.plain(who.display(person))}", width="content")
        who.sign_out_form()
    mine = state.my_studies()
    if not mine:
        parts.note("None yet. Studies you start or are invited to appear here.")
    for study in mine:
        if study.fault:
            st.warning(parts.plain(study.fault), icon=":material/warning:")
            continue
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{parts.plain(study.title)}**", width="content")
            st.caption(study.roles, width="content")
            st.space("stretch")
            if st.button(f"Open {parts.plain(study.title)}", key=f"welcome.open.{study.name}"):
                state.choose_study(study.name)
                st.rerun()


person = who.signed_in()

st.html(
    '<p class="ui-kicker">qualcode · qualitative analysis for teams</p>'
    '<h1 class="ui-hero">Two people code the same interviews, blind. Then they compare.</h1>'
    '<p class="ui-lede">Independent coding of interview transcripts against one codebook, an '
    "agreement figure that says what it rests on, differences settled on the record, themes, and "
    "a COREQ report. Everything stays on this machine.</p>"
)

if person is not None:
    own_studies(person)

left, right = st.columns(2, gap="large")
with left, st.container(border=True, height="stretch"):
    st.subheader("Open the sample study", anchor=False)
    st.html(
        '<p class="ui-note">Six fictional interviews about mentoring, coded by Ana and Ben, led by '
        "Lea. Take any of their three seats: see the agreement, settle a difference, code an "
        "interview yourself. No account needed.</p>"
    )
    with st.container(horizontal=True):
        if st.button("Open the sample study", type="primary", key="welcome.sample"):
            open_sample()
        if st.button(
            "See it finished",
            key="welcome.finished",
            help="The same study with every difference settled, themes, quotations and needs: "
            "from here to its reports.",
        ):
            open_sample(seats.FINISHED)
with right, st.container(border=True, height="stretch"):
    st.subheader("Start a study", anchor=False)
    if person is not None:
        new_study(person)
    elif who.institutions():
        st.html(
            '<p class="ui-note">A study belongs to people who sign in: its lead adds coders by '
            "their e-mail address, and each sees only their own codings until both have "
            "submitted.</p>"
        )
        who.institution_links()
        who.sign_in_link("Sign in with a password")
    elif places.first_account_needed():
        st.html(
            '<p class="ui-note">A study belongs to people who sign in. Make the first account with '
            "the one-time link that stands in the window where you started qualcode; then come "
            "back here.</p>"
        )
        who.door("I have the code of that link", "/join")
    else:
        st.html(
            '<p class="ui-note">A study belongs to people who sign in: its lead invites coders, '
            "and each sees only their own codings until both have submitted.</p>"
        )
        who.sign_in_link("Sign in to start or open a study")

st.html(
    '<h2 class="ui-kicker" style="margin-top:1.6rem">The way of a study</h2>'
    '<ol class="ui-steps">'
    "<li><b>Read in</b>Word, text and caption files become turns with speakers.</li>"
    "<li><b>Code blind</b>Each coder sees their own codings only.</li>"
    "<li><b>Submit</b>Sealed for good; comparison opens when both have.</li>"
    "<li><b>Compare</b>Agreement per code, with its uncertainty.</li>"
    "<li><b>Settle</b>Each difference decided, with the reason.</li>"
    "<li><b>Report</b>Themes with quotations, and COREQ’s 32 items.</li>"
    "</ol>"
)
