"""Agreement: what is covered, one overall value, codes by verdict, where the coders part."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import streamlit as st

from qualcode.agreement import (
    CONVENTION,
    Agreement,
    Unit,
    by_interview,
    by_round,
    by_segment,
    by_theme,
    by_version,
    compare_coders,
    compare_groups,
    compare_with_oneself,
    costs_of_differences,
    side_by_side,
)
from qualcode.model import MAIN, Code, CodingSet, Difference, Round, Transcript
from qualcode.reports.figures import against_consensus, confusion_rows, differences_of_pairs
from qualcode.reports.published import publish, published_report
from qualcode.store import Study
from qualcode.ui import agreement_views as views
from qualcode.ui import aside, making, parts, reconcile_views, state

UNITS: dict[Unit, str] = {
    "turn": "Participant turn",
    "sentence": "Sentence",
    "paragraph": "Paragraph",
    "character": "Character",
    "document": "Transcript",
}
_OFFICE = "application/vnd.openxmlformats-officedocument"
FILES = {
    "docx": ("Word", f"{_OFFICE}.wordprocessingml.document"),
    "xlsx": ("Excel", f"{_OFFICE}.spreadsheetml.sheet"),
    "csv": ("CSV", "text/csv"),
    "json": ("JSON", "application/json"),
}


@dataclass(frozen=True)
class Shown:
    """What this run of the page shows: one round at one unit."""

    study: Study
    held: Round
    unit: Unit
    transcripts: tuple[Transcript, ...]
    codings: CodingSet
    agreed: Agreement
    differences: tuple[Difference, ...]
    labels: Mapping[str, str]

    @property
    def codes(self) -> dict[str, Code]:
        return {code.id: code for code in self.codings.codes}

    @property
    def texts(self) -> dict[str, Transcript]:
        return {text.id: text for text in self.transcripts}

    @property
    def names(self) -> list[str]:
        """The first two coders, as they are called."""
        return [self.labels[name] for name in self.agreed.coders[:2]]

    @property
    def may_settle(self) -> str | None:
        """What the button beside a passage says, for who may settle it."""
        lead = self.study.seat is None or self.study.seat.is_lead
        return "Settle this" if lead and self.held.id == MAIN else None

    def passages(self, differences: Sequence[Difference], place: str) -> None:
        """These differences with their words; settling one is a page of its own."""
        follow(
            views.passages(differences, self.texts, self.labels, self.codes, self.may_settle, place)
        )

    def passages_in(self, transcripts: Sequence[str], place: str) -> None:
        self.passages([d for d in self.differences if d.transcript in transcripts], place)


def follow(difference: str | None) -> None:
    if difference:
        reconcile_views.go_to(difference)
        st.switch_page(parts.page("reconcile"))


def chosen_round(study: Study) -> Round:
    """The round whose figures are shown; asked for only where there is more than the main one."""
    rounds = {held.id: held for held in study.rounds()}
    if len(rounds) < 2:
        return rounds[MAIN]
    kinds = {held.id: "" if held.id == MAIN else f" ({held.kind})" for held in rounds.values()}
    chosen = st.selectbox(
        "Round",
        list(rounds),
        list(rounds).index(MAIN),
        format_func=lambda round: f"{rounds[round].name}{kinds[round]}",
        key="agreement.round",
        width=320,
    )
    return rounds[chosen]


def open_to_compare(study: Study, held: Round) -> bool:
    """Whether this seat may compare in this round; if not, it is told why."""
    sight = study.sight(round=held.id)
    if sight.coders > 1 and sight.closed:
        return True
    parts.nothing_yet(
        f"Agreement opens when both coders have submitted. {sight.sentence}",
        parts.page("code") if sight.own_open else "",
        "Go on coding",
    )
    return False


def summary(agreed: Agreement) -> None:
    """Coverage, one overall value, codes by verdict: the headline in this order."""
    parts.note(f"{agreed.coverage_sentence} {agreed.overall_sentence}")
    overall, pooled = agreed.overall, agreed.pooled
    all_codes = (
        f"All codes × units in one table: {len(agreed.codes)} codes × {agreed.units_counted}"
    )
    of_round = "" if agreed.round.kind == "main" else f", {agreed.round.kind} round"
    with st.container(horizontal=True, gap="large", key="agreement.figures"):
        st.metric(
            f"Overall α{of_round}",
            "undefined" if overall.value is None else f"{overall.value:.3f}",
            width="content",
            help=views.explained(agreed, "alpha_masi"),
        )
        st.metric(
            "95 % interval",
            "–" if overall.low is None else f"{overall.low:.2f} to {overall.high:.2f}",
            width="content",
            help=views.explained(agreed, "interval", views.resampled(agreed)),
        )
        for label, value, name in (
            ("Pooled κ", pooled.kappa, "kappa"),
            ("Pooled α", pooled.alpha, "alpha"),
        ):
            st.metric(
                f"{label}{of_round}",
                "undefined" if value is None else f"{value:.4f}",
                width="content",
                help=views.explained(agreed, name, all_codes),
            )
        st.metric("Units", f"{agreed.n_units:,}", width="content", help=parts.plain(agreed.rule))
    st.markdown(parts.plain(agreed.verdict_sentence))
    st.caption(parts.plain(f"{CONVENTION} Agreement is a tool for talking about the codebook."))


def where_they_part(shown: Shown) -> None:
    st.subheader("Where the coders part", anchor=False)
    if not shown.differences:
        parts.note("Nowhere: every coding of one coder is matched by the other’s.")
        return
    costs = costs_of_differences(
        shown.transcripts, shown.codings, shown.differences, unit=shown.unit
    )
    left, right = st.columns([3, 2], gap="large")
    with left:
        kind = views.class_table(costs)
        parts.note(costs.sentence)
        if len(shown.agreed.coders) == 2:
            (segments,) = by_segment(shown.transcripts, shown.codings, coders=shown.agreed.coders)
            parts.note(segments.sentence)
    with right:
        rows = confusion_rows(shown.differences, shown.codings.codes)
        if rows:
            parts.note("One code taken for the other:")
        pair = views.confusion_table(rows) if rows else None
        if shown.may_settle:
            st.page_link(parts.page("reconcile"), label="Settle them", icon=":material/handshake:")
    if kind:
        shown.passages([d for d in shown.differences if d.kind == kind], "classes")
    elif pair:
        shown.passages(
            [d for d in shown.differences if d.kind == "choice" and views.codes_of(d) == set(pair)],
            "confusions",
        )
    else:
        parts.note("Choose a row to read its passages.")


def by_code(shown: Shown) -> None:
    agreed, tree = shown.agreed, shown.codings.codes
    rolled = any(code.parent for code in tree) and st.toggle(
        "Count what stands below a code for it too",
        key="agreement.rollup",
        help="A theme is the union of its codes, never their mean. The overall value stays.",
    )
    if rolled:
        agreed = compare_coders(
            shown.transcripts, shown.codings, unit=shown.unit, round=shown.held, rollup=True
        )
    rows = views.code_rows(agreed, shown.differences, tree if rolled else ())
    chosen = views.code_table(agreed, rows, shown.names)
    if chosen is None:
        parts.note("Choose a row to read the passages on which the coders part.")
        return
    follow(
        views.code_passages(
            shown.codes[chosen],
            shown.differences,
            shown.texts,
            shown.labels,
            shown.codes,
            shown.may_settle,
        )
    )


def by_transcript(shown: Shown) -> None:
    rows = shown.agreed.transcripts
    names = shown.names
    chosen = views.figures_table(
        [
            {
                "Transcript": row.title,
                "Units": row.n_units,
                "α": row.alpha,
                "κ": row.kappa,
                "Both": row.both,
                f"Only {names[0]}": row.only_a,
                f"Only {names[1]}": row.only_b,
            }
            for row in rows
        ],
        "agreement.transcripts",
        "Agreement for each transcript, all codes in one table",
    )
    if chosen is not None:
        shown.passages_in([rows[chosen].transcript], "transcripts")


def of_themes(shown: Shown) -> None:
    themes = by_theme(shown.transcripts, shown.codings, unit=shown.unit, round=shown.held)
    if not themes:
        parts.note("No code of the codebook stands under another.")
        return
    parts.note("A passage with any code of a theme counts for the theme.")
    chosen = views.figures_table(
        [
            {
                "Theme": row.name,
                "Verdict": views.VERDICTS[row.verdict or row.reason or "no_variation"],
                "α": row.alpha,
                "κ": row.kappa,
                "Both": row.both,
                "Only one": row.only_a + row.only_b,
            }
            for row in themes
        ],
        "agreement.themes",
        "Agreement for each theme",
    )
    if chosen is not None:
        below = views.codes_below(themes[chosen].code, shown.codings.codes)
        shown.passages([d for d in shown.differences if views.codes_of(d) & below], "themes")


def by_pair(shown: Shown) -> None:
    rows = shown.agreed.pairs
    chosen = views.figures_table(
        [
            {
                "Coders": " and ".join(shown.labels[name] for name in row.coders),
                "Units": row.n_units,
                "α": row.alpha,
                "κ": row.kappa,
            }
            for row in rows
        ],
        "agreement.pairs",
        "Agreement for each pair of coders",
    )
    if chosen is not None:
        pair = set(rows[chosen].coders)
        shown.passages([d for d in shown.differences if set(d.coders) == pair], "pairs")


def over_interviews(shown: Shown) -> None:
    chosen = views.drift_table(by_interview(shown.transcripts, shown.codings, unit=shown.unit))
    if chosen:
        shown.passages_in([chosen], "drift")


def of_versions(shown: Shown) -> None:
    layers = shown.study.codings_by_version(round=shown.held.id)
    recoded = side_by_side(
        shown.transcripts, layers, unit=shown.unit, coders=shown.agreed.coders, round=shown.held
    )
    if recoded.lines:
        views.recoded_tables(recoded, shown.codes, shown.labels)
    elif layers:
        parts.note(
            "The codebook has changed since. Agreement under its newest version stands here when "
            "the coders have answered what it asks of them and handed it in."
        )
    chosen = views.version_table(by_version(shown.transcripts, shown.codings, unit=shown.unit))
    if chosen:
        shown.passages_in(chosen, "versions")


def comparable_rounds(study: Study) -> list[tuple[Round, CodingSet]]:
    """The rounds that this seat may compare, with their codings."""
    return [
        (held, study.codings(round=held.id))
        for held in study.rounds()
        if study.sight(round=held.id).closed
    ]


def other_comparisons(shown: Shown, rounds: Sequence[tuple[Round, CodingSet]]) -> None:
    """What is compared on request and is no agreement between two independent coders."""
    coders = sorted({name for name, _ in shown.codings.sealed})
    passes = [(held, made) for held, made in rounds if held.kind == "repeat"]
    asked: dict[str, Callable[[], None]] = {}
    if shown.held.id == MAIN:
        asked["Against the consensus"] = partial(with_consensus, shown, coders)
    if passes and shown.held.id == MAIN:
        asked["One coder, two passes"] = partial(with_oneself, shown, coders, passes)
    if len(coders) > 2:
        asked["Groups of coders"] = partial(with_groups, shown, coders)
    if not asked:
        return
    with st.expander("Other comparisons: no agreement between two independent coders"):
        what = st.segmented_control(
            "Compare",
            list(asked),
            default=next(iter(asked)),
            required=True,
            key="agreement.other",
            label_visibility="collapsed",
        )
        with parts.problems():
            asked[what]()


def one_of(coders: Sequence[str], shown: Shown, key: str) -> str:
    chosen = st.selectbox(
        "Coder", coders, format_func=lambda c: shown.labels[c], key=key, width=320
    )
    return str(chosen)


def with_consensus(shown: Shown, coders: Sequence[str]) -> None:
    coder = one_of(coders, shown, "agreement.consensus.coder")
    found, waiting = against_consensus(
        shown.transcripts, shown.codings, shown.study.decisions(), coder,
        label=shown.labels[coder], unit=shown.unit,
    )  # fmt: skip
    if waiting:
        parts.note(
            "Not counted, as differences are open: "
            f"{', '.join(transcript.title for transcript in waiting)}."
        )
    if found is None:
        parts.note(f"No transcript of {shown.labels[coder]} is settled yet.")
        return
    views.layer_figures(found, found.overall_sentence, "agreement.consensus")


def with_oneself(
    shown: Shown, coders: Sequence[str], passes: Sequence[tuple[Round, CodingSet]]
) -> None:
    coder = one_of(coders, shown, "agreement.self.coder")
    own = [made for _, made in passes if coder in {name for name, _ in made.sealed}]
    if not own:
        parts.note(f"{shown.labels[coder]} has submitted nothing in a repeat round.")
        return
    found = compare_with_oneself(
        shown.transcripts, shown.codings, own[-1], coder=coder, label=shown.labels[coder],
        unit=shown.unit, codebook=own[-1].codes,
        codes=[code.id for code in own[-1].codes if code.codable],
    )  # fmt: skip
    views.layer_figures(found, found.sentence, "agreement.self")


def with_groups(shown: Shown, coders: Sequence[str]) -> None:
    left, right = st.columns(2)
    groups = [
        column.multiselect(
            label, coders, default, format_func=lambda c: shown.labels[c], key=f"agreement.{key}"
        )
        for column, label, default, key in (
            (left, "One group", coders[:1], "group.one"),
            (right, "Other group", coders[1:], "group.other"),
        )
    ]
    found = compare_groups(
        shown.transcripts, shown.codings, *groups, labels=shown.labels, unit=shown.unit,
        round=shown.held, codebook=shown.codings.codes,
        codes=[code.id for code in shown.codings.codes if code.codable],
    )  # fmt: skip
    views.layer_figures(found, found.overall_sentence, "agreement.groups")


def files(shown: Shown) -> None:
    """The supplement of this round at this unit; every file says how it was made."""
    with st.container(horizontal=True, vertical_alignment="center", key="agreement.files"):
        for ending, (label, mime) in FILES.items():
            if st.download_button(
                label,
                data=partial(
                    aside.made,
                    making.agreement_file,
                    shown.study.path,
                    shown.study.seat,
                    shown.held,
                    shown.unit,
                    ending,
                ),
                file_name=file_name(shown, ending),
                mime=mime,
                icon=":material/download:",
                key=f"agreement.file.{ending}",
            ):
                shown.study.log(
                    "export",
                    {"report": "agreement", "format": ending, "round": shown.held.id},
                )


def file_name(shown: Shown, ending: str) -> str:
    title = re.sub(r"[^\w]+", "-", shown.study.title.lower()).strip("-")[:40] or "study"
    kind = "" if shown.held.kind == "main" else f"_{shown.held.kind}"
    return f"agreement{kind}_{shown.unit}_{title}_{date.today().isoformat()}.{ending}"


def as_published(study: Study) -> None:
    """For an author: the final table, as the lead published it."""
    report = published_report(study)
    if report is None:
        parts.nothing_yet("The lead has not published the agreement table for the authors yet.")
        return
    st.iframe(report.to_bytes("html").decode("utf-8"), height=720)


def for_authors(shown: Shown) -> None:
    """The lead hands the final table to the authors, who do not read the coders' own layers."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Publish this for the authors",
            icon=":material/publish:",
            key="agreement.publish",
            help="Authors see this table and its sentence as they stand now.",
        ):
            with parts.problems():
                study = shown.study
                publish(study, aside.made(making.agreement, study.path, study.seat, shown.unit))
                parts.told("The table was published for the authors.")
                st.rerun()
        if report := published_report(shown.study):
            st.caption(f"Published on {report.date:%-d %B %Y}.", width="content")


