"""People at the command line: a table of participants in, somebody withdrawn, texts released."""

from __future__ import annotations

import argparse
import getpass
import os
from datetime import UTC, datetime
from pathlib import Path

from qualcode.errors import BadCommand, UnreadableFile
from qualcode.store import open_study
from qualcode.store.people import Withdrawal
from qualcode.store.people_files import keep, look_into, people_csv

Arguments = argparse.Namespace
PASSPHRASE = "QUALCODE_PASSPHRASE"


def people(options: Arguments) -> None:
    """Keep a table of participants, or print the one there is."""
    with open_study(options.study) as study:
        if options.file is None:
            print(people_csv(study), end="")
            study.log("export", {"report": "participants", "format": "csv"})
            return
        path = Path(options.file)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise UnreadableFile(f"{path.name} cannot be read ({error.strerror}).") from error
        looked = look_into(study, path.name, data)
        keep(study, looked)
    new = ", ".join(attribute.name for attribute in looked.new_attributes)
    print(
        f"{len(looked.added)} new, {len(looked.changed)} changed"
        + (f"; new attributes, as text: {new}." if new else ".")
    )


def withdraw(options: Arguments) -> None:
    """Say what a withdrawal takes out; with ``--yes`` take it out."""
    with open_study(options.study) as study:
        before = study.withdrawal(options.participant)
        if not options.yes:
            print(_preview(before))
            if not before.done:
                print("Nothing was changed. Withdraw for good with: --reason WORDS --yes")
            return
        after = study.withdraw(options.participant, reason=options.reason or "")
    print(f"{after.participant} has withdrawn; every word of theirs is taken out of the study.")
    print(_left(after))


def _preview(found: Withdrawal) -> str:
    if found.done:
        return f"{found.participant} has withdrawn already.\n{_left(found)}"
    texts = ", ".join(found.transcripts) or "no transcript"
    themes = f"\nThemes with words of theirs: {', '.join(found.themes)}." if found.themes else ""
    return f"Withdrawing {found.participant} takes out: {texts}.{themes}\n{_left(found)}"


def _left(found: Withdrawal) -> str:
    lines = [
        f"Exported {export.at[:10]} by {export.who}: {export.report} ({export.format})"
        + ("" if export.certain else ", which likely holds them")
        for export in found.exports
    ]
    lines += [f"Away in the package of {coder}." for coder in found.away]
    if found.copies:
        lines.append(f"Copies of the study from before: {', '.join(found.copies)}.")
    return "\n".join(lines) or "Nothing of theirs has left the study."


def release(options: Arguments) -> None:
    """Sign transcripts for the coders, once everything found in them is decided and written."""
    from qualcode.deidentification import key_path, progress, scan
    from qualcode.deidentification import release as sign
    from qualcode.privacy import KeyFile

    with open_study(options.study) as study:
        if not study.holds_texts_back:
            study.hold_texts_back(True)
            print("From now on coders read released texts only.")
        path = Path(*key_path(study))
        at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        given = {"who": study.who, "at": at, "study": study.setting("id")}
        opening = KeyFile.open if path.exists() else KeyFile.create
        if not path.exists():
            print(f"A key file is made at {path}; its passphrase is kept nowhere.")
        key = opening(path, _passphrase(), **given)
        waiting = study.unreleased()
        for title in options.transcripts:
            study.transcript(title)  # one that is not there is said to be none
        left = 0
        for transcript in study.transcripts():
            if transcript.id not in waiting or (
                options.transcripts
                and not {transcript.id, transcript.title} & set(options.transcripts)
            ):
                continue
            found = scan(transcript, key)
            if options.transcripts or progress(found, key).is_clean:
                sign(study, key, found, signed=options.signed)
                print(f"{transcript.title} is released.")
            else:
                left += 1
                print(f"{transcript.title} waits: something in it is to be decided or written.")
        if left:
            raise BadCommand(
                f"{left} not released; decide on what was found on the page Identifiers."
            )


def _passphrase() -> str:
    try:
        return os.environ.get(PASSPHRASE) or getpass.getpass("Passphrase of the key file: ")
    except EOFError as error:
        raise BadCommand(
            f"There is nobody here to type the passphrase; give it in {PASSPHRASE}."
        ) from error
