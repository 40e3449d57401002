"""Is a study file sound? Pages, references, anchors, history; every fault a sentence with its row.

Rows are named by what people call them: a title, a name, a number. Codings are named by their
transcript only, since whoever runs the check may still be blind to them.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from qualcode.claims import is_verbatim
from qualcode.errors import QualcodeError
from qualcode.model import MAIN, sealed_digest
from qualcode.store import backups, folders, history, moves, rows, seals, theme_rows
from qualcode.store.answers import made_by_answers
from qualcode.store.people import is_taken_out
from qualcode.store.seals import Unlike
from qualcode.store.searches import PUT

CODINGS = "The codings on {} are not those that the history tells of."
WRONG = {
    "altered": "was altered outside of qualcode",
    "gone": "was taken out outside of qualcode",
    "foreign": "was put in outside of qualcode",
}
NAMES: dict[str, Callable[[Database, tuple[Any, ...]], str]] = {
    "settings": lambda db, key: f"The setting “{key[0]}” (settings)",
    "members": lambda db, key: f"The member “{key[0]}” (members)",
    "team": lambda db, key: f"Researcher {int(key[0]) + 1} of the team page (team)",
    "participants": lambda db, key: f"The participant “{key[0]}” (participants)",
    "consents": lambda db, key: f"The consent of “{key[0]}” (consents)",
    "recruitment": lambda db, key: f"{_approach(db, key[0])} of the recruitment log (recruitment)",
    "attributes": lambda db, key: f"The attribute “{key[0]}” (attributes)",
    "transcripts": lambda db, key: f"The transcript {_title(db, key[0])} (transcripts)",
    "turns": lambda db, key: f"A turn of {_title(db, key[0])} (turns)",
    "codebook_versions": lambda db, key: f"The codebook version {key[0]} (codebook_versions)",
    "codes": lambda db, key: f"A code of codebook version {key[0]} (codes)",
    "codebook_changes": lambda db, key: (
        f"What changed with codebook version {key[0]} (codebook_changes)"
    ),
    "assignments": lambda db, key: (
        f"The assignment of {_title(db, key[1])} to “{key[2]}” (assignments)"
        if len(key) == 3
        else "An assignment (assignments)"
    ),
    "rounds": lambda db, key: f"The round {_round(db, key[0])} (rounds)",
    "submissions": lambda db, key: (
        f"What “{key[2]}” had submitted of {_title(db, key[1])} (submissions)"
    ),
    "marks": lambda db, key: f"Mark {key[0]} of what was not coded blind (marks)",
    "pairs": lambda db, key: f"The comparison of {_title(db, key[1])} (pairs)",
    "decisions": lambda db, key: (
        f"{_numbered(db, 'Decision', key[0])}{_on(db, key[0])} (decisions)"
    ),
    "consensus_codings": lambda db, key: (
        f"The result of {_numbered(db, 'decision', key[0])}{_on(db, key[0])} (consensus_codings)"
    ),
    "codebook_issues": lambda db, key: (
        f"{_numbered(db, 'Decision', key[0], 'codebook_issues')} about the codebook "
        "(codebook_issues)"
    ),
    "recodings": lambda db, key: (
        f"{_numbered(db, 'Answer', key[0], 'recodings')} to a changed codebook (recodings)"
    ),
    "themes": lambda db, key: f"The theme {_theme(db, key[0])} (themes)",
    "theme_versions": lambda db, key: (
        f"A version of the theme {_theme(db, key[0])} (theme_versions)"
    ),
    "theme_claims": lambda db, key: f"A claim {_of_theme(db, 'theme_claims', key[0])}",
    "theme_excerpts": lambda db, key: f"An excerpt {_of_theme(db, 'theme_excerpts', key[0])}",
    "theme_quotations": lambda db, key: f"A quotation {_of_theme(db, 'theme_quotations', key[0])}",
    "framework_summaries": lambda db, key: (
        f"{_numbered(db, 'Summary', key[0], 'framework_summaries')} of the framework matrix "
        "(framework_summaries)"
    ),
    "framework_versions": lambda db, key: (
        f"A version of {_numbered(db, 'summary', key[0], 'framework_summaries')} of the framework "
        "matrix (framework_versions)"
    ),
    "framework_links": lambda db, key: (
        "A passage that a summary of the framework matrix rests on (framework_links)"
    ),
    "needs": lambda db, key: f"{_numbered(db, 'Need', key[0], 'needs')} (needs)",
    "revisions": lambda db, key: f"Text version {key[1]} of {_title(db, key[0])} (revisions)",
    "releases": lambda db, key: f"The release of {_title(db, key[0])}, version {key[1]} (releases)",
    "touched": lambda db, key: (
        f"A coding on changed words of {_title(db, key[0])} (touched)"
        if len(key) == 3
        else "A coding on changed words (touched)"
    ),
    "exports": lambda db, key: (
        f"{_numbered(db, 'Row', key[0], 'exports')} of the register of exports (exports)"
    ),
    "guides": lambda db, key: (
        f"{_numbered(db, 'Version', key[0], 'guides')} of the interview guide (guides)"
    ),
    "member_checks": lambda db, key: (
        f"{_numbered(db, 'Row', key[0], 'member_checks')} of the member checks (member_checks)"
    ),
    "memos": lambda db, key: "A memo (memos)",
    "memos_declined": lambda db, key: (
        f"That “{key[0]}” declined a memo (memos_declined)"
        if len(key) == 2
        else "A declined memo (memos_declined)"
    ),
    "searches": lambda db, key: (
        f"A search whose hits were coded on {_title(db, key[1])} (searches)"
        if len(key) == 2
        else "A search whose hits were coded (searches)"
    ),
    "suggestion_runs": lambda db, key: "A run of suggestions (suggestion_runs)",
    "suggestion_answers": lambda db, key: (
        f"The answer to candidate {key[2]} of a run (suggestion_answers)"
        if len(key) == 3
        else "The answer to a candidate (suggestion_answers)"
    ),
    "likenesses": lambda db, key: "The answer to a passage that was suggested (likenesses)",
    "proposals": lambda db, key: f"{_proposed(db, key[0])} (proposals)",
    "answers": lambda db, key: f"The answer to {key[0]} item {key[1]} (answers)",
}
"""How the row of a key is called; of a table that is not here only the table is named."""


def faults(db: Database, path: Path | None = None) -> list[str]:
    """What is wrong with the file, each in a sentence; empty for a sound study.

    With the ``path`` of the study its history is compared with the newest copy's as well.
    """
    try:
        found = [f"SQLite reports: {row[0]}" for row in db.execute("PRAGMA integrity_check")]
        if found != ["SQLite reports: ok"]:
            return found
        found = [*_dangling(db), *_orphans(db), *_unanchored(db), *_unlike_history(db)]
        if path is not None and not any("of the history" in fault for fault in found):
            found += backups.unlike_copies(db, path)
        return list(dict.fromkeys(found))
    except sqlite3.DatabaseError as error:
        return [f"SQLite reports: {error}"]


def warnings(db: Database, path: Path) -> list[str]:
    """What endangers the study: a synced folder, a copy that failed."""
    return [words for words in (folders.synced(path), backups.trouble(db, path)) if words]


def subjects(db: Database, words: str) -> frozenset[str]:
    """The ids that a subject of history may be asked for by: itself, or a transcript's title."""
    row = db.execute("SELECT id FROM transcripts WHERE title = ?", [words]).fetchone()
    return frozenset({words, row[0]} if row else {words})


