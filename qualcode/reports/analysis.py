"""How the data were analysed and reported: COREQ 22 and 24 to 32 from codings and themes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from qualcode.queries.saturation import BASE, RUN, THRESHOLD, saturation_curve
from qualcode.reconciliation import standing
from qualcode.reports.answers import Evidence, ended, found, typed, waiting, whole
from qualcode.reports.document import counted, listed, number
from qualcode.reports.facts import StudyFacts
from qualcode.reports.findings import findings
from qualcode.reports.suggested import likeness_sentence, sentences, values

WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
CODEBOOK, AGREEMENT, THEMES = (
    f"Supplement: {title}" for title in ("Codebook", "Agreement by code", "Theme summary")
)


def saturation(facts: StudyFacts) -> Evidence:
    """COREQ 22: what the authors say, and how many codes the last interviews still added."""
    position = ended(facts.form.get("saturation.position", ""))
    if facts.is_reflexive:
        if position:
            return typed(position)
        return waiting("why the sample was enough; saturation is not a criterion of this approach")
    dated = all(t.interview_date for t in facts.transcripts)
    if facts.coding_is_open or facts.undecided or not dated or not facts.settled:
        if position:
            return typed(position)
        return waiting(
            "whether saturation was discussed; a figure needs finished coding, settled "
            "differences and interview dates"
        )
    curve = saturation_curve(facts.codes_met)
    if curve["ratio"] is None:
        if position:
            return typed(position)
        return waiting(f"whether saturation was discussed; a figure needs {BASE + RUN} interviews")
    ratio = curve["ratio"]
    side = "not above" if ratio <= THRESHOLD else "above"
    first, last = BASE + 1, BASE + RUN
    sentence = (
        f"In the order of the interviews, the first {BASE} held {curve['distinct'][BASE - 1]} "
        f"different codes and interviews {first} to {last} added {curve['new_in_run']} "
        f"({100 * ratio:.1f} %), {side} the threshold of {100 * THRESHOLD:.0f} % "
        f"(base {BASE}, run {RUN}; Guest et al. 2020)."
    )
    a_priori = facts.codebook.codable and all(
        code.origin == "a_priori" for code in facts.codebook.codable
    )
    if a_priori:
        sentence += " As the codes were set in advance, this shows their first use, not discovery."
    return found(f"{position} {sentence}".strip(), threshold=THRESHOLD, **curve)


def coders(facts: StudyFacts) -> Evidence:
    """COREQ 24: who coded what, blind or not, and agreement before discussion."""
    total = len(facts.transcripts)
    if not facts.codings.sealed or not total:
        return waiting("coding; it is not submitted yet", source="data")
    if facts.is_consensus_only:
        if sentence := str(facts.published.get("sentence", "")):
            return found(sentence, location=AGREEMENT)
        return waiting("the lead, who publishes the agreement table for authors", source="data")
    if facts.coding_is_open:
        return waiting(
            "the end of coding; not every transcript is submitted by everybody",
            source="data",
            finished=len(facts.closed),
            transcripts=total,
        )
    who = [c for c in facts.coders if any(c == coder for coder, _ in facts.codings.sealed)]
    idle = [facts.label(c) for c in who if not any(x.coder == c for x in facts.codings)]
    names = listed([facts.label(coder) for coder in who])
    if len(who) == 1:
        return found(
            f"One researcher ({names}) coded {len(facts.closed)} of "
            f"{counted(total, 'transcript')}.",
            coders=[names],
            transcripts=total,
            twice=0,
        )
    many = WORDS[len(who)] if len(who) < len(WORDS) else str(len(who))
    blind = [t for t in facts.twice if t.id not in facts.codings.not_blind]
    seen = [t.title for t in facts.twice if t.id in facts.codings.not_blind]
    settlers = sorted({facts.label(d.decided_by) for d in standing(facts.decisions).values()})
    judges = sorted(set(settlers) & {facts.label(coder) for coder in who})
    sentence = (
        f"{many} researchers ({names}) coded {len(blind)} of "
        f"{counted(total, 'transcript')} independently, blind to each other."
    )
    if seen:
        sentence += f" Of {counted(len(seen), 'more transcript')} both knew of each other’s coding."
    settled = _settling(facts)
    sentence += f" {settled}" if settled else ""
    figures = None if facts.is_reflexive else facts.agreement
    sentence += f" {agreement_sentence(figures)}" if figures else ""
    return found(
        sentence,
        notes=(
            f"{listed(idle)} submitted without any coding." if idle else "",
            f"{counted(facts.undecided, 'difference')} not settled yet: the passages concerned "
            "are neither counted nor quoted."
            if facts.undecided
            else "",
            "Agreement is left out because the analysis is reflexive." * facts.is_reflexive,
            f"{listed(seen)} {'was' if len(seen) == 1 else 'were'} not coded blind and "
            f"{'does' if len(seen) == 1 else 'do'} not count as such."
            if seen
            else "",
            f"{listed(judges)} coded and also settled differences: say how that was handled."
            if judges
            else "",
        ),
        location=AGREEMENT if figures else "",
        coders=[facts.label(coder) for coder in who],
        transcripts=total,
        twice=len(facts.twice),
        blind=len(blind),
        table=_coder_table(facts, who),
        settled_by=settlers,
        undecided=facts.undecided,
        differences=len(facts.passages),
        pooled_kappa=figures["pooled"]["kappa"] if figures else None,
        agreement=agreement_counts(figures) if figures else {},
    )


def _coder_table(facts: StudyFacts, who: Sequence[str]) -> dict[str, dict[str, int]]:
    """Coder → transcript → codings; what a coder was not given is not there."""
    return {
        facts.label(coder): {
            t.title: sum(c.coder == coder and c.transcript == t.id for c in facts.codings)
            for t in facts.closed
            if (coder, t.id) in facts.codings.sealed
        }
        for coder in who
    }


def _settling(facts: StudyFacts) -> str:
    """How the differences were settled, in a sentence."""
    differences = facts.passages
    how = facts.form.get("analysis.settling", "").rstrip(".")
    if not differences:
        return ""
    if facts.undecided:
        many = counted(len(differences), "difference")
        return f"{len(differences) - facts.undecided} of {many} have been settled so far."
    sentence = f"All {counted(len(differences), 'difference')} were settled"
    sentence += f" {how}" if how else ""
    held = standing(facts.decisions).values()
    reasons = all(decision.reason.strip() for decision in held)
    return sentence + (" and recorded with their reasons." if reasons else ".")


def agreement_sentence(figures: Mapping[str, Any]) -> str:
    """Agreement before discussion in one sentence: counts beside the coefficient.

    Most cells are empty where many codes meet many units, so the share of agreement alone would
    look better than it is.
    """
    told = agreement_counts(figures)
    if not told["decisions"]:
        return ""
    unit = "participant turn" if figures["unit"] == "turn" else str(figures["unit"])
    low, high = told["kappas"] or (None, None)
    per_code = f"; per code {number(low)} to {number(high)}" if told["kappas"] else ""
    pooled = number(told["pooled"], undefined="undefined")
    return (
        f"Before discussion, the coders agreed on {100 * told['agreed']:.1f} % of "
        f"{told['decisions']:,} decisions ({counted(told['codes'], 'code')} × "
        f"{counted(told['units'], unit)}); both applied the code in {told['both']} and only one in "
        f"{told['one']}; pooled Cohen’s kappa {pooled}{per_code}."
    )


def agreement_counts(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of the sentence on agreement: what was decided, how often alike, the kappas."""
    codes = figures["codes"]
    both = sum(code["both"] for code in codes)
    one = sum(code["only_a"] + code["only_b"] for code in codes)
    decisions = both + one + sum(code["neither"] for code in codes)
    kappas = [code["kappa"] for code in codes if code["kappa"] is not None]
    return {
        "codes": len(codes),
        "units": figures["n_units"],
        "decisions": decisions,
        "both": both,
        "one": one,
        "agreed": (decisions - one) / decisions if decisions else None,
        "pooled": figures["pooled"]["kappa"],
        "kappas": [min(kappas), max(kappas)] if kappas else [],
    }


