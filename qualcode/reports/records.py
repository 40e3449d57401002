"""Where an answer comes from and where it stands: pages of the app, headings of our own report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from qualcode.reports.facts import StudyFacts

UNKNOWN = frozenset({"", "?", "unknown", "not recorded", "n/a"})
TEAM = "Methods, Team and reflexivity"
PARTICIPANTS = "Methods, Participants and recruitment"
COLLECTION = "Methods, Data collection"
ANALYSIS = "Methods, Analysis"
TRUST = "Methods, Trustworthiness"
THEMES = "Results, Overview of themes"

PLACES: Mapping[str, str] = {
    "interviewers": TEAM,
    "team.credentials": TEAM,
    "team.occupation": TEAM,
    "team.gender": TEAM,
    "team.experience": TEAM,
    "prior_relationship": TEAM,
    "study.disclosed_to_participants": TEAM,
    "reflexivity_statements": TEAM,
    "study.methodology": "Methods, Design and orientation",
    "study.sampling": PARTICIPANTS,
    "recruitment.approach_counts": PARTICIPANTS,
    "recruitment.flow": PARTICIPANTS,
    "sample.n": "Results, Participants",
    "sample.table1": "Results, Participants",
    "transcripts.setting_counts": COLLECTION,
    "transcripts.others_present": COLLECTION,
    "guide.versions": COLLECTION,
    "sample.repeat_interviews": COLLECTION,
    "transcripts.recording": COLLECTION,
    "documents.field_notes": COLLECTION,
    "transcripts.duration": COLLECTION,
    "saturation": ANALYSIS,
    "transcripts.returned": TRUST,
    "coders": ANALYSIS,
    "codebook.tree": ANALYSIS,
    "codebook.origin_counts": ANALYSIS,
    "software": ANALYSIS,
    "member_checks": TRUST,
    "quotes": THEMES,
    "claim_support": THEMES,
    "themes.major": THEMES,
    "themes.minor_and_divergent": "Results, Divergent views",
    "study.title": "Title page",
    "study.aims": "Introduction",
    "sites.table": "Methods, Setting",
    "ethics_and_consent": "Methods, Ethics",
    "transcripts.summary": COLLECTION,
    "processing_log": "Methods, Data processing",
    "processing.deidentification": "Methods, Data processing",
    "analysis_log": ANALYSIS,
    "trustworthiness": TRUST,
    "report.limitations": "Discussion, Strengths and limits",
    "study.conflicts": "Declarations",
    "study.funding": "Declarations",
}
"""Evidence → heading and subheading of the full report; a page number nobody can know."""


@dataclass(frozen=True)
class Link:
    """A record behind an answer: the page that holds it, and which record there.

    >>> Link("P03", "transcripts", "P03").address
    '/transcripts?record=P03'
    """

    label: str
    page: str
    record: str = ""

    @property
    def address(self) -> str:
        return f"/{self.page}" + (f"?{urlencode({'record': self.record})}" if self.record else "")


STUDY = Link("The researchers", "study", "team")
PEOPLE = Link("Participants", "people")
LOG = Link("Recruitment log", "people", "recruitment")
TRANSCRIPTS = Link("Transcripts", "transcripts")
AGREEMENT = Link("Agreement", "agreement")
CODEBOOK = Link("Codebook", "codebook")
THEME_PAGE = Link("Themes", "themes")
RECORD = Link("History", "record")

LINKS: Mapping[str, tuple[Link, ...]] = {
    "interviewers": (TRANSCRIPTS, STUDY),
    "team.credentials": (STUDY,),
    "team.occupation": (STUDY,),
    "team.gender": (STUDY,),
    "team.experience": (STUDY,),
    "prior_relationship": (TRANSCRIPTS,),
    "reflexivity_statements": (STUDY,),
    "study.sampling": (PEOPLE,),
    "recruitment.approach_counts": (LOG,),
    "recruitment.flow": (LOG, PEOPLE),
    "sample.n": (PEOPLE, TRANSCRIPTS),
    "sample.table1": (PEOPLE,),
    "transcripts.setting_counts": (TRANSCRIPTS,),
    "transcripts.others_present": (TRANSCRIPTS,),
    "guide.versions": (Link("Interview guide", "study", "guide"), TRANSCRIPTS),
    "sample.repeat_interviews": (PEOPLE, TRANSCRIPTS),
    "transcripts.recording": (TRANSCRIPTS,),
    "documents.field_notes": (TRANSCRIPTS,),
    "transcripts.duration": (TRANSCRIPTS,),
    "saturation": (TRANSCRIPTS, CODEBOOK),
    "transcripts.returned": (TRANSCRIPTS,),
    "coders": (Link("Rounds", "rounds"), AGREEMENT, Link("Differences", "reconcile")),
    "codebook.tree": (CODEBOOK,),
    "codebook.origin_counts": (CODEBOOK, THEME_PAGE),
    "software": (THEME_PAGE, RECORD),
    "member_checks": (Link("Member checks", "people", "checks"),),
    "quotes": (THEME_PAGE, PEOPLE),
    "claim_support": (THEME_PAGE,),
    "themes.major": (THEME_PAGE,),
    "themes.minor_and_divergent": (THEME_PAGE,),
    "study.title": (Link("Study", "study"),),
    "sites.table": (PEOPLE,),
    "ethics_and_consent": (PEOPLE,),
    "transcripts.summary": (TRANSCRIPTS,),
    "processing_log": (TRANSCRIPTS, RECORD),
    "analysis_log": (AGREEMENT, CODEBOOK),
    "trustworthiness": (TRANSCRIPTS, Link("Member checks", "people", "checks"), RECORD),
}
"""Evidence → the pages that hold its records."""

FACTS: Mapping[str, tuple[str, ...]] = {
    "interviewers": ("interviewer",),
    "prior_relationship": ("prior_relationship",),
    "transcripts.setting_counts": ("mode",),
    "transcripts.others_present": ("others_present",),
    "transcripts.recording": ("recording",),
    "documents.field_notes": ("field_notes",),
    "transcripts.returned": ("returned",),
}
"""Evidence → the facts of each interview that it is counted from."""
MOST_LINKS = 8


def links_of(facts: StudyFacts, key: str) -> tuple[Link, ...]:
    """The records behind this evidence; interviews that lack the fact by name, first."""
    lacking = [
        Link(text.title, "transcripts", text.title)
        for text in facts.transcripts
        for name in FACTS.get(key, ())
        if text.facts.get(name, "").strip().casefold() in UNKNOWN
    ]
    if len(lacking) == len(facts.transcripts):
        lacking = []  # all of them: the list itself is where to begin
    return (*lacking[:MOST_LINKS], *LINKS.get(key, ()))
