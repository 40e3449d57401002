"""The registry of evidence: what each key of a checklist file asks of a study.

A key that is not here is answered by the form; so a new checklist file works without code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qualcode.checklists import ChecklistItem
from qualcode.reports import analysis, researchers, sample
from qualcode.reports.answers import Evidence, Source, from_form, typed, waiting
from qualcode.reports.document import counted, listed
from qualcode.reports.facts import StudyFacts
from qualcode.reports.records import PLACES, links_of

Answer = Callable[[StudyFacts], Evidence]


def study_title(facts: StudyFacts) -> Evidence:
    """The study's title, which should name the approach."""
    return typed(facts.title) if facts.title.strip() else waiting("a title")


def sites(facts: StudyFacts) -> Evidence:
    """Setting as typed, and how many participants each site has."""
    answer = from_form(facts, "study.setting", "the setting of the study, and why it was chosen")
    names = {sample.site(person.attributes) for person in facts.participants} - {""}
    if answer.status == "open" or not names:
        return answer
    return typed(f"{answer.sentence} Participants came from {counted(len(names), 'site')}.")


def ethics(facts: StudyFacts) -> Evidence:
    """Approval and consent as typed, and how many agreed to be quoted."""
    approval, consent = facts.form.get("ethics.approval", ""), facts.form.get("ethics.consent", "")
    if not approval or not consent:
        missing = ["ethics approval"] * (not approval) + ["how consent was obtained"] * (
            not consent
        )
        return waiting(listed(missing))
    agreed = sum(person.quote_consent != "no" for person in facts.participants)
    return typed(
        f"{approval.rstrip('.')}. Consent: {consent.rstrip('.')}. {agreed} of "
        f"{counted(len(facts.participants), 'participant')} agreed to be quoted.",
        agreed=agreed,
    )


def together(*keys: str) -> Answer:
    """One answer out of several; open as long as one of them is open."""

    def answer(facts: StudyFacts) -> Evidence:
        parts = [EVIDENCE[key](facts) for key in keys]
        sentence = " ".join(part.sentence for part in parts if part.sentence)
        needs = [part.needs for part in parts if part.status == "open"]
        notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
        value = {key: dict(part.value) for key, part in zip(keys, parts, strict=True)}
        if needs:
            return Evidence(value, sentence, "open", "form", needs="; ".join(needs))
        source: Source = "data" if any(part.source == "data" for part in parts) else "form"
        return Evidence(value, sentence, source=source, notes=notes)

    return answer


def field(key: str, needs: str) -> Answer:
    """A field of the form."""

    def answer(facts: StudyFacts) -> Evidence:
        return from_form(facts, key, needs)

    return answer


EVIDENCE: dict[str, Answer] = {
    "interviewers": researchers.interviewers,
    "team.credentials": researchers.team_field("credentials", "credentials"),
    "team.occupation": researchers.occupation,
    "team.gender": researchers.team_field("gender", "gender, or “not stated”,"),
    "team.experience": researchers.team_field("experience", "experience and training"),
    "prior_relationship": researchers.prior_relationship,
    "study.disclosed_to_participants": researchers.disclosed,
    "reflexivity_statements": researchers.reflexivity,
    "study.methodology": researchers.methodology,
    "study.sampling": sample.sampling,
    "recruitment.approach_counts": sample.approach_counts,
    "sample.n": sample.sample_size,
    "recruitment.flow": sample.recruitment_flow,
    "transcripts.setting_counts": sample.setting_counts,
    "transcripts.others_present": sample.others_present,
    "sample.table1": sample.table1,
    "guide.versions": sample.guide,
    "sample.repeat_interviews": sample.repeat_interviews,
    "transcripts.recording": sample.recording,
    "documents.field_notes": sample.field_notes,
    "transcripts.duration": sample.duration,
    "saturation": analysis.saturation,
    "transcripts.returned": sample.returned,
    "coders": analysis.coders,
    "codebook.tree": analysis.coding_tree,
    "codebook.origin_counts": analysis.derivation,
    "software": analysis.software,
    "member_checks": analysis.member_checks,
    "quotes": analysis.quotations,
    "claim_support": analysis.consistency,
    "themes.major": analysis.major_themes,
    "themes.minor_and_divergent": analysis.minor_themes,
    "study.title": study_title,
    "study.aims": field("study.aims", "the purpose and the research questions"),
    "study.conflicts": field("study.conflicts", "conflicts of interest, or “None”"),
    "study.funding": field("study.funding", "funding and the funder’s part, or “None”"),
    "report.abstract": field("report.abstract", "where the abstract stands"),
    "report.introduction": field("report.introduction", "where the problem is described"),
    "report.discussion": field("report.discussion", "where implications are discussed"),
    "report.limitations": field("report.limitations", "the limitations, or where they stand"),
    "processing.deidentification": field(
        "processing.deidentification", "how data were de-identified and kept safe"
    ),
    "sites.table": sites,
    "ethics_and_consent": ethics,
}
EVIDENCE["transcripts.summary"] = together(
    "sample.repeat_interviews", "transcripts.recording", "transcripts.duration"
)
EVIDENCE["processing_log"] = together("transcripts.recording", "processing.deidentification")
EVIDENCE["analysis_log"] = together("coders", "codebook.tree", "codebook.origin_counts")
EVIDENCE["trustworthiness"] = together("coders", "transcripts.returned", "member_checks")

# Where an item asks for more than the record its key names; by the crosswalk of the two lists.
WIDER: dict[str, Answer] = {
    "S6": together("team.credentials", "team.experience", "reflexivity_statements"),
    "S8": together("study.sampling", "saturation"),
    "S11": together("guide.versions", "transcripts.recording"),
    "S12": together("sample.n", "sample.table1"),
}


def evidence_for(facts: StudyFacts, item: ChecklistItem) -> Evidence:
    """What the study can say about this item."""
    answer = WIDER.get(item.id) or EVIDENCE.get(item.evidence)
    if answer is None:
        unknown = f"The evidence “{item.evidence}” is not known here, so the answer is typed."
        return replace(
            waiting("an answer; it cannot be drawn from the study’s records"),
            notes=(unknown,) if item.evidence else (),
        )
    found = answer(facts)
    place = PLACES.get(item.evidence, "")
    return replace(
        found,
        query=item.evidence,
        links=links_of(facts, item.evidence),
        location="; ".join(filter(None, (place, found.location))),
    )
