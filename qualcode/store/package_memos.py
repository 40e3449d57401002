"""A coder's own memos in a package: taken along, and brought back without losing a word.

What was changed here and in the package is kept both ways: the package's words stand beside the
study's as a memo of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qualcode.errors import DamagedStudy
from qualcode.memos import Memo
from qualcode.model import new_id
from qualcode.store import history
from qualcode.store.memos import insert, is_code, memo_of, memo_text, take_out, told

if TYPE_CHECKING:
    from qualcode.store.study import Study

GOES_ALONG = ("study", "code", "transcript", "passage")


def own_memos(db: Any, coder: str, places: Iterable[tuple[str, str]]) -> dict[str, Memo]:
    """The coder's memos, by id: on the study, on codes, and on these (round, transcript) pairs."""
    given = set(places)
    found = (
        memo_of(row)
        for row in db.query("SELECT * FROM memos WHERE author = ? ORDER BY id", [coder])
    )
    return {
        memo.id: memo
        for memo in found
        if memo.about in GOES_ALONG
        and (not memo.transcript or (memo.round, memo.transcript) in given)
    }


def brought(
    study: Study,
    coder: str,
    taken: Mapping[str, str],
    package: Mapping[str, Memo],
    places: Iterable[tuple[str, str]],
) -> list[tuple[Memo | None, Memo | None]]:
    """What the package changes: (the memo here, the memo there), None where there is none.

    ``taken`` has the words of each memo as it was taken away.
    """
    here = own_memos(study._db, coder, places)
    found: list[tuple[Memo | None, Memo | None]] = []
    for id in dict.fromkeys([*taken, *package]):
        then, now, there = taken.get(id), here.get(id), package.get(id)
        words = now.text if now else None
        new = there.text if there else None
        if new in (then, words):
            continue
        if there is None and words != then:
            continue  # taken out there, changed here: what was changed stays
        if there is not None and now is not None and words != then:
            now, there = None, replace(there, id=new_id())
        found.append((now, there))
    return found


def bring_in(
    study: Study,
    coder: str,
    changes: Iterable[tuple[Memo | None, Memo | None]],
    sealed: Iterable[tuple[str, str]],
) -> None:
    """Do these changes as the coder would have done them here; inside the package's transaction.

    On a transcript that was submitted here meanwhile a memo on a passage comes in beside the
    sealed ones, as the coder's own.
    """
    closed = set(sealed)
    for now, there in changes:
        one = there or now
        assert one is not None  # a change has at least one side
        is_sealed = one.in_layer and (one.round, one.transcript) in closed
        if there is None and now is not None:
            if not is_sealed:
                take_out(study._db, now)
                history.write(study._db, coder, "memo_delete", now.id, told(now))
            continue
        assert there is not None
        there = _sound(study, replace(there, author=coder))
        if is_sealed:
            there, now = replace(there, in_layer=False, id=new_id()), None
        if now is None:
            insert(study._db, replace(there, shared=False, may_be_reported=False))
        else:
            study._db.execute(
                "UPDATE memos SET text = ?, changed_at = ? WHERE id = ?",
                [there.text, there.changed_at, there.id],
            )
        act = "memo_write" if now is None else "memo_change"
        history.write(study._db, coder, act, there.id, told(there))


def _sound(study: Study, memo: Memo) -> Memo:
    """The memo, if its place and its code are those of the study."""
    wrong = memo.about == "code" and not is_code(study._db, memo.subject)
    if memo.span is not None:
        text = study._shelf.transcript(memo.transcript).text
        wrong = wrong or text[memo.span.slice] != memo.quote
    if wrong:
        raise DamagedStudy("The package holds a memo on something that is not in the study.")
    return replace(memo, text=memo_text(memo.text))
