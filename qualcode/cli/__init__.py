"""The command line: ``qualcode COMMAND STUDY …``; the same verbs as the library.

Lists come as a table on a terminal and as JSON with ``--json``. The exit status is 0 when all is
well, 1 for a problem of the user's (one sentence on standard error), 2 for a wrong call.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from qualcode import __version__
from qualcode.cli import agreement as agreements
from qualcode.cli import commands, people, privacy, record, reports, rounds
from qualcode.cli.agreement import TABLES
from qualcode.cli.comments import options_of_work
from qualcode.errors import QualcodeError

Arguments = argparse.Namespace
UNITS = ("turn", "sentence", "paragraph", "character", "document")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the status for the shell."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a terminal that knows only ASCII still shows something
            reconfigure(errors="replace")
    options = make_parser().parse_args(arguments)
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


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="qualcode",
        description="Two people code the same interviews blind; agreement, decisions, report.",
    )
    parser.add_argument("--version", action="version", version=f"qualcode {__version__}")
    verbs = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(
        name: str, run: Callable[[Arguments], int | None], words: str, example: str
    ) -> argparse.ArgumentParser:
        sub = verbs.add_parser(
            name, help=words, description=words, epilog=f"Example: qualcode {example}"
        )
        sub.set_defaults(run=run)
        if name not in ("serve", "user"):
            sub.add_argument("study", metavar="STUDY", help="the study file")
        return sub

    new = command("new", commands.new, "Start a study.", 'new nurses.qualcode --title "Nurses"')
    new.add_argument("--title", required=True, help="what the study is called")
    new.add_argument(
        "--template", help="start from a study template, as mentorship_needs_assessment"
    )
    new.add_argument(
        "--hold-back", action="store_true", help="coders read a text when it is released"
    )

    sample = command("sample", commands.sample, "Build the sample study.", "sample sample.qualcode")
    sample.add_argument(
        "--finished",
        action="store_true",
        help="with its differences settled, themes, quotations and needs",
    )

    add = command(
        "add", commands.add, "Add transcripts, all or none.", "add nurses.qualcode P01.docx P02.txt"
    )
    add.add_argument(
        "files", nargs="+", metavar="FILE", help="an interview, a sheet, a folder or a zip of them"
    )
    add.add_argument(
        "--skip-unreadable",
        action="store_true",
        help="add the others when a file of a folder or zip cannot be read",
    )
    add.add_argument(
        "--quote",
        choices=["no", "yes", "id_only"],
        help="what these participants agreed to; without it no report quotes them",
    )
    _as_json(add)

    member = command(
        "member",
        commands.member,
        "Add somebody to the team, or list it.",
        "member nurses.qualcode ana",
    )
    member.add_argument("name", nargs="?", metavar="NAME", help="the sign-in name")
    member.add_argument("--role", action="append", help="lead or coder (given twice for both)")
    member.add_argument("--display", help="the name the screens show")
    _as_json(member)

    codebook = command(
        "codebook",
        commands.codebook,
        "Read a codebook in, print it, or tell two versions apart.",
        "codebook nurses.qualcode book.csv",
    )
    codebook.add_argument("file", nargs="?", metavar="FILE", help="a codebook as CSV")
    codebook.add_argument(
        "--diff", nargs=2, metavar=("FROM", "TO"), help="what changed between two versions"
    )
    _as_json(codebook)

    codings = command(
        "codings",
        commands.codings,
        "List submitted codings.",
        "codings nurses.qualcode --coder ana --csv",
    )
    codings.add_argument("--coder", action="append", help="only this coder's (may be given twice)")
    codings.add_argument("--consensus", action="store_true", help="the settled layer")
    _as_json(codings).add_argument("--csv", action="store_true", help="as CSV")

    plan = command(
        "rounds",
        rounds.rounds,
        "Show the rounds, or give out one.",
        "rounds nurses.qualcode --give main --share 0.25 --seed 7",
    )
    plan.add_argument("--give", metavar="ROUND", help="give out the transcripts of this round")
    plan.add_argument(
        "--share", type=float, default=1.0, help="part that all coders code, from 0 to 1"
    )
    plan.add_argument("--seed", type=int, default=1, metavar="S", help="same seed, same plan")
    _as_json(plan)

    take = command(
        "take-away",
        rounds.take,
        "Write a coder's package, to code without the network.",
        "take-away nurses.qualcode ana ana.qualcode",
    )
    take.add_argument("coder", metavar="CODER", help="whose open transcripts it holds")
    take.add_argument("file", metavar="FILE", help="where the package goes")

    bring = command(
        "bring-back",
        rounds.bring,
        "Take a coder's package in.",
        "bring-back nurses.qualcode ana.qualcode",
    )
    bring.add_argument("file", metavar="FILE", help="the package")
    bring.add_argument(
        "--hold", choices=["study", "package"], help="which counts where both were changed"
    )

    agreement = command(
        "agreement",
        agreements.agreement,
        "How far the coders agree.",
        "agreement nurses.qualcode --unit turn",
    )
    agreement.add_argument("--coders", nargs="+", metavar="CODER", help="only these coders")
    agreement.add_argument("--unit", choices=UNITS, default="turn", help="what is compared")
    agreement.add_argument("--by", choices=TABLES, default="code", help="which table to print")
    agreement.add_argument(
        "--against-consensus",
        metavar="CODER",
        help="compare one coder with what was settled; no agreement between coders",
    )
    agreement.add_argument("--round", default="main", help="the round, by id or name")
    agreement.add_argument(
        "--self",
        metavar="CODER",
        help="compare a coder's first pass with that of a repeat round; within one coder",
    )
    agreement.add_argument(
        "--group",
        action="append",
        metavar="A,B",
        help="compare groups of coders, each taken as one (given twice)",
    )
    _as_json(agreement)

    plan = command(
        "plan",
        agreements.plan,
        "How many interviews to code twice for an interval of a wanted width.",
        "plan nurses.qualcode --width 0.1",
    )
    plan.add_argument("--width", type=float, default=0.1, help="the wanted width, as 0.1")
    plan.add_argument("--round", help="the round to plan from; a pilot, or else the main round")
    plan.add_argument("--unit", choices=UNITS, default="turn", help="what is compared")
    plan.add_argument("--seed", type=int, default=1, metavar="S", help="same seed, same answer")
    _as_json(plan)

    differences = command(
        "differences",
        commands.differences,
        "Where the coders part.",
        "differences nurses.qualcode --json",
    )
    _as_json(differences)

    themes = command(
        "themes",
        commands.themes,
        "Suggest themes from the participants' words, or from a table of comments.",
        "themes survey.csv --column comment --group ward",
    )
    themes.add_argument("--clusters", type=int, metavar="N", help="how many candidates")
    themes.add_argument("--seed", type=int, default=1, metavar="S", help="same seed, same answer")
    options_of_work(themes)
    _as_json(themes)

    report = command(
        "report", commands.report, "Write a report.", "report nurses.qualcode coreq coreq.docx"
    )
    report.add_argument(
        "kind",
        metavar="KIND",
        help="journal, decision, coreq, srqr, themes, needs, codebook, agreement or audit",
    )
    report.add_argument(
        "file", metavar="FILE", help="ends in docx, html, md, csv, json, xlsx or pdf"
    )
    reports.options_of_release(report)

    exports = command(
        "exports", reports.exports, "What has left the study.", "exports nurses.qualcode"
    )
    exports.add_argument("--participant", metavar="P", help="only the files that hold this person")
    _as_json(exports)

    check = command("check", commands.check, "Is the file sound?", "check nurses.qualcode")
    _as_json(check)

    backup = command(
        "backup",
        commands.backup,
        "Copy the study while it is in use.",
        "backup nurses.qualcode copy.qualcode",
    )
    backup.add_argument("file", metavar="FILE", help="where the copy goes")

    restore = command(
        "restore",
        record.restore_copy,
        "List the study's copies, or put one back.",
        "restore nurses.qualcode 2026-11-22T080500Z",
    )
    restore.add_argument(
        "copy", nargs="?", metavar="COPY", help="its name, “newest”, or the path of a copy"
    )
    _as_json(restore)

    identifiers = command(
        "identifiers",
        privacy.identifiers,
        "List what in the texts may tell who somebody is.",
        "identifiers nurses.qualcode --names names.txt",
    )
    identifiers.add_argument(
        "--names",
        metavar="FILE",
        help="the study's own list: a name a line, then “; label; kind; other forms”",
    )
    identifiers.add_argument(
        "--allow", action="append", metavar="WORDS", help="no identifier in this study"
    )
    identifiers.add_argument("--transcript", metavar="TITLE", help="only this transcript")
    identifiers.add_argument(
        "--language", help="of texts for which the study does not say it, as en or fr"
    )
    identifiers.add_argument(
        "--no-recogniser", action="store_true", help="list and patterns only, no guessed names"
    )
    _as_json(identifiers)

    release = command(
        "release",
        people.release,
        "Let the coders read transcripts in which everything found is decided.",
        'release nurses.qualcode P01 --signed "Sue Stern"',
    )
    release.add_argument(
        "transcripts", nargs="*", metavar="TITLE", help="which; without one all that are ready"
    )
    release.add_argument(
        "--signed", required=True, metavar="NAME", help="who answers for it, by name"
    )

    participants = command(
        "people",
        people.people,
        "Keep a table of participants, or print the one there is.",
        "people nurses.qualcode participants.csv",
    )
    participants.add_argument(
        "file", nargs="?", metavar="FILE", help="CSV or Excel, one row a participant"
    )

    withdraw = command(
        "withdraw",
        people.withdraw,
        "Say what withdrawing a participant takes out, and take it out.",
        'withdraw nurses.qualcode P02 --reason "by e-mail" --yes',
    )
    withdraw.add_argument("participant", metavar="PARTICIPANT", help="the pseudonym")
    withdraw.add_argument("--reason", metavar="WORDS", help="how it was asked for")
    withdraw.add_argument("--yes", action="store_true", help="do it; it is not taken back")

    history = command(
        "history",
        record.history,
        "Who did what, and when.",
        "history nurses.qualcode --who ana --since 2026-11-01 --csv",
    )
    history.add_argument("--who", metavar="NAME", help="only what this person did")
    history.add_argument("--act", metavar="ACT", help="only this act, as submit or export")
    history.add_argument("--subject", metavar="TITLE", help="only about this transcript or id")
    history.add_argument("--since", metavar="DAY", help="from this day on (UTC), as 2026-11-22")
    _as_json(history).add_argument("--csv", action="store_true", help="as CSV")

    serve = command("serve", commands.serve, "Open the app in the browser.", "serve --sample")
    serve.add_argument("--folder", default=os.environ.get("QUALCODE_FOLDER", "studies"))
    serve.add_argument("--port", type=int, help="8501, or the next free one")
    serve.add_argument("--address", default="127.0.0.1", help="0.0.0.0 opens it to the network")
    serve.add_argument("--host", action="append", help="a name under which browsers may ask")
    serve.add_argument("--sample", action="store_true", help="open on the sample study")
    serve.add_argument("--package", metavar="FILE", help="open a coder's package instead")
    serve.add_argument("--no-browser", action="store_true", help="do not open a browser window")

    user = command(
        "user",
        commands.user,
        "Make, close and open accounts, give a new password, or list them.",
        'user add ana --display "Ana Silva"',
    )
    user.add_argument("act", choices=list(commands.USER_ACTS))
    user.add_argument("name", nargs="?", metavar="NAME", help="the sign-in name; list needs none")
    user.add_argument("--display", help="the name the screens show")
    user.add_argument("--folder", default=os.environ.get("QUALCODE_FOLDER", "studies"))
    _as_json(user)
    return parser


def _as_json(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--json", action="store_true", help="as JSON")
    return parser
