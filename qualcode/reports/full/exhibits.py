"""Tables and figures of a report: the material in, a table or a figure out, None where none is due.

Their captions carry no number here; the outline counts them where they stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from qualcode.reports.characteristics import PERCENT_FROM, SMALLEST_GROUP
from qualcode.reports.document import (
    Cell,
    Column,
    Figure,
    Paragraph,
    Row,
    Table,
    counted,
    listed,
    row,
)
from qualcode.reports.findings import Finding, NeedFinding
from qualcode.reports.full import drawings
from qualcode.reports.full.material import Material, group_columns
from qualcode.reports.needs import JUDGEMENT

Exhibit = Table | Figure
SPREAD = "Counts show how widely a theme was voiced, not how important it is."
ORDERED = ((0, 4), (5, 9), (10, 19))


def flow(m: Material) -> Figure | None:
    """Recruitment from those approached to those analysed; it has to add up."""
    value = m.evidence("recruitment.flow").value
    if value.get("approached") is None:
        return None
    left = [(words, int(value.get(key) or 0)) for key, words in (
        ("declined", "Declined"), ("no_reply", "No reply"), ("ineligible", "Not eligible"),
        ("withdrew_before", "Withdrew before the interview"),
    )]  # fmt: skip
    after = [("Withdrew after the interview", int(value.get("withdrew") or 0))]
    steps = (
        drawings.FlowStep("Approached", int(value["approached"]), _some(left)),
        drawings.FlowStep("Interviewed", int(value["interviewed"]), _some(after)),
        drawings.FlowStep("Analysed", int(value["analysed"])),
    )
    told = "; ".join(
        f"{step.label.lower()} {step.count}"
        + "".join(f", {name.lower()} {count}" for name, count in step.left)
        for step in steps
    )
    return Figure("", "Recruitment of participants", f"Flow chart: {told}.", drawings.Flow(steps))


def _some(counts: list[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple((name, count) for name, count in counts if count)


def tree(m: Material) -> Figure | None:
    """The coding tree with the number of participants behind each theme and code."""
    branches = tuple(
        drawings.Branch(
            theme.name,
            len(theme.participants),
            tuple((line.code.name, len(line.participants)) for line in theme.codes),
        )
        for theme in m.found.themes
    )
    if not branches or not any(branch.codes for branch in branches):
        return None
    told = "; ".join(
        f"{b.name} ({b.count}): " + (", ".join(f"{n} ({c})" for n, c in b.codes) or "no code")
        for b in branches
    )
    return Figure(
        "",
        f"Themes and their codes, with the number of participants of {m.of} in brackets",
        f"Tree of {counted(len(branches), 'theme')}. {told}.",
        drawings.Tree("Themes", m.of, branches),
    )


def curve(m: Material) -> Figure | None:
    """The saturation curve with its parameters; none in a reflexive study."""
    if m.curve is None:
        return None
    made = m.curve
    numbers = tuple(str(n) for n in range(1, len(made["distinct"]) + 1))
    told = "; ".join(
        f"interview {n}: {new} new, {seen} so far"
        for n, new, seen in zip(numbers, made["new"], made["distinct"], strict=True)
    )
    return Figure(
        "",
        f"New codes by interview (base {made['base']}, run {made['run']})",
        f"Bars of new codes and a line of different codes so far. {told}.",
        drawings.Curve(
            numbers, tuple(made["distinct"]), tuple(made["new"]), made["base"], made["run"]
        ),
    )


def spread(m: Material) -> Figure | None:
    """Themes by group, where there is more than one group that may be counted apart."""
    groups = group_columns(m)
    if len(groups) < 2:
        return None
    themes = tuple(
        (theme.name, tuple(theme.groups[group][0] for group, _ in groups))
        for theme in m.found.themes
    )
    told = "; ".join(
        f"{name}: "
        + ", ".join(f"{g} {n} of {size}" for (g, size), n in zip(groups, counts, strict=True))
        for name, counts in themes
    )
    return Figure(
        "", "Participants who voiced each theme, by group", f"Bar chart. {told}.",
        drawings.Spread(groups, themes),
    )  # fmt: skip


def participants(m: Material) -> Table | None:
    """Table 1: bands and counts; a value that fewer than three share is not shown."""
    people = m.facts.participants
    names = sorted({name for person in people for name in person.attributes})
    if not names:
        return None
    rows: list[Row] = []
    for name in names:
        given = [p.attributes.get(name, "").strip() for p in people]
        counts = Counter(banded([value for value in given if value]))
        kept = {v: n for v, n in counts.items() if n >= SMALLEST_GROUP}
        missing = sum(not value for value in given)
        if not kept:
            continue
        rows.append(Row((Cell(_capital(name.replace("_", " "))),), "section"))
        rows += [row(value, _share(n, len(people))) for value, n in sorted(kept.items(), key=_key)]
        other = sum(counts.values()) - sum(kept.values())
        rows += [row("Other values together", _share(other, len(people)))] if other else []
        rows += [row("Not recorded", _share(missing, len(people)))] if missing else []
    if not rows:
        return None
    return Table(
        f"Participants (N = {len(people)})",
        (
            Column("Characteristic", 4),
            Column("n (%)" if len(people) >= PERCENT_FROM else "n", 1, numeric=True),
        ),
        tuple(rows),
    )


def participants_note(m: Material) -> Paragraph | None:
    """What Table 1 does not break down, and why."""
    people = m.facts.participants
    hidden = []
    for name in sorted({name for person in people for name in person.attributes}):
        counts = Counter(banded([v for p in people if (v := p.attributes.get(name, "").strip())]))
        if not any(n >= SMALLEST_GROUP for n in counts.values()):
            hidden.append(name.replace("_", " "))
    words = f"Values that fewer than {SMALLEST_GROUP} people share are counted together"
    if hidden:
        words += f"; not broken down for that reason: {', '.join(hidden)}"
    return Paragraph(f"{words}.", small=True)


def banded(values: list[str]) -> list[str]:
    """Numbers as bands, so that no exact year or age is printed; words as they are.

    >>> banded(["3", "12", "25"]), banded(["ward", "3"])
    (['0–4', '10–19', '20 and more'], ['ward', '3'])
    """
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        return values
    if max(numbers, default=0) >= 70 or min(numbers, default=0) < 0:
        return [f"{int(n // 20) * 20}–{int(n // 20) * 20 + 19}" for n in numbers]

    def band(number: float) -> str:
        for low, high in ORDERED:
            if number < high + 1:
                return f"{low}–{high}"
        return "20 and more"

    return [band(number) for number in numbers]


def _key(item: tuple[str, int]) -> tuple[int, int, str]:
    value, _ = item
    digits = "".join(c for c in value.split("–")[0].split("+")[0] if c.isdigit())
    return (0, int(digits), value) if value[:1].isdigit() and digits else (1, 0, value)


def _share(count: int, total: int) -> str:
    if total >= PERCENT_FROM:
        return f"{count} ({100 * count / total:.0f} %)"
    return str(count)


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def themes(m: Material) -> Table | None:
    """Table 2: each theme with its definition, its codes and a quotation not used in the text."""
    if not m.found.themes:
        return None
    return Table(
        f"Themes, their codes and a quotation for each (N = {m.of})",
        (
            Column("Theme", 2.4),
            Column("Definition", 3),
            Column("Codes (participants)", 3.2),
            Column("Quotation", 4),
        ),
        tuple(
            row(
                Cell(theme.name, note=f"{len(theme.participants)} of {m.of}", strong=True),
                theme.definition.strip(),
                "\n".join(f"{line.code.name} ({len(line.participants)})" for line in theme.codes),
                _one_more(m, place),
            )
            for place, theme in enumerate(m.found.themes)
        ),
    )


def _one_more(m: Material, place: int) -> str:
    more = m.more_quotations[place]
    if more:
        return f"{more[0].shown} {more[0].attribution}"
    used = m.found.themes[place].quotations
    return f"{used[0].shown} {used[0].attribution} (also in the text)" if used else ""


def prevalence(m: Material) -> Table | None:
    """Table 3: themes and codes by participants, in all and by group."""
    if not m.found.themes:
        return None
    groups = group_columns(m)
    rows: list[Row] = []
    for theme in m.found.themes:
        rows.append(_counts(Cell(theme.name, strong=True), m, theme, theme.participants))
        rows += [
            _counts(Cell(f"\u2003{line.code.name}"), m, theme, line.participants)
            for line in theme.codes
        ]
    return Table(
        "Participants who voiced each theme and code",
        (
            Column("Theme and code", 6),
            Column(f"All (N = {m.of})", 1.7, numeric=True),
            *(Column(f"{group} (N = {size})", 2.1, numeric=True) for group, size in groups),
        ),
        tuple(rows),
    )


def _counts(name: Cell, m: Material, theme: Finding, people: tuple[str, ...]) -> Row:
    groups = [
        str(sum(m.facts.group_of(person) == group for person in people))
        for group, _ in group_columns(m)
    ]
    return row(name, str(len(people)), *groups)


def prevalence_note(m: Material) -> Paragraph | None:
    small = [g for g, (_, size) in m.found.themes[0].groups.items()
             if size < SMALLEST_GROUP]  # fmt: skip
    words = f"Participants, not passages, from the settled codings. {SPREAD}"
    if small:
        words += f" Groups of fewer than {SMALLEST_GROUP} people are not shown apart."
    return Paragraph(words, small=True)


def needs(m: Material) -> Table | None:
    """Table 4: the needs by priority, with the themes that each rests on."""
    if not m.needs:
        return None
    return Table(
        "Needs, the most important first",
        (
            Column("No.", 0.9),
            Column("Need", 4.4),
            Column("Rests on", 3.8),
            Column(f"People (of {m.of})", 1.5, numeric=True),
            Column("Importance", 2.1, numeric=True),
            Column("Feasibility", 2.0, numeric=True),
            Column("First step", 3.4),
        ),
        tuple(
            row(
                f"N{number}",
                found.need.need,
                Cell(
                    "\n".join((*found.themes, *(code.name for code in found.codes))) or JUDGEMENT,
                    note=JUDGEMENT if found.need.judgement and found.evidence else "",
                ),
                str(len(found.participants)) if found.evidence else "–",
                _rated(found.need.importance),
                _rated(found.need.feasibility),
                _step(found),
            )
            for number, found in enumerate(m.needs, start=1)
        ),
    )


def _rated(value: int | None) -> str:
    return "not rated" if value is None else str(value)


def _step(found: NeedFinding) -> Cell:
    need = found.need
    # By when stands in the register: a day or a month is a date, which a report does not need.
    return Cell(need.first_step, note=need.owner)


def needs_note(m: Material) -> Paragraph | None:
    by = sorted({n.need.importance_by.strip() for n in m.needs} - {""})
    rated = f" Importance was rated by {listed(by)}." if by else ""
    return Paragraph(f"Importance and feasibility run from 1, low, to 5, high.{rated}", small=True)


def grid(m: Material) -> Figure | None:
    """Needs by importance and feasibility, those that have both."""
    rated = tuple(
        (f"N{number}", float(found.need.importance), float(found.need.feasibility))
        for number, found in enumerate(m.needs, start=1)
        if found.need.importance is not None and found.need.feasibility is not None
    )
    if not rated:
        return None
    told = "; ".join(f"{name}: importance {i:g}, feasibility {f:g}" for name, i, f in rated)
    return Figure(
        "", "Needs by importance and feasibility", f"Grid of five by five. {told}.",
        drawings.Grid(rated), width=0.62,
    )  # fmt: skip


EXHIBITS: dict[str, Callable[[Material], Exhibit | None]] = {
    "figure.flow": flow,
    "figure.tree": tree,
    "figure.saturation": curve,
    "figure.prevalence": spread,
    "table.participants": participants,
    "table.themes": themes,
    "table.prevalence": prevalence,
    "table.needs": needs,
    "figure.needs": grid,
}
NOTES: dict[str, Callable[[Material], Paragraph | None]] = {
    "table.participants": participants_note,
    "table.prevalence": prevalence_note,
    "table.needs": needs_note,
}
