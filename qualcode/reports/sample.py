"""Who took part and how the data were collected: COREQ 10 to 21 and 23 from the records."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from statistics import median, quantiles
from typing import Any

from qualcode.model import Transcript
from qualcode.reports.answers import Evidence, ended, found, from_form, typed, waiting, whole
from qualcode.reports.characteristics import (
    SMALLEST_GROUP,
    achieved,
    asked_of,
    figures,
    in_words,
)
from qualcode.reports.document import counted, listed
from qualcode.reports.facts import StudyFacts

UNKNOWN = {"", "?", "unknown", "not recorded", "n/a"}
IN_PERSON = {"in person", "face to face", "face-to-face", "in_person"}
SHORTEST, LONGEST = 5, 240


def sampling(facts: StudyFacts) -> Evidence:
    """COREQ 10, as typed."""
    answer = from_form(facts, "study.sampling", "how participants were selected, and why so")
    sentence, bare, cells = achieved(facts)
    if answer.status == "open":
        return answer
    return typed(
        f"{answer.sentence} {sentence}".strip(),
        notes=(
            f"The sampling was to vary {listed(bare)}, of which nothing is recorded."
            if bare
            else "",
        ),
        text=answer.value["text"],
        achieved=cells,
    )


def approach_counts(facts: StudyFacts) -> Evidence:
    """COREQ 11: how many people were approached, and by what means."""
    if facts.recruitment:
        return _approached_by_log(facts)
    channels, count = (
        facts.form.get("recruitment.channels", ""),
        whole(facts, "recruitment.approached"),
    )
    if not channels:
        return waiting("how people were approached (e-mail, telephone, face to face)")
    if count is None:
        return typed(f"Participants were approached by {channels}", channels=channels)
    verb = "person was" if count == 1 else "people were"
    return typed(f"{count} {verb} approached by {channels}", approached=count, channels=channels)


def _approached_by_log(facts: StudyFacts) -> Evidence:
    channels = Counter(approach.channel.strip() for approach in facts.recruitment)
    count = len(facts.recruitment)
    ways = [
        f"{way} ({n})" if len(channels) > 1 else way
        for way, n in sorted(channels.items(), key=lambda item: (-item[1], item[0]))
    ]
    verb = "person was" if count == 1 else "people were"
    return found(
        f"{count} {verb} approached by {listed(ways)}.",
        notes=(_other_than_typed(facts, "recruitment.approached", count, "approached"),),
        approached=count,
        channels=dict(channels),
    )


def _other_than_typed(facts: StudyFacts, key: str, count: int, what: str) -> str:
    """A note where the form says another number than the log; the log is what counts."""
    said = whole(facts, key)
    if said is None or said == count:
        return ""
    return f"{said} typed as {what}, {count} in the recruitment log."


def sample_size(facts: StudyFacts) -> Evidence:
    """COREQ 12: participants, interviews and sites, without those who withdrew."""
    if not facts.transcripts:
        return waiting("transcripts; add them to the study", source="data")
    people, interviews = len(facts.participants), len(facts.transcripts)
    groups = sum("focus" in t.facts.get("kind", "").casefold() for t in facts.transcripts)
    sites = len({v for v in (site(p.attributes) for p in facts.participants) if v})
    parts = []
    if interviews - groups:
        parts.append(counted(interviews - groups, "interview"))
    if groups:
        parts.append(counted(groups, "focus group"))
    where = f" at {counted(sites, 'site')}" if sites else ""
    nameless = sum(t.participant is None for t in facts.transcripts)
    return found(
        f"{counted(people, 'participant')} took part in {listed(parts)}{where}.",
        notes=(
            f"{counted(nameless, 'transcript')} without a participant: the count may be too low."
            if nameless
            else "",
        ),
        participants=people,
        interviews=interviews - groups,
        focus_groups=groups,
        sites=sites,
    )


def site(attributes: Any) -> str:
    """The site among a participant's attributes, where there is none the organisation, or ""."""
    return str(attributes.get("site", "") or attributes.get("organisation", "")).strip()


