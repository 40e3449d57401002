"""Coding away from the team: a coder takes a package, codes in their own copy, brings it back.

A package is a small study file of its own with one coder in it: the transcripts given to them and
not submitted, the codebook their round is held to, and their own codings; nobody else's, and
nothing of the participants but their ids. While it is away those transcripts are closed for coding
here. Coming back, it is let in only if texts and codebook are still the same, by their digests;
what was changed on both sides is shown and decided, never dropped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from qualcode.codebook import Codebook
from qualcode.errors import BadCommand, DamagedStudy, NotAllowed, NotInStudy
from qualcode.memos import Memo
from qualcode.model import Assignment, Coding, Seat, new_id
from qualcode.store import checks, file, history, package_memos, rows
from qualcode.store.memos import memo_row
from qualcode.store.operations import Desk

if TYPE_CHECKING:
    from qualcode.store.study import Study

PACKAGE = "package"
"""The setting by which a file is known as a package; it holds what was taken, as JSON."""
OWN_ROWS = {"searches": "autocode", "proposals": "propose", "likenesses": "autocode"}
"""Tables of a coder's own work beside the codings → the act by which a row of it is told of."""
Choice = Literal["study", "package"]
ANEW = "take a new package"


@dataclass(frozen=True)
class Conflict:
    """One coding that was changed here and in the package, or that cannot come in any more.

    ``here`` and ``there`` are how the study and the package have it, None where it was removed.
    """

    id: str
    title: str
    here: Coding | None
    there: Coding | None
    sealed: bool = False

    @property
    def sentence(self) -> str:
        """What happened on either side."""
        if self.sealed:
            return "The transcript was submitted here meanwhile, so it stays as it is here."
        if self.here is None:
            return "Removed here, changed in the package."
        if self.there is None:
            return "Changed here, removed in the package."
        return "Changed here and in the package."


@dataclass(frozen=True)
class Returning:
    """What a package would bring: acts by transcript title, conflicts, what is submitted, and how
    many memos it changes.
    """

    coder: str
    acts: Mapping[str, int]
    conflicts: tuple[Conflict, ...]
    submitted: tuple[str, ...]
    memos: int = 0


# -- away --------------------------------------------------------------------------------------


def take_away(study: Study, target: str | Path, *, coder: str) -> tuple[str, ...]:
    """Write a coder's package to ``target`` and close its transcripts here; their titles.

    Raises
    ------
    NotAllowed
        The seat is neither the coder's nor a lead's.
    NotInStudy
        The coder has nothing to code.
    """
    seat, target = study.seat, Path(target)
    if seat is not None and seat.name != coder and not seat.is_lead:
        raise NotAllowed("A package is taken by the coder whose work it is, or made by the lead.")
    closed = {held.id for held in study.rounds() if held.is_closed}
    with study._writing():
        waiting = study.unreleased()
        given = [
            a
            for a in study._rounds.all_assignments()
            if a.coder == coder
            and a.is_open
            and a.round not in closed
            and not a.offline
            and a.transcript not in waiting
        ]
        if not given:
            raise NotInStudy(f"{coder} has nothing here that could be taken away to code.")
        for held in study.rounds():
            if not held.version and any(a.round == held.id for a in given):
                study._rounds.freeze(held, study._rounds.newest())
        _write(study, target, coder, given)
        try:
            for round_ in {a.round for a in given}:
                places = [a.transcript for a in given if a.round == round_]
                study._rounds.set_offline(coder, places, round_, history.now())
        except BaseException:
            file.remove_study(target)
            raise
    titles = study.titles()
    return tuple(dict.fromkeys(titles[a.transcript] for a in given))


