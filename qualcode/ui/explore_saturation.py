"""Saturation: the curve with everything it hangs on, the estimate beside it, and the judgement."""

from __future__ import annotations

import streamlit as st

from qualcode.model import Attribute, Transcript
from qualcode.queries import by_date, codes_of, saturation, stated
from qualcode.queries.saturation import BASE, ORDERS, RUN, THRESHOLD, Saturation
from qualcode.reports.across import View, cautions, saturation_report
from qualcode.store import Study
from qualcode.ui import explore_charts, explore_files, explore_passages, explore_view, parts

POSITION = "saturation.position"
"""The form field of COREQ 22: what the authors say of saturation."""
LINES = "explore.saturation.titles"
DATES, ADDED, STATED = "by interview date", "as they were added", "as I say"


def room(study: Study, view: View) -> None:
    """The judgement first where the approach asks for no curve, else the curve and then it."""
    reflexive = "reflexive" in study.setting("approach").casefold()
    if reflexive:
        parts.note(
            "In a reflexive thematic analysis saturation is no criterion: say below why the sample "
            "was enough for what you claim."
        )
        if not st.toggle("Show the curve all the same", key="explore.saturation.all_the_same"):
            judgement(study)
            return
    if not view.corpus.codings:
        parts.nothing_yet("There are no codings in this layer yet.")
        judgement(study)
        return
    with parts.problems():
        curve(study, view, reflexive=reflexive)
    judgement(study)


def curve(study: Study, view: View, *, reflexive: bool) -> None:
    """What is asked, what comes of it, and the interviews behind it."""
    most = max(2, len(view.corpus.transcripts))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        base = st.number_input(
            "Base", 1, most, min(BASE, most), key="explore.saturation.base", width=110,
            help="Interviews whose codes the new ones are set against.",
        )  # fmt: skip
        run = st.number_input(
            "Run", 1, most, min(RUN, most), key="explore.saturation.run", width=110,
            help="Interviews of a run after the base.",
        )  # fmt: skip
        percent = st.number_input(
            "Threshold, %", 0.0, 100.0, 100 * THRESHOLD, step=1.0, format="%g",
            key="explore.saturation.threshold", width=130,
            help="New codes of a run over those of the base; 5 or 0 are usual.",
        )  # fmt: skip
        order = st.selectbox(
            "Order", [DATES, ADDED, STATED], key="explore.saturation.order", width=210
        )
        by = explore_view.attribute(
            view, "explore.saturation.by", label="Curves by", none="not by group"
        )
        seed = st.number_input("Seed", 0, 10**9, 1, key="explore.saturation.seed", width=110)
    texts, told = in_order(view, order)
    asked = {"base": int(base), "run": int(run), "threshold": percent / 100, "seed": int(seed)}
    found = saturation(codes_of(view.corpus, texts), orders=ORDERS, **asked)  # type: ignore[arg-type]
    groups = of_groups(view, by, texts, asked)
    st.markdown(f"**{parts.plain(found.sentence)}**")
    parts.note(found.beside)
    drawn(found, texts, groups)
    for sentence in cautions(view, reflexive=reflexive):
        parts.note(sentence)
    if groups:
        for name, each in groups:
            st.markdown(f"**{parts.plain(name)}.** {parts.plain(each.sentence)}")
            parts.note(each.beside)
    place = table(found, texts)
    with st.container(horizontal=True, vertical_alignment="center"):
        parts.note("Click an interview to read the passages in which its new codes were first met.")
        st.space("stretch")
        explore_files.ways_out(
            study,
            "across-saturation",
            lambda: saturation_report(
                view, found, [t.title for t in texts], told, groups=groups,
                judgement=study_position(study), reflexive=reflexive,
            ),
        )  # fmt: skip
    if place is not None:
        first_met(study, view, texts, place)


def study_position(study: Study) -> str:
    """Read anew: the study of the page may be closed when the file is made."""
    from qualcode.store import open_study

    with open_study(study.path) as again:
        return again.setting(POSITION).strip()


def in_order(view: View, order: str) -> tuple[tuple[Transcript, ...], str]:
    """The interviews in the order that was chosen, and how it is called in print."""
    texts = by_date(view.corpus)
    if order == ADDED:
        return view.corpus.transcripts, "as the interviews were added"
    if order == STATED:
        typed = st.text_area(
            "The order, a title a line", "\n".join(t.title for t in texts), key=LINES, height=140
        )
        return stated(view.corpus, typed), "stated by the authors"
    undated = sum(t.interview_date is None for t in texts)
    if undated:
        st.warning(
            f"{parts.count(undated, 'interview')} without a date: taken last, in the order they "
            "were added. Type the dates on the page Transcripts.",
            icon=":material/info:",
        )
        return texts, f"interview date; {undated} without one taken last"
    return texts, "interview date"