# -- references --------------------------------------------------------------------------------


def _dangling(db: Database) -> Iterator[str]:
    """Declared keys whose other end is not there."""
    for table, rowid, parent, _ in db.execute("PRAGMA foreign_key_check").fetchall():
        columns = seals.keys(db, [table]).get(table)
        row = None
        if columns and rowid is not None:
            names = ", ".join(f'"{column}"' for column in columns)
            row = db.execute(f'SELECT {names} FROM "{table}" WHERE rowid = ?', [rowid]).fetchone()
        named = _named(db, table, tuple(row or ()))
        yield f"{named} points to a row of {parent} that is not there."


def _orphans(db: Database) -> Iterator[str]:
    """References that no key declares."""
    codes = {(v, c) for v, c in db.execute("SELECT version, id FROM codes")}
    known = {code for _, code in codes}
    members = {name for (name,) in db.execute("SELECT name FROM members")}
    given = {tuple(row) for row in db.execute("SELECT transcript, coder, round FROM assignments")}
    rounds = {round_ for (round_,) in db.execute("SELECT id FROM rounds")}
    codings = {}
    for id, place, coder, round_, code, version in db.execute(
        "SELECT id, transcript, coder, round, code, codebook_version FROM codings"
    ):
        codings[id] = place
        if (version, code) not in codes:
            yield f"A coding on {_title(db, place)} has a code that its codebook has not (codings)."
        if (place, coder, round_) not in given:
            yield f"A coding on {_title(db, place)} is of nobody it was given to (codings)."
    for place, coder, round_ in sorted(given):
        if coder not in members:
            yield f"{_title(db, place)} is given to “{coder}”, who is no member (assignments)."
        if round_ not in rounds:
            yield f"{_title(db, place)} is given out in a round that is not there (assignments)."
    for version in db.execute(
        "SELECT name FROM rounds WHERE version <> '' "
        "AND version NOT IN (SELECT version FROM codebook_versions)"
    ).fetchall():
        yield f"The round “{version[0]}” is held to a codebook that is not there (rounds)."
    for version, code, into in db.execute(
        "SELECT version, code, into_codes FROM codebook_changes"
    ).fetchall():
        if code not in known or any((version, target) not in codes for target in _list(into)):
            yield f"{NAMES['codebook_changes'](db, (version,))} names a code that is not there."
    yield from _orphans_of_recodings(db, codes)
    yield from _orphans_of_pairs(db)
    yield from _orphans_of_searches(db, given, known)
    yield from _orphans_of_suggestions(db, known)
    for (coder,) in db.execute("SELECT DISTINCT coder FROM operations"):
        if coder not in members:
            yield f"Acts of “{coder}” are noted, who is no member (operations)."
    taken = {
        coding.id: coding.transcript
        for row in db.query("SELECT taken FROM revisions")
        for coding in moves.taken_out(row)
    }
    yield from _orphans_of_decisions(db, taken | codings | made_by_answers(db), known)
    yield from _orphans_of_themes(db, known)
    yield from _orphans_of_theme_work(db, known)
    yield from _orphans_of_summaries(db, known)
    yield from _orphans_of_texts(db)
    yield from _orphans_of_memos(db, known)


