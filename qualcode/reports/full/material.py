"""What a full report is made of: the study's facts, findings and figures, each computed once.

``QUERIES`` name every number that a drafted sentence may hold. A query takes the material and its
argument and gives a value, or None where the study cannot say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from qualcode.checklists import Checklist, load_checklist
from qualcode.model import Theme
from qualcode.queries.saturation import THRESHOLD, saturation_curve
from qualcode.reports.answers import Evidence
from qualcode.reports.characteristics import SMALLEST_GROUP
from qualcode.reports.document import listed
from qualcode.reports.evidence import EVIDENCE
from qualcode.reports.facts import StudyFacts, StudyLike, gather
from qualcode.reports.findings import Finding, Findings, NeedFinding, findings, passages_of
from qualcode.reports.full.fields import Draft, Value, draft, verbal
from qualcode.reports.full.profiles import Profile
from qualcode.reports.needs import by_priority
from qualcode.reports.quotes import Quotation, candidates
from qualcode.reports.researchers import APPROACHES


@dataclass(frozen=True)
class Material:
    """A study as a full report sees it."""

    study: StudyLike
    facts: StudyFacts
    profile: Profile
    numbers: Mapping[str, str] = field(default_factory=dict)
    """Tables and figures by their name, as the text cites them; filled in by the outline."""

    @cached_property
    def found(self) -> Findings:
        return findings(self.facts)

    @cached_property
    def of(self) -> int:
        """The N of every “n of N”: people whose interview is coded."""
        return len(self.found.participants)

    @cached_property
    def curve(self) -> Mapping[str, Any] | None:
        """The saturation curve; None in a reflexive study and as long as coding is not settled."""
        facts = self.facts
        dated = all(t.interview_date for t in facts.transcripts)
        if facts.is_reflexive or facts.coding_is_open or facts.undecided or not dated:
            return None
        if not facts.settled:
            return None
        made = saturation_curve(facts.codes_met)
        return made if made["ratio"] is not None else None

    @cached_property
    def agreement(self) -> Mapping[str, Any] | None:
        """Agreement before discussion as counts and coefficients; None where it is not reported."""
        figures = None if self.facts.is_reflexive else self.facts.agreement
        if figures is None:
            return None
        codes = figures["codes"]
        one = sum(code["only_a"] + code["only_b"] for code in codes)
        both = sum(code["both"] for code in codes)
        cells = both + one + sum(code["neither"] for code in codes)
        kappas = [code["kappa"] for code in codes if code["kappa"] is not None]
        if not cells:
            return None
        return {
            "percent": 100 * (cells - one) / cells,
            "cells": cells,
            "codes": len(codes),
            "units": figures["n_units"],
            "both": both,
            "one": one,
            "kappa": figures["pooled"]["kappa"],
            "lowest": min(kappas, default=None),
            "highest": max(kappas, default=None),
        }

    @cached_property
    def more_quotations(self) -> tuple[tuple[Quotation, ...], ...]:
        """Quotations that are not in the text, for each theme; the same rules hold for them."""
        taken, found = list(self.found.quotations), []
        themes = {theme.id: theme for theme in self.facts.themes}
        for theme in self.found.themes:
            held = themes.get(theme.id) or Theme(theme.name, codes=_ids(theme), id=theme.id)
            offered = candidates(self.facts, passages_of(self.facts, held), taken)[:MORE]
            found.append(offered)
            taken += offered
        return tuple(found)

    @cached_property
    def questions(self) -> tuple[str, ...]:
        """The questions of the interview guide as they were asked in the end."""
        if self.facts.guides:
            return tuple(self.facts.guides[-1].asked)
        lines = self.typed("guide.text").splitlines()
        return tuple(line.strip() for line in lines if line.strip())

    @property
    def guideline(self) -> Checklist | None:
        return load_checklist(self.profile.checklist) if self.profile.checklist else None

    @cached_property
    def needs(self) -> tuple[NeedFinding, ...]:
        return tuple(by_priority(self.found))

    @cached_property
    def coders(self) -> tuple[str, ...]:
        """Who submitted codings, as they are named in print."""
        facts = self.facts
        return tuple(
            facts.label(c) for c in facts.coders if any(c == one for one, _ in facts.codings.sealed)
        )

    def evidence(self, key: str) -> Evidence:
        """What the study can say to this key of the checklists."""
        if key not in self._answers:
            self._answers[key] = EVIDENCE[key](self.facts)
        return self._answers[key]

    @cached_property
    def _answers(self) -> dict[str, Evidence]:
        return {}

    def typed(self, key: str) -> str:
        """A field of the form, as typed."""
        return self.facts.form.get(key, "").strip()

    def theme(self, place: str) -> Finding:
        return self.found.themes[int(place) - 1]

    def ask(self, query: str, argument: str = "") -> Value | None:
        """The value of a query, None where there is none."""
        return QUERIES[query](self, argument)

    def draft(self, id: str, *sentences: str, bullets: bool = False) -> Draft:
        return draft(id, self.ask, *sentences, bullets=bullets)

    def see(self, *names: str) -> str:
        """“ (Table 2; Figure 1)” for a template; "" where the report holds none of them."""
        held = [f"{{cite({name})}}" for name in names if name in self.numbers]
        return f" ({'; '.join(held)})" if held else ""

    def has(self, query: str, argument: str = "") -> bool:
        return self.ask(query, argument) is not None

    @property
    def made(self) -> str:
        """What people do with themes in this approach; they never “emerge”."""
        if self.facts.is_reflexive:
            return "generated"
        words = f"{self.facts.form.get('approach', '')} {self.facts.approach}".casefold()
        return "identified" if "reliability" in words else "developed"


def material(study: StudyLike, profile: Profile) -> Material:
    """Read a study once for a report of this profile."""
    return Material(study, gather(study), profile)


MORE = 5
MIDDLE = 3
"""The middle of the scales from 1 to 5 of the needs register."""
GUEST = (
    "Guest G, Namey E, Chen M. A simple method to assess and report thematic saturation in "
    "qualitative research. PLoS One 2020;15(5):e0232076."
)
Query = Callable[[Material, str], Value | None]


def _value(key: str, name: str) -> Query:
    """A figure of the evidence behind a checklist item."""

    def query(m: Material, argument: str) -> Value | None:
        found = m.evidence(key).value.get(name)
        return found if isinstance(found, str | int | float) else None

    return query


def _place(key: str, name: str, place: int) -> Query:
    def query(m: Material, argument: str) -> Value | None:
        found = m.evidence(key).value.get(name)
        return found[place] if found else None

    return query


def _counted(key: str, name: str) -> Query:
    """One of several counts, by the argument."""

    def query(m: Material, argument: str) -> Value | None:
        counts = m.evidence(key).value.get(name) or {}
        found = counts.get(argument)
        return found if isinstance(found, int) else None

    return query


def _agreed(name: str) -> Query:
    return lambda m, argument: m.agreement[name] if m.agreement else None


def _curved(name: str, place: int | None = None) -> Query:
    def query(m: Material, argument: str) -> Value | None:
        if m.curve is None:
            return None
        found = m.curve[name]
        value: Value = found if place is None else found[place]
        return value

    return query


def _percent_new(m: Material, argument: str) -> Value | None:
    return 100 * float(m.curve["ratio"]) if m.curve else None


def _in_group(m: Material, argument: str) -> Value | None:
    """How many of a group voiced a theme; the argument is their places, “2,1”."""
    theme, _, group = argument.partition(",")
    name, _ = group_columns(m)[int(group) - 1]
    return m.theme(theme).groups[name][0]


def _known_before(m: Material, argument: str) -> Value | None:
    kinds = m.evidence("prior_relationship").value.get("kinds") or {}
    return listed([f"{kind} {n}" if len(kinds) > 1 else kind for kind, n in kinds.items()]) or None


def _approach(m: Material, argument: str) -> Value | None:
    chosen = m.facts.form.get("approach", "").casefold().replace("_", " ").replace("-", " ")
    return f"a {APPROACHES[chosen]}" if chosen in APPROACHES else "a thematic analysis"


def _aim(m: Material, argument: str) -> Value | None:
    lines = [line.strip() for line in m.typed("study.aims").splitlines() if line.strip()]
    return lines[int(argument) - 1]


def _contributions(m: Material, argument: str) -> Value | None:
    people = [p for p in m.facts.team if p.get("role", "").strip()]
    return (
        "; ".join(f"{p.get('initials', '').strip()}: {p['role'].strip()}" for p in people) or None
    )


def _pilot(m: Material, argument: str) -> Value | None:
    """The pilot test in the authors' words: of the version that was tried, else of the form."""
    tried = [guide.pilot.strip() for guide in m.facts.guides if guide.piloted == "yes"]
    return (tried[0] if tried else m.typed("guide.pilot")) or None