def coding_tree(facts: StudyFacts) -> Evidence:
    """COREQ 25: the tree in numbers, with the codebook as a supplement."""
    book = facts.codebook
    if not book.codable:
        return waiting("a codebook", source="data")
    themes = [code for code in book.codes if code.parent is None and not code.codable]
    depth = max(book.depth(code.id) for code in book.codes)
    levels = depth - min(book.depth(code.id) for code in book.codes) + 1
    used = {coding.code for coding in facts.codings_of(facts.closed)}
    bare = [c.name for c in book.codable if not c.brief_definition.strip() and c.id in used]
    groups = f"{counted(len(themes), 'theme')} and " if themes else ""
    return found(
        f"The coding tree (codebook version {book.version}) has {groups}"
        f"{counted(len(book.codable), 'code')} on {counted(levels, 'level')}; each is given with "
        "its definition in the supplement.",
        notes=(f"Without a definition: {listed(bare)}." if bare else "",),
        location=CODEBOOK,
        version=book.version,
        themes=len(themes),
        codes=len(book.codable),
        levels=levels,
    )


def derivation(facts: StudyFacts) -> Evidence:
    """COREQ 26: how many codes were set in advance and how many came from the data."""
    codes = facts.codebook.codable
    if not codes:
        return waiting("a codebook", source="data")
    counts: Counter[str] = Counter(code.origin for code in codes)
    words = {
        "a_priori": "set in advance",
        "from_guide": "taken from the interview guide",
        "from_data": "developed from the data",
        "machine_suggested": "proposed by software and accepted by the researchers",
    }
    parts = [f"{counts[key]} {word}" for key, word in words.items() if counts[key]]
    own = ended(facts.form.get("analysis.derivation", ""))
    verb = "code was" if len(codes) == 1 else "codes were"
    many = f"All {len(codes)}" if len(parts) == 1 else f"Of {len(codes)}"
    sentence = f"{many} {verb} {parts[0].split(' ', 1)[1]}."
    if len(parts) > 1:
        sentence = f"{many} codes, {listed([parts[0].replace(' ', ' were ', 1), *parts[1:]])}."
    began = sum(theme.origin == "machine_suggested" for theme in facts.themes)
    if facts.themes:
        sentence += f" {_themes_made(len(facts.themes), began)}"
    told = filter(None, [*sentences(facts), likeness_sentence(facts)])
    sentence = " ".join([sentence, *told])
    return found(
        f"{own} {sentence}".strip(),
        origins=dict(counts),
        codes=len(codes),
        themes=len(facts.themes),
        themes_suggested=began,
    )


