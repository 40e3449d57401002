"""Memos as a document: what somebody may read of them, in the order they were written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date as Date

from qualcode.memos import Memo
from qualcode.reports.document import (
    Block,
    Heading,
    Paragraph,
    Quote,
    Report,
    counted,
)

COLUMNS = ("made", "changed", "author", "kind", "about", "place", "passage", "memo", "status", "id")


def memo_report(
    title: str,
    memos: Sequence[Memo],
    *,
    places: Mapping[str, str],
    names: Mapping[str, str],
    date: Date | None = None,
) -> Report:
    """These memos as a report; replies stand under what they answer.

    Parameters
    ----------
    title
        The study's title.
    places
        Memo id → what it is about, in words.
    names
        Sign-in name → the name shown.
    """
    day = date or Date.today()
    threads: dict[str, list[Memo]] = {}
    for memo in memos:
        if memo.about == "reply":
            threads.setdefault(memo.subject, []).append(memo)
    there = {memo.id for memo in memos}
    blocks: list[Block] = []
    for memo in memos:
        if memo.about == "reply" and memo.subject in there:
            continue
        blocks += [Heading(places.get(memo.id, "The study"), 2)]
        if memo.quote:
            blocks.append(Quote(memo.quote, ""))
        blocks += [Paragraph(line) for line in memo.text.split("\n") if line.strip()]
        blocks.append(Paragraph(_signed(memo, names), small=True))
        for reply in threads.get(memo.id, []):
            blocks.append(Paragraph(f"{_name(reply, names)}: {' '.join(reply.text.split())}"))
            blocks.append(Paragraph(_signed(reply, names), small=True))
    return Report(
        kind="memos",
        title="Memos",
        subtitle=(
            f"Study: {title}",
            f"{day.day} {day:%B %Y}. {counted(len(memos), 'memo')}.",
        ),
        blocks=tuple(blocks),
        date=day,
        columns=COLUMNS,
        records=tuple(_record(memo, places, names) for memo in memos),
    )


def status_of(memo: Memo) -> str:
    """Who may read a memo, in words."""
    if memo.may_be_reported:
        return "may be reported"
    if memo.in_layer:
        return "noted while coding"
    return "shared" if memo.shared else "private"


def _record(memo: Memo, places: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    return {
        "made": memo.made_at,
        "changed": memo.changed_at,
        "author": _name(memo, names),
        "kind": memo.kind,
        "about": memo.about,
        "place": places.get(memo.id, ""),
        "passage": memo.quote,
        "memo": memo.text,
        "status": status_of(memo),
        "id": memo.id,
    }


def _name(memo: Memo, names: Mapping[str, str]) -> str:
    return names.get(memo.author, memo.author)


def _signed(memo: Memo, names: Mapping[str, str]) -> str:
    return f"{_name(memo, names)}, {memo.made_at[:10]} · {memo.kind} · {status_of(memo)}"