def recruitment_flow(facts: StudyFacts) -> Evidence:
    """COREQ 13: approached = declined + no reply + not eligible + interviewed; then withdrawn."""
    if facts.recruitment:
        return _flow_by_log(facts)
    approached = whole(facts, "recruitment.approached")
    declined, silent = whole(facts, "recruitment.declined"), whole(facts, "recruitment.no_reply")
    ineligible = whole(facts, "recruitment.ineligible") or 0
    if approached is None or declined is None or silent is None:
        return waiting("how many people were approached, declined and did not reply, with reasons")
    typed_withdrew = whole(facts, "recruitment.withdrew")
    withdrew = facts.withdrew if typed_withdrew is None else typed_withdrew
    interviewed = approached - declined - silent - ineligible
    analysed = len(facts.participants)
    reasons = facts.form.get("recruitment.declined_reasons", "").rstrip(".")
    why_withdrew = facts.form.get("recruitment.withdrew_reasons", "").rstrip(".")
    parts = [f"{declined} declined" + (f" ({reasons})" if reasons and declined else "")]
    parts.append(f"{silent} did not reply")
    if ineligible:
        parts.append(f"{ineligible} {'was' if ineligible == 1 else 'were'} not eligible")
    parts.append(f"{interviewed} {'was' if interviewed == 1 else 'were'} interviewed")
    left = f"{withdrew} withdrew after the interview" + (
        f" ({why_withdrew})" if why_withdrew else ""
    )
    sentence = (
        f"Of {approached} people approached, {listed(parts)}; {left}, and {analysed} were analysed."
    )
    adds_up = interviewed - withdrew == analysed
    return found(
        sentence,
        notes=(
            ""
            if adds_up
            else f"The numbers do not add up: {interviewed} interviewed less {withdrew} withdrawn "
            f"is not the {analysed} analysed.",
            "Reasons for declining are left empty." if declined and not reasons else "",
            f"{typed_withdrew} typed as withdrawn, {facts.withdrew} marked so in the study."
            if typed_withdrew is not None and typed_withdrew != facts.withdrew
            else "",
        ),
        approached=approached,
        declined=declined,
        no_reply=silent,
        ineligible=ineligible,
        interviewed=interviewed,
        withdrew=withdrew,
        analysed=analysed,
    )


def _flow_by_log(facts: StudyFacts) -> Evidence:
    """The flow as the recruitment log has it; what the form says is compared."""
    log, analysed = facts.recruitment, len(facts.participants)
    n: Counter[str] = Counter(approach.outcome for approach in log)

    def because(outcome: str) -> str:
        reasons = Counter(
            a.reason.strip() or "no reason given" for a in log if a.outcome == outcome
        )
        told = ", ".join(f"{reason} {count}" for reason, count in reasons.items())
        return f" ({told})" if set(reasons) - {"no reason given"} else ""

    interviewed = n["completed"] + n["withdrew_after"]
    parts = [
        f"{n['declined']} declined{because('declined')}",
        f"{n['no_reply']} did not reply",
    ]
    if count := n["ineligible"]:
        parts.append(f"{count} {'was' if count == 1 else 'were'} not eligible")
    if count := n["withdrew_before"]:
        parts.append(f"{count} withdrew before the interview{because('withdrew_before')}")
    parts.append(f"{interviewed} {'was' if interviewed == 1 else 'were'} interviewed")
    # Nobody has to say why; what stands here the authors typed for print.
    typed_why = facts.form.get("recruitment.withdrew_reasons", "").rstrip(".")
    why = f" ({typed_why})" if typed_why else ""
    nameless = sum(not a.reason.strip() for a in log if a.outcome == "declined")
    return found(
        f"Of {len(log)} people approached, {listed(parts)}; {n['withdrew_after']} withdrew after "
        f"the interview{why}, and {analysed} were analysed.",
        notes=(
            ""
            if n["completed"] == analysed
            else f"The numbers do not add up: {n['completed']} completed in the recruitment log, "
            f"{analysed} analysed.",
            f"{counted(nameless, 'refusal')} without a reason in the log." if nameless else "",
            f"{n['withdrew_after']} withdrew in the recruitment log, {facts.withdrew} marked so "
            "in the study."
            if n["withdrew_after"] != facts.withdrew
            else "",
            *(
                _other_than_typed(facts, f"recruitment.{key}", n[outcome], what)
                for key, outcome, what in (
                    ("declined", "declined", "declined"),
                    ("no_reply", "no_reply", "not replying"),
                    ("ineligible", "ineligible", "not eligible"),
                )
            ),
        ),
        approached=len(log),
        reasons={
            outcome: dict(
                Counter(a.reason.strip() or "no reason given" for a in log if a.outcome == outcome)
            )
            for outcome in ("declined", "withdrew_before")
        },
        declined=n["declined"],
        no_reply=n["no_reply"],
        ineligible=n["ineligible"],
        withdrew_before=n["withdrew_before"],
        interviewed=interviewed,
        withdrew=n["withdrew_after"],
        analysed=analysed,
    )


