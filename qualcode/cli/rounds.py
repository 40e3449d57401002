"""Rounds and packages on the command line."""

from __future__ import annotations

import argparse

from qualcode.cli.tables import show
from qualcode.model import MAIN
from qualcode.planning import plan_round
from qualcode.store import open_study
from qualcode.store.packages import bring_back, look_into, take_away


def rounds(options: argparse.Namespace) -> None:
    """The rounds and how far they are; with --give, give out what is planned."""
    with open_study(options.study) as study:
        if options.give is not None:
            held = study.round(options.give)
            texts = study.transcripts()
            plan = plan_round(texts, study.coders(), share=options.share, seed=options.seed)
            study.give(
                plan.given, round=held.id, only=held.id == MAIN, seed=options.seed, how=plan.how
            )
        found = []
        for held in study.rounds():
            given = [a for a in study.assignments(round=held.id) if a.state != "withdrawn"]
            found.append(
                {
                    "round": held.id,
                    "name": held.name,
                    "kind": held.kind,
                    "version": held.version,
                    "given": len(given),
                    "submitted": sum(a.state == "submitted" for a in given),
                    "transcripts": len({a.transcript for a in given}),
                    "closed": held.is_closed,
                }
            )
    show(options, found)


def take(options: argparse.Namespace) -> None:
    """Write a coder's package."""
    with open_study(options.study) as study:
        titles = take_away(study, options.file, coder=options.coder)
    print(f"{options.file} holds {', '.join(titles)} for {options.coder}.")


def bring(options: argparse.Namespace) -> None:
    """Take a package in; of what both sides changed, --hold says which counts."""
    with open_study(options.study) as study:
        conflicts = look_into(study, options.file).conflicts
        for conflict in conflicts:
            print(f"{conflict.title}: {conflict.sentence}")
        choices = {c.id: options.hold for c in conflicts} if options.hold else {}
        returning = bring_back(study, options.file, choices=choices)
    print(f"{sum(returning.acts.values())} changes by {returning.coder} were taken in.")
    if returning.submitted:
        print(f"Submitted: {', '.join(returning.submitted)}.")
