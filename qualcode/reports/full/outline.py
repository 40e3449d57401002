"""A full report from its profile: headings and parts in, one Report with counted exhibits out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date as Date
from typing import Any

from qualcode.errors import UnreadableFile
from qualcode.reports.document import (
    Block,
    Bullets,
    Contents,
    Figure,
    Heading,
    Layout,
    Page,
    Paragraph,
    Placeholder,
    Quote,
    Report,
    Table,
    Value,
    counted,
)
from qualcode.reports.facts import StudyLike
from qualcode.reports.full import decision, methods, results
from qualcode.reports.full.anonymous import with_initials, without_names
from qualcode.reports.full.edits import Place, Words, place, written
from qualcode.reports.full.exhibits import EXHIBITS, NOTES
from qualcode.reports.full.fields import Draft, respelled, spelled, uses_number_words
from qualcode.reports.full.material import GUEST, Material, material
from qualcode.reports.full.profiles import Ask, Profile, Section, american, load_profile
from qualcode.reports.full.supplements import SUPPLEMENTS, agreement_of, is_due

Item = Draft | Ask | Block
NUMBER_WORDS = "methods.number_words"
COLUMNS = ("section", "place", "query", "value", "printed")
SHORT_TITLE = 60
PARTS: dict[str, Callable[[Material], Sequence[Item]]] = {
    "abstract.methods": results.abstract_methods,
    "abstract.results": results.abstract_results,
    "aims": results.aims,
    "methods.design": methods.design,
    "methods.team": methods.team,
    "methods.setting": methods.setting,
    "methods.recruitment": methods.recruitment,
    "methods.collection": methods.collection,
    "methods.processing": methods.processing,
    "methods.codebook": methods.codebook,
    "methods.coding": methods.coding,
    "methods.themes": methods.themes,
    "methods.saturation": methods.saturation,
    "methods.quotations": methods.quotations,
    NUMBER_WORDS: methods.number_words,
    "methods.trust": methods.trust,
    "methods.ethics": methods.ethics,
    "methods.reporting": methods.reporting,
    "results.participants": results.participants,
    "results.overview": results.overview,
    "results.saturation": results.saturation,
    "results.themes": results.themes,
    "results.divergent": results.divergent,
    "results.groups": results.groups,
    "results.needs": results.needs,
    "discussion.findings": results.main_findings,
    "discussion.strengths": results.strengths,
    "declarations": results.declarations,
    "references": results.references,
    "decision.question": decision.question,
    "decision.messages": decision.messages,
    "decision.base": decision.base,
    "decision.how": decision.how,
    "decision.themes": decision.themes,
    "decision.needs": decision.needs,
    "decision.sure": decision.sure,
}
OWN = ("title_page", "contents", "to_write")
KNOWN = (*PARTS, *EXHIBITS, *SUPPLEMENTS, *OWN)


@dataclass
class _Making:
    """A report while it is put together."""

    m: Material
    kept: Mapping[str, Words]
    blocks: list[Block] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    words: dict[str, int] = field(default_factory=lambda: {"abstract": 0, "main": 0})
    records: list[Mapping[str, Value]] = field(default_factory=list)
    title: str = ""
    heading: str = ""
    counts: str = "none"
    landscape: bool = False
    supplementary: int = 0

    @property
    def spelling(self) -> Mapping[str, str]:
        """Our words as the profile spells them; nothing of the authors is looked up here."""
        return american() if self.m.profile.spelling == "US" else {}

    def put(self, block: Block) -> None:
        self.blocks.append(block)
        if self.counts in self.words:
            self.words[self.counts] += words_of(block)


def full_report(study: StudyLike, profile: str | Profile, *, date: Date | None = None) -> Report:
    """The report of a study as a profile asks for it.

    Parameters
    ----------
    study
        The study, seen through its seat: nothing of open coding is in the report.
    profile
        The name of a profile file, or a profile.
    date
        The date on the report, today without it.
    """
    asked = load_profile(profile) if isinstance(profile, str) else profile
    day = date or Date.today()
    made = make(study, asked)
    made.blocks = list(_finished(made))
    waiting = [one for one in made.places.values() if one.state == "to write"]
    stale = [one for one in made.places.values() if one.state == "out of date"]
    facts = made.m.facts
    return Report(
        kind=asked.id,
        title=made.title,
        subtitle=tuple(_subtitle(made, day, len(waiting), len(stale))),
        blocks=tuple(made.blocks),
        date=day,
        columns=COLUMNS,
        records=tuple(made.records),
        data={
            "study": facts.title,
            "profile": asked.id,
            "snapshot": facts.snapshot,
            "words": dict(made.words),
            "limits": {
                "abstract": asked.abstract_words,
                "main": asked.main_words,
            },
            "byline": _byline(made),
            "citation": _citations(made.m),
            "agreement": agreement_of(made.m),
            "to_write": [{"place": p.id, "section": p.section, "words": p.ask} for p in waiting],
            "out_of_date": [{"place": p.id, "changed": list(p.changed)} for p in stale],
            "places": [_told(one) for one in made.places.values()],
            "tables": [_table(t) for t in made.blocks if isinstance(t, Table)],
            "figures": [
                {"label": f.label, "caption": f.caption, "shows": f.alt}
                for f in made.blocks
                if isinstance(f, Figure)
            ],
        },
        layout=Layout(
            paper=asked.paper,
            spacing=asked.spacing,
            line_numbers=asked.line_numbers,
            language=asked.language,
            short_title=_short(made.title),
        ),
    )


def places(study: StudyLike, profile: str | Profile) -> tuple[Place, ...]:
    """Every paragraph that may be edited, in the order of the report."""
    asked = load_profile(profile) if isinstance(profile, str) else profile
    return tuple(make(study, asked).places.values())


def make(study: StudyLike, profile: Profile) -> _Making:
    """The report with all its parts, before what is counted over the whole of it is filled in."""
    seen = without_names(study) if profile.anonymous else study
    first = material(seen, profile)
    first = replace(first, study=with_initials(seen, first.facts.label))
    making = _Making(replace(first, numbers=_numbers(first)), written(study))
    title = place(making.m.draft("title", profile.title), "Title", making.kept)
    making.title, making.places["title"] = title.shown, title
    for section in profile.sections:
        _section(making, section, 1)
    return making


def _numbers(m: Material) -> dict[str, str]:
    """What each exhibit and supplement is called, counted in the order of the report."""
    found: dict[str, str] = {}
    counts = {"table": 0, "figure": 0, "supplement": 0}
    for name in _names(m.profile.sections):
        kind = name.partition(".")[0]
        due = (name in EXHIBITS and EXHIBITS[name](m) is not None) or (
            name in SUPPLEMENTS and is_due(m, name)
        )
        if due and name not in found:
            counts[kind] += 1
            found[name] = f"{kind.capitalize()} {counts[kind]}"
    return found


def _names(sections: Iterable[Section]) -> Iterator[str]:
    for section in sections:
        yield from (one for one in section.show if isinstance(one, str))
        yield from _names(section.sections)


def _section(making: _Making, section: Section, depth: int) -> None:
    before = making.counts
    making.counts = section.counts or before
    if section.page:
        _turn(making, landscape=section.page == "landscape", always=True)
    if section.heading:
        title = spelled(section.heading, making.spelling)
        making.heading = title if depth == 1 else making.heading
        making.put(Heading(title, min(depth, 3)))
    base = depth if section.heading else depth - 1
    for one in section.show:
        _show(making, one, base)
    for under in section.sections:
        _section(making, under, depth + 1)
    making.counts = before


def _show(making: _Making, one: str | Ask, base: int) -> None:
    m = making.m
    if isinstance(one, Ask):
        _item(making, one, base)
    elif one in EXHIBITS:
        _exhibit(making, one)
    elif one in SUPPLEMENTS:
        _supplement(making, one)
    elif one in PARTS:
        for item in PARTS[one](m):
            _item(making, item, base)
    elif one == "contents":
        making.blocks.append(Contents())
    elif one in OWN:
        making.blocks.append(_Later(one))
        if one == "title_page":
            for ask in TITLE_PAGE if not m.profile.anonymous else ():
                _item(making, ask, base)
    else:
        raise UnreadableFile(
            f"{m.profile.id}.yaml shows “{one}”, which no report knows; the parts are "
            f"{', '.join(KNOWN)}."
        )


TITLE_PAGE = (
    Ask("title.affiliations", "affiliations of the authors"),
    Ask("title.corresponding", "corresponding author with an address"),
)


@dataclass(frozen=True)
class _Later(Placeholder):
    """Where something goes that counts over the whole report."""


def _item(making: _Making, item: Item, base: int) -> None:
    if isinstance(item, Heading):
        making.put(replace(item, level=min(base + item.level, 3)))
    elif isinstance(item, Draft | Ask):
        _written(making, item)
    else:
        making.put(item)


def _written(making: _Making, item: Draft | Ask) -> None:
    if isinstance(item, Draft):
        if not item.text:
            return
        item = respelled(item, making.spelling)
    else:
        item = replace(item, words=spelled(item.words, making.spelling))
    found = place(item, making.heading or "Title page", making.kept)
    making.places[found.id] = found
    if isinstance(item, Draft) and found.state == "from data":
        making.records += [
            {
                "section": found.section,
                "place": item.id,
                "query": one.query,
                "value": one.value,
                "printed": one.shown,
            }
            for one in item.fields
        ]
    if found.state == "to write":
        making.put(Placeholder(found.ask))
        return
    lines = tuple(line.strip(" -•\t") for line in found.shown.splitlines() if line.strip())
    if found.bullets:
        making.put(Bullets(lines))
    else:
        for line in lines:
            making.put(Paragraph(line))
    if found.state == "out of date":
        making.put(
            Placeholder(
                f"the data have changed since this was written ({'; '.join(found.changed)})",
                "To check",
            )
        )


def _exhibit(making: _Making, name: str) -> None:
    label = making.m.numbers.get(name)
    block = EXHIBITS[name](making.m)
    if label is None or block is None:
        return
    making.put(replace(block, label=label))
    note = NOTES[name](making.m) if name in NOTES else None
    if note is not None:
        making.blocks.append(note)


def _supplement(making: _Making, name: str) -> None:
    label = making.m.numbers.get(name)
    if label is None:
        return
    title, landscape, content = SUPPLEMENTS[name]
    making.counts = "none"
    # Upright supplements follow each other; the first, and each that lies, has a page of its own.
    follows = making.heading.startswith("Supplement ") and not making.landscape
    _turn(making, landscape=landscape, always=landscape or not follows)
    making.heading = f"{label}. {title(making.m)}"
    making.put(Heading(making.heading))
    for item in content(making.m):
        if isinstance(item, Page):
            _turn(making, landscape=item.landscape)
        elif isinstance(item, Table):
            making.supplementary += 1
            making.put(replace(item, label=f"Table S{making.supplementary}"))
        else:
            _item(making, item, 0)


def _turn(making: _Making, *, landscape: bool, always: bool = False) -> None:
    """A new page, where one is asked for or the paper has to be turned."""
    if making.blocks and (always or landscape != making.landscape):
        making.blocks.append(Page(landscape))
        making.landscape = landscape


def words_of(block: Block) -> int:
    """Words as a journal counts them: text and quotations, not tables, figures or headings.

    >>> words_of(Paragraph("Six people took part.")), words_of(Heading("Methods"))
    (4, 0)
    """
    if isinstance(block, Paragraph):
        return 0 if block.small else len(block.text.split())
    if isinstance(block, Bullets):
        return sum(len(item.split()) for item in block.items)
    if isinstance(block, Quote):
        return len(block.text.split()) + len(block.attribution.split())
    return 0


def _finished(making: _Making) -> Iterator[Block]:
    """The blocks with what is counted over all of them; the key only where it is used."""
    text = " ".join(_text(block) for block in making.blocks)
    keyed = uses_number_words(text) or any(
        "verbal" in str(record["query"]) for record in making.records
    )
    key = making.places.get(NUMBER_WORDS)
    if not keyed and key is not None and key.state == "from data":
        del making.places[NUMBER_WORDS]
        making.words["main"] -= len(key.draft.split())
        making.blocks = [b for b in making.blocks if b != Paragraph(key.draft)]
    for block in making.blocks:
        if not isinstance(block, _Later):
            yield block
        elif block.text == "title_page":
            yield from _counts(making)
        else:
            yield from _to_write(making)


def _text(block: Block) -> str:
    if isinstance(block, Bullets):
        return " ".join(block.items)
    return block.text if isinstance(block, Paragraph) else ""


def _counts(making: _Making) -> Iterator[Block]:
    profile, words = making.m.profile, making.words
    exhibits = [b for b in making.m.numbers.values() if not b.startswith("Supplement")]
    yield Paragraph(
        "Word count: "
        f"{_limit('abstract', words['abstract'], profile.abstract_words)}; "
        f"{_limit('main text', words['main'], profile.main_words)}. "
        f"{_limit('tables and figures', len(exhibits), profile.tables_and_figures).capitalize()}."
    )
    yield Paragraph(
        "Counted are text and quotations from the introduction to the discussion, without "
        "headings, tables, figures and places that are still to be written.",
        small=True,
    )


def _limit(what: str, count: int, most: int | None) -> str:
    if most is None:
        return f"{what} {count:,}"
    return f"{what} {count:,} of at most {most:,}" + (" (too many)" if count > most else "")


def _to_write(making: _Making) -> Iterator[Block]:
    """The last page: what is still to be written or looked at again, counted."""
    waiting = [p for p in making.places.values() if p.state in ("to write", "out of date")]
    yield Page()
    yield Heading("Still to write")
    if not waiting:
        yield Paragraph("Nothing is left to write in this report.")
        return
    yield Paragraph(
        f"{counted(len(waiting), 'place waits', 'places wait')} for the authors’ words; each is "
        "marked in the text. This page goes when they are written."
    )
    yield Bullets(
        tuple(f"{p.section}: {p.ask or 'look again, the data have changed'}" for p in waiting),
        numbered=True,
    )


def _subtitle(making: _Making, day: Date, waiting: int, stale: int) -> Iterator[str]:
    facts = making.m.facts
    if byline := _byline(making):
        yield byline
    state = "" if not waiting else f" Draft: {counted(waiting, 'place', 'places')} to write."
    state += f" {counted(stale, 'paragraph')} out of date." if stale else ""
    yield f"{day.day} {day:%B %Y}. Data snapshot {facts.snapshot}.{state}"


def _byline(making: _Making) -> str:
    """The authors as the title page names them; nobody in a report for anonymous review."""
    if making.m.profile.anonymous:
        return ""
    names = (
        ", ".join(filter(None, (p.get("name", "").strip(), p.get("credentials", "").strip())))
        for p in making.m.facts.team
        if p.get("name", "").strip()
    )
    return "; ".join(names)


def _citations(m: Material) -> list[str]:
    told = (m.guideline.citation if m.guideline else "", GUEST if m.curve is not None else "")
    return [text for text in told if text]


def _short(title: str) -> str:
    plain = title.partition(":")[0].strip()
    if len(plain) <= SHORT_TITLE:
        return plain
    return f"{plain[:SHORT_TITLE].rsplit(None, 1)[0]} …"


def _told(one: Place) -> dict[str, Any]:
    return {
        "place": one.id,
        "section": one.section,
        "state": one.state,
        "text": one.shown,
        "draft": one.draft,
        "asked": one.ask,
        "based_on": dict(one.basis),
        "changed": list(one.changed),
        "a_line_each": one.bullets,
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "label": table.label,
        "caption": table.caption,
        "columns": [column.title for column in table.columns],
        "rows": [[cell.text for cell in line.cells] for line in table.rows],
    }