def fact_counts(
    facts: StudyFacts, name: str, reading: Callable[[str], str] = str
) -> tuple[Counter[str], int]:
    """How often each value of a transcript's fact occurs, and for how many it is not known."""
    values = [t.facts.get(name, "").strip() for t in facts.transcripts]
    known = Counter(reading(v.casefold()) for v in values if v.casefold() not in UNKNOWN)
    return known, len(values) - sum(known.values())


def setting_counts(facts: StudyFacts) -> Evidence:
    """COREQ 14: where or by what means the interviews took place."""
    modes, missing = fact_counts(facts, "mode")
    if not modes:
        return waiting("where each interview took place; enter it with the transcripts")
    known = Counter(
        t.facts.get("place", "").strip()
        for t in facts.transcripts
        if t.facts.get("mode", "").strip().casefold() in IN_PERSON
    )
    unplaced = known.pop("", 0)
    places = listed([f"{place} {n}" if len(known) > 1 else place for place, n in known.items()])
    places = places or facts.form.get("transcripts.places", "").rstrip(".")

    def words(mode: str, n: int) -> str:
        if mode in IN_PERSON:
            return f"{n} in person" + (f" ({places})" if places else "")
        return (
            f"{n} by {mode}" if mode in {"video", "telephone", "phone", "e-mail"} else f"{n} {mode}"
        )

    ordered = sorted(modes.items(), key=lambda item: (-item[1], item[0]))
    first = words(*ordered[0])
    noun = "interview" if ordered[0][1] == 1 else "interviews"
    parts = [first.replace(" ", f" {noun} took place ", 1), *(words(*each) for each in ordered[1:])]
    sentence = f"{listed(parts)}."
    return found(
        sentence,
        notes=(
            f"The place of {counted(missing, 'interview')} is not recorded." if missing else "",
            "Say where the interviews in person took place."
            if any("person" in m or "face" in m for m in modes) and not places
            else "",
            f"The place of {counted(unplaced, 'interview')} in person is not recorded."
            if known and unplaced
            else "",
        ),
        interviews=len(facts.transcripts),
        modes=dict(ordered),
        places=dict(known),
        not_recorded=missing,
    )


def others_present(facts: StudyFacts) -> Evidence:
    """COREQ 15: in how many interviews nobody else was present."""
    counts, missing = fact_counts(facts, "others_present")
    if not counts:
        return waiting("whether anybody else was present; enter it with the transcripts")
    alone = sum(n for value, n in counts.items() if value in {"no", "none", "nobody", "0"})
    others = {v: n for v, n in counts.items() if v not in {"no", "none", "nobody", "0"}}
    total = len(facts.transcripts)
    sentence = f"No one else was present in {alone} of {counted(total, 'interview')}"
    if others:
        who = [f"{re.sub(r'^yes[,:; ]*', '', v) or 'somebody'} in {n}" for v, n in others.items()]
        sentence += f"; present were {listed(who)}"
    sentence += f"; not recorded for {missing}." if missing else "."
    return found(
        sentence,
        notes=(f"Not recorded for {counted(missing, 'interview')}." if missing else "",),
        alone=alone,
        others=others,
        interviews=total,
        not_recorded=missing,
    )


