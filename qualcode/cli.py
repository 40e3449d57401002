"""The command line: ``qualcode COMMAND STUDY …``; the same verbs as the library.

Lists come as a table on a terminal and as JSON with ``--json``. The exit status is 0 when all is
well, 1 for a problem of the user's (one sentence on standard error), 2 for a wrong call.
"""

from __future__ import annotations

import argparse
import csv
import getpass
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from qualcode import __version__
from qualcode.errors import BadCommand, QualcodeError
from qualcode.model import CodingSet, Member, Participant, Transcript, as_role
from qualcode.store import Study, open_study

Arguments = argparse.Namespace
UNITS = ("turn", "sentence", "paragraph", "character", "document")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the status for the shell."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a terminal that knows only ASCII still shows something
            reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except QualcodeError as error:
        print(f"qualcode: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of a pipe, as `head`, has gone
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return 0
    except KeyboardInterrupt:
        return 130


# -- the study ---------------------------------------------------------------------------------


def _new(options: Arguments) -> None:
    from qualcode.templates import load_template

    template = load_template(options.template) if options.template else None
    with open_study(options.study, create=True, title=options.title) as study:
        if template is not None:
            study.set_codebook(template.codebook, note=f"template {template.id}")
            study.settings.change(
                {
                    "guide.version": template.guide_version,
                    "guide.questions": str(len(template.questions)),
                    "guide.text": "\n".join(template.questions),
                }
            )
    print(f"Started {options.study}: {options.title}")


def _sample(options: Arguments) -> None:
    from qualcode.sample import build_sample

    with build_sample(Path(options.study)) as study:
        print(
            f"The sample study is in {options.study}: {len(study.transcripts())} transcripts, "
            f"coded by {' and '.join(study.coders())}, both submitted."
        )


def _add(options: Arguments) -> None:
    from qualcode.transcripts import read_transcript

    transcripts = [read_transcript(file) for file in options.files]
    with open_study(options.study) as study:
        study.add(*_consenting(study, transcripts, options.quote), *transcripts)
    _show(
        options,
        [
            {
                "title": transcript.title,
                "turns": len(transcript.turns),
                "participant turns": len(transcript.participant_turns),
                "words": transcript.words,
                "left out": len(transcript.removals),
            }
            for transcript in transcripts
        ],
    )


def _consenting(study: Study, transcripts: Iterable[Transcript], quote: Any) -> list[Participant]:
    """The participants of these transcripts with what they agreed to, if it was said."""
    known = {person.id: person for person in study.participants()}
    asked = {transcript.person for transcript in transcripts} if quote else set()
    return [
        replace(known.get(person, Participant(person)), quote_consent=quote)
        for person in sorted(asked)
    ]


def _member(options: Arguments) -> None:
    with open_study(options.study) as study:
        if options.name:
            roles = frozenset(as_role(role) for role in options.role or ["coder"])
            study.add_member(Member(options.name, roles, options.display or ""))
        _show(
            options,
            [
                {"name": m.name, "shown as": m.label, "roles": ", ".join(sorted(m.roles))}
                for m in study.members()
            ],
        )


def _codebook(options: Arguments) -> None:
    from qualcode.codebook import read_codebook

    with open_study(options.study) as study:
        if options.file:
            kept = study.set_codebook(
                read_codebook(options.file), note=f"read from {Path(options.file).name}"
            )
            print(f"{len(kept.codable)} codes, version {kept.version}.")
        elif options.json:
            book = study.codebook()
            _json([{**vars(code)} for code in book.codes])
        else:
            print(study.codebook().to_csv(), end="")


def _codings(options: Arguments) -> None:
    with open_study(options.study) as study:
        codings = study.codings(coders=options.coder)
        titles = study.titles()
        if options.consensus:
            from qualcode.reconciliation import consensus

            _require_sealed(study, "The consensus")
            found = list(consensus(codings, study.decisions()))
        else:
            found = list(codings)
            _say_what_is_open(codings, titles)
        _show(
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
                    "id": coding.id,
                }
                for coding in found
            ],
            hide=("memo", "codebook_version", "made_at", "id"),
        )


def _check(options: Arguments) -> int:
    with open_study(options.study) as study:
        faults = study.check()
        if options.json:
            _json({"sound": not faults, "faults": faults})
        elif not faults:
            print(f"{options.study} is sound: every coding stands where its words are.")
        else:
            print("\n".join(faults))
    return 1 if faults else 0


def _backup(options: Arguments) -> None:
    with open_study(options.study) as study:
        study.backup(options.file)
    print(f"Copied to {options.file}.")


# -- results -----------------------------------------------------------------------------------