def _themes_made(themes: int, suggested: int) -> str:
    made = f"The researchers made {counted(themes, 'theme')}"
    if not suggested:
        return f"{made} from the codes."
    verb = "began as a cluster" if suggested == 1 else "began as clusters"
    return f"{made}; {suggested} {verb} proposed by software."


def software(facts: StudyFacts) -> Evidence:
    """COREQ 27: the software, and what of the analysis a machine proposed."""
    from qualcode import __version__

    machine = values(facts)
    began = sum(theme.origin == "machine_suggested" for theme in facts.themes)
    codes = sum(code.origin == "machine_suggested" for code in facts.codebook.codable)
    sentence = (
        f"Transcripts, codings, agreement and themes were kept and computed in qualcode "
        f"{__version__}."
    )
    if machine["suggestion_runs"] or began or codes:
        sentence += (
            " Text clustering was used after independent coding to propose groupings; "
            f"{counted(began, 'theme')} and {counted(codes, 'code')} began as such a proposal. "
            "All codes and themes were decided by the researchers."
        )
        sentence = " ".join([sentence, *sentences(facts)])
    else:
        sentence += " No machine suggestion was used for codes or themes."
    sentence = f"{sentence} {likeness_sentence(facts)}".rstrip() + _by_search(facts)
    other = facts.form.get("analysis.machine_help", "")
    if other and other.casefold().rstrip(".") not in {"none", "no"}:
        sentence += f" Other help: {ended(other)}"
    return found(
        sentence,
        version=__version__,
        themes_suggested=began,
        codes_suggested=codes,
        codings_by_search=facts.by_search[0],
        codings=facts.by_search[1],
        **machine,
    )


def _by_search(facts: StudyFacts) -> str:
    """How many codings a search put: machine help that a reader is told of."""
    machine, codings = facts.by_search
    if not machine:
        return ""
    share = f"{machine:,} of {codings:,} codings"
    others = "" if facts.by_likeness else "; the others were marked by hand"
    if machine == 1:
        return f" {share} was put by a text search and accepted by its coder."
    return (
        f" {share} were put by text searches whose hits the coders looked through and accepted"
        f"{others}."
    )