def table1(facts: StudyFacts) -> Evidence:
    """COREQ 16: the sample’s attributes by their kinds; small groups stay unnamed."""
    parts: list[str] = []
    unshown: list[str] = []
    blanks: list[str] = []
    rows: dict[str, dict[str, Any]] = {}
    for attribute in asked_of(facts):
        name = attribute.name
        values = [p.attributes.get(name, "").strip() for p in facts.participants]
        given = [value for value in values if value]
        if not given:
            continue
        if len(given) < len(values):
            blanks.append(_plain(name))
        rows[name] = figures(attribute, given)
        words = in_words(rows[name], len(values))
        (parts if words else unshown).append(f"{_plain(name)}: {words}" if words else _plain(name))
    if not rows:
        return waiting("characteristics of the participants; enter their attributes")
    sentence = _capital(ended("; ".join(parts)))
    if any(row.get("others") for name, row in rows.items() if _plain(name) not in unshown):
        sentence += f" Values held by fewer than {SMALLEST_GROUP} people are counted as “other”."
    if unshown:
        verb = "is" if len(unshown) == 1 else "are"
        sentence += (
            f" {_capital(listed(unshown))} {verb} not broken down, as fewer than "
            f"{SMALLEST_GROUP} people share any value."
        )
    days = sorted(filter(None, (t.interview_date for t in facts.transcripts)))
    if days:
        first, last = (f"{day:%B %Y}" for day in (days[0], days[-1]))
        sentence += " Interviews took place "
        sentence += f"in {first}." if first == last else f"from {first} to {last}."
    undated = len(facts.transcripts) - len(days)
    return found(
        sentence.strip(),
        notes=(
            f"Some participants lack {listed(blanks)}." if blanks else "",
            f"{counted(undated, 'interview')} without a date." if undated else "",
        ),
        participants=len(facts.participants),
        attributes=rows,
        dates=[days[0].isoformat()[:7], days[-1].isoformat()[:7]] if days else [],
    )


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def guide(facts: StudyFacts) -> Evidence:
    """COREQ 17: the interview guide, its versions, questions and pilot test."""
    if facts.guides:
        return _guide_by_versions(facts)
    version, pilot = facts.form.get("guide.version", ""), facts.form.get("guide.pilot", "")
    lines = [line for line in facts.form.get("guide.text", "").splitlines() if line.strip()]
    questions = whole(facts, "guide.questions") or len(lines)
    used = sorted({t.facts.get("guide_version", "").strip() for t in facts.transcripts} - {""})
    if not version and len(used) == 1:
        version = used[0]
    about = [f"version {version}"] if version else []
    about += [counted(questions, "question")] if questions else []
    if not about:
        return waiting("the interview guide (version, questions) and whether it was piloted")
    sentence = f"An interview guide was used ({', '.join(about)})."
    if not pilot:
        return waiting("whether the guide was pilot tested", draft=sentence, version=version)
    return typed(
        f"{sentence} Pilot test: {pilot}",
        notes=(f"Several versions were used: {listed(used)}." if len(used) > 1 else "",),
        version=version,
        questions=questions,
        pilot=pilot,
    )