def _write(study: Study, target: Path, coder: str, given: Sequence[Assignment]) -> None:
    """The package file, whole or not at all."""
    places = list(dict.fromkeys(a.transcript for a in given))
    held = {a.round: study.round(a.round) for a in given}
    books = {h.version: study.codebook(h.version) for h in held.values()}
    own = [coding for a in given for coding in study._layers._read(a.round, a.transcript, coder)]
    memos = package_memos.own_memos(study._db, coder, [(a.round, a.transcript) for a in given])
    member = study.member(coder)
    assert member is not None  # the assignments point to it
    taken = {
        "study": study.setting("id"),
        "coder": coder,
        "taken": new_id(),
        "at": history.now(),
        "texts": {place: study._shelf.transcript(place).sha256 for place in places},
        "codebooks": {version: digest_of(book) for version, book in books.items()},
        "codings": {coding.id: rows.coding_row(coding) for coding in own},
        "memos": {memo.id: memo.text for memo in memos.values()},
    }
    db = file.open_database(target, create=True)
    try:
        with file.immediate(db):
            source = study._db
            _put(db, "settings", [
                {"key": "id", "value": new_id()},
                {"key": "title", "value": study.title},
                {"key": PACKAGE, "value": rows.to_json(taken)},
            ])  # fmt: skip
            _put(db, "members", [{"name": coder, "display": member.display,
                                  "roles": rows.to_json(["coder"]), "position": 1}])  # fmt: skip
            texts = [_row(source, "transcripts", "id", place) for place in places]
            people = dict.fromkeys(text["participant"] for text in texts)
            _put(db, "participants", [
                {"id": person, "attributes": "{}", "quote_consent": "no", "status": "included",
                 "position": n}
                for n, person in enumerate(people)
            ])  # fmt: skip
            _put(db, "transcripts", [text | {"facts": "{}", "removals": "[]"} for text in texts])
            for place in places:
                _put(db, "turns", source.query("SELECT * FROM turns WHERE transcript = ?", [place]))
            coded = {code.id for book in books.values() for code in book.codes}
            for version, book in books.items():
                _put(db, "codebook_versions",
                     [_row(source, "codebook_versions", "version", version)])  # fmt: skip
                _put(db, "codes", [
                    rows.code_row(code, version=version, position=n)
                    for n, code in enumerate(book.codes)
                ])  # fmt: skip
            db.execute("DELETE FROM rounds")
            for n, round_ in enumerate(held.values(), start=1):
                _put(db, "rounds", [
                    rows.round_row(replace(round_, gives_all=False), position=n, by=coder)
                ])  # fmt: skip
            _put(db, "assignments", [
                _assignment(source, a) | {"offline": None} for a in given
            ])  # fmt: skip
            for a in given:
                for table in OWN_ROWS:
                    _put(db, table, [
                        row | ({"code": ""} if row["code"] not in coded else {})
                        for row in _own_rows(source, table, a.round, a.transcript, coder)
                    ])  # fmt: skip
            for coding in own:
                _put(db, "codings", [_kept(coding)])
                history.write(db, coder, "code_add", coding.id, _told(coding))
            _put(db, "memos", [memo_row(memo) for memo in memos.values()])
            history.write_whole(db, coder, "study_create", "", {"package": taken["taken"]})
    except BaseException:
        db.conn.close()
        file.remove_study(target)
        raise
    db.conn.execute("PRAGMA journal_mode = DELETE")  # one file, which can be carried
    db.conn.close()


def _put(db: Any, table: str, found: Any) -> None:
    db.table(table).insert_all(found)


def _row(db: Any, table: str, key: str, value: str) -> dict[str, Any]:
    return dict(next(db.query(f"SELECT * FROM {table} WHERE {key} = ?", [value])))


def _own_rows(db: Any, table: str, round_: str, place: str, coder: str) -> list[dict[str, Any]]:
    return list(
        db.query(
            f"SELECT * FROM {table} WHERE round = ? AND transcript = ? AND coder = ?",
            [round_, place, coder],
        )
    )


def _assignment(db: Any, a: Assignment) -> dict[str, Any]:
    return dict(
        next(
            db.query(
                "SELECT * FROM assignments WHERE round = ? AND transcript = ? AND coder = ?",
                [a.round, a.transcript, a.coder],
            )
        )
    )


def _kept(coding: Coding) -> dict[str, Any]:
    row = rows.coding_row(coding)
    row.pop("came_from")
    return row | {"uncertain": int(coding.uncertain)}


def _told(coding: Coding) -> dict[str, Any]:
    return {
        "transcript": coding.transcript,
        "round": coding.round,
        "code": coding.code,
        "start": coding.span.start,
        "end": coding.span.end,
    }


def digest_of(book: Codebook) -> str:
    """A digest of everything that a codebook version says."""
    said = [rows.code_row(code, version="", position=n) for n, code in enumerate(book.codes)]
    return hashlib.sha256(rows.to_json(said).encode()).hexdigest()


def is_package(study: Study) -> str:
    """The coder whose package this file is, or ""."""
    kept = study.setting(PACKAGE)
    return str(json.loads(kept)["coder"]) if kept else ""