def member_checks(facts: StudyFacts) -> Evidence:
    """COREQ 28: summaries sent to participants, replies and changes."""
    if facts.member_checks:
        return _checked_by_log(facts)
    sent, replied = whole(facts, "member_check.sent"), whole(facts, "member_check.replied")
    changes = facts.form.get("member_check.changes", "").rstrip(".")
    if sent is None:
        return waiting("whether participants commented on the findings, or why not")
    if not sent:
        return typed("Participants were not asked to comment on the findings", sent=0)
    sentence = f"A summary of the findings was sent to {counted(sent, 'participant')}"
    sentence += f"; {replied} replied" if replied is not None else ""
    if changes.isdigit():
        verb = "change was" if changes == "1" else "changes were"
        sentence += f", and {changes if int(changes) else 'no'} {verb} made"
    elif changes:
        sentence += f"; changes: {changes}"
    may = len(facts.participants) - len(facts.refused("recontact"))
    too_many = replied is not None and replied > sent
    return typed(
        sentence,
        notes=(
            "More replies than summaries sent." if too_many else "",
            f"{sent} sent, yet only {may} of {counted(len(facts.participants), 'participant')} "
            "did not refuse to be contacted again."
            if sent > may
            else "",
        ),
        sent=sent,
        replied=replied,
        changes=changes,
    )


def _checked_by_log(facts: StudyFacts) -> Evidence:
    """Member checks as their list has them, one row a person asked."""
    people = {check.participant for check in facts.member_checks}
    replied = {check.participant for check in facts.member_checks if check.replied == "yes"}
    unclear = {check.participant for check in facts.member_checks if not check.replied} - replied
    changes = sum(bool(check.changed.strip()) for check in facts.member_checks)
    comments = sum(bool(check.comment.strip()) for check in facts.member_checks)
    verb = "change was" if changes == 1 else "changes were"
    refused = sorted(people & set(facts.refused("recontact")))
    return found(
        f"A summary of the findings was sent to {counted(len(people), 'participant')}; "
        f"{len(replied)} replied, and {changes or 'no'} {verb} made.",
        notes=(
            f"Whether {listed(sorted(unclear))} replied is not recorded." if unclear else "",
            f"{listed(refused)} did not wish to be contacted again." if refused else "",
        ),
        sent=len(people),
        replied=len(replied),
        comments=comments,
        changes=changes,
    )


def quotations(facts: StudyFacts) -> Evidence:
    """COREQ 29: how many quotations of how many participants, each with its participant number."""
    shown = findings(facts)
    people = shown.quoted
    if not shown.quotations:
        return waiting("coded passages of participants who agreed to be quoted", source="data")
    each = Counter(quote.participant for quote in shown.quotations)
    most, count = each.most_common(1)[0]
    thin = [theme.name for theme in shown.themes if len(theme.quotations) < 2]
    return found(
        f"{counted(len(shown.quotations), 'quotation')} from {len(people)} of "
        f"{counted(len(facts.participants), 'participant')} illustrate the themes, each with its "
        "participant number.",
        notes=(
            f"Fewer than two quotations: {listed(thin)}." if thin else "",
            f"{most} gives more than a quarter of the quotations."
            if count > 3 and count > len(shown.quotations) / 4
            else "",
            "Fewer than 60 % of the participants are quoted."
            if len(people) < 0.6 * len(facts.participants)
            else "",
        ),
        location=THEMES,
        quotations=len(shown.quotations),
        quoted=len(people),
        participants=len(facts.participants),
    )