def _guide_by_versions(facts: StudyFacts) -> Evidence:
    """The guide as its versions tell; the last one is what was asked in the end."""
    last = facts.guides[-1]
    about = [f"version {last.version}"]
    about += [counted(len(last.asked), "question")] if last.asked else []
    sentence = f"An interview guide was used ({', '.join(about)})."
    tried = [guide for guide in facts.guides if guide.piloted == "yes"]
    refused = [guide for guide in facts.guides if guide.piloted == "no"]
    revised = len(facts.guides) - 1
    if revised:
        times = "once" if revised == 1 else f"{revised} times"
        sentence += f" It was revised {times}."
    began = min(filter(None, (t.interview_date for t in facts.transcripts)), default=None)
    unsaid = [
        guide.version
        for guide in facts.guides[1:]
        if not guide.note.strip() and began and guide.used_from > began.isoformat()
    ]
    named = {guide.version.strip().casefold() for guide in facts.guides}
    used = {t.facts.get("guide_version", "").strip() for t in facts.transcripts} - {""}
    strange = sorted(version for version in used if version.casefold() not in named)
    notes = (
        f"Version {listed(unsaid)} came into use after the first interview, and no note says what "
        "changed."
        if unsaid
        else "",
        f"Interviews name a version of the guide that is not kept: {listed(strange)}."
        if strange
        else "",
        "The questions of the last version are left empty." if not last.asked else "",
    )
    value: dict[str, Any] = {
        "version": last.version,
        "versions": [guide.version for guide in facts.guides],
        "questions": len(last.asked),
        "revised": revised,
        "piloted": bool(tried),
    }
    if tried:
        pilot = ended(tried[0].pilot) if tried[0].pilot.strip() else "It was pilot tested."
        return found(f"{sentence} Pilot test: {pilot}", notes=notes, **value)
    if refused:
        why = refused[-1].pilot.strip()
        if why:
            return found(f"{sentence} It was not piloted: {ended(why)}", notes=notes, **value)
        return waiting("why the guide was not pilot tested", draft=sentence, **value)
    return waiting("whether the guide was pilot tested", draft=sentence, **value)


def repeat_interviews(facts: StudyFacts) -> Evidence:
    """COREQ 18: interviews for each participant, within and over planned waves."""
    if not facts.transcripts:
        return waiting("transcripts; add them to the study", source="data")
    each = Counter((t.participant or t.id, t.facts.get("wave", "")) for t in facts.transcripts)
    waves = {wave for _, wave in each if wave}
    again = sorted({person for (person, _), n in each.items() if n > 1})
    in_all = sum(all((person, wave) in each for wave in waves) for person in {p for p, _ in each})
    people = len({person for person, _ in each})
    if again:
        sentence = (
            f"{len(again)} of {counted(people, 'participant')} were interviewed more than once"
        )
        sentence += " within a wave." if waves else "."
    elif len(waves) > 1:
        sentence = (
            f"No interview was repeated within a wave; {in_all} of "
            f"{counted(people, 'participant')} were interviewed once at each of "
            f"{len(waves)} planned waves."
        )
    else:
        sentence = (
            f"No repeat interviews were carried out: each of the {counted(people, 'participant')} "
            "was interviewed once."
        )
    mixed = bool(again) and not waves and any("wave" in t.facts for t in facts.transcripts)
    half = bool(waves) and any(not wave for _, wave in each)
    return found(
        sentence,
        notes=(
            "Some interviews name their wave and others do not: planned waves and repeated "
            "interviews may be mixed up."
            if half or mixed
            else "",
        ),
        repeated=len(again),
        participants=people,
        waves=len(waves),
        at_each_wave=in_all,
    )


def recording(facts: StudyFacts) -> Evidence:
    """COREQ 19: how the interviews were recorded and transcribed."""

    def reading(value: str) -> str:
        if value in {"no", "none", "notes", "notes only"}:
            return "not recorded"
        kind = value.removesuffix(" recording").removesuffix("-recorded").removesuffix(" recorded")
        return "recorded" if value == "yes" else f"{kind}-recorded"

    counts, missing = fact_counts(facts, "recording", reading)
    transcription = ended(facts.form.get("transcripts.transcription", ""))
    if transcription and not transcription.casefold().startswith("transcri"):
        transcription = f"Transcription: {transcription[:1].lower()}{transcription[1:]}"
    by, checked = _transcribed(facts)
    if by or checked is not None:
        transcription = " ".join(
            filter(None, (transcription, _of_transcribing(facts, by, checked)))
        )
    overall = facts.form.get("transcripts.recording", "")
    if not counts:
        if overall:
            plain = overall.casefold().startswith(("audio", "video")) and "record" in overall
            sentence = f"The interviews were {overall}" if plain else f"Recording: {overall}"
            return typed(f"{ended(sentence)} {transcription}".strip(), recording=overall)
        return waiting("whether interviews were recorded, and how; enter it with the transcripts")
    total = len(facts.transcripts)
    if len(counts) == 1 and not missing:
        kind = next(iter(counts))
        which = "The interview was" if total == 1 else f"All {total} interviews were"
        sentence = f"{which} {kind}."
    else:
        sentence = f"Of {counted(total, 'interview')}, "
        sentence += listed([f"{n} {'was' if n == 1 else 'were'} {k}" for k, n in counts.items()])
        sentence += f"; not known for {missing}." if missing else "."
    return found(
        f"{sentence} {transcription}".strip(),
        notes=(
            f"Recording is not known for {counted(missing, 'interview')}." if missing else "",
            "Transcription (verbatim? by whom? checked?) is left empty." * (not transcription),
            _against_refusal(facts, "record", "recording", "refused to be recorded"),
        ),
        recording=dict(counts),
        interviews=total,
        not_recorded=missing,
        transcribed_by=by,
        checked=checked,
    )


