"""What a report tells of the machine's suggestions: runs, what they laid out, who judged what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qualcode.reports.document import counted, listed
from qualcode.reports.facts import StudyFacts
from qualcode.store.suggesting import Answered, SuggestionRun


def values(facts: StudyFacts) -> dict[str, Any]:
    """The figures behind the sentences, by the names that the full report asks for."""
    help_ = facts.machine
    looked = {kind: [run for run in help_.runs if run.kind == kind]
              for kind in ("candidates", "gaps", "contradictions", "near duplicates")}  # fmt: skip
    judged = _of(help_.answers, looked["candidates"])
    filled = _of(help_.answers, looked["gaps"])
    every = [*looked["candidates"], *looked["gaps"]]
    return {
        "suggestion_runs": help_.looks,
        "candidate_runs": len(looked["candidates"]),
        "candidates": sum(run.found for run in looked["candidates"]),
        "candidates_accepted": sum(a.answer == "accepted" for a in judged),
        "candidates_rejected": sum(a.answer == "rejected" for a in judged),
        "candidates_accepted_by": _people(facts, judged),
        "suggestion_vectors": _said(every, "vectors"),
        "suggestion_seeds": _said(every, "seed"),
        "suggestion_versions": _versions(every),
        "gap_runs": len(looked["gaps"]),
        "gaps": sum(run.found for run in looked["gaps"]),
        "gaps_coded": sum(a.answer == "accepted" for a in filled),
        "gaps_rejected": sum(a.answer == "rejected" for a in filled),
        "lens_runs": len(looked["contradictions"]) + len(looked["near duplicates"]),
        "codings_by_likeness": facts.by_likeness,
    }


def sentences(facts: StudyFacts) -> list[str]:
    """Method, vectors, seed, runs, candidates, what was kept and set aside, and by whom."""
    v, told = values(facts), []
    if v["candidate_runs"]:
        runs = counted(v["candidate_runs"], "run")
        told.append(
            f"Passages were grouped by sparse consensus ({v['suggestion_vectors']}; seed "
            f"{v['suggestion_seeds']}; {v['suggestion_versions']}) in {runs}, which laid out "
            f"{counted(v['candidates'], 'candidate')}: {_accepted(v)}, "
            f"{_number(v['candidates_rejected'])} set aside, the others left as they were."
        )
    if v["gap_runs"]:
        told.append(
            f"Passages without a code were searched for gaps in {counted(v['gap_runs'], 'run')}, "
            f"which laid out {counted(v['gaps'], 'gap')}: {_number(v['gaps_coded'])} became a code "
            f"or a proposal of one, {_number(v['gaps_rejected'])} set aside."
        )
    if v["lens_runs"]:
        told.append(
            "Near-duplicate passages and contradictions between coders were looked at in "
            f"{counted(v['lens_runs'], 'run')}."
        )
    return told


def likeness_sentence(facts: StudyFacts) -> str:
    """How many codings stand that a machine suggested as looking like a code's own; "" if none."""
    if not facts.by_likeness:
        return ""
    machine, codings = facts.by_likeness, facts.by_search[1]
    verb, whose = ("was", "its coder") if machine == 1 else ("were", "their coders")
    return (
        f"{machine:,} of {codings:,} codings {verb} suggested by software, as looking like other "
        f"passages of the same code, and accepted one by one by {whose}."
    )


def _of(answers: Sequence[Answered], runs: Sequence[SuggestionRun]) -> list[Answered]:
    ids = {run.id for run in runs}
    return [answer for answer in answers if answer.run in ids]


def _people(facts: StudyFacts, answers: Sequence[Answered]) -> str:
    names = {a.made_by: facts.label(a.made_by) for a in answers if a.answer == "accepted"}
    return listed(list(names.values())) if names else ""


def _accepted(v: dict[str, Any]) -> str:
    if not v["candidates_accepted"]:
        return "none kept as a theme"
    as_ = "a theme" if v["candidates_accepted"] == 1 else "themes"
    return f"{v['candidates_accepted']} kept as {as_} by {v['candidates_accepted_by']}"


def _said(runs: Sequence[SuggestionRun], name: str) -> str:
    """What the runs say of one parameter, each thing once."""
    return listed(
        list(dict.fromkeys(str(run.parameters[name]) for run in runs if name in run.parameters))
    ) if runs else ""  # fmt: skip


def _versions(runs: Sequence[SuggestionRun]) -> str:
    """The libraries of the newest run; those of all stand in the record."""
    if not runs:
        return ""
    found = sorted(runs[-1].versions.items(), key=lambda each: each[0] != "qualcode")
    return ", ".join(f"{name} {number}" for name, number in found)


def _number(number: int) -> str:
    return f"{number:,}" if number else "none"
