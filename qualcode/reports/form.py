"""What a study is asked once, because no record can tell it: the fields of the reporting form."""

from __future__ import annotations

from typing import NamedTuple


class FormField(NamedTuple):
    """A question of the form: its label, a word of help, and the checklist items it answers."""

    label: str
    help: str
    items: tuple[str, ...]


FORM_FIELDS: dict[str, FormField] = {
    "study.aims": FormField(
        "Aims or research questions", "One to three sentences, or a numbered list.", ("S4",)
    ),
    "study.setting": FormField(
        "Setting", "Where the study took place, without naming the organisation.", ("S7",)
    ),
    "study.approach": FormField(
        "Approach",
        "coding reliability, codebook or reflexive; or another approach in your own words.",
        ("COREQ-09", "S5"),
    ),
    "study.theory": FormField(
        "Theory or framework",
        "What informed the analysis; leave empty if none.",
        ("COREQ-09", "S5"),
    ),
    "study.paradigm": FormField(
        "Paradigm", "For example critical realist, constructivist.", ("COREQ-09", "S5")
    ),
    "study.sampling": FormField(
        "Sampling",
        "How and why participants were chosen: purposive (for which variation), convenience, "
        "consecutive, snowball.",
        ("COREQ-10", "S8"),
    ),
    "study.sampling_attributes": FormField(
        "Attributes the sampling was to vary",
        "Names of attributes, for example group, site; what was achieved is counted beside it.",
        ("COREQ-10", "S8"),
    ),
    "study.disclosed_to_participants": FormField(
        "What participants were told about the researchers",
        "Personal goals, reasons for doing the research.",
        ("COREQ-07", "S6"),
    ),
    "recruitment.channels": FormField(
        "How people were approached", "E-mail, telephone, face to face, notice.", ("COREQ-11",)
    ),
    "recruitment.approached": FormField(
        "People approached", "A whole number.", ("COREQ-11", "COREQ-13")
    ),
    "recruitment.declined": FormField("People who declined", "A whole number.", ("COREQ-13",)),
    "recruitment.declined_reasons": FormField(
        "Reasons for declining", "With counts: workload 1, no reason given 1.", ("COREQ-13",)
    ),
    "recruitment.no_reply": FormField("People who did not reply", "A whole number.", ("COREQ-13",)),
    "recruitment.ineligible": FormField(
        "People who were not eligible", "A whole number; leave empty if none.", ("COREQ-13",)
    ),
    "recruitment.withdrew": FormField(
        "People who withdrew after the interview",
        "A whole number; leave empty to count the participants marked as withdrawn.",
        ("COREQ-13",),
    ),
    "recruitment.withdrew_reasons": FormField(
        "Reasons for withdrawing", "Leave empty if none was given.", ("COREQ-13",)
    ),
    "transcripts.places": FormField(
        "Places of the interviews in person", "Workplace, home, clinic.", ("COREQ-14", "S10")
    ),
    "transcripts.recording": FormField(
        "Recording",
        "Only if it is not kept with each transcript: audio, video, notes only.",
        ("COREQ-19", "S11"),
    ),
    "transcripts.transcription": FormField(
        "Transcription", "Verbatim or not, by whom, checked against the audio?", ("COREQ-19", "S13")
    ),
    "guide.version": FormField("Interview guide: version", "For example 1.1.", ("COREQ-17", "S11")),
    "guide.questions": FormField(
        "Interview guide: number of questions", "A whole number.", ("COREQ-17", "S11")
    ),
    "guide.text": FormField("Interview guide: the questions", "One a line.", ("COREQ-17", "S11")),
    "guide.pilot": FormField(
        "Interview guide: pilot test",
        "With whom, and what was changed; or: not piloted, because …",
        ("COREQ-17", "S11"),
    ),
    "field_notes.count": FormField(
        "Interviews with field notes",
        "A whole number; only if it is not kept with each transcript.",
        ("COREQ-20",),
    ),
    "saturation.position": FormField(
        "Saturation or another reason to stop",
        "What was discussed about saturation; for a reflexive analysis, why the sample was enough.",
        ("COREQ-22", "S8"),
    ),
    "transcripts_returned.count": FormField(
        "Transcripts returned to participants",
        "A whole number, 0 if none; only if it is not kept with each transcript.",
        ("COREQ-23", "S15"),
    ),
    "transcripts_returned.corrections": FormField(
        "Participants who corrected their transcript", "A whole number.", ("COREQ-23", "S15")
    ),
    "analysis.settling": FormField(
        "How differences were settled",
        "For example: by discussion; by a third researcher.",
        ("COREQ-24", "S14"),
    ),
    "analysis.derivation": FormField(
        "Where the themes come from",
        "In your words: set in advance, from the interview guide, from the data.",
        ("COREQ-26", "S14"),
    ),
    "analysis.machine_help": FormField(
        "Machine help",
        "Other software or language models that were used, and for what; “none” if none.",
        ("COREQ-27", "S13"),
    ),
    "member_check.sent": FormField(
        "Member check: summaries sent", "A whole number, 0 if none.", ("COREQ-28", "S15")
    ),
    "member_check.replied": FormField(
        "Member check: replies", "A whole number.", ("COREQ-28", "S15")
    ),
    "member_check.changes": FormField(
        "Member check: changes made", "A whole number, or what was changed.", ("COREQ-28", "S15")
    ),
    "themes.minor": FormField(
        "Minor themes and diverse cases",
        "Which are described, and where; or: none, because …",
        ("COREQ-32", "S16"),
    ),
    "ethics.approval": FormField("Ethics approval", "Board and number, or exemption.", ("S9",)),
    "ethics.consent": FormField("Consent", "How it was obtained.", ("S9",)),
    "processing.deidentification": FormField(
        "De-identification and data security",
        "How names were removed and where the data are kept.",
        ("S13",),
    ),
    "report.abstract": FormField("Abstract", "Where it stands in the manuscript.", ("S2",)),
    "report.introduction": FormField(
        "Problem formulation", "Where it stands in the manuscript.", ("S3",)
    ),
    "report.discussion": FormField(
        "Discussion of implications and transferability",
        "Where it stands in the manuscript.",
        ("S18",),
    ),
    "report.limitations": FormField(
        "Limitations", "In a sentence, or where they stand in the manuscript.", ("S19",)
    ),
    "study.conflicts": FormField("Conflicts of interest", "“None” if there are none.", ("S20",)),
    "study.funding": FormField(
        "Funding", "Sources, and the funder’s part; “None” if none.", ("S21",)
    ),
    "report.group_attribute": FormField(
        "Attribute by which participants are grouped",
        "The name of an attribute, for example group; shown beside quotations and counts.",
        ("COREQ-29",),
    ),
}
TEAM_FIELDS: dict[str, FormField] = {
    "initials": FormField("Initials", "As they stand with each interview.", ("COREQ-01",)),
    "name": FormField("Name", "Not printed; kept for the title page.", ()),
    "credentials": FormField("Credentials", "For example PhD, MD, RN.", ("COREQ-02",)),
    "occupation": FormField("Occupation at the time of the study", "", ("COREQ-03",)),
    "as_of": FormField("As of", "The year, or the month, of that occupation: 2025.", ("COREQ-03",)),
    "author": FormField("Author", "yes or no: is this researcher an author?", ("COREQ-01",)),
    "gender": FormField("Gender", "In their own words, or “not stated”.", ("COREQ-04",)),
    "experience": FormField("Experience and training", "In qualitative research.", ("COREQ-05",)),
    "role": FormField("Part in the study", "Interviewer, coder, analyst, advisor.", ()),
    "reflexivity": FormField(
        "Statement for readers",
        "Assumptions, reasons and interests in the topic, as it may be printed.",
        ("COREQ-08", "S6"),
    ),
}
