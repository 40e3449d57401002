"""What each command does: open the study, ask, show."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from qualcode.cli import comments
from qualcode.cli.record import warn
from qualcode.cli.tables import as_json, short, show
from qualcode.errors import AlreadyInStudy, BadCommand, UnreadableFile
from qualcode.model import CodingSet, Member, Participant, Transcript, as_role
from qualcode.store import Study, open_study

Arguments = argparse.Namespace


# -- the study ---------------------------------------------------------------------------------


def new(options: Arguments) -> None:
    from qualcode.store.attributes import of_template
    from qualcode.templates import load_template

    template = load_template(options.template) if options.template else None
    with open_study(options.study, create=True, title=options.title) as study:
        if template is not None:
            study.set_attributes(*of_template(template.attributes))
            study.set_codebook(template.codebook, note=f"template {template.id}")
            study.settings.change(
                {
                    "guide.version": template.guide_version,
                    "guide.questions": str(len(template.questions)),
                    "guide.text": "\n".join(template.questions),
                }
            )
        if options.hold_back:
            study.hold_texts_back(True)
    print(f"Started {options.study}: {options.title}")
    warn(Path(options.study))


def sample(options: Arguments) -> None:
    from qualcode.sample import build_sample

    with build_sample(Path(options.study), finished=options.finished) as study:
        print(
            f"The sample study is in {options.study}: {len(study.transcripts())} transcripts, "
            f"coded by {' and '.join(study.coders())}, both submitted."
        )
        if options.finished:
            work = study.theme_work()
            print(
                f"Finished: {len(study.decisions())} differences settled, {len(study.themes())} "
                f"themes, {len(work.quotations)} quotations, {len(work.needs)} needs."
            )


def add(options: Arguments) -> None:
    from qualcode.transcripts import Batch, preview, read_transcripts

    batch = Batch()
    for file in options.files:
        batch += read_transcripts(file, told=_progress if sys.stderr.isatty() else None)
    for refusal in batch.refused:
        where = "" if refusal.name in refusal.sentence else f"{refusal.name}: "
        print(f"Not read: {where}{refusal.sentence}", file=sys.stderr)
    if batch.passed_over:
        print(f"Passed over: {', '.join(batch.passed_over)}", file=sys.stderr)
    if batch.refused and not options.skip_unreadable:
        count = len(batch.refused)
        raise UnreadableFile(
            f"Nothing was added, because {count} {'file' if count == 1 else 'files'} cannot be "
            "read. Mend what is said above, or leave such files out with --skip-unreadable."
        )
    with open_study(options.study) as study:
        known = {item.source_sha256: item.title for item in study.transcripts()}
        new = [item for item in batch.transcripts if item.source_sha256 not in known]
        if batch.transcripts and not new:
            raise AlreadyInStudy("Every file named is in the study already; nothing was added.")
        for item in batch.transcripts:
            if item not in new:
                print(f"In the study already: {item.source_name}", file=sys.stderr)
        study.add(*_people(study, new, batch.participants, options.quote), *new)
    show(
        options,
        [
            {
                "title": transcript.title,
                "format": transcript.source_format,
                "turns": len(transcript.turns),
                "participant turns": len(transcript.participant_turns),
                "words": transcript.words,
                "left out": len(transcript.removals),
                "notes": list(preview(transcript).notes),
            }
            for transcript in new
        ],
        hide=("notes",),
    )


def _progress(number: int, count: int, name: str) -> None:
    """One line on the terminal that says which file is being read."""
    end = "\n" if number == count else ""
    print(f"\r\x1b[KReading {number} of {count}: {name[:60]}", end=end, file=sys.stderr, flush=True)


def _people(
    study: Study, transcripts: Iterable[Transcript], told: Iterable[Participant], quote: Any
) -> list[Participant]:
    """The participants of these transcripts with what a sheet tells about them, and with what
    they agreed to, if it was said; what the study knows of somebody is not written over."""
    known = {person.id: person for person in study.participants()}
    sheet = {person.id: person for person in told}
    asked = {transcript.person for transcript in transcripts} if quote else set()
    people = []
    for name in sorted({*sheet, *asked}):
        person = known.get(name, Participant(name, quote_consent="no"))
        attributes = {**(sheet[name].attributes if name in sheet else {}), **person.attributes}
        consent = quote if name in asked else person.quote_consent
        people.append(replace(person, attributes=attributes, quote_consent=consent))
    return people


def member(options: Arguments) -> None:
    with open_study(options.study) as study:
        if options.name:
            roles = frozenset(as_role(role) for role in options.role or ["coder"])
            study.add_member(Member(options.name, roles, options.display or ""))
        show(
            options,
            [
                {"name": m.name, "shown as": m.label, "roles": ", ".join(sorted(m.roles))}
                for m in study.members()
            ],
        )


def codebook(options: Arguments) -> None:
    from qualcode.changes import keeping_all, sentence
    from qualcode.codebook import read_codebook

    with open_study(options.study) as study:
        if options.diff:
            _versions_apart(options, study)
        elif options.file:
            before, book = study.codebook(), read_codebook(options.file)
            states = study.versions()
            if states and states[-1]["state"] != "draft":
                book = keeping_all(before, book)  # a code that was coded with is retired instead
            kept = study.set_codebook(book, note=f"read from {Path(options.file).name}")
            print(f"{len(kept.codable)} codes, version {kept.version}.")
            if kept.version != before.version:
                for one in study.codebook_changes(kept.version):
                    print(sentence(one.change, before, kept))
        elif options.json:
            book = study.codebook()
            as_json([{**vars(code)} for code in book.codes])
        else:
            print(study.codebook().to_csv(), end="")


def _versions_apart(options: Arguments, study: Study) -> None:
    """What changed from one version of the codebook to another, in words or as JSON."""
    from qualcode.changes import sentence, word_diff
    from qualcode.codebook import RULE_FIELDS

    first, second = options.diff
    names = [row["version"] for row in study.versions()]
    before, after = study.codebook(first), study.codebook(second)
    if names.index(first) > names.index(second):
        raise BadCommand(f"Version {first} is later than {second}; name the earlier one first.")
    made = [
        one
        for one in study.codebook_changes()
        if names.index(first) < names.index(one.version) <= names.index(second)
    ]
    if options.json:
        as_json([vars(one.change) | {"version": one.version, "effect": one.effect} for one in made])
        return
    for one in made:
        print(f"{one.version}: {sentence(one.change, before, after)}")
    signs = {"same": "{}", "out": "[-{}-]", "in": "{{+{}+}}"}
    for code in after.codes:
        for field in ("name", *RULE_FIELDS) if code.id in before else ():
            old, new = getattr(before[code.id], field), getattr(code, field)
            if old != new:
                words = "".join(signs[kind].format(words) for kind, words in word_diff(old, new))
                print(f"{code.id} {field}: {words}")


def codings(options: Arguments) -> None:
    with open_study(options.study) as study:
        codings = study.codings(coders=options.coder)
        titles = study.titles()
        if options.consensus:
            from qualcode.reconciliation import consensus

            _require_sealed(study, "The consensus")
            found = list(consensus(study.current_codings(), study.current_decisions()))
        else:
            found = list(codings)
            _say_what_is_open(codings, titles)
        show(
            options,
            [
                {
                    "transcript": titles[coding.transcript],
                    "coder": coding.coder,
                    "code": coding.code,
                    "start": coding.span.start,
                    "end": coding.span.end,
                    "quote": coding.quote,
                    "memo": coding.memo,
                    "codebook_version": coding.codebook_version,
                    "made_at": coding.made_at,
                    "origin": "search" if coding.search else "coder",
                    "id": coding.id,
                }
                for coding in found
            ],
            hide=("memo", "codebook_version", "made_at", "origin", "id"),
        )


def check(options: Arguments) -> int:
    with open_study(options.study) as study:
        faults, warnings = study.check(), study.warnings()
        digest = study.last_hash()
    if options.json:
        as_json({"sound": not faults, "faults": faults, "warnings": warnings, "last_hash": digest})
        return 1 if faults else 0
    for warning in warnings:
        print(f"Warning: {warning}", file=sys.stderr)
    if faults:
        print("\n".join(faults))
        print(f"See the copies there are with: qualcode restore {options.study}")
    else:
        print(f"{options.study} is sound: every coding stands where its words are.")
        print(f"The last line of its history is {digest}; kept elsewhere, it proves the history.")
    return 1 if faults else 0


def backup(options: Arguments) -> None:
    with open_study(options.study) as study:
        study.backup(options.file)
    print(f"Copied to {options.file}.")


# -- results -----------------------------------------------------------------------------------


def differences(options: Arguments) -> None:
    from qualcode.reconciliation import find_passages, latest, settled
    from qualcode.reconciliation.decisions import is_settled

    with open_study(options.study) as study:
        _require_sealed(study, "The list of differences")
        codings, decisions = study.current_codings(), study.current_decisions()
        held = latest(decisions)
        titles = study.titles()
        coders = study.coders()
        settled_now = settled(decisions)
        found = find_passages(codings, coders, codes=study.codebook().codes)
        shown = [coder for coder in coders if any(coder in p.coders for p in found)]
    show(
        options,
        [
            {
                "transcript": titles[passage.transcript],
                "kind": passage.differences[0].kind,
                "types": ", ".join(passage.types),
                **{
                    coder: ", ".join(dict.fromkeys(c.code for c in passage.of(coder))) or None
                    if coder in passage.coders
                    else None
                    for coder in shown
                },
                "start": passage.span.start,
                "end": passage.span.end,
                "decision": held[passage.id].outcome if passage.id in held else None,
                "settled": "yes" if is_settled(passage, settled_now) else "no",
                "id": passage.id,
            }
            for passage in found
        ],
        hide=("id",),
    )


def themes(options: Arguments) -> None:
    from qualcode.themes import suggest_themes
    from qualcode.themes.versions import versions_of

    if comments.is_table(options):
        comments.themes_of_table(options)
        return
    with open_study(options.study) as study:
        _require_sealed(study, "The search for themes")
        # Nothing machine-made before a transcript is submitted by everybody.
        transcripts, codings = study.sealed_work(everything=False)
        with comments.shown(options) as how:
            found = suggest_themes(
                transcripts, codings, clusters=options.clusters, seed=options.seed, **how
            )
        study.keep_run(
            "candidates",
            found.parameters,
            found=len(found),
            versions=versions_of(found.parameters),
            where=found.where,
        )
        names = {code.id: code.name for code in study.codebook().codes}
        texts = {t.id: t for t in transcripts}
    rows: list[dict[str, Any]] = [
        {
            "number": candidate.number,
            "label": candidate.label,
            "passages": len(candidate.passages),
            "participants": list(candidate.participants),
            "stability": round(candidate.stability, 3),
            "codes": [
                {"code": c, "name": names.get(c, c), "share": round(s, 3)}
                for c, s in candidate.codes
            ],
            "terms": [{"term": term, "weight": round(w, 4)} for term, w in candidate.terms],
            "quotes": [
                {"transcript": texts[t].title, "quote": texts[t].text[span.slice]}
                for t, span in candidate.quotes
            ],
        }
        for candidate in found
    ]
    if options.json:
        as_json({"parameters": dict(found.parameters), "candidates": rows})
        return
    for row in rows:
        people = f"{len(row['participants'])} participants"
        print(f"{row['number']:>2}  {row['label']}  ({row['passages']} passages, {people})")
        print("    " + ", ".join(f"{c['name']} {c['share']:.0%}" for c in row["codes"][:4]))
        for quote in row["quotes"][:2]:
            print(f"    {quote['transcript']}: “{short(quote['quote'], 160)}”")
    print("\nCandidates are suggestions: accept one in the app, under a name of your own.")


def report(options: Arguments) -> None:
    from qualcode.cli.reports import write
    from qualcode.reports import REPORTS

    if options.kind not in REPORTS:
        raise BadCommand(f"There is no report “{options.kind}”; there are {', '.join(REPORTS)}.")
    with open_study(options.study) as study:
        write(study, REPORTS[options.kind](study), options)


# -- the server --------------------------------------------------------------------------------


def serve(options: Arguments) -> int:
    from qualcode.ui.serve import serve

    warn(Path(options.folder) / "any", called="The folder of studies")
    return serve(
        Path(options.folder),
        options.port,
        open_sample=options.sample,
        address=options.address,
        hosts=options.host or (),
        browser=not options.no_browser,
        package=options.package,
    )


USER_ACTS = ("add", "close", "open", "list", "password")


def user(options: Arguments) -> None:
    from qualcode.ui import places

    os.environ[places.FOLDER] = options.folder
    accounts = places.accounts()
    if options.act == "list":
        show(
            options,
            [
                {
                    "name": user.name,
                    "shown as": user.display or user.name,
                    "signs in with": "a password" if user.has_password else "the institution",
                    "account": "open" if user.active else "closed",
                }
                for user in accounts.users()
            ],
        )
    elif not options.name:
        raise BadCommand(f"Say whose account: qualcode user {options.act} NAME")
    elif options.act == "add":
        accounts.add_user(options.name, _password(), options.display or "")
        print(f"{options.name} can sign in.")
    elif options.act == "password":
        accounts.set_password(options.name, _password())
        print(f"{options.name} has a new password and is signed out everywhere.")
    elif options.act == "close":
        accounts.deactivate(options.name)
        print(f"{options.name} cannot sign in any more and is signed out; their codings stay.")
    else:
        accounts.reopen(options.name)
        print(f"{options.name} can sign in again.")


def _password() -> str:
    return os.environ.get("QUALCODE_PASSWORD") or _asked_password()


def _asked_password() -> str:
    try:
        return getpass.getpass("Password: ")
    except EOFError as error:
        raise BadCommand(
            "There is nobody here to type a password; give it in QUALCODE_PASSWORD."
        ) from error


def _require_sealed(study: Study, what: str, *, coders: Iterable[str] | None = None) -> CodingSet:
    study.sight().require(what)
    return study.codings(coders=coders)


def _say_what_is_open(codings: CodingSet, titles: Mapping[str, str]) -> None:
    waiting = sorted({titles[transcript] for _, transcript in codings.open})
    if waiting:
        print(
            f"Not shown: {', '.join(waiting)}, until everybody has submitted them.",
            file=sys.stderr,
        )
