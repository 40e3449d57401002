"""One theme under review: its passages, claims, contrary and divergent cases, words, history."""

from __future__ import annotations

import html
from dataclasses import replace
from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from qualcode.claims import Claim, Excerpt, ExcerptRole
from qualcode.model import THEME_STATES, Code, Theme
from qualcode.reports import theme_summary
from qualcode.reports.facts import StudyFacts
from qualcode.reports.findings import (
    ClaimFinding,
    ExcerptFinding,
    Finding,
    Findings,
    passages_of,
    turn_of,
)
from qualcode.reports.quotes import Passage
from qualcode.reports.record import export_details
from qualcode.reports.rules import Checked, check
from qualcode.store import Study
from qualcode.ui import parts, quotations, report_gate

A_PAGE = 8
STATE_NAMES = {
    "candidate": "Candidate",
    "reviewed": "Reviewed",
    "defined": "Defined",
    "in_report": "In the report",
}
SECTIONS = ["Passages", "Claims", "Quotations", "Wording", "Versions"]


def room(study: Study, facts: StudyFacts, found: Findings, theme: Theme) -> None:
    finding = next(one for one in found.themes if one.id == theme.id)
    lead = study.seat is None or study.seat.is_lead
    st.subheader(parts.plain(theme.name), anchor=False)
    if theme.definition:
        parts.note(theme.definition)
    numbers(found, finding)
    status(study, facts, theme, lead)
    warnings(facts, found, finding)
    section = st.segmented_control(
        "Section", SECTIONS, default=SECTIONS[0], required=True,
        key=f"review.section.{theme.id}", label_visibility="collapsed",
    )  # fmt: skip
    if section == "Claims":
        claims(study, finding, lead)
    elif section == "Quotations":
        quotations.of_theme(study, facts, found, finding, theme)
    elif section == "Wording":
        wording(study, facts, theme, lead)
    elif section == "Versions":
        versions(study, facts, theme)
    else:
        passages(study, facts, finding, theme, lead)


def numbers(found: Findings, finding: Finding) -> None:
    told = [("Participants", f"{len(finding.participants)} of {len(found.participants)}")]
    told += [(group, f"{n} of {of}") for group, (n, of) in finding.groups.items()]
    told += [
        ("Passages", str(finding.passages)),
        ("Against a claim", str(sum(len(claim.contrary) for claim in finding.claims))),
        ("Divergent", str(len(finding.divergent))),
    ]
    with st.container(horizontal=True, gap="large"):
        for name, value in told:
            st.metric(parts.plain(name), value, width="content")
    shared = overlaps(found, finding)
    if shared:
        parts.note("Shares passages with " + "; ".join(shared) + ".")


def overlaps(found: Findings, finding: Finding) -> list[str]:
    """The themes that rest on some of the same turns, the nearest first."""
    rows = []
    for other in found.themes:
        both = len(finding.places & other.places)
        if other.id != finding.id and both:
            rows.append((-both, f"“{other.name}” ({both} of {finding.passages})"))
    return [words for _, words in sorted(rows)]