def _agreement(options: Arguments) -> None:
    from qualcode.agreement import compare_coders
    from qualcode.reconciliation import find_differences

    with open_study(options.study) as study:
        codings = _require_sealed(study, "Agreement", coders=options.coders)
        transcripts = study.transcripts()
    agreed = compare_coders(transcripts, codings, unit=options.unit)
    pair = tuple(agreed.coders[:2])
    kinds = Counter(difference.kind for difference in find_differences(codings, pair))
    if options.json:
        _json(
            {
                **agreed.to_dict(),
                "differences": {kind: kinds[kind] for kind in ("boundary", "choice", "omission")},
            }
        )
        return
    print(agreed)
    _show(options, agreed.to_dict()["codes"], only=_AGREEMENT_COLUMNS)


_AGREEMENT_COLUMNS = (
    "code",
    "name",
    "n1",
    "n2",
    "both",
    "percent",
    "kappa",
    "alpha",
    "low",
    "high",
    "f1",
    "verdict",
    "reason",
)


def _differences(options: Arguments) -> None:
    from qualcode.reconciliation import find_differences

    with open_study(options.study) as study:
        codings = _require_sealed(study, "The list of differences")
        settled = {decision.difference: decision for decision in study.decisions()}
        titles = study.titles()
        coders = study.coders()[:2]
    _show(
        options,
        [
            {
                "transcript": titles[difference.transcript],
                "kind": difference.kind,
                difference.coders[0]: difference.a.code if difference.a else None,
                difference.coders[1]: difference.b.code if difference.b else None,
                "start": difference.span.start,
                "end": difference.span.end,
                "decision": settled[difference.id].outcome if difference.id in settled else None,
                "id": difference.id,
            }
            for difference in find_differences(codings, (coders[0], coders[1]))
        ],
        hide=("id",),
    )


def _themes(options: Arguments) -> None:
    from qualcode.themes import suggest_themes

    with open_study(options.study) as study:
        codings = _require_sealed(study, "The search for themes")
        # Nothing machine-made before a transcript is submitted by everybody.
        closed = study.sight().closed
        transcripts = tuple(t for t in study.transcripts() if t.id in closed)
        found = suggest_themes(transcripts, codings, clusters=options.clusters, seed=options.seed)
        study.log("suggestion_run", {**found.parameters, "candidates": len(found)})
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
        _json({"parameters": dict(found.parameters), "candidates": rows})
        return
    for row in rows:
        people = f"{len(row['participants'])} participants"
        print(f"{row['number']:>2}  {row['label']}  ({row['passages']} passages, {people})")
        print("    " + ", ".join(f"{c['name']} {c['share']:.0%}" for c in row["codes"][:4]))
        for quote in row["quotes"][:2]:
            print(f"    {quote['transcript']}: “{_short(quote['quote'], 160)}”")
    print("\nCandidates are suggestions: accept one in the app, under a name of your own.")


def _report(options: Arguments) -> None:
    from qualcode.reports import REPORTS

    if options.kind not in REPORTS:
        raise BadCommand(f"There is no report “{options.kind}”; there are {', '.join(REPORTS)}.")
    with open_study(options.study) as study:
        report = REPORTS[options.kind](study)
        report.save(options.file)
        study.log("export", {"report": options.kind, "format": Path(options.file).suffix[1:]})
    print(f"Written: {options.file}")


# -- the server --------------------------------------------------------------------------------


def _serve(options: Arguments) -> int:
    from qualcode.ui.serve import serve

    return serve(
        Path(options.folder),
        options.port,
        open_sample=options.sample,
        address=options.address,
        hosts=options.host or (),
        browser=not options.no_browser,
    )


def _user(options: Arguments) -> None:
    from qualcode.ui import places

    os.environ[places.FOLDER] = options.folder
    password = os.environ.get("QUALCODE_PASSWORD") or _asked_password()
    places.accounts().add_user(options.name, password, options.display or "")
    print(f"{options.name} can sign in.")


def _asked_password() -> str:
    try:
        return getpass.getpass("Password: ")
    except EOFError as error:
        raise BadCommand(
            "There is nobody here to type a password; give it in QUALCODE_PASSWORD."
        ) from error


# -- showing -----------------------------------------------------------------------------------


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


def _show(
    options: Arguments,
    found: Sequence[Mapping[str, Any]],
    *,
    hide: Iterable[str] = (),
    only: Sequence[str] = (),
) -> None:
    """Rows as JSON, CSV or a table."""
    if getattr(options, "json", False):
        _json(list(found))
    elif getattr(options, "csv", False):
        _csv(found, sys.stdout)
    elif found:
        columns = [c for c in (only or found[0]) if c in found[0] and c not in set(hide)]
        cells = [columns, *[[_cell(row.get(c)) for c in columns] for row in found]]
        widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
        for line in cells:
            print("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip())
    else:
        print("None.")


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.4f}"
    return _short(str(value), 70)


