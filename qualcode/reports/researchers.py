"""Who did the research: the answers to COREQ 1 to 9 from the transcripts and the team page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from qualcode.reports.answers import Evidence, ended, found, from_form, typed, waiting
from qualcode.reports.document import counted, listed
from qualcode.reports.facts import StudyFacts

UNKNOWN = {"", "?", "unknown", "not recorded", "n/a"}
APPROACHES = {
    "coding reliability": "thematic analysis of the coding-reliability kind",
    "codebook": "codebook thematic analysis",
    "reflexive": "reflexive thematic analysis",
}
POWER = ("supervis", "clinical", "manager", "patient")


def interviewers(facts: StudyFacts) -> Evidence:
    """COREQ 1: who conducted how many of the interviews."""
    named = [_names(t.facts.get("interviewer", "")) for t in facts.in_order]
    counts = Counter(name for names in named for name in names)
    if not counts:
        return waiting("who conducted each interview; enter it with the transcripts")
    missing = sum(not names for names in named)
    on_team = {person.get("initials", "").strip() for person in facts.team}
    strangers = [name for name in counts if name not in on_team]
    no_author = [
        name
        for person in facts.team
        if (name := person.get("initials", "").strip()) in counts
        and person.get("author", "").strip().casefold() == "no"
    ]
    people = listed([f"{name} (n = {n})" for name, n in sorted(counts.items())])
    sentence = f"Interviews were conducted by {people}."
    if missing:
        sentence += f" Not recorded for {missing} of {len(named)} interviews."
    return found(
        sentence,
        notes=(
            f"The interviewer of {counted(missing, 'interview')} is not recorded."
            if missing
            else "",
            f"{listed(strangers)} conducted interviews and stands not on the team page."
            if strangers and on_team
            else "",
            f"{listed(no_author)} conducted interviews and is no author; the item asks which "
            "authors did."
            if no_author
            else "",
        ),
        interviewers=dict(sorted(counts.items())),
        interviews=len(named),
        missing=missing,
    )


def _names(typed: str) -> list[str]:
    """The interviewers of one interview, as typed: “AD”, “AD and LB”, “AD; LB”."""
    parts = re.split(r"\s*(?:[;,/&+]|\band\b)\s*", typed.strip())
    return [part for part in parts if part.casefold() not in UNKNOWN]


def occupation(facts: StudyFacts) -> Evidence:
    """COREQ 3: the occupation of each researcher, with its date."""
    answer = team_field("occupation", "occupation")(facts)
    years = {t.interview_date.year for t in facts.transcripts if t.interview_date}
    dated = {
        person.get("initials", "").strip(): person.get("as_of", "").strip() for person in facts.team
    }
    outside = [
        f"{who} ({when})"
        for who, when in dated.items()
        if (found := re.search(r"\b(?:19|20)\d\d\b", when))
        and years
        and not min(years) <= int(found.group()) <= max(years)
    ]
    undated = [who for who, when in dated.items() if not when]
    sentence = answer.sentence
    when = set(dated.values())
    if len(when) == 1 and (one := next(iter(when))) and answer.sentence:
        sentence = f"{sentence} (as of {one})".replace(". (as of", " (as of") + "."
    return replace(
        answer,
        sentence=sentence,
        value={**answer.value, "as_of": dated},
        notes=tuple(
            filter(
                None,
                (
                    f"Occupation is dated outside the interviews: {listed(outside)}."
                    if outside
                    else "",
                    f"Occupation is not dated: {listed(undated)}."
                    if undated and len(undated) < len(dated)
                    else "",
                ),
            )
        ),
    )


def reflexivity(facts: StudyFacts) -> Evidence:
    """COREQ 8: a statement of each researcher, from the team page and from their own memos.

    A memo is there only if who wrote it let it be reported.
    """
    initials = {member.name: facts.label(member.name) for member in facts.members}
    team: list[Mapping[str, str]] = []
    told: dict[str, list[str]] = {}
    for name, words in facts.statements.items():
        told.setdefault(initials.get(name, name), []).extend(words)
    for person in facts.team:
        who = person.get("initials", "").strip()
        own = [person.get("reflexivity", "").strip(), *told.pop(who, [])]
        team.append({**person, "reflexivity": " ".join(filter(None, own))})
    team += [{"initials": who, "reflexivity": " ".join(words)} for who, words in told.items()]
    answer = team_field("reflexivity", "a statement for readers")(replace(facts, team=tuple(team)))
    known = {person.get("initials", "").strip() for person in team if person.get("reflexivity")}
    asked = {name for t in facts.transcripts for name in _names(t.facts.get("interviewer", ""))}
    asked |= {facts.label(coder) for coder in facts.coders}
    lacking = sorted(asked - known)
    note = f"No statement of {listed(lacking)}, who interviewed or coded." if lacking else ""
    return replace(
        answer,
        notes=(*answer.notes, note) if note else answer.notes,
        value={**answer.value, "memos": sum(len(w) for w in facts.statements.values())},
    )


def team_field(name: str, words: str) -> Callable[[StudyFacts], Evidence]:
    """COREQ 2 to 5 and 8: one field of the team page, for everybody on it."""

    def answer(facts: StudyFacts) -> Evidence:
        people = [
            (person.get("initials", "").strip() or f"Researcher {place}", person.get(name, ""))
            for place, person in enumerate(facts.team, start=1)
        ]
        given = [(who, text.strip()) for who, text in people if text.strip()]
        blank = [who for who, text in people if not text.strip()]
        between = ". " if any(";" in text or "." in text for _, text in given) else "; "
        sentence = ended(between.join(f"{who}: {text.rstrip('.')}" for who, text in given))
        if not given:
            return waiting(f"{words} of each researcher, on the team page")
        if blank:
            return waiting(f"{words} of {listed(blank)}", draft=sentence, given=dict(given))
        return typed(sentence, given=dict(given))

    return answer


def prior_relationship(facts: StudyFacts) -> Evidence:
    """COREQ 6: how many participants the interviewer knew before."""
    known: dict[str, str] = {}
    unclear: set[str] = set()
    for transcript in facts.transcripts:
        person = transcript.participant or transcript.id
        relation = transcript.facts.get("prior_relationship", "").strip()
        if relation.casefold() in UNKNOWN:
            unclear.add(person)
        elif relation.casefold() not in {"none", "no"}:
            known[person] = relation
    unclear -= known.keys()
    people = {t.participant or t.id for t in facts.transcripts}
    if not people or unclear == people:
        return waiting("whether the interviewers knew participants before; enter it per transcript")
    kinds = Counter(relation.casefold() for relation in known.values())
    if known:
        which = listed([f"{kind} {n}" if len(kinds) > 1 else kind for kind, n in kinds.items()])
        verb = "was" if len(known) == 1 else "were"
        sentence = (
            f"{len(known)} of {counted(len(people), 'participant')} {verb} known to the "
            f"interviewer before the study ({which})."
        )
    else:
        sentence = (
            f"None of the {counted(len(people), 'participant')} was known to the interviewer "
            "before the study."
        )
    if unclear:
        sentence += f" Not recorded for {len(unclear)}."
    power = [kind for kind in kinds if any(word in kind for word in POWER)]
    return found(
        sentence,
        notes=(
            f"Prior relationship is not recorded for {listed(sorted(unclear))}." if unclear else "",
            f"A relation of power is recorded ({listed(power)}): say how it was handled."
            if power
            else "",
        ),
        known=len(known),
        participants=len(people),
        kinds=dict(kinds),
        not_recorded=len(unclear),
    )


def methodology(facts: StudyFacts) -> Evidence:
    """COREQ 9: approach, theory and paradigm as chosen and typed."""
    chosen = facts.approach
    if not chosen:
        return waiting("the approach of the analysis and any theory behind it")
    name = APPROACHES.get(chosen.casefold().replace("_", " ").replace("-", " "), chosen)
    if not name[1:2].isupper():
        name = name[:1].lower() + name[1:].rstrip(".")
    theory, paradigm = facts.form.get("study.theory", ""), facts.form.get("study.paradigm", "")
    sentence = f"We used {name}"
    sentence += f" informed by {theory.rstrip('.')}" if theory else ""
    sentence += f" (paradigm: {paradigm.rstrip('.')})" if paradigm else ""
    return typed(
        sentence,
        notes=(
            "Theory is left empty; name the framework, or say that none was used."
            if not theory
            else "",
        ),
        approach=chosen,
        theory=theory,
        paradigm=paradigm,
    )


def disclosed(facts: StudyFacts) -> Evidence:
    """COREQ 7: what participants were told, as typed."""
    return from_form(
        facts,
        "study.disclosed_to_participants",
        "what participants knew about the researchers and their reasons",
    )