def _orphans_of_memos(db: Database, codes: set[str]) -> Iterator[str]:
    """No more is said of one than that there is one: whoever runs the check may not know of it."""
    themes = {id for (id,) in db.execute("SELECT id FROM themes")}
    for about, subject in db.execute("SELECT about, subject FROM memos").fetchall():
        if about == "code" and subject not in codes:
            yield "A memo is about a code that is in no codebook (memos)."
        if about == "theme" and subject not in themes:
            yield "A memo is about a theme that is not there (memos)."


def _orphans_of_decisions(db: Database, codings: dict[str, str], codes: set[str]) -> Iterator[str]:
    name = NAMES["decisions"]
    for id, place, settles in db.execute("SELECT id, transcript, settles FROM decisions"):
        if any(codings.get(coding) != place for coding in _list(settles)):
            yield f"{name(db, (id,))} settles a coding that is not there."
    versions = {""} | {v for (v,) in db.execute("SELECT version FROM codebook_versions")}
    for id, version, also in db.execute("SELECT id, version, also FROM decisions"):
        if version not in versions:
            yield f"{name(db, (id,))} was made under a codebook that is not there."
        if not all(isinstance(difference, str) for difference in _list(also)):
            yield f"{name(db, (id,))} is about a difference that has no name."
    for id, held in db.execute("SELECT id, codes FROM codebook_issues"):
        if any(code not in codes for code in _list(held)):
            yield f"{NAMES['codebook_issues'](db, (id,))} names a code that is in no codebook."
    for id, code, came_from in db.execute(
        "SELECT decision, code, came_from FROM consensus_codings"
    ):
        named = NAMES["consensus_codings"](db, (id,))
        if code not in codes:
            yield f"{named} has a code that is in no codebook."
        if any(coding not in codings for coding in _list(came_from)):
            yield f"{named} came from a coding that is not there."