def status(study: Study, facts: StudyFacts, theme: Theme, lead: bool) -> None:
    """How far the theme is, who agreed, and the file of this theme alone."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="review.status"):
        if lead:
            chosen = st.segmented_control(
                "State", list(THEME_STATES), format_func=STATE_NAMES.get, default=theme.state,
                required=True, key=f"review.state.{theme.id}.{theme.version}.{theme.state}",
            )  # fmt: skip
            if chosen and chosen != theme.state:
                with parts.problems():
                    study.set_theme_state(theme.id, chosen)
                    parts.told(f"The theme is {STATE_NAMES[chosen].lower()} now.")
                    st.rerun()
        if study.seat is not None and study.seat.roles & {"lead", "coder"}:
            agree(study, theme)
        one_file(study, theme)
    who = ", ".join(facts.label(name) for name in theme.agreed) or "nobody yet"
    parts.note(f"Version {theme.version}, agreed by {who}.")


def agree(study: Study, theme: Theme) -> None:
    agreed = study.who in theme.agreed
    label = "Take my agreement back" if agreed else "I agree to this version"
    if st.button(label, key=f"review.agree.{theme.id}", icon=":material/check:"):
        with parts.problems():
            study.agree_to_theme(theme.id, agree=not agreed)
            st.rerun()


def one_file(study: Study, theme: Theme) -> None:
    """This theme alone, whatever its state."""
    with st.popover("This theme as a file", icon=":material/download:"):
        for ending in ("docx", "xlsx", "html"):
            label, mime = report_gate.FILES[ending]
            if st.download_button(
                label,
                data=partial(_bytes, study.path, study.seat, theme.id, ending),
                file_name=f"theme_{date.today().isoformat()}.{ending}",
                mime=mime,
                key=f"review.file.{theme.id}.{ending}",
            ):
                study.log("export", export_details(study, "themes", ending))


def _bytes(path, seat, theme: str, ending: str) -> bytes:  # type: ignore[no-untyped-def]
    from qualcode.store import open_study

    with open_study(path) as study:  # written when it is asked for, after the run of the page
        return theme_summary(study.seated(seat), theme=theme).to_bytes(ending)


def warnings(facts: StudyFacts, found: Findings, finding: Finding) -> None:
    """What the rules say of this theme, as long as it is worked on."""
    told = [
        rule.sentence
        for rule in check(Checked(facts, found), ["Q5", "T1", "T2"])
        if f"“{finding.name}”" in rule.sentence
    ]
    for sentence in told:
        st.caption(f":material/info: {parts.plain(sentence)}")


# -- passages ----------------------------------------------------------------------------------


def passages(study: Study, facts: StudyFacts, finding: Finding, theme: Theme, lead: bool) -> None:
    rows = list(passages_of(facts, theme))
    order = {transcript.id: n for n, transcript in enumerate(facts.transcripts)}
    rows.sort(key=lambda p: (order[p.transcript], p.span))
    if not rows:
        parts.nothing_yet("No settled coding has a code of this theme yet.")
        return
    codes = {code.id: code for code in facts.codebook.codes}
    with st.container(horizontal=True, key="review.filters"):
        people = sorted({facts.transcript[p.transcript].participant or "" for p in rows})
        person = st.selectbox(
            "Participant", ["", *people], format_func=lambda id_: id_ or "everybody",
            key=f"review.person.{theme.id}", width=180,
        )  # fmt: skip
        held = [code for code in dict.fromkeys(c for p in rows for c in p.codes) if code in codes]
        wanted = st.selectbox(
            "Code", ["", *held], format_func=lambda c: codes[c].name if c else "every code",
            key=f"review.code.{theme.id}", width=320,
        )  # fmt: skip
    shown = [
        p
        for p in rows
        if person in ("", facts.transcript[p.transcript].participant)
        and (not wanted or wanted in p.codes)
    ]
    page = 0
    if len(shown) > A_PAGE:
        pages = -(-len(shown) // A_PAGE)
        page = st.pagination(pages, key=f"review.page.{theme.id}.{person}.{wanted}") - 1
    for passage in shown[page * A_PAGE : (page + 1) * A_PAGE]:
        one_passage(study, facts, finding, passage, codes, lead)


def one_passage(
    study: Study,
    facts: StudyFacts,
    finding: Finding,
    passage: Passage,
    codes: dict[str, Code],
    lead: bool,
) -> None:
    transcript = facts.transcript[passage.transcript]
    linked = [
        (role, words, excerpt)
        for role, words, excerpt in _linked(finding)
        if excerpt.transcript == passage.transcript and excerpt.span.overlap(passage.span)
    ]
    with st.container(border=True):
        parts.chips([codes[code] for code in passage.codes if code in codes])
        hue = codes[passage.codes[0]].color if passage.codes else "#8a94a3"
        turn = turn_of(transcript, passage.span)
        place = f"{transcript.participant}, turn {turn}" if turn else str(transcript.participant)
        parts.quotation(transcript.text[passage.span.slice], place, hue)
        with st.container(horizontal=True, vertical_alignment="center"):
            for role, words, excerpt in linked:
                st.badge(words, color={"contrary": "orange", "divergent": "red"}.get(role, "blue"))
                if excerpt.note:
                    parts.note(excerpt.note)
            st.space("stretch")
            if lead:
                link(study, finding, passage)
                for number, (_, words, excerpt) in enumerate(linked):
                    if st.button(
                        f"Take out “{words}”",
                        # One excerpt may lie in two passages.
                        key=f"review.unlink.{excerpt.id}.{passage.span.start}.{number}",
                        type="tertiary",
                    ):
                        with parts.problems():
                            study.unlink_excerpt(excerpt.id)
                            st.rerun()


def _linked(finding: Finding) -> list[tuple[str, str, ExcerptFinding]]:
    """What is linked to a theme: its role, the words of a badge, the excerpt."""
    found = []
    for number, claim in enumerate(finding.claims, start=1):
        found += [("supports", f"for claim {number}", excerpt) for excerpt in claim.excerpts]
        found += [("contrary", f"against claim {number}", excerpt) for excerpt in claim.contrary]
    found += [("divergent", "divergent", excerpt) for excerpt in finding.divergent]
    return found


def link(study: Study, finding: Finding, passage: Passage) -> None:
    key = f"review.link.{passage.transcript}.{passage.span.start}.{passage.span.end}"
    choices: dict[str, tuple[ExcerptRole, str, str]] = {}
    for number, claim in enumerate(finding.claims, start=1):
        words = claim.sentence if len(claim.sentence) < 60 else f"{claim.sentence[:57]}…"
        choices[f"for {claim.id}"] = ("supports", claim.id, f"For claim {number}: {words}")
        choices[f"against {claim.id}"] = ("contrary", claim.id, f"Against claim {number}: {words}")
    choices["divergent"] = ("divergent", "", "A divergent case")
    with st.popover("Link", icon=":material/link:"), st.form(key, border=False):
        chosen = st.selectbox("These words are", list(choices), format_func=lambda c: choices[c][2])
        note = st.text_input("Note", placeholder="What makes it so", max_chars=300)
        if not st.form_submit_button("Link them", type="primary"):
            return
        role, claim_id, _ = choices[chosen]
        with parts.problems():
            study.link_excerpt(
                Excerpt(
                    finding.id, passage.transcript, passage.span,
                    role=role, claim=claim_id, note=note,
                )
            )  # fmt: skip
            parts.told("The passage was linked.")
            st.rerun()


# -- claims ------------------------------------------------------------------------------------


def claims(study: Study, finding: Finding, lead: bool) -> None:
    if not finding.claims:
        parts.nothing_yet(
            "No claim yet. A theme asserts two to four things; write each as a sentence, then "
            "link the passages for and against it."
        )
    for number, claim in enumerate(finding.claims, start=1):
        one_claim(study, number, claim, lead)
    if lead:
        new_claim(study, finding)


def one_claim(study: Study, number: int, claim: ClaimFinding, lead: bool) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{number}.** {parts.plain(claim.sentence)}", width="content")
            st.space("stretch")
            if lead:
                edit_claim(study, claim)
        n = len(claim.participants)
        if not claim.excerpts:
            parts.note("No passage is linked to it yet: open Passages and link some.")
        else:
            parts.note(f"Rests on words of {parts.count(n, 'participant')}:")
        for excerpt in claim.excerpts:
            _words(excerpt)
        if claim.contrary:
            parts.note("Against it:")
        for excerpt in claim.contrary:
            _words(excerpt, "#b45309")


def _words(excerpt: ExcerptFinding, hue: str = "#4E79A7") -> None:
    words = " ".join(excerpt.text.split()[:28])
    if not excerpt.text:
        words = "Not to be quoted; the passage stands in the transcript."
    elif len(words) < len(" ".join(excerpt.text.split())):
        words += " …"
    parts.quotation(words, f"{excerpt.place}{f' · {excerpt.note}' if excerpt.note else ''}", hue)


def edit_claim(study: Study, claim: ClaimFinding) -> None:
    with st.popover("Edit"), st.form(f"review.claim.{claim.id}", border=False):
        sentence = st.text_area("Claim", claim.sentence, height=90)
        left, right = st.columns(2)
        keep = left.form_submit_button("Keep", type="primary")
        gone = right.form_submit_button("Take it out")
        theme = next(kept.theme for kept in study.theme_work().claims if kept.id == claim.id)
        with parts.problems():
            if keep:
                study.keep_claim(Claim(theme, sentence, id=claim.id))
            if gone:
                study.drop_claim(claim.id)
            if keep or gone:
                st.rerun()


def new_claim(study: Study, finding: Finding) -> None:
    with st.form(f"review.claims.{finding.id}.{len(finding.claims)}", border=True):
        sentence = st.text_input("A claim", placeholder="Participants described …", max_chars=600)
        if st.form_submit_button("Add the claim", type="primary"):
            with parts.problems():
                study.keep_claim(Claim(finding.id, sentence))
                st.rerun()


# -- wording and versions ----------------------------------------------------------------------


def wording(study: Study, facts: StudyFacts, theme: Theme, lead: bool) -> None:
    names = {code.id: code.name for code in facts.codebook.codable}
    above = {
        other.id: other.name for other in facts.themes if other.id != theme.id and not other.parent
    }
    with st.form(f"review.words.{theme.id}.{theme.version}"):
        name = st.text_input(
            "Name", theme.name, max_chars=200, help="A statement, not a topic.", disabled=not lead
        )
        definition = st.text_area(
            "Definition, in one sentence", theme.definition, height=80, disabled=not lead
        )
        left, right = st.columns(2)
        scope_in = left.text_area("It includes", theme.scope_in, height=80, disabled=not lead)
        scope_out = right.text_area("It leaves out", theme.scope_out, height=80, disabled=not lead)
        codes = st.multiselect(
            "Codes in it", list(names), [c for c in theme.codes if c in names],
            format_func=names.get, disabled=not lead,
        )  # fmt: skip
        relations = st.text_area(
            "Relation to other themes", theme.relations, height=80, disabled=not lead
        )
        kind_at, parent_at = st.columns(2)
        kind = kind_at.selectbox(
            "Kind", ["major", "minor"], ["major", "minor"].index(theme.kind), disabled=not lead
        )
        parents = ["", *above]
        parent = parent_at.selectbox(
            "Part of", parents, parents.index(theme.parent) if theme.parent in above else 0,
            format_func=lambda id_: above.get(id_, "no other theme"), disabled=not lead,
        )  # fmt: skip
        pressed = st.form_submit_button("Keep this version", type="primary", disabled=not lead)
    if pressed and lead:
        kept = [code for code in theme.codes if code not in names]  # groups of the codebook
        with parts.problems():
            study.change_theme(
                replace(
                    theme, name=name, definition=definition, scope_in=scope_in,
                    scope_out=scope_out, codes=(*kept, *codes), relations=relations,
                    kind=kind, parent=parent,
                )
            )  # fmt: skip
            parts.told("The theme has a new version; ask the others whether they agree.")
            st.rerun()


def versions(study: Study, facts: StudyFacts, theme: Theme) -> None:
    found = study.theme_versions(theme.id)
    if not found:
        parts.nothing_yet("Versions are kept from the first change on.")
        return
    rows = []
    for version in reversed(found):
        fields = version.fields
        rows.append(
            {
                "Version": version.number,
                "When": version.made_at[:16].replace("T", " "),
                "Who": facts.label(version.made_by),
                "Name": str(fields.get("name", "")),
                "Definition": str(fields.get("definition", "")),
                "Codes": ", ".join(
                    facts.codebook[code].name
                    for code in fields.get("codes", [])  # type: ignore[attr-defined]
                    if code in facts.codebook
                ),
            }
        )
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt="How the theme stood")
    if len(found) > 1 and (study.seat is None or study.seat.is_lead):
        return_to(study, theme, [version.number for version in found[:-1]])
    lines = study.history(subject=theme.id)
    st.html(
        "".join(
            f'<p class="ui-note">{html.escape(line["at"][:16].replace("T", " "))} · '
            f"{html.escape(facts.label(line['who']))} · {html.escape(_act(line))}</p>"
            for line in reversed(lines[-30:])
        )
    )


def return_to(study: Study, theme: Theme, numbers: list[int]) -> None:
    with st.popover("Go back to a version", icon=":material/history:"), st.form(
        f"review.back.{theme.id}.{theme.version}", border=False
    ):  # fmt: skip
        parts.note("Its words, codes and place are kept again as a new version.")
        number = st.selectbox("Version", numbers[::-1])
        if st.form_submit_button("Go back to it", type="primary"):
            with parts.problems():
                study.put_back_themes({theme.id: number}, seen={theme.id: theme.version})
                parts.told(f"The theme stands as in version {number}.")
                st.rerun()


ACTS = {
    "theme_change": "changed the theme",
    "theme_order": "put the theme at another place",
    "theme_merge": "merged another theme into it",
    "theme_split": "split a theme off it",
    "theme_drop": "dropped the theme",
    "theme_back": "brought the theme back",
    "theme_agree": "agreed",
    "claim_change": "wrote a claim",
    "claim_drop": "took out a claim",
    "excerpt_link": "linked a passage",
    "excerpt_unlink": "took out a link",
    "quotation_choose": "chose a quotation",
    "quotation_drop": "took out a quotation",
}


def _act(line: dict) -> str:  # type: ignore[type-arg]
    details = line["details"]
    words = ACTS.get(line["act"], line["act"].replace("_", " "))
    if details.get("state"):
        words = f"{STATE_NAMES[details['was']].lower()} → {STATE_NAMES[details['state']].lower()}"
    if line["act"] == "theme_agree" and not details.get("agree"):
        words = "took the agreement back"
    if details.get("back_to"):
        words = f"went back to version {details['back_to']}"
    if details.get("gave_back"):
        words = "gave back what a merged theme had brought"
    if details.get("changed"):
        words += f": {', '.join(details['changed']).replace('_', ' ')}"
    return words