def _transcribed(facts: StudyFacts) -> tuple[dict[str, int], int | None]:
    """By whom the interviews were transcribed, and how many were checked against the recording."""
    by = Counter(t.facts.get("transcribed_by", "").strip() for t in facts.transcripts)
    by.pop("", None)
    checks = [t.facts.get("checked_by", "").strip().casefold() for t in facts.transcripts]
    if not any(checks):
        return dict(by), None
    return dict(by), sum(bool(c) and c not in {"no", "none", "nobody"} for c in checks)


def _of_transcribing(facts: StudyFacts, by: dict[str, int], checked: int | None) -> str:
    total = len(facts.transcripts)
    parts = []
    if by:
        who = [f"{name} ({n})" if len(by) > 1 else name for name, n in by.items()]
        parts.append(f"Transcribed by {listed(who)}.")
    if checked is not None:
        verb = "was" if checked == 1 else "were"
        parts.append(f"{checked} of {total} {verb} checked against the recording.")
    return " ".join(parts)


def field_notes(facts: StudyFacts) -> Evidence:
    """COREQ 20: for how many interviews field notes were made."""
    counts, missing = fact_counts(facts, "field_notes")
    total = len(facts.transcripts)
    if counts and not missing:
        made = sum(n for value, n in counts.items() if value not in {"no", "none", "0"})
        return found(_notes_sentence(made, total), made=made, interviews=total)
    count = whole(facts, "field_notes.count")
    if count is None or count > total:
        return waiting("whether field notes were made, and for how many interviews")
    return typed(_notes_sentence(count, total), made=count, interviews=total)


def _notes_sentence(made: int, total: int) -> str:
    if not made:
        return "No field notes were made."
    return f"Field notes were made for {made} of {counted(total, 'interview')}."