def _orphans_of_recodings(db: Database, codes: set[tuple[str, str]]) -> Iterator[str]:
    """What was answered is of a transcript there, with codes of its version."""
    there = {id for (id,) in db.execute("SELECT id FROM transcripts")}
    for id, place, version, held in db.execute(
        "SELECT id, transcript, version, codes FROM recodings"
    ).fetchall():
        if place and place not in there:
            yield f"{NAMES['recodings'](db, (id,))} is about a transcript that is not there."
        if any((version, code) not in codes for code in _list(held)):
            yield f"{NAMES['recodings'](db, (id,))} names a code that its codebook has not."


def _orphans_of_pairs(db: Database) -> Iterator[str]:
    """What was locked, marked or kept aside belongs to a transcript given out in that round."""
    for table in ("pairs", "marks", "submissions"):
        for place in db.execute(
            f"SELECT DISTINCT transcript FROM {table} s WHERE NOT EXISTS (SELECT 1 FROM "
            "assignments a WHERE a.round = s.round AND a.transcript = s.transcript)"
        ).fetchall():
            yield f"{_title(db, place[0])} was not given out in the round of a row of {table}."


def _orphans_of_searches(
    db: Database, given: set[tuple[Any, ...]], codes: set[str]
) -> Iterator[str]:
    """Codings by search have their search, and all that a machine helped with its assignment."""
    for (place,) in db.execute(
        "SELECT DISTINCT transcript FROM codings c WHERE search <> '' AND NOT EXISTS "
        f"(SELECT 1 FROM {PUT} s WHERE s.id = c.search AND s.transcript = c.transcript "
        "AND s.coder = c.coder AND s.round = c.round)"
    ).fetchall():
        yield f"A coding on {_title(db, place)} came from a search that is not there (codings)."
    for table in ("searches", "proposals", "likenesses"):
        for place, coder, round_, code in db.execute(
            f"SELECT transcript, coder, round, code FROM {table}"
        ).fetchall():
            if (place, coder, round_) not in given:
                yield f"A row of {table} on {_title(db, place)} is of nobody it was given to."
            if code and code not in codes:
                yield f"A row of {table} on {_title(db, place)} has a code that is in no codebook."


def _orphans_of_suggestions(db: Database, codes: set[str]) -> Iterator[str]:
    """What came of a candidate is there: a theme (dropped or not), a code or a proposal."""
    themes = {id for (id,) in db.execute("SELECT id FROM themes")}
    proposed = {id for (id,) in db.execute("SELECT id FROM proposals")}
    for run, view, number, theme, code, proposal in db.execute(
        "SELECT run, view, number, theme, code, proposal FROM suggestion_answers"
    ).fetchall():
        kept = ((theme, themes), (code, codes), (proposal, proposed))
        if any(made and made not in there for made, there in kept):
            named = NAMES["suggestion_answers"](db, (run, view, number))
            yield f"{named} names what is not there."


def _orphans_of_themes(db: Database, codes: set[str]) -> Iterator[str]:
    lengths = dict(db.execute("SELECT id, length(text) FROM transcripts").fetchall())
    for id, held, excerpts in db.execute("SELECT id, codes, excerpts FROM themes"):
        named = NAMES["themes"](db, (id,))
        if any(code not in codes for code in _list(held)):
            yield f"{named} holds a code that is in no codebook."
        for excerpt in _list(excerpts):
            if not _is_passage(excerpt, lengths):
                yield f"{named} holds a passage that is in no transcript."