def of_groups(
    view: View, by: Attribute | None, texts: tuple[Transcript, ...], asked: dict[str, float]
) -> list[tuple[str, Saturation]]:
    """A curve for each value of an attribute, over the interviews of its people."""
    if by is None:
        return []
    found = []
    for value in view.corpus.values(by)[:6]:
        own = tuple(t for t in texts if view.corpus.value(by, t) == value)
        made = saturation(codes_of(view.corpus, own), orders=ORDERS, **asked)  # type: ignore[arg-type]
        found.append((f"{value} ({parts.count(len(own), 'interview')})", made))
    return found


def drawn(
    found: Saturation, texts: tuple[Transcript, ...], groups: list[tuple[str, Saturation]]
) -> None:
    """The curve, or the curves of the groups."""
    lines = [
        {"who": "Codes so far" if not groups else "Everybody", "place": n, "codes": codes,
         "interview": text.title}
        for n, (codes, text) in enumerate(zip(found.distinct, texts, strict=True), start=1)
    ]  # fmt: skip
    for name, each in groups:
        lines += [
            {"who": name, "place": n, "codes": codes, "interview": str(n)}
            for n, codes in enumerate(each.distinct, start=1)
        ]
    band = [
        {"place": n, "low": low, "mean": middle, "high": high}
        for n, (low, middle, high) in enumerate(
            zip(found.low, found.middle, found.high, strict=True), start=1
        )
    ]
    new = [
        {"place": n, "new": codes, "interview": text.title}
        for n, (codes, text) in enumerate(zip(found.new, texts, strict=True), start=1)
    ]
    edges = [
        edge + 0.5 for edge in (found.base, found.base + found.run) if edge <= found.interviews
    ]
    explore_charts.curves(
        lines,
        [] if groups else band,
        [] if groups else new,
        [] if groups else edges,
        f"Codes met so far: {', '.join(map(str, found.distinct))}; new in each interview: "
        f"{', '.join(map(str, found.new))}.",
    )
    if not groups:
        parts.note(
            f"Line: codes so far. Bars: new codes. Grey: nine of ten of {found.orders} random "
            "orders, dotted their mean. Dashed: the end of the base and of the first run."
        )


def table(found: Saturation, texts: tuple[Transcript, ...]) -> int | None:
    """The interviews in order; the place of the one that was chosen."""
    runs = {step.last: step for step in found.steps}
    rows = []
    for n, text in enumerate(texts, start=1):
        step = runs.get(n)
        rows.append(
            {
                "Interview": text.title,
                "Date": text.interview_date,
                "New codes": found.new[n - 1],
                "Codes so far": found.distinct[n - 1],
                "New in the run": step.new if step else None,
                "Of the base": 100 * step.ratio if step else None,
            }
        )
    event = st.dataframe(
        rows, hide_index=True, on_select="rerun", selection_mode="single-row",
        key="explore.saturation.table", height=explore_charts.height(len(rows), 380),
        placeholder="–",
        alt="New codes by interview",
        column_config={"Of the base": st.column_config.NumberColumn(format="%.1f %%")},
    )  # fmt: skip
    chosen = event["selection"]["rows"]
    return chosen[0] if chosen and chosen[0] < len(rows) else None


def first_met(study: Study, view: View, texts: tuple[Transcript, ...], place: int) -> None:
    """The passages of an interview with codes that none before it had."""
    codes = codes_of(view.corpus, texts[: place + 1])
    new = codes[place] - frozenset().union(*codes[:place])
    own = set(view.corpus.passages_of[texts[place].id])
    numbers = sorted({n for code in new for n in view.corpus.carried.get(code, ()) if n in own})
    names = [code.name for code in view.corpus.codes if code.id in new]
    st.subheader(parts.plain(f"First met in {texts[place].title}"), anchor=False)
    if not new:
        parts.note("Every code of this interview was met before.")
        return
    parts.note(", ".join(names))
    explore_passages.panel(study, view, numbers, "explore.saturation.panel")


def judgement(study: Study) -> None:
    """What the authors say of it: the same words as in COREQ 22."""
    said = study.setting(POSITION)
    may = study.seat is None or bool(study.seat.roles & {"lead", "author"})
    st.subheader("Your judgement", anchor=False)
    if not may:
        parts.note(said or "The lead or an author says what saturation means for this study.")
        return
    with st.form(f"explore.position.{hash(said)}", border=False):
        text = st.text_area(
            "What you conclude about saturation, and why", said, height=110, max_chars=4_000,
            help="It stands in COREQ item 22 and in the Methods of a report.",
        )  # fmt: skip
        pressed = st.form_submit_button("Keep it for COREQ 22")
    with parts.problems():
        if pressed and text.strip() != said:
            study.settings.change({POSITION: text.strip()})
            parts.told("Kept for COREQ item 22.")
            st.rerun()
    st.page_link(parts.page("report"), label="To the report", icon=":material/article:")