# -- back --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Parcel:
    """An opened package: what was taken, and what has become of it."""

    taken: Mapping[str, Any]
    codings: Mapping[str, Coding]
    assignments: tuple[Mapping[str, Any], ...]
    memos: Mapping[str, Memo]
    own: Mapping[str, tuple[Mapping[str, Any], ...]]

    @property
    def coder(self) -> str:
        return str(self.taken["coder"])


def look_into(study: Study, package: str | Path) -> Returning:
    """What bringing this package back would do; nothing is changed.

    Raises
    ------
    DamagedStudy
        The package is no package, or not sound.
    NotAllowed
        It is not of this study or not this seat's, or texts or codebook are not the same any more.
    """
    parcel = _opened(study, Path(package))
    acts, conflicts = _compare(study, parcel)
    titles = study.titles()
    memos = _memos(study, parcel)
    counts: dict[str, int] = {}
    for (_, place), found in acts.items():
        counts[titles[place]] = counts.get(titles[place], 0) + len(found)
    return Returning(
        coder=parcel.coder,
        acts=counts,
        conflicts=tuple(conflicts),
        submitted=tuple(
            titles[a["transcript"]] for a in parcel.assignments if a["state"] == "submitted"
        ),
        memos=len(memos),
    )


def bring_back(
    study: Study, package: str | Path, *, choices: Mapping[str, Choice] | None = None
) -> Returning:
    """Take a package in, in one transaction, and open its transcripts here again.

    ``choices`` says for each conflict (by its coding's id) which side holds; without one for every
    conflict nothing is taken in.
    """
    choices, path = choices or {}, Path(package)
    with study._writing():
        returning = look_into(study, path)
        parcel = _opened(study, path)
        acts, conflicts = _compare(study, parcel)
        undecided = [c for c in conflicts if not c.sealed and c.id not in choices]
        if undecided:
            raise NotAllowed(
                f"{len(undecided)} of the codings were changed here and in the package; choose for "
                "each which one holds. Nothing was taken in."
            )
        for conflict in conflicts:
            if not conflict.sealed and choices[conflict.id] == "package":
                coding = conflict.there or conflict.here
                assert coding is not None  # a conflict has at least one side
                where = acts.setdefault((coding.round, coding.transcript), [])
                where += _acts_for(conflict.here, conflict.there)
        for kept in parcel.assignments:
            if not _is_sealed(study, kept):
                _take_in_rows(study, parcel, kept["round"], kept["transcript"])
        for (round_, place), found in acts.items():
            _apply(study, parcel, round_, place, found)
        sealed = [_place(kept) for kept in parcel.assignments if _is_sealed(study, kept)]
        package_memos.bring_in(study, parcel.coder, _memos(study, parcel), sealed)
        for kept in parcel.assignments:
            _seen(study, kept)
        for round_ in {kept["round"] for kept in parcel.assignments}:
            places = [k["transcript"] for k in parcel.assignments if k["round"] == round_]
            study._rounds.set_offline(parcel.coder, places, round_, None)
        coder = study.seated(Seat(parcel.coder, frozenset({"coder"})))
        for kept in parcel.assignments:
            if kept["state"] == "submitted" and not _is_sealed(study, kept):
                discussed = bool(kept["discussed"])
                coder.submit(kept["transcript"], round=kept["round"], discussed=discussed)
    return returning


def call_back(study: Study, coder: str) -> None:
    """Open a coder's transcripts here again without their package, which may still come later."""
    seat = study.seat
    if seat is not None and seat.name != coder and not seat.is_lead:
        raise NotAllowed("Only the coder or the lead can open these transcripts here again.")
    with study._writing():
        away = [a for a in study._rounds.all_assignments() if a.coder == coder and a.offline]
        if not away:
            raise NotInStudy(f"{coder} has no package away.")
        for round_ in {a.round for a in away}:
            places = [a.transcript for a in away if a.round == round_]
            study._rounds.set_offline(coder, places, round_, None)


@contextmanager
def _package_file(path: Path) -> Iterator[Any]:
    db = file.open_database(path, create=False)
    try:
        yield db
    finally:
        db.conn.close()