def _orphans_of_theme_work(db: Database, codes: set[str]) -> Iterator[str]:
    """Claims, quotations and needs name what is there; quotations are changed in brackets only."""
    claims = {(theme, id) for id, theme in db.execute("SELECT id, theme FROM theme_claims")}
    themes = {theme for (theme,) in db.execute("SELECT id FROM themes")}
    for table in ("theme_excerpts", "theme_quotations"):
        for id, theme, claim in db.execute(f"SELECT id, theme, claim FROM {table}").fetchall():
            if claim and (theme, claim) not in claims:
                yield f"{NAMES[table](db, (id,))} points to a claim that is not there."
    for row in list(db.query("SELECT * FROM theme_quotations")):
        try:
            sound = is_verbatim(row["quote"], theme_rows.quotation(row).printed)
        except (QualcodeError, ValueError, KeyError, TypeError):
            sound = False
        if not sound:
            named = NAMES["theme_quotations"](db, (row["id"],))
            yield f"{named} is printed in other words than were said."
    for id, held, used in db.execute("SELECT id, themes, codes FROM needs").fetchall():
        if set(_list(held)) - themes or set(_list(used)) - codes:
            yield f"{NAMES['needs'](db, (id,))} names a theme or a code that is not there."


def _orphans_of_summaries(db: Database, codes: set[str]) -> Iterator[str]:
    """Summaries are of what is there, as their newest version says, on words of their own row."""
    themes = {theme for (theme,) in db.execute("SELECT id FROM themes")}
    people = dict(db.execute("SELECT id, participant FROM transcripts").fetchall())
    of: dict[str, tuple[str, str]] = {}
    for id, person, place, target, text, version in db.execute(
        "SELECT id, participant, transcript, target, text, version FROM framework_summaries"
    ).fetchall():
        of[id] = (person, place)
        named = NAMES["framework_summaries"](db, (id,))
        if target not in codes | themes or (place and people.get(place) != person):
            yield f"{named} is of a cell that is not there."
        newest = db.execute(
            "SELECT number, text FROM framework_versions WHERE summary = ? "
            "ORDER BY number DESC LIMIT 1",
            [id],
        ).fetchone()
        if newest != (version, text):
            yield f"{named} is not as its newest version says."
    for id, summary, place in db.execute(
        "SELECT id, summary, transcript FROM framework_links"
    ).fetchall():
        person, row = of.get(summary, ("", ""))
        if people.get(place) != person or (row and row != place):
            yield f"{NAMES['framework_links'](db, (id,))} is of another row."
    for (id,) in db.execute("SELECT DISTINCT summary FROM framework_versions").fetchall():
        if id not in of:
            yield f"{NAMES['framework_versions'](db, (id,))} is of a summary that is not there."


def _is_passage(excerpt: Any, lengths: dict[str, int]) -> bool:
    match excerpt:
        case [str(place), int(start), int(end)]:
            return 0 <= start < end <= lengths.get(place, -1)
    return False


def _orphans_of_texts(db: Database) -> Iterator[str]:
    for id, title, text, digest in db.execute(
        "SELECT id, title, text, sha256 FROM transcripts"
    ).fetchall():
        if hashlib.sha256(text.encode()).hexdigest() != digest and not is_taken_out(db, id):
            yield f"The text of {title} is not the one that was added (transcripts)."
    yield from _broken_versions(db)
    for place, number in db.execute(
        "SELECT transcript, number FROM releases r WHERE number > "
        "(SELECT ifnull(max(number), 1) FROM revisions WHERE transcript = r.transcript)"
    ).fetchall():
        yield f"{NAMES['releases'](db, (place, number))} is of a version that is not there."
    for (title,) in db.execute(
        "SELECT DISTINCT t.title FROM turns u JOIN transcripts t ON t.id = u.transcript "
        'WHERE u.start < 0 OR u."end" < u.start OR u."end" > length(t.text)'
    ):
        yield f"A turn of {title} is not inside its text (turns)."