with state.current_study() as study:
    parts.head("Agreement", "How far the coders agree, from submitted codings only.")
    held = chosen_round(study)
    if study.seat is not None and study.seat.reads_only_results:
        as_published(study)
    elif open_to_compare(study, held):
        study.compared(round=held.id)
        unit = st.segmented_control(
            "Compared per",
            list(UNITS),
            format_func=UNITS.get,
            default="turn",
            required=True,
            key="agreement.unit",
        )
        transcripts, codings = study.transcripts(), study.codings(round=held.id)
        agreed = compare_coders(transcripts, codings, unit=unit, round=held)
        shown = Shown(
            study,
            held,
            unit,
            transcripts,
            codings,
            agreed,
            differences_of_pairs(agreed, transcripts, codings),
            parts.coder_labels(study, taken=views.COLUMNS.values()),
        )
        summary(agreed)
        where_they_part(shown)
        rounds = comparable_rounds(study)
        tables: dict[str, Callable[[Shown], None]] = {
            "By code": by_code,
            "As a plot": lambda shown: views.code_plot(
                views.code_rows(shown.agreed, shown.differences)
            ),
            "By theme": of_themes,
            "By transcript": by_transcript,
            "Over the interviews": over_interviews,
            "By codebook version": of_versions,
        }
        if len(agreed.coders) > 2:
            tables["By pair"] = by_pair
        if len(rounds) > 1:
            tables["By round"] = lambda shown: views.round_table(
                by_round(shown.transcripts, rounds, unit=shown.unit), shown.labels
            )
        for tab, table in zip(st.tabs(list(tables)), tables.values(), strict=True):
            with tab:
                table(shown)
        other_comparisons(shown, rounds)
        views.explanations(agreed, UNITS[unit])
        st.subheader("For the methods section", anchor=False)
        st.code(agreed.methods_sentence, language=None, wrap_lines=True)
        files(shown)
        if held.id == MAIN and shown.may_settle:
            for_authors(shown)