def _opened(study: Study, path: Path) -> _Parcel:
    """The package, checked: sound, of this study, of this seat, and of the same texts."""
    with _package_file(path) as db:
        faults = checks.faults(db)
        if faults:
            raise DamagedStudy(f"{path.name} cannot be taken in: {faults[0]} {ANEW.capitalize()}.")
        row = next(db.query("SELECT value FROM settings WHERE key = ?", [PACKAGE]), None)
        if row is None:
            raise BadCommand(f"{path.name} is a study and no package; choose the package file.")
        taken = json.loads(row["value"])
        found = db.query("SELECT * FROM codings WHERE coder = ?", [taken["coder"]])
        given = db.execute("SELECT round, transcript FROM assignments").fetchall()
        parcel = _Parcel(
            taken=taken,
            codings={row["id"]: rows.coding(row) for row in found},
            assignments=tuple(
                dict(row)
                for row in db.query(
                    "SELECT a.*, EXISTS (SELECT 1 FROM marks m WHERE m.round = a.round "
                    "AND m.transcript = a.transcript) AS discussed FROM assignments a"
                )
            ),
            memos=package_memos.own_memos(db, taken["coder"], map(tuple, given)),
            own={
                table: tuple(db.query(f"SELECT * FROM {table} WHERE coder = ?", [taken["coder"]]))
                for table in OWN_ROWS
            },
        )
    _gate(study, parcel, path.name)
    return parcel


def _gate(study: Study, parcel: _Parcel, name: str) -> None:
    seat, taken = study.seat, parcel.taken
    if taken["study"] != study.setting("id"):
        raise NotAllowed(f"{name} is a package of another study; nothing was taken in.")
    if seat is not None and seat.name != parcel.coder:
        raise NotAllowed(f"{name} is {parcel.coder}’s; they bring it back themselves.")
    titles = study.titles()
    for place, sha in taken["texts"].items():
        if place not in titles:
            raise NotAllowed(
                f"{name} holds a transcript that is not in the study any more, or not released; "
                f"{ANEW}. Nothing was taken in."
            )
        if study._shelf.transcript(place).sha256 != sha:
            raise NotAllowed(
                f"The text of {titles[place]} has changed since {name} was taken, so its codings "
                f"would stand on other words; {ANEW}. Nothing was taken in."
            )
    for version, digest in taken["codebooks"].items():
        if digest_of(study.codebook(version)) != digest:
            raise NotAllowed(f"{name} has another codebook {version} than the study; {ANEW}.")
    here = {(a.round, a.transcript): a for a in study._rounds.all_assignments()
            if a.coder == parcel.coder}  # fmt: skip
    for kept in parcel.assignments:
        given = here.get((kept["round"], kept["transcript"]))
        if given is None or given.state == "withdrawn":
            raise NotAllowed(
                f"{titles[kept['transcript']]} was taken back from {parcel.coder}; ask the lead to "
                "give it out again. Nothing was taken in."
            )
        if study.round(kept["round"]).is_closed:
            raise NotAllowed(f"The round of {titles[kept['transcript']]} is closed by now.")
    for coding in parcel.codings.values():
        if (coding.round, coding.transcript) not in {
            (kept["round"], kept["transcript"]) for kept in parcel.assignments
        }:
            raise DamagedStudy(f"{name} holds a coding of a transcript that was not taken.")


def _is_sealed(study: Study, kept: Mapping[str, Any]) -> bool:
    row = study._db.execute(
        "SELECT state FROM assignments WHERE round = ? AND transcript = ? AND coder = ?",
        [kept["round"], kept["transcript"], kept["coder"]],
    ).fetchone()
    return bool(row[0] == "submitted")


Place = tuple[str, str]


def _place(kept: Mapping[str, Any]) -> Place:
    return kept["round"], kept["transcript"]


def _memos(study: Study, parcel: _Parcel) -> list[tuple[Memo | None, Memo | None]]:
    """What the package changes of the coder's own memos."""
    places = [_place(kept) for kept in parcel.assignments]
    taken = parcel.taken.get("memos", {})
    return package_memos.brought(study, parcel.coder, taken, parcel.memos, places)


def _compare(
    study: Study, parcel: _Parcel
) -> tuple[dict[Place, list[dict[str, Any]]], list[Conflict]]:
    """The acts that came from the package alone, and what both sides changed."""
    before = {id: rows.coding(row) for id, row in parcel.taken["codings"].items()}
    here: dict[str, Coding] = {}
    sealed: set[Place] = set()
    for kept in parcel.assignments:
        where = (kept["round"], kept["transcript"])
        for coding in study._layers._read(*where, parcel.coder):
            here[coding.id] = coding
        if _is_sealed(study, kept):
            sealed.add(where)
    titles = study.titles()
    same_place = {_passage(coding): coding for coding in here.values()}
    acts: dict[Place, list[dict[str, Any]]] = {}
    conflicts: list[Conflict] = []
    for id in dict.fromkeys([*before, *parcel.codings]):
        then, there, now = before.get(id), parcel.codings.get(id), here.get(id)
        if then is None and now is None and there is not None:
            now = same_place.get(_passage(there))  # coded here as well meanwhile
        if _state(there) == _state(then) or _state(there) == _state(now):
            continue
        where = _where(there, then)
        if where in sealed or _state(now) != _state(then):
            title = titles[where[1]]
            conflicts.append(Conflict(id, title, now, there, sealed=where in sealed))
        else:
            acts.setdefault(where, []).extend(_acts_for(now, there))
    return acts, conflicts