def _short(text: str, limit: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _csv(found: Sequence[Mapping[str, Any]], out: TextIO) -> None:
    if not found:
        return
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(found[0])
    for row in found:
        # A spreadsheet would run a cell that begins like a formula.
        writer.writerow(
            ["'" + v if isinstance(v, str) and v[:1] in "=+-@\t" and v else v for v in row.values()]
        )


def _json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


# -- the words of the command line -------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="qualcode",
        description="Two people code the same interviews blind; agreement, decisions, report.",
    )
    parser.add_argument("--version", action="version", version=f"qualcode {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(
        name: str, run: Callable[[Arguments], int | None], words: str, example: str
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name, help=words, description=words, epilog=f"Example: qualcode {example}"
        )
        sub.set_defaults(run=run)
        if name not in ("serve", "user"):
            sub.add_argument("study", metavar="STUDY", help="the study file")
        return sub

    new = command("new", _new, "Start a study.", 'new nurses.qualcode --title "Nurses"')
    new.add_argument("--title", required=True, help="what the study is called")
    new.add_argument(
        "--template", help="start from a study template, as mentorship_needs_assessment"
    )

    command("sample", _sample, "Build the sample study.", "sample sample.qualcode")

    add = command(
        "add", _add, "Add transcripts, all or none.", "add nurses.qualcode P01.docx P02.txt"
    )
    add.add_argument("files", nargs="+", metavar="FILE", help="txt, md, docx, vtt or srt")
    add.add_argument(
        "--quote",
        choices=["no", "yes", "id_only"],
        help="what these participants agreed to; without it no report quotes them",
    )
    _as_json(add)

    member = command(
        "member", _member, "Add somebody to the team, or list it.", "member nurses.qualcode ana"
    )
    member.add_argument("name", nargs="?", metavar="NAME", help="the sign-in name")
    member.add_argument("--role", action="append", help="lead or coder (given twice for both)")
    member.add_argument("--display", help="the name the screens show")
    _as_json(member)

    codebook = command(
        "codebook",
        _codebook,
        "Read a codebook in, or print it.",
        "codebook nurses.qualcode book.csv",
    )
    codebook.add_argument("file", nargs="?", metavar="FILE", help="a codebook as CSV")
    _as_json(codebook)

    codings = command(
        "codings", _codings, "List submitted codings.", "codings nurses.qualcode --coder ana --csv"
    )
    codings.add_argument("--coder", action="append", help="only this coder's (may be given twice)")
    codings.add_argument("--consensus", action="store_true", help="the settled layer")
    _as_json(codings).add_argument("--csv", action="store_true", help="as CSV")

    agreement = command(
        "agreement",
        _agreement,
        "How far the coders agree.",
        "agreement nurses.qualcode --unit turn",
    )
    agreement.add_argument("--coders", nargs="+", metavar="CODER", help="only these coders")
    agreement.add_argument("--unit", choices=UNITS, default="turn", help="what is compared")
    _as_json(agreement)

    differences = command(
        "differences", _differences, "Where the coders part.", "differences nurses.qualcode --json"
    )
    _as_json(differences)

    themes = command(
        "themes", _themes, "Suggest themes from the participants' words.", "themes nurses.qualcode"
    )
    themes.add_argument("--clusters", type=int, metavar="N", help="how many candidates")
    themes.add_argument("--seed", type=int, default=1, metavar="S", help="same seed, same answer")
    _as_json(themes)

    report = command(
        "report", _report, "Write a report.", "report nurses.qualcode coreq coreq.docx"
    )
    report.add_argument("kind", metavar="KIND", help="coreq, srqr, themes, codebook or agreement")
    report.add_argument("file", metavar="FILE", help="ends in docx, html, md, csv or json")

    check = command("check", _check, "Is the file sound?", "check nurses.qualcode")
    _as_json(check)

    backup = command(
        "backup",
        _backup,
        "Copy the study while it is in use.",
        "backup nurses.qualcode copy.qualcode",
    )
    backup.add_argument("file", metavar="FILE", help="where the copy goes")

    serve = command("serve", _serve, "Open the app in the browser.", "serve --sample")
    serve.add_argument("--folder", default=os.environ.get("QUALCODE_FOLDER", "studies"))
    serve.add_argument("--port", type=int, help="8501, or the next free one")
    serve.add_argument("--address", default="127.0.0.1", help="0.0.0.0 opens it to the network")
    serve.add_argument("--host", action="append", help="a name under which browsers may ask")
    serve.add_argument("--sample", action="store_true", help="open on the sample study")
    serve.add_argument("--no-browser", action="store_true", help="do not open a browser window")

    user = command("user", _user, "Make an account.", 'user add ana --display "Ana Silva"')
    user.add_argument("act", choices=["add"])
    user.add_argument("name", metavar="NAME", help="the sign-in name")
    user.add_argument("--display", help="the name the screens show")
    user.add_argument("--folder", default=os.environ.get("QUALCODE_FOLDER", "studies"))
    return parser


def _as_json(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--json", action="store_true", help="as JSON")
    return parser