def _broken_versions(db: Database) -> Iterator[str]:
    """Each version of a text begins where the one before it ended, and the last is the text."""
    digests = dict(db.execute("SELECT id, sha256 FROM transcripts").fetchall())
    ends: dict[str, tuple[int, str]] = {}
    for place, number, before, after, old, opened in db.execute(
        "SELECT transcript, number, before_sha256, after_sha256, old, opened FROM revisions "
        "ORDER BY transcript, number"
    ).fetchall():
        named = NAMES["revisions"](db, (place, number))
        if opened is not None:
            yield f"{named} was never finished."
        if ends.get(place, (1, before)) != (number - 1, before):
            yield f"{named} does not begin where the version before it ended."
        if old is not None and hashlib.sha256(_old_text(old).encode()).hexdigest() != before:
            yield f"{named} keeps another text than the one it changed."
        ends[place] = (number, after)
    for place, (number, after) in ends.items():
        if digests.get(place, after) != after:
            yield f"{_title(db, place)} is not at its text version {number} (transcripts)."


def _old_text(old: str) -> str:
    try:
        return str(json.loads(old)["text"])
    except (ValueError, KeyError, TypeError):
        return ""


def _list(words: str) -> list[Any]:
    try:
        found = json.loads(words)
    except ValueError:
        return [None]
    return found if isinstance(found, list) else [None]


# -- anchors and history -----------------------------------------------------------------------


def _unanchored(db: Database) -> Iterator[str]:
    for table, query in (
        ("coding", 'SELECT transcript, start, "end", quote FROM codings'),
        (
            "passage added under a later codebook",
            'SELECT transcript, start, "end", quote FROM recodings WHERE start IS NOT NULL',
        ),
        ("settled coding", 'SELECT transcript, start, "end", quote FROM consensus_codings'),
        ("passage of a theme", 'SELECT transcript, start, "end", quote FROM theme_excerpts'),
        ("quotation", 'SELECT transcript, start, "end", quote FROM theme_quotations'),
        ("passage of a summary", 'SELECT transcript, start, "end", quote FROM framework_links'),
        ("memo", 'SELECT transcript, start, "end", quote FROM memos WHERE start IS NOT NULL'),
        ("proposed code", 'SELECT transcript, start, "end", quote FROM proposals'),
    ):
        texts = dict(db.execute("SELECT id, text FROM transcripts").fetchall())
        wrong = {
            place
            for place, start, end, quote in db.execute(query)
            if place in texts and texts[place][start:end] != quote
        }
        for id, title in db.execute("SELECT id, title FROM transcripts ORDER BY position"):
            if id in wrong:
                yield f"A {table} on {title} does not stand where its words are."


def _unlike_history(db: Database) -> Iterator[str]:
    broken = history.broken_lines(db)
    if broken:
        yield from (f"Line {line} of the history was altered." for line in broken)
        return
    if history.is_cut_short(db):
        yield "The newest lines of the history were taken off, or its last was altered."
    told = history.codings_told(db)
    there = {
        row[0]: tuple(row[1:])
        for row in db.execute('SELECT id, transcript, coder, code, start, "end" FROM codings')
    }
    places = {id: row[0] for id, row in (told | there).items()}
    wrong = {coding[0] for _, coding in told.items() ^ there.items()}
    wrong |= _broken_seals(db)
    others: list[Unlike] = []
    for row in seals.unlike(db, history.sealed_rows(db)):
        if row.table == "codings":
            wrong.add(places.get(row.key[0], ""))
        else:
            others.append(row)
    for place, title in db.execute("SELECT id, title FROM transcripts ORDER BY position"):
        if place in wrong:
            yield CODINGS.format(title)
            wrong.discard(place)
    if wrong:
        yield CODINGS.format("a transcript that is not there")
    yield from (f"{_named(db, row.table, row.key)} {WRONG[row.kind]}." for row in others)