def consistency(facts: StudyFacts) -> Evidence:
    """COREQ 30: each claim with its excerpts; each quotation with a code of its theme."""
    shown = findings(facts)
    bare = [theme.name for theme in shown.themes if not theme.passages]
    with_codes = [theme for theme in shown.themes if theme.codes]
    total = sum(len(theme.quotations) for theme in with_codes)
    if not shown.themes:
        return waiting("themes with the passages that support them", source="data")
    places = sum(theme.passages for theme in shown.themes)
    sentence = (
        f"Each of the {counted(len(shown.themes) - len(bare), 'theme')} rests on coded passages "
        f"({places} in all); all {total} quotations carry, in the consensus coding, a code of the "
        "theme under which they stand."
    )
    if not shown.accepted:
        return waiting("the study’s own themes; accept or make them first", draft=sentence)
    claims = [claim for theme in shown.themes for claim in theme.claims]
    linked = [claim for claim in claims if claim.excerpts]
    against = sum(len(claim.contrary) for claim in claims)
    if claims:
        excerpts = sum(len(claim.excerpts) for claim in linked)
        sentence += (
            f" {counted(len(linked), 'statement')} of the themes "
            f"{'is' if len(linked) == 1 else 'are'} linked to {counted(excerpts, 'excerpt')}"
        )
        sentence += f"; {counted(against, 'excerpt')} against one of them" if against else ""
        sentence += " (Supplement: Theme summary)."
    alone = [claim.sentence for claim in claims if not claim.excerpts]
    return found(
        sentence,
        notes=(
            f"Without any coded passage: {listed(bare)}." if bare else "",
            f"Claimed and linked to no excerpt: {'; '.join(alone)}" if alone else "",
            f"{counted(against, 'excerpt')} speak against a claim: see that the text says so."
            if against
            else "",
        ),
        location=THEMES,
        themes=len(shown.themes),
        passages=places,
        quotations=total,
        claims=len(claims),
        linked=len(linked),
        excerpts=sum(len(claim.excerpts) for claim in linked),
        contrary=against,
    )


def major_themes(facts: StudyFacts) -> Evidence:
    """COREQ 31: the major themes, each with n of N participants."""
    shown = findings(facts)
    of = len(shown.participants)
    major = [theme for theme in shown.themes if theme.kind == "major" and not theme.parent]
    names = [f"{theme.name} ({len(theme.participants)} of {of})" for theme in major]
    if not shown.accepted:
        draft = f"Groups of the codebook: {'; '.join(names)}." if names else ""
        return waiting("the study’s own themes; accept or make them first", draft=draft)
    if not major:
        return waiting("a theme that is marked as major", source="data")
    bare = [theme.name for theme in major if not theme.definition.strip()]
    mute = [theme.name for theme in major if not theme.quotations]
    return found(
        f"{counted(len(names), 'major theme')}, with the participants who voiced each: "
        f"{'; '.join(names)}.",
        notes=(
            f"Without a definition: {listed(bare)}." if bare else "",
            f"Without a quotation: {listed(mute)}." if mute else "",
        ),
        location=THEMES,
        themes={theme.name: len(theme.participants) for theme in major},
        major=len(major),
        participants=of,
    )


def minor_themes(facts: StudyFacts) -> Evidence:
    """COREQ 32: minor themes and divergent cases as marked, else as typed.

    Where neither is there, the codes of a single participant are where to look.
    """
    shown = findings(facts)
    of = len(shown.participants)
    minor = [theme for theme in shown.themes if theme.kind == "minor" and shown.accepted]
    diverse = [excerpt for theme in shown.themes for excerpt in theme.divergent]
    own = ended(facts.form.get("themes.minor", ""))
    single = [
        f"{row.code.name} ({row.participants[0]})"
        for theme in shown.themes
        for row in theme.codes
        if len(row.participants) == 1
    ]
    if minor or diverse:
        count = len(diverse)
        some = f"{counted(len(minor), 'minor theme')} and " if minor else ""
        verb = "is" if not minor and count == 1 else "are"
        names = [f"{theme.name} ({len(theme.participants)} of {of})" for theme in minor]
        names += [
            f"{theme.name}: {listed([excerpt.place for excerpt in theme.divergent])}"
            for theme in shown.themes
            if theme.divergent
        ]
        sentence = f"{some}{counted(count, 'divergent case')} {verb} described: {'; '.join(names)}."
        return found(
            f"{own} {sentence}".strip(),
            location=THEMES,
            minor={theme.name: len(theme.participants) for theme in minor},
            divergent=count,
            cases={
                theme.name: [excerpt.place for excerpt in theme.divergent]
                for theme in shown.themes
                if theme.divergent
            },
            minor_count=len(minor),
            participants=of,
        )
    if own:
        return typed(own, text=own)
    draft = f"Codes found in one participant only: {'; '.join(single)}." if single else ""
    return waiting(
        "which minor themes and diverse cases are described, or why none",
        draft=draft,
        single=single,
    )