def _where(*either: Coding | None) -> Place:
    coding = next(coding for coding in either if coding is not None)
    return coding.round, coding.transcript


def _passage(coding: Coding) -> tuple[str, str, str, int, int]:
    return coding.round, coding.transcript, coding.code, coding.span.start, coding.span.end


def _state(coding: Coding | None) -> object:
    """What two sides may differ in; the words follow from the place."""
    return coding and (_passage(coding), coding.memo, coding.uncertain)


def _acts_for(here: Coding | None, there: Coding | None) -> list[dict[str, Any]]:
    """The acts that make the study's coding what the package has."""

    def act(op: str, **more: Any) -> dict[str, Any]:
        return {"op": op, "op_id": new_id(), **more}

    if there is None:
        return [act("remove", id=here.id)] if here else []
    if here is None:
        coding = {"id": there.id, "start": there.span.start, "end": there.span.end,
                  "code": there.code, "memo": there.memo,
                  "uncertain": there.uncertain, "search": there.search}  # fmt: skip
        return [act("add", quote=there.quote, coding=coding, made_at=there.made_at)]
    return [
        act("memo", id=here.id, memo=there.memo),
        act("doubt", id=here.id, uncertain=there.uncertain),
    ]


def _apply(
    study: Study, parcel: _Parcel, round_: str, place: str, acts: list[dict[str, Any]]
) -> None:
    """Do the package's acts as the coder would have done them here; all of them or none."""
    text = study._shelf.transcript(place)
    book = study.codebook(study.round(round_).version or None)
    # A code that has left the round's codebook meanwhile was right when it was put on.
    known = {
        code.id: code.name
        for version in parcel.taken["codebooks"]
        for code in (*study.codebook(version).codable, *book.codable)
    }
    by_version = {coding.id: coding for coding in parcel.codings.values()}
    desk = Desk(study._db, parcel.coder, text, known, book.version, round_)
    applied = desk.apply(acts)
    if applied.rejected:
        raise NotAllowed(
            f"A coding of {text.title} cannot be taken in: {applied.rejected[0]['reason']} "
            "Nothing was taken in."
        )
    for added in (act["coding"]["id"] for act in acts if act["op"] == "add"):
        was = by_version[added]
        study._db.execute(
            "UPDATE codings SET made_at = ?, codebook_version = ? WHERE id = ?",
            [was.made_at, was.codebook_version, added],
        )
    study._db.execute(
        "UPDATE assignments SET state = 'in_progress' WHERE round = ? AND transcript = ? "
        "AND coder = ? AND state = 'assigned'",
        [round_, place, parcel.coder],
    )


def _take_in_rows(study: Study, parcel: _Parcel, round_: str, place: str) -> None:
    """The searches, proposals and answers to passages made with the package; those known here
    stay as they are.
    """
    for table in OWN_ROWS:
        known = {row["id"] for row in _own_rows(study._db, table, round_, place, parcel.coder)}
        for row in parcel.own[table]:
            if (row["round"], row["transcript"]) != (round_, place) or row["id"] in known:
                continue
            study._db.table(table).insert(dict(row))
            told = {"transcript": place, "round": round_, "codings": []}
            act = "like_reject" if row.get("answer") == "rejected" else OWN_ROWS[table]
            history.write(study._db, parcel.coder, act, row.get("act", row["id"]), told)


def _seen(study: Study, kept: Mapping[str, Any]) -> None:
    key = [kept["round"], kept["transcript"], kept["coder"]]
    where = "WHERE round = ? AND transcript = ? AND coder = ? AND state <> 'submitted'"
    row = study._db.execute(f"SELECT seen FROM assignments {where}", key).fetchone()
    if row is not None:
        seen = sorted({*json.loads(row[0]), *json.loads(kept["seen"])})
        study._db.execute(f"UPDATE assignments SET seen = ? {where}", [json.dumps(seen), *key])
