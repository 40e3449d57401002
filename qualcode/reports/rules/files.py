"""P1: what a written file tells beside its text."""

from __future__ import annotations

from collections.abc import Iterator

from qualcode.reports.metadata import told_beside
from qualcode.reports.rules.base import Checked, Found, Rule


def metadata(checked: Checked) -> Iterator[Found]:
    """P1: a user name or a path in the file, or a final file that nobody scanned."""
    for name, content in checked.written.items():
        for what, value in told_beside(name, content):
            yield Found(
                f"The file {name} tells {what} “{value[:80]}”; it should tell nothing of whoever "
                "wrote it.",
                "/report",
            )
    if checked.written and not checked.scanned:
        yield Found(
            "The text of the final file was not scanned for identifiers; a file that cannot be "
            "scanned cannot be released.",
            "/report",
        )


RULES = (Rule("P1", "E", "the file tells who wrote it, or was not scanned", metadata, False),)
