"""The way out for a report: drafts with their mark, the gate before a final file, the register."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from qualcode.errors import QualcodeError
from qualcode.model import Seat
from qualcode.privacy import KnownName, names_from
from qualcode.reports import Report
from qualcode.reports.gate import STEPS, Gate
from qualcode.reports.pdf import libreoffice
from qualcode.reports.release import file_name
from qualcode.reports.rules import RULES, Finding
from qualcode.store import Study
from qualcode.store.exports import LONGEST, Purpose
from qualcode.ui import aside, making, parts, state

FILES = {
    "docx": ("Word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "html": ("HTML", "text/html"),
    "xlsx": ("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "md": ("Markdown", "text/markdown"),
    "csv": ("CSV", "text/csv"),
}
if libreoffice():
    FILES["pdf"] = ("PDF", "application/pdf")
NO_PDF = "For a PDF, save the Word file as one; with LibreOffice on this machine it is made here."
LOOKED_OVER = "gate.looked_over"
PURPOSES: dict[Purpose, str] = {
    "publication": "A journal or the public",
    "team": "The team",
    "repository": "A repository of data",
    "audit": "An auditor",
}
PAGES = {
    "/people": "people",
    "/transcripts": "transcripts",
    "/agreement": "agreement",
    "/themes": "themes",
    "/reconcile": "reconcile",
    "/rounds": "rounds",
}


def may_release(study: Study) -> bool:
    return study.seat is None or bool(study.seat.roles & {"lead", "author"})


def downloads(study: Study, kind: str, report: Report) -> None:
    """The report as files: drafts for the team, and the way to a final file."""
    with st.container(horizontal=True, vertical_alignment="center", key="report.files"):
        st.markdown("Draft as", width="content")
        for ending, (label, mime) in FILES.items():
            st.download_button(
                label,
                data=partial(draft, study.path, study.seat, report, ending),
                file_name=file_name(study.title, kind, ending, report.date),
                mime=mime,
                icon=":material/download:",
                help="A draft, marked as one. It is kept in the register of exports.",
                key=f"report.file.{kind}.{ending}",
            )
        if may_release(study) and st.button(
            "Release a final file …",
            type="primary",
            icon=":material/verified:",
            key=f"report.release.{kind}",
        ):
            release(kind, report)
    if "pdf" not in FILES:
        st.caption(NO_PDF)
    register(study)


def draft(path: Path, seat: Seat | None, report: Report, ending: str) -> bytes:
    """A draft, written and registered when it is asked for."""
    return aside.made(making.let_go, path, seat, report, ending)


def final(
    path: Path,
    seat: Seat | None,
    report: Report,
    ending: str,
    recipient: str,
    released_by: str,
    purpose: Purpose,
    accepted: dict[str, str],
    names: tuple[KnownName, ...],
) -> bytes:
    """A final file, written and registered when it is asked for."""
    return aside.made(
        making.let_go,
        path,
        seat,
        report,
        ending,
        final=True,
        recipient=recipient,
        released_by=released_by,
        purpose=purpose,
        accepted=accepted,
        names=names,
    )


@st.dialog("Release a final file", width="large")
def release(kind: str, report: Report) -> None:
    """What the gate finds, who lets it out and to whom; then the file."""
    with parts.problems(), state.current_study() as study:
        top, side = st.columns([2, 3], vertical_alignment="bottom")
        ending = top.segmented_control(
            "As",
            list(FILES),
            format_func=lambda name: FILES[name][0],
            default="docx",
            required=True,
            key="gate.format",
        )
        listed = side.text_area(
            "Names that must not be in it",
            height=68,
            placeholder="One a line: people, places, projects",
            help="The researchers are looked for anyway. What you type here is not kept.",
            key="gate.names",
        )
        names = known(listed)
        name = file_name(study.title, kind, ending, report.date, final=True)
        # Above what is found: what is being typed keeps its place while the file is read.
        with st.container(horizontal=True):
            recipient = st.text_input(
                "Who gets it", max_chars=LONGEST, placeholder="A journal, a committee", width=260,
                key="gate.recipient",
            )  # fmt: skip
            released_by = st.text_input(
                "Released by", max_chars=LONGEST, placeholder="Your name", width=220,
                key="gate.by",
            )  # fmt: skip
            purpose = st.selectbox(
                "For", list(PURPOSES), format_func=PURPOSES.get, width=220, key="gate.purpose"
            )
        gate = looked_over(study, report, name, names)
        accepted = found(gate)
        for sentence in gate.contents.sentences:
            parts.note(sentence)
        left = gate.left(accepted)
        missing = [
            words
            for words, value in (("who gets it", recipient), ("your name", released_by))
            if not value.strip()
        ]
        st.download_button(
            "Release and download",
            data=partial(
                final,
                study.path,
                study.seat,
                report,
                ending,
                recipient,
                released_by,
                purpose,
                accepted,
                names,
            ),
            file_name=name,
            mime=FILES[ending][1],
            type="primary",
            icon=":material/verified:",
            disabled=bool(left or missing),
            key="gate.release",
        )
        if left:
            parts.note(f"{parts.count(len(left), 'point')} still in the way, above.")
        elif missing:
            parts.note(f"Still to type: {' and '.join(missing)}.")
        else:
            parts.note("It is kept in the register of exports: what, to whom, by whom, and when.")


def looked_over(study: Study, report: Report, name: str, names: tuple[KnownName, ...]) -> Gate:
    """What the gate finds; the file is read again only when it, or what is looked for, differs."""
    before = st.session_state.get(LOOKED_OVER)
    if before is not None and before[0] is report and before[1:3] == (name, names):
        return before[3]
    gate = aside.made(making.looked_over, study.path, study.seat, report, name, names)
    st.session_state[LOOKED_OVER] = (report, name, names, gate)
    return gate


def known(listed: str) -> tuple[KnownName, ...]:
    try:
        return names_from(listed)
    except QualcodeError as error:
        parts.problem(error)
        return ()


def found(gate: Gate) -> dict[str, str]:
    """What was found, what blocks first; the reasons for what is let stand."""
    accepted: dict[str, str] = {}
    blocking: dict[str, list[Finding]] = {}
    for finding in gate.blocking:
        blocking.setdefault(finding.id, []).append(finding)
    if blocking:
        st.markdown(f"**{parts.count(len(gate.blocking), 'point')} in the way of a final file**")
    for rule, findings in blocking.items():
        with st.container(border=True, key=f"gate.rule.{rule}"):
            told(rule, findings)
            if findings[0].acceptable:
                accepted[rule] = st.text_input(
                    "Let it stand, because",
                    max_chars=LONGEST,
                    placeholder="A reason; it is kept with your name",
                    key=f"gate.accept.{rule}",
                )
    others = [finding for finding in gate.findings if not finding.blocks]
    warned = sum(finding.severity == "W" for finding in others)
    if not blocking:
        st.success("Nothing is in the way of a final file.", icon=":material/check:")
    if others:
        label = f"{parts.count(warned, 'warning')}, {len(others) - warned} to know"
        with st.expander(label):
            by_rule: dict[str, list[Finding]] = {}
            for finding in others:
                by_rule.setdefault(finding.id, []).append(finding)
            for rule, findings in by_rule.items():
                told(rule, findings)
    return accepted


def told(rule: str, findings: list[Finding]) -> None:
    """One rule with what it found, and the page where it is put right."""
    title = STEPS.get(rule) or (RULES[rule].says if rule in RULES else "")
    st.markdown(f"**{rule}** · {parts.plain(title[:1].upper() + title[1:])}")
    for finding in findings[:12]:
        parts.note(finding.sentence)
    if len(findings) > 12:
        parts.note(f"{len(findings) - 12} more of this kind.")
    page = PAGES.get(findings[0].where.partition("?")[0])
    if page:
        st.page_link(parts.page(page), label="Look there", icon=":material/arrow_forward:")


def register(study: Study) -> None:
    """What has left the study so far, newest first."""
    left = study.exports()
    if not left:
        return
    with st.expander(f"{parts.count(len(left), 'file')} left the study"):
        st.dataframe(
            pd.DataFrame(
                [
                    {
                        "When (UTC)": export.at[:16].replace("T", " "),
                        "File": export.name,
                        "State": "final" if export.final else "draft",
                        "To": export.recipient,
                        "Released by": export.released_by,
                        "Taken by": export.made_by,
                        "Let stand": ", ".join(each.rule for each in export.accepted),
                        "Holds": ", ".join(export.participants) or "nobody",
                        "SHA-256": export.sha256[:16],
                    }
                    for export in reversed(left)
                ]
            ),
            hide_index=True,
            height="auto",
            key="report.register",
            alt="The register of exports, newest first",
        )
