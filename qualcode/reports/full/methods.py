"""Methods drafted from the study's records: what is known is said, what is not is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from qualcode.reports.full.fields import KEY, Draft
from qualcode.reports.full.material import Material
from qualcode.reports.full.profiles import Ask

Item = Draft | Ask
OWN_NAMES = frozenset("(){}|")


def design(m: Material) -> Sequence[Item]:
    if m.evidence("study.methodology").status == "open":
        return [Ask("methods.design", "the approach of the analysis and the theory behind it")]
    return [m.draft("methods.design", "This is an interview study.", "{answer(study.methodology)}")]


def team(m: Material) -> Sequence[Item]:
    items: list[Item] = []
    by = m.evidence("interviewers").value.get("interviewers") or {}
    people = _joined([f"{who} (n = {{interviews.by({who})}})" for who in by])
    told = [f"Interviews were conducted by {people}."]
    if not by:
        items.append(Ask("methods.interviewers", "who conducted how many of the interviews"))
        told = []
    elif any(OWN_NAMES & set(who) for who in by):
        told = ["{answer(interviewers)}"]
    told += _answered(m, "team.credentials", "team.occupation", "team.gender", "team.experience")
    if told:
        items.append(m.draft("methods.team", *told))
    items += _asks(m, "methods.team", "team.credentials", "team.occupation", "team.experience")
    known = m.ask("interviews.known_before")
    if known is not None:
        kinds = " ({interviews.kinds})" if known else ""
        told = [
            "{interviews.known_before|Words} of {sample.participants|participant} "
            "{interviews.known_before|=was/were} known to the interviewer before the study"
            f"{kinds}."
        ]
        if m.typed("study.disclosed_to_participants"):
            told.append(
                "What participants knew of the researchers: "
                "{form(study.disclosed_to_participants)|ended}"
            )
        items.append(m.draft("methods.relationship", *told))
    if m.evidence("reflexivity_statements").sentence:
        items.append(m.draft("methods.reflexivity", "{answer(reflexivity_statements)}"))
    else:
        items.append(Ask("methods.reflexivity", "a reflexive statement of each researcher"))
    return items


def setting(m: Material) -> Sequence[Item]:
    if not m.typed("study.setting"):
        return [Ask("methods.setting", "the setting and its sites, without naming them, and why")]
    sites = ["Participants came from {sample.sites|site}."] if m.ask("sample.sites") else []
    return [m.draft("methods.setting", "{form(study.setting)|ended}", *sites)]


def recruitment(m: Material) -> Sequence[Item]:
    items: list[Item] = []
    told = ["Sampling was {form(study.sampling)|ended}"] if m.typed("study.sampling") else []
    if told and m.typed("study.sampling")[:1].isupper():
        told = ["{form(study.sampling)|ended}"]
    if m.has("recruitment.approached") and m.has("recruitment.channels"):
        told.append(
            "{recruitment.approached|Person/People} {recruitment.approached|=was/were} "
            "approached by {recruitment.channels}."
        )
    if told:
        items.append(m.draft("methods.recruitment", *told))
    items += _asks(m, "methods.recruitment", "study.sampling", "recruitment.approach_counts")
    return items


def collection(m: Material) -> Sequence[Item]:
    items: list[Item] = []
    told = []
    if m.has("guide.questions") and m.ask("guide.questions"):
        version = "version {guide.version}, " if m.ask("guide.version") else ""
        told.append(
            f"We used an interview guide ({version}{{guide.questions|question}}"
            f"{_also(m, 'supplement.guide')})."
        )
    if m.has("guide.pilot"):
        told.append("Pilot test: {guide.pilot|ended}")
    if m.has("dates.first"):
        same = m.ask("dates.first") == m.ask("dates.last")
        told.append(
            "Interviews took place in {dates.first}."
            if same
            else "Interviews took place from {dates.first} to {dates.last}."
        )
    told += _modes(m)
    if m.has("interviews.alone"):
        told.append(
            "No one else was present in {interviews.alone} of {sample.interviews|interview}."
        )
    again = m.ask("interviews.repeated")
    if again is not None:
        told.append(
            "{interviews.repeated|Participant} {interviews.repeated|=was/were} interviewed more "
            "than once."
            if again
            else "No interview was repeated."
        )
    if m.has("duration.median"):
        known = ""
        if m.ask("duration.known") != m.ask("transcripts"):
            known = ", known for {duration.known} of {transcripts|interview}"
        told.append(
            "Median duration was {duration.median} minutes (range {duration.shortest} to "
            f"{{duration.longest}}), {{duration.total}} minutes in all{known}."
        )
    kinds = m.evidence("transcripts.recording").value.get("recording")
    if isinstance(kinds, str) and kinds:
        told.append("Recording: {form(transcripts.recording)|ended}")
    elif kinds:
        first, *others = kinds
        query = f"interviews.recording({first})"
        parts = [f"{{{query}|Interview}} {{{query}|=was/were}} {first}"]
        parts += [f"{{interviews.recording({kind})}} {kind}" for kind in others]
        told.append(f"{_joined(parts)}.")
    if m.has("interviews.field_notes"):
        told.append(
            "Field notes were made for {interviews.field_notes} of {transcripts|interview}."
        )
    if told:
        items.append(m.draft("methods.collection", *told))
    items += _asks(
        m, "methods.collection", "guide.versions", "transcripts.setting_counts",
        "transcripts.others_present", "transcripts.duration", "transcripts.recording",
        "documents.field_notes",
    )  # fmt: skip
    return items


def _modes(m: Material) -> list[str]:
    modes = m.evidence("transcripts.setting_counts").value.get("modes") or {}
    if not modes or any(OWN_NAMES & set(mode) for mode in modes):
        return []
    ways = {"in person": "in person", "face to face": "face to face", "focus group": "as a group"}
    told = {mode: ways.get(mode, f"by {mode}") for mode in modes}
    (first, way), *others = told.items()
    if not others:
        return [f"All {{interviews.mode({first})|interview}} took place {way}."]
    rest = [f"{{interviews.mode({mode})}} {other}" for mode, other in others]
    return [f"{_joined([f'{{interviews.mode({first})|Interview}} took place {way}', *rest])}."]


def processing(m: Material) -> Sequence[Item]:
    items: list[Item] = []
    told = []
    if m.typed("transcripts.transcription"):
        told.append("Transcription: {form(transcripts.transcription)|ended}")
    if m.typed("processing.deidentification"):
        told.append("{form(processing.deidentification)|ended}")
    if m.has("interviews.returned"):
        corrected = m.ask("interviews.corrected")
        ending = ""
        if corrected is not None:
            ending = "; {interviews.corrected} made corrections" if corrected else (
                "; nobody made corrections"
            )  # fmt: skip
        told.append(
            "Transcripts were returned to {interviews.returned} of "
            f"{{sample.participants|participant}}{ending}."
            if m.ask("interviews.returned")
            else "Transcripts were not returned to participants."
        )
    if told:
        items.append(m.draft("methods.processing", *told))
    if not m.typed("processing.deidentification"):
        items.append(
            Ask("methods.deidentification", "how names were removed and where the data are kept")
        )
    return items


def codebook(m: Material) -> Sequence[Item]:
    if not m.ask("codebook.codes"):
        return [Ask("methods.codebook", "the codebook; the study has none yet")]
    told = [
        "The codebook (version {codebook.version}"
        f"{_also(m, 'supplement.codebook')}) holds {{codebook.codes|code}} on "
        "{codebook.levels|level}."
    ]
    words = {
        "a_priori": "set in advance",
        "from_guide": "taken from the interview guide",
        "from_data": "developed from the data",
        "machine_suggested": "proposed by software and accepted by the researchers",
    }
    there = [key for key in words if m.ask("codebook.origin", key)]
    if len(there) == 1:
        told.append(f"All codes were {words[there[0]]}.")
    else:
        parts = [f"{{codebook.origin({key})}} were {words[key]}" for key in there]
        told.append(f"Of these, {_joined(parts)}.")
    if m.typed("analysis.derivation"):
        told.append("{form(analysis.derivation)|ended}")
    return [m.draft("methods.codebook", *told)]


def coding(m: Material) -> Sequence[Item]:
    if m.facts.coding_is_open or not m.coders:
        return [Ask("methods.coding", "who coded what; coding is not finished")]
    if m.facts.is_consensus_only:
        return [m.draft("methods.coding", "{answer(coders)}")] if m.has("answer", "coders") else [
            Ask("methods.coding", "who coded what; the lead has not published the agreement yet")
        ]  # fmt: skip
    if len(m.coders) == 1:
        return [
            m.draft(
                "methods.coding",
                "One researcher ({coders.names}) coded {transcripts.closed} of "
                "{transcripts|transcript}.",
            )
        ]
    told = [
        "{coders|Words} researchers ({coders.names}) coded {transcripts.twice} of "
        "{transcripts|transcript} independently, blind to each other’s work."
    ]
    if m.agreement and m.agreement["kappa"] is not None:
        spread = (
            "; per code {agreement.lowest|%.2f} to {agreement.highest|%.2f}"
            if m.has("agreement.lowest")
            else ""
        )
        told.append(
            "Before discussion, the coders agreed on {agreement.percent|%.1f} % of "
            "{agreement.decisions} decisions ({agreement.codes|code} for "
            "{agreement.units|participant turn}): both applied the code in {agreement.both} and "
            "one alone in {agreement.one} (pooled Cohen’s kappa {agreement.kappa|%.2f}"
            f"{spread}{_also(m, 'supplement.agreement')})."
        )
    told += _settling(m)
    return [m.draft("methods.coding", *told)]


def _settling(m: Material) -> list[str]:
    if not m.ask("differences"):
        return []
    how = " {form(analysis.settling)}" if m.typed("analysis.settling") else ""
    if m.ask("differences.settled") == m.ask("differences"):
        return [
            f"The coders differed at {{differences|place}}; all were settled{how}, and each is "
            "kept with its reason."
        ]
    return [
        "The coders differed at {differences|place}, of which {differences.settled} are settled "
        "so far."
    ]


def themes(m: Material) -> Sequence[Item]:
    if not m.found.accepted:
        return [Ask("methods.themes", "how the themes were made; none is accepted in the study")]
    told = [f"From the settled codings the researchers {m.made} {{themes|theme}}."]
    if m.ask("themes.suggested"):
        told.append(
            "Text clustering was used after independent coding to propose groupings; "
            "{themes.suggested} of {themes|theme} began as such a proposal; all codes and themes "
            "were decided by the researchers."
        )
    return [m.draft("methods.themes", *told, *suggestions(m))]


def suggestions(m: Material) -> list[str]:
    """Method, vectors, seed, runs and candidates of the machine, and what became of them."""
    told = []
    if m.ask("suggested.runs"):
        kept = (
            "{suggested.accepted} kept as themes by {suggested.accepted_by}"
            if m.ask("suggested.accepted")
            else "none kept as a theme"
        )
        told.append(
            "Passages were grouped by sparse consensus ({suggested.vectors}; seed "
            "{suggested.seeds}; {suggested.versions}) in {suggested.runs|run}, which laid out "
            f"{{suggested.candidates|candidate}}: {kept}, {{suggested.rejected}} set aside."
        )
    if m.ask("suggested.gap_runs"):
        told.append(
            "Passages without a code were searched for gaps in {suggested.gap_runs|run}, which "
            "laid out {suggested.gaps|gap}: {suggested.gaps_coded} became a code or a proposal of "
            "one, {suggested.gaps_rejected} set aside."
        )
    if m.ask("suggested.lens_runs"):
        told.append(
            "Near-duplicate passages and contradictions between coders were looked at in "
            "{suggested.lens_runs|run}."
        )
    if m.ask("codings.by_likeness"):
        told.append(
            "{codings.by_likeness} of {codings|coding} came from passages that software "
            "suggested as looking like others of the same code and that a coder accepted one by "
            "one."
        )
    if m.ask("codings.by_search"):
        told.append(
            "{codings.by_search} of {codings|coding} came from text searches whose hits a coder "
            "looked through and accepted."
        )
    return told


def saturation(m: Material) -> Sequence[Item]:
    told = ["{form(saturation.position)|ended}"] if m.typed("saturation.position") else []
    if m.curve is not None:
        told.append(
            "New codes were counted in the order of the interviews, with a base of "
            "{saturation.base} interviews, a run of {saturation.run} and a threshold of "
            "{saturation.threshold|%.0f} % (Guest et al.)."
        )
    if not told:
        reflexive = "saturation is not a criterion of this approach"
        about = "whether saturation was discussed, and what came of it"
        why = f"why the sample was enough; {reflexive}" if m.facts.is_reflexive else about
        return [Ask("methods.saturation", why)]
    return [m.draft("methods.saturation", *told)]


def quotations(m: Material) -> Sequence[Item]:
    told = [
        "Quotations stand word for word; [...] marks what was left out and [word] what was put in.",
        "Each carries, in the settled coding, a code of its theme and stands with the "
        "participant’s number; a group is named only where three or more people share it.",
    ]
    if m.ask("sample.quotable") != m.ask("sample.participants"):
        told.append(
            "{sample.quotable|Words} of {sample.participants|participant} agreed to be quoted; "
            "those who did not are counted and not quoted."
        )
    return [m.draft("methods.quotations", *told)]


def number_words(m: Material) -> Sequence[Item]:
    """The key; the outline leaves it out where nothing in the report counts in words."""
    return [Draft("methods.number_words", (KEY,))]


def trust(m: Material) -> Sequence[Item]:
    items: list[Item] = []
    told = []
    if m.ask("decisions"):
        told.append(
            "Each decision on a difference is on record with who took it, when and why "
            f"({{decisions|decision}}{_also(m, 'supplement.audit')})."
        )
    if m.has("member_check.sent"):
        told.append(_member_check(m))
    if told:
        items.append(m.draft("methods.trust", *told))
    items += _asks(m, "methods.trust", "member_checks")
    return items


def _member_check(m: Material) -> str:
    if not m.ask("member_check.sent"):
        return "Participants were not asked to comment on the findings."
    sentence = "A summary of the findings was sent to {member_check.sent|participant}"
    if m.has("member_check.replied"):
        sentence += "; {member_check.replied} replied"
    changes = m.ask("member_check.changes")
    if isinstance(changes, str):
        sentence += "; changes: {member_check.changes}"
    elif changes is not None:
        sentence += (
            ", and {member_check.changes|change} {member_check.changes|=was/were} made"
            if changes
            else ", and no change was made"
        )
    return f"{sentence}."


def ethics(m: Material) -> Sequence[Item]:
    items: list[Item] = []
    told = []
    if m.typed("ethics.approval"):
        told.append("{form(ethics.approval)|ended}")
    else:
        items.append(Ask("methods.approval", "ethics approval: the board and its number"))
    if m.typed("ethics.consent"):
        told.append("Consent: {form(ethics.consent)|ended}")
    else:
        items.append(Ask("methods.consent", "how consent was obtained"))
    told.append("{sample.quotable|Words} of {sample.participants|participant} agreed to be quoted.")
    return [m.draft("methods.ethics", *told), *items]


def reporting(m: Material) -> Sequence[Item]:
    told = []
    if m.has("guideline"):
        told.append(
            f"The report follows this guideline: {{guideline}}{m.see('supplement.checklist')}."
        )
    told.append(
        "Transcripts, codings, agreement and themes were kept and computed in qualcode "
        f"{{software.version}}{m.see('supplement.software')}."
    )
    return [m.draft("methods.reporting", *told)]


def _answered(m: Material, *keys: str) -> list[str]:
    return [f"{{answer({key})}}" for key in keys if m.evidence(key).sentence]


def _asks(m: Material, id: str, *keys: str) -> list[Ask]:
    """What these keys of the checklist still wait for."""
    return [
        Ask(f"{id}.{key.rpartition('.')[2]}", m.evidence(key).needs)
        for key in keys
        if m.evidence(key).status == "open" and m.evidence(key).needs
    ]


def _also(m: Material, name: str) -> str:
    return f"; {{cite({name})}}" if name in m.numbers else ""


def _joined(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1]))) if parts else ""