def duration(facts: StudyFacts) -> Evidence:
    """COREQ 21: minutes as recorded, never worked out from the number of words."""
    timed = [(t.title, *minutes_of(t)) for t in facts.transcripts]
    pairs = [(title, minutes) for title, minutes, _ in timed]
    sources = Counter(source for _, _, source in timed if source)
    minutes = sorted(m for _, m in pairs if m is not None)
    if not minutes:
        return waiting("the duration of each interview in minutes", source="data")
    middle, total = median(minutes), sum(minutes)
    known, of = len(minutes), len(pairs)
    hours = f" ({int(total // 60)} h {total % 60:.0f} min)" if total >= 60 else ""
    sentence = (
        f"Median duration was {middle:g} minutes (range {minutes[0]:g}–{minutes[-1]:g}), "
        f"{total:g} minutes{hours} in all"
    )
    sentence += "." if known == of else f", known for {known} of {counted(of, 'interview')}."
    odd = [t for t, m in pairs if m is not None and not SHORTEST <= m <= LONGEST]
    quartiles = quantiles(minutes, n=4, method="inclusive") if known > 1 else [middle] * 3
    return found(
        sentence,
        notes=(
            f"Duration is missing for {counted(of - known, 'interview')}." if known < of else "",
            f"Look again at the duration of {listed(odd)}." if odd else "",
            f"The duration of {counted(sources['times'], 'interview')} is from the first to the "
            "last time mark of the transcript, which leaves out the last answer."
            if sources["times"]
            else "",
        ),
        sources=dict(sources),
        n=known,
        median=middle,
        quartiles=[quartiles[0], quartiles[2]],
        range=[minutes[0], minutes[-1]],
        total=total,
        hours=[int(total // 60), round(total % 60)],
        interviews=of,
    )


def minutes_of(transcript: Transcript) -> tuple[float | None, str]:
    """The minutes of an interview and where they are from: typed, or its time marks.

    >>> from qualcode.model import Turn
    >>> from qualcode.spans import Span
    >>> turns = (Turn("I", "interviewer", Span(0, 1), "00:00:10"),
    ...          Turn("P", "participant", Span(1, 2), "00:41:10"))
    >>> minutes_of(Transcript("P01", "ab", turns))
    (41.0, 'times')
    >>> minutes_of(Transcript("P01", "ab", turns, facts={"duration_min": "43"}))
    (43.0, 'typed')
    """
    if transcript.duration_minutes is not None:
        return transcript.duration_minutes, "typed"
    seconds = [s for turn in transcript.turns if (s := _seconds(turn.at)) is not None]
    if len(seconds) < 2 or max(seconds) <= min(seconds):
        return None, ""
    return round((max(seconds) - min(seconds)) / 60, 1), "times"


def _seconds(at: str | None) -> float | None:
    match = re.fullmatch(r"(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:\.\d+)?)", at or "")
    if match is None:
        return None
    hours, minutes, seconds = match.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)


def returned(facts: StudyFacts) -> Evidence:
    """COREQ 23: transcripts returned to participants, and corrections made by them."""
    held = [
        (t.participant or t.id, t.facts.get("returned", "").strip().casefold())
        for t in facts.transcripts
    ]
    values = [value for _, value in held]
    total = len({person for person, _ in held})
    if values and not any(value in UNKNOWN for value in values):
        sent = len({who for who, value in held if not value.startswith(("no", "refused"))})
        corrected: int | None = len({who for who, value in held if _corrected(value)})
        source = found
        if not any("correct" in value for value in values):
            corrected = whole(facts, "transcripts_returned.corrections")
    else:
        count = whole(facts, "transcripts_returned.count")
        if count is None:
            return waiting("whether transcripts were returned to participants, and corrections")
        sent, corrected, source = count, whole(facts, "transcripts_returned.corrections"), typed
    if not sent:
        return source(
            "Transcripts were not returned to participants.", returned=0, participants=total
        )
    sentence = f"Transcripts were returned to {sent} of {counted(total, 'participant')}"
    if corrected is not None:
        who = "none" if not corrected else str(corrected)
        sentence += f"; {who} made corrections"
    refusal = _against_refusal(facts, "recontact", "returned", "refused to be contacted again")
    return source(
        f"{sentence}.",
        notes=(refusal,),
        returned=sent,
        corrections=corrected,
        participants=total,
    )


NOT_DONE = ("no", "refused", "none", "notes")


def _against_refusal(facts: StudyFacts, permission: str, fact: str, words: str) -> str:
    """A note on interviews of which this is recorded although the person refused it."""
    refused = set(facts.refused(permission))
    against = [
        t.title
        for t in facts.transcripts
        if t.participant in refused
        and t.facts.get(fact, "").strip().casefold() not in UNKNOWN
        and not t.facts[fact].strip().casefold().startswith(NOT_DONE)
    ]
    if not against:
        return ""
    kept = _as_kept(facts, against, fact)
    return f"{listed(against)}: the participant {words}, yet “{fact}” is {kept}."


def _as_kept(facts: StudyFacts, titles: list[str], fact: str) -> str:
    return listed(sorted({t.facts[fact].strip() for t in facts.transcripts if t.title in titles}))


def _corrected(value: str) -> bool:
    return "correct" in value and not re.search(r"\b(no|without) correct|uncorrected", value)