def _changes(m: Material, argument: str) -> Value | None:
    """How many changes followed a member check; words of the form where no count is kept."""
    found = m.evidence("member_checks").value.get("changes")
    if isinstance(found, str):
        return int(found) if found.isdigit() else found or None
    return found


def _month(place: int) -> Query:
    def query(m: Material, argument: str) -> Value | None:
        days = sorted(filter(None, (t.interview_date for t in m.facts.transcripts)))
        return f"{days[place]:%B %Y}" if days else None

    return query


def _channels(m: Material, argument: str) -> Value | None:
    kept = m.evidence("recruitment.approach_counts").value.get("channels")
    if isinstance(kept, str):
        return kept or None
    return listed([f"{w} ({n})" if len(kept) > 1 else w for w, n in kept.items()]) if kept else None


def _consents(m: Material, argument: str) -> Value | None:
    return sum(person.quote_consent != "no" for person in m.facts.participants)


def _origin(m: Material, argument: str) -> Value | None:
    return Counter(code.origin for code in m.facts.codebook.codable)[argument]  # type: ignore[index]


def _suggested(m: Material, argument: str) -> Value | None:
    return sum(theme.origin == "machine_suggested" for theme in m.facts.themes)


QUERIES: dict[str, Query] = {
    "sample.participants": lambda m, a: len(m.facts.participants),
    "sample.interviews": _value("sample.n", "interviews"),
    "sample.focus_groups": _value("sample.n", "focus_groups"),
    "sample.sites": _value("sample.n", "sites"),
    "sample.coded": lambda m, a: m.of,
    "sample.quotable": _consents,
    "recruitment.approached": _value("recruitment.flow", "approached"),
    "recruitment.declined": _value("recruitment.flow", "declined"),
    "recruitment.no_reply": _value("recruitment.flow", "no_reply"),
    "recruitment.ineligible": _value("recruitment.flow", "ineligible"),
    "recruitment.withdrew_before": _value("recruitment.flow", "withdrew_before"),
    "recruitment.interviewed": _value("recruitment.flow", "interviewed"),
    "recruitment.withdrew": _value("recruitment.flow", "withdrew"),
    "recruitment.analysed": _value("recruitment.flow", "analysed"),
    "interviews.by": _counted("interviewers", "interviewers"),
    "interviews.mode": _counted("transcripts.setting_counts", "modes"),
    "interviews.alone": _value("transcripts.others_present", "alone"),
    "interviews.known_before": _value("prior_relationship", "known"),
    "interviews.field_notes": _value("documents.field_notes", "made"),
    "interviews.returned": _value("transcripts.returned", "returned"),
    "interviews.corrected": _value("transcripts.returned", "corrections"),
    "duration.known": _value("transcripts.duration", "n"),
    "duration.median": _value("transcripts.duration", "median"),
    "duration.shortest": _place("transcripts.duration", "range", 0),
    "duration.longest": _place("transcripts.duration", "range", 1),
    "duration.total": _value("transcripts.duration", "total"),
    "coders": lambda m, a: len(m.coders),
    "transcripts": lambda m, a: len(m.facts.transcripts),
    "transcripts.twice": lambda m, a: len(m.facts.twice),
    "transcripts.closed": lambda m, a: len(m.facts.closed),
    "differences": lambda m, a: len(m.facts.passages),
    "differences.settled": lambda m, a: len(m.facts.passages) - m.facts.undecided,
    "decisions": lambda m, a: len(m.facts.decisions),
    "codebook.version": lambda m, a: m.facts.codebook.version,
    "codebook.codes": lambda m, a: len(m.facts.codebook.codable),
    "codebook.levels": _value("codebook.tree", "levels"),
    "codebook.origin": _origin,
    "themes": lambda m, a: len(m.found.themes),
    "themes.suggested": _suggested,
    "theme.participants": lambda m, a: len(m.theme(a).participants),
    "theme.passages": lambda m, a: m.theme(a).passages,
    "theme.codes": lambda m, a: len(m.theme(a).codes),
    "theme.group": _in_group,
    "quotations": lambda m, a: len(m.found.quotations),
    "quotations.people": lambda m, a: len(m.found.quoted),
    "agreement.percent": _agreed("percent"),
    "agreement.decisions": _agreed("cells"),
    "agreement.codes": _agreed("codes"),
    "agreement.units": _agreed("units"),
    "agreement.both": _agreed("both"),
    "agreement.one": _agreed("one"),
    "agreement.kappa": _agreed("kappa"),
    "agreement.lowest": _agreed("lowest"),
    "agreement.highest": _agreed("highest"),
    "saturation.base": _curved("base"),
    "saturation.run": _curved("run"),
    "saturation.first": lambda m, a: m.curve["base"] + 1 if m.curve else None,
    "saturation.last": lambda m, a: m.curve["base"] + m.curve["run"] if m.curve else None,
    "saturation.codes": lambda m, a: m.curve["distinct"][m.curve["base"] - 1] if m.curve else None,
    "saturation.new": _curved("new_in_run"),
    "saturation.percent": _percent_new,
    "saturation.threshold": lambda m, a: 100 * THRESHOLD,
    "member_check.sent": _value("member_checks", "sent"),
    "member_check.replied": _value("member_checks", "replied"),
    "software.version": _value("software", "version"),
    "suggested.runs": _value("software", "candidate_runs"),
    "suggested.candidates": _value("software", "candidates"),
    "suggested.accepted": _value("software", "candidates_accepted"),
    "suggested.accepted_by": _value("software", "candidates_accepted_by"),
    "suggested.rejected": _value("software", "candidates_rejected"),
    "suggested.vectors": _value("software", "suggestion_vectors"),
    "suggested.seeds": _value("software", "suggestion_seeds"),
    "suggested.versions": _value("software", "suggestion_versions"),
    "suggested.gap_runs": _value("software", "gap_runs"),
    "suggested.gaps": _value("software", "gaps"),
    "suggested.gaps_coded": _value("software", "gaps_coded"),
    "suggested.gaps_rejected": _value("software", "gaps_rejected"),
    "suggested.lens_runs": _value("software", "lens_runs"),
    "codings.by_search": _value("software", "codings_by_search"),
    "codings.by_likeness": _value("software", "codings_by_likeness"),
    "codings": _value("software", "codings"),
    "study.title": lambda m, a: m.facts.title,
    "approach": _approach,
    "aim": _aim,
    "contributions": _contributions,
    "guest": lambda m, a: GUEST,
    "cite": lambda m, a: m.numbers.get(a),
    "interviews.repeated": _value("sample.repeat_interviews", "repeated"),
    "interviews.recording": _counted("transcripts.recording", "recording"),
    "interviews.kinds": _known_before,
    "dates.first": _month(0),
    "dates.last": _month(-1),
    "guide.version": _value("guide.versions", "version"),
    "guide.questions": _value("guide.versions", "questions"),
    "guideline": lambda m, a: (
        load_checklist(m.profile.checklist).title if m.profile.checklist else None
    ),
    "guideline.citation": lambda m, a: (
        load_checklist(m.profile.checklist).citation if m.profile.checklist else None
    ),
    "group": lambda m, a: dict(enumerate(group_columns(m), start=1))[int(a)][0],
    "group.size": lambda m, a: dict(enumerate(group_columns(m), start=1))[int(a)][1],
    "theme.name": lambda m, a: m.theme(a).name.strip().rstrip("."),
    "theme.definition": lambda m, a: m.theme(a).definition.strip() or None,
    "theme.verbal": lambda m, a: verbal(len(m.theme(a).participants), m.of),
    "themes.minor": lambda m, a: sum(theme.kind == "minor" for theme in m.found.themes),
    "themes.divergent": lambda m, a: sum(len(theme.divergent) for theme in m.found.themes),
    "needs": lambda m, a: len(m.needs),
    "needs.judgement": lambda m, a: sum(not n.evidence for n in m.needs),
    "needs.first": lambda m, a: sum(is_first(n) for n in m.needs),
    "need": lambda m, a: m.needs[int(a) - 1].need.need.strip().rstrip("."),
    "need.participants": lambda m, a: len(m.needs[int(a) - 1].participants),
    "coders.names": lambda m, a: listed(m.coders) or None,
    "recruitment.channels": _channels,
    "guide.pilot": _pilot,
    "guide.revised": _value("guide.versions", "revised"),
    "member_check.changes": _changes,
    "form": lambda m, a: m.typed(a) or None,
    "answer": lambda m, a: m.evidence(a).sentence or None,
}


def _ids(theme: Finding) -> tuple[str, ...]:
    return tuple(line.code.id for line in theme.codes)


def is_first(found: NeedFinding) -> bool:
    """Whether a need stands in the field of the grid that comes first."""
    need = found.need
    return (need.importance or 0) > MIDDLE and (need.feasibility or 0) > MIDDLE


def group_columns(m: Material) -> tuple[tuple[str, int], ...]:
    """The groups that may be counted apart: three people or more, or a count would tell on one."""
    if not m.found.themes:
        return ()
    groups = m.found.themes[0].groups
    return tuple((g, size) for g, (_, size) in groups.items() if size >= SMALLEST_GROUP)