def _broken_seals(db: Database) -> set[str]:
    """Transcripts whose submitted codings are not those that the submission sealed.

    Revisions of the text made since are taken back step by step, as their rows tell.
    """
    sealed: dict[tuple[str, str, str], tuple[str, int]] = {}
    version: dict[str, int] = {}
    for act, place, who, words in db.execute(
        "SELECT act, subject, who, details FROM history WHERE act IN ('submit', 'revise') "
        "ORDER BY id"
    ):
        told = json.loads(words)
        if act == "revise":
            version[place] = told["number"]
        else:
            key = (told.get("round", MAIN), place, who)
            sealed[key] = (told.get("sealed", ""), version.get(place, 1))
    wrong = set()
    for round_, place, coder in db.execute(
        "SELECT round, transcript, coder FROM assignments WHERE state = 'submitted'"
    ).fetchall():
        if is_taken_out(db, place):
            continue  # their memos are put out; the places stand in the history
        digest, number = sealed.get((round_, place, coder), ("", 1))
        if not digest:
            continue
        found = [
            rows.coding(row)
            for row in db.query(
                "SELECT * FROM codings WHERE round = ? AND transcript = ? AND coder = ?",
                [round_, place, coder],
            )
        ]
        for row in db.query(
            "SELECT places, taken FROM revisions WHERE transcript = ? AND number > ? "
            "ORDER BY number DESC",
            [place, number],
        ):
            found = moves.undone(row, found) + [
                c for c in moves.taken_out(row) if (c.round, c.coder) == (round_, coder)
            ]
        if digest != sealed_digest(found):
            wrong.add(place)
    return wrong


# -- names -------------------------------------------------------------------------------------


def _named(db: Database, table: str, key: tuple[Any, ...]) -> str:
    if table == "codings" and key:
        row = db.execute("SELECT transcript FROM codings WHERE id = ?", [key[0]]).fetchone()
        return f"A coding on {_title(db, row[0] if row else '')} (codings)"
    if table not in NAMES or not key:
        return f"A row of {table}"
    return NAMES[table](db, key)


def _title(db: Database, place: str) -> str:
    row = db.execute("SELECT title FROM transcripts WHERE id = ?", [place]).fetchone()
    return str(row[0]) if row else "a transcript that is not there"


def _round(db: Database, round_: str) -> str:
    row = db.execute("SELECT name FROM rounds WHERE id = ?", [round_]).fetchone()
    return f"“{row[0]}”" if row else "that is not there"


def _numbered(db: Database, word: str, id: str, table: str = "decisions") -> str:
    row = db.execute(f"SELECT position FROM {table} WHERE id = ?", [id]).fetchone()
    return f"{word} {row[0]}" if row else f"A {word.lower()}"


def _on(db: Database, id: str) -> str:
    row = db.execute("SELECT transcript FROM decisions WHERE id = ?", [id]).fetchone()
    return f" on {_title(db, row[0])}" if row else ""


def _proposed(db: Database, id: str) -> str:
    row = db.execute("SELECT transcript FROM proposals WHERE id = ?", [id]).fetchone()
    return f"A proposed code on {_title(db, row[0])}" if row else "A proposed code"


def _approach(db: Database, id: str) -> str:
    row = db.execute("SELECT position FROM recruitment WHERE id = ?", [id]).fetchone()
    return f"Row {row[0]}" if row else "A row"


def _of_theme(db: Database, table: str, id: str) -> str:
    row = db.execute(f"SELECT theme FROM {table} WHERE id = ?", [id]).fetchone()
    return f"of the theme {_theme(db, row[0] if row else '')} ({table})"


def _theme(db: Database, id: str) -> str:
    row = db.execute("SELECT name FROM themes WHERE id = ?", [id]).fetchone()
    return f"“{row[0]}”" if row else "of an earlier line"
