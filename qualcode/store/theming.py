"""Work on themes: what a theme says and on whose words it rests, and the needs that follow.

Closed like the themes themselves: whoever still codes reads none of it. A change of a theme's
words or codes is a new version of it, and who had agreed is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qualcode.claims import (
    ChosenQuotation,
    Claim,
    Excerpt,
    Need,
    ThemeVersion,
    ThemeWork,
    display_edits,
)
from qualcode.errors import AlreadyInStudy, BadCommand, NotAllowed, NotInStudy
from qualcode.model import THEME_STATES, Theme, ThemeState
from qualcode.spans import Span
from qualcode.store import history, rows, theme_rows
from qualcode.store.access import READERS_OF_WORDS, require
from qualcode.store.layers import veiled
from qualcode.store.opened import Opened
from qualcode.store.settings import LONGEST

if TYPE_CHECKING:
    from qualcode.codebook import Codebook
    from qualcode.store.access import Blindness
    from qualcode.store.ledger import Ledger
    from qualcode.store.shelf import Shelf

MAKE = "make themes"
AGREE = "agree to a theme"
QUOTE = "choose quotations"
NEEDS = "keep the needs register"
STATE_WORDS: Mapping[ThemeState, str] = {
    "candidate": "candidate",
    "reviewed": "reviewed",
    "defined": "defined",
    "in_report": "in the report",
}


class Theming(Opened):
    """What a study can do with its themes beyond keeping and dropping them."""

    if TYPE_CHECKING:  # what the study has beside this
        _ledger: Ledger
        _shelf: Shelf

        def sight(self) -> Blindness: ...
        def codebook(self) -> Codebook: ...
        def _merged_since(self) -> Callable[[tuple[str, ...], str], tuple[str, ...]]: ...

    # -- reading -------------------------------------------------------------------------------

    def theme_work(self) -> ThemeWork:
        """Claims, excerpts, quotations and needs of the themes kept; nothing for whoever codes."""
        if self.sight().own_open:
            return ThemeWork()
        kept = {theme.id for theme in self._ledger.themes()}
        there = set(self._shelf.titles())
        read = _reader_of_words(self)
        claims = [
            theme_rows.claim(row)
            for row in self._db.query("SELECT * FROM theme_claims ORDER BY position")
        ]
        held = {claim.id for claim in claims if claim.theme in kept}
        excerpts = [
            theme_rows.excerpt(row)
            for row in self._db.query("SELECT * FROM theme_excerpts ORDER BY position")
        ]
        quotations = [
            theme_rows.quotation(row)
            for row in self._db.query("SELECT * FROM theme_quotations ORDER BY position")
        ]
        quotations = [q for q in quotations if q.theme in kept and q.transcript in there]
        shown = {quotation.id for quotation in quotations}
        return ThemeWork(
            claims=tuple(claim for claim in claims if claim.theme in kept),
            excerpts=tuple(
                e if read else replace(e, quote=veiled(e.quote), note="")
                for e in excerpts
                if e.theme in kept and e.transcript in there and (not e.claim or e.claim in held)
            ),
            quotations=tuple(
                q if read else replace(q, quote=veiled(q.quote), edits=()) for q in quotations
            ),
            needs=tuple(
                replace(
                    need,
                    themes=tuple(theme for theme in need.themes if theme in kept),
                    quotations=tuple(id_ for id_ in need.quotations if id_ in shown),
                )
                for need in self._needs()
            ),
        )

    def theme_versions(self, theme: str) -> tuple[ThemeVersion, ...]:
        """How a theme stood, oldest first; the last is as it stands."""
        if theme not in {kept.id for kept in self._ledger.themes()}:
            return ()
        return tuple(
            theme_rows.version(row)
            for row in self._db.query(
                "SELECT * FROM theme_versions WHERE theme = ? ORDER BY number", [theme]
            )
        )

    def _needs(self) -> list[Need]:
        """The needs kept; one whose themes were all dropped shows what is missing on the page."""
        return [
            theme_rows.need(row)
            for row in self._db.query(
                "SELECT * FROM needs WHERE dropped_reason IS NULL ORDER BY position"
            )
        ]

    # -- themes --------------------------------------------------------------------------------

    def change_theme(self, theme: Theme) -> Theme:
        """Keep a theme's new words and codes as its next version; its excerpts stay.

        Raises
        ------
        NotInStudy
            The theme is dropped, or a code or the theme above it is not there.
        AlreadyInStudy
            Another theme has this name, or somebody changed this one in the meantime.
        """
        self._open_for(MAKE)
        with self._change("theme_change", theme.id) as details:
            now = self._kept_theme(theme.id)
            refuse_changed(now, theme.version)
            kept = replace(
                theme,
                name=theme.name.strip(),
                definition=theme.definition.strip(),
                scope_in=theme.scope_in.strip(),
                scope_out=theme.scope_out.strip(),
                relations=theme.relations.strip(),
                codes=tuple(dict.fromkeys(theme.codes)),
                excerpts=now.excerpts,
                state=now.state,
                origin=now.origin,
                made_by=now.made_by,
                made_at=now.made_at,
            )
            changed = theme_rows.differing(now, kept)
            if not changed:
                raise BadCommand(f"Nothing of “{now.name}” would change.")
            self._refuse_words(kept)
            kept = self._keep_version(now, kept)
            details |= {"name": kept.name, "version": kept.version, "changed": changed}
        return kept

    def set_theme_state(self, theme: str, state: ThemeState) -> None:
        """One step on from candidate over reviewed and defined into the report, or any back."""
        self._open_for(MAKE)
        with self._change("theme_change", theme) as details:
            now = self._kept_theme(theme)
            if state not in THEME_STATES:
                raise BadCommand(
                    f"“{state}” is no state of a theme; choose one of {', '.join(THEME_STATES)}."
                )
            before, after = THEME_STATES.index(now.state), THEME_STATES.index(state)
            if after == before:
                raise BadCommand(f"“{now.name}” is {STATE_WORDS[state]} already.")
            if after > before + 1:
                wanted = STATE_WORDS[THEME_STATES[before + 1]]
                raise BadCommand(
                    f"“{now.name}” is {STATE_WORDS[now.state]}; it has to be {wanted} before it is "
                    f"{STATE_WORDS[state]}."
                )
            if state in ("defined", "in_report") and self._undefined(replace(now, state=state)):
                raise BadCommand(
                    f"“{now.name}” has no definition yet; say in one sentence what it holds."
                )
            self._put_theme(replace(now, state=state))
            details |= {"name": now.name, "state": state, "was": now.state}

    def agree_to_theme(self, theme: str, *, agree: bool = True) -> None:
        """Say in one's own name that this version of a theme holds, or take that back."""
        self._open_for(AGREE)
        with self._change("theme_agree", theme) as details:
            now = self._kept_theme(theme)
            names = [name for name in now.agreed if name != self.who]
            agreed = (*names, self.who) if agree else tuple(names)
            if agreed == now.agreed:
                raise BadCommand("This stands so already.")
            self._put_theme(replace(now, agreed=agreed))
            details |= {"version": now.version, "agree": agree}

    def _keep_version(self, now: Theme, kept: Theme) -> Theme:
        """Keep a theme as its next version, to which nobody has agreed yet."""
        kept = replace(
            kept,
            version=now.version + 1,
            changed_by=self.who,
            changed_at=history.now(),
            agreed=(),
        )
        if self._undefined(kept):
            kept = replace(kept, state="reviewed")
        self._put_theme(kept)
        if not self.theme_versions(kept.id):  # made before versions were kept
            theme_rows.put_version(self._db, now)
        theme_rows.put_version(self._db, kept)
        return kept

    def _put_theme(self, theme: Theme) -> None:
        row = rows.theme_row(theme, position=0)
        self._db.table("themes").update(
            theme.id,
            {k: v for k, v in row.items() if k not in ("id", "position", "dropped_reason")},
        )

    def _kept_theme(self, theme: str) -> Theme:
        for kept in self._ledger.themes():
            if kept.id == theme:
                return kept
        raise NotInStudy("This theme is not in the study any more; load the page again.")

    def _refuse_words(self, theme: Theme) -> None:
        others = [kept for kept in self._ledger.themes() if kept.id != theme.id]
        if theme.name.casefold() in {other.name.casefold() for other in others}:
            raise AlreadyInStudy(f"There is a theme “{theme.name}” already; choose another name.")
        for words in (theme.definition, theme.scope_in, theme.scope_out, theme.relations):
            if len(words) > LONGEST:
                raise BadCommand(f"A field of a theme has at most {LONGEST:,} characters.")
        self._ledger.refuse_strangers(theme)
        above = {other.id: other for other in others}
        if not theme.parent:
            return
        if theme.parent not in above:
            raise NotInStudy("The theme above this one is not in the study; choose another.")
        if above[theme.parent].parent or any(other.parent == theme.id for other in others):
            raise BadCommand(
                "Themes have one level of parts: a part of a theme has no parts of its own."
            )

    def _undefined(self, theme: Theme) -> bool:
        return theme.state in ("defined", "in_report") and not theme.definition.strip()

    # -- claims and excerpts -------------------------------------------------------------------

    def keep_claim(self, claim: Claim) -> Claim:
        """Keep a claim of a theme, new or reworded."""
        self._open_for(MAKE)
        with self._change("claim_change", claim.theme) as details:
            self._kept_theme(claim.theme)
            kept = replace(
                claim, sentence=claim.sentence.strip(), made_by=self.who, made_at=history.now()
            )
            row = self._row("theme_claims", claim.id)
            if row is not None and row["theme"] != claim.theme:
                raise NotInStudy("This claim belongs to another theme; load the page again.")
            if row is None:
                self._db.table("theme_claims").insert(
                    theme_rows.claim_row(kept, self._next("theme_claims"))
                )
            else:
                self._db.table("theme_claims").update(
                    claim.id,
                    {"sentence": kept.sentence, "made_by": kept.made_by, "made_at": kept.made_at},
                )
            details |= {"claim": kept.id, "new": row is None}
        return kept

    def drop_claim(self, claim: str) -> None:
        """Take out a claim with its links; the passages stay where they are."""
        self._open_for(MAKE)
        row = self._row("theme_claims", claim)
        if row is None:
            raise NotInStudy("This claim is not in the study any more; load the page again.")
        with self._change("claim_drop", row["theme"]) as details:
            self._db.execute("DELETE FROM theme_excerpts WHERE claim = ?", [claim])
            self._db.execute("UPDATE theme_quotations SET claim = '' WHERE claim = ?", [claim])
            self._db.execute("DELETE FROM theme_claims WHERE id = ?", [claim])
            details["claim"] = claim

    def link_excerpt(self, excerpt: Excerpt) -> Excerpt:
        """Keep that these words bear on a theme: for or against a claim, or apart from the rest."""
        self._open_for(MAKE)
        with self._change("excerpt_link", excerpt.theme) as details:
            self._kept_theme(excerpt.theme)
            if excerpt.claim:
                row = self._row("theme_claims", excerpt.claim)
                if row is None or row["theme"] != excerpt.theme:
                    raise NotInStudy(
                        "This claim is not in the study any more; load the page again."
                    )
            place, quote = self._words(excerpt.transcript, excerpt.span)
            if self._db.execute(
                "SELECT 1 FROM theme_excerpts WHERE theme = ? AND claim = ? AND transcript = ? "
                'AND start = ? AND "end" = ? AND role = ?',
                [
                    *(excerpt.theme, excerpt.claim, place),
                    *(excerpt.span.start, excerpt.span.end, excerpt.role),
                ],
            ).fetchone():
                raise AlreadyInStudy("These words are linked so already.")
            kept = replace(
                excerpt,
                transcript=place,
                quote=quote,
                note=excerpt.note.strip(),
                text_version=self._text_version(place),
                made_by=self.who,
                made_at=history.now(),
            )
            self._db.table("theme_excerpts").insert(
                theme_rows.excerpt_row(kept, self._next("theme_excerpts"))
            )
            details |= {"excerpt": kept.id, "role": kept.role, "transcript": place}
        return kept

    def unlink_excerpt(self, excerpt: str) -> None:
        """Take a link out; the passage and its codings stay."""
        self._open_for(MAKE)
        row = self._row("theme_excerpts", excerpt)
        if row is None:
            raise NotInStudy("This link is not in the study any more; load the page again.")
        with self._change("excerpt_unlink", row["theme"]) as details:
            self._db.execute("DELETE FROM theme_excerpts WHERE id = ?", [excerpt])
            details |= {"excerpt": excerpt, "role": row["role"]}

    # -- quotations ----------------------------------------------------------------------------

    def choose_quotation(self, quotation: ChosenQuotation, *, shown: str = "") -> ChosenQuotation:
        """Keep a quotation for a theme, new or changed; ``shown`` is how it stands in print.

        Raises
        ------
        NotAllowed
            The speaker has not agreed to be quoted; or an author chose words outside the locked
            consensus.
        BadCommand
            Outside square brackets ``shown`` differs from the transcript.
        """
        self._open_for(QUOTE)
        with self._change("quotation_choose", quotation.theme) as details:
            self._kept_theme(quotation.theme)
            place, quote = self._words(quotation.transcript, quotation.span)
            self._refuse_unquotable(place, quotation.span)
            edits = display_edits(quote, shown) if shown.strip() else ()
            row = self._row("theme_quotations", quotation.id)
            if row is not None and row["theme"] != quotation.theme:
                raise NotInStudy("This quotation belongs to another theme; load the page again.")
            if quotation.claim:
                claim = self._row("theme_claims", quotation.claim)
                if claim is None or claim["theme"] != quotation.theme:
                    raise NotInStudy(
                        "This claim is not in the study any more; load the page again."
                    )
            if self._db.execute(
                "SELECT 1 FROM theme_quotations WHERE theme = ? AND transcript = ? AND start = ? "
                'AND "end" = ? AND id <> ?',
                [
                    *(quotation.theme, place, quotation.span.start, quotation.span.end),
                    quotation.id,
                ],
            ).fetchone():
                raise AlreadyInStudy("These words stand under this theme already.")
            kept = replace(
                quotation,
                transcript=place,
                quote=quote,
                edits=edits,
                introduction=quotation.introduction.strip(),
                sense=quotation.sense.strip(),
                look_again=False,
                text_version=self._text_version(place),
                made_by=self.who,
                made_at=history.now(),
            )
            position = row["position"] if row is not None else self._next("theme_quotations")
            self._db.table("theme_quotations").upsert(
                theme_rows.quotation_row(kept, position), pk="id"
            )
            details |= {
                "quotation": kept.id,
                "transcript": place,
                "edits": len(edits),
                "new": row is None,
            }
        return kept

    def drop_quotation(self, quotation: str) -> None:
        """Take a quotation out of its theme."""
        self._open_for(QUOTE)
        row = self._row("theme_quotations", quotation)
        if row is None:
            raise NotInStudy("This quotation is not in the study any more; load the page again.")
        with self._change("quotation_drop", row["theme"]) as details:
            self._db.execute("DELETE FROM theme_quotations WHERE id = ?", [quotation])
            details["quotation"] = quotation

    def _refuse_unquotable(self, place: str, span: Span) -> None:
        row = self._db.execute(
            "SELECT p.id, p.quote_consent, p.status FROM transcripts t "
            "JOIN participants p ON p.id = t.participant WHERE t.id = ?",
            [place],
        ).fetchone()
        if row is None or row[1] == "no" or row[2] == "withdrew":
            who = row[0] if row else "The speaker"
            raise NotAllowed(
                f"{who} has not agreed to be quoted word for word; say it in your own words "
                "instead. Nothing was kept."
            )
        if self.seat is not None and not self.seat.roles & READERS_OF_WORDS:
            open_to_print = self._ledger.quotable(place)
            if not any(shown.contains(span) for shown in open_to_print):
                raise NotAllowed(
                    "An author quotes from the locked consensus and from excerpts of themes; ask "
                    "the study lead for these words. Nothing was kept."
                )

    # -- needs ---------------------------------------------------------------------------------

    def keep_need(self, need: Need) -> Need:
        """Keep a row of the needs register, new or changed."""
        self._open_for(NEEDS)
        with self._change("need_change", need.id) as details:
            themes = {theme.id for theme in self._ledger.themes()}
            if set(need.themes) - themes:
                raise NotInStudy("A theme of this need is not in the study; choose it again.")
            book = self._codebook_ids()
            for code in need.codes:
                if code not in book:
                    raise NotInStudy(f"The codebook has no code “{code}”; choose the codes again.")
            row = self._row("needs", need.id)
            if row is not None and row["dropped_reason"] is not None:
                raise NotInStudy("This need was dropped; write it anew.")
            kept = replace(
                need,
                need=need.need.strip(),
                importance_by=need.importance_by.strip(),
                changed_by=self.who,
                changed_at=history.now(),
            )
            position = row["position"] if row is not None else self._next("needs")
            self._db.table("needs").upsert(theme_rows.need_row(kept, position), pk="id")
            details |= {"themes": list(kept.themes), "new": row is None}
        return kept

    def drop_need(self, need: str, *, reason: str) -> None:
        """Take a need out of the register, with the reason."""
        self._open_for(NEEDS)
        if not 0 < len(reason.strip()) <= LONGEST:
            raise BadCommand(f"Dropping a need takes a reason, of at most {LONGEST:,} characters.")
        row = self._row("needs", need)
        if row is None or row["dropped_reason"] is not None:
            raise NotInStudy("This need is not in the study any more; load the page again.")
        with self._change("need_drop", need) as details:
            self._db.table("needs").update(need, {"dropped_reason": reason.strip()})
            details["reason"] = reason.strip()

    # -- what all of them need -----------------------------------------------------------------

    def _open_for(self, what: str) -> None:
        require(self.seat, what)
        self.sight().require("Working on themes")

    def _row(self, table: str, id_: str) -> Mapping[str, Any] | None:
        return next(iter(self._db.query(f"SELECT * FROM {table} WHERE id = ?", [id_])), None)

    def _codebook_ids(self) -> set[str]:
        return {code.id for code in self.codebook().codes}

    def _words(self, transcript: str, span: Span) -> tuple[str, str]:
        """The id of a transcript and the words of a stretch of it."""
        text = self._shelf.transcript(transcript)
        quote = text.text[span.slice]
        if span.end > len(text.text) or not quote.strip():
            raise BadCommand(f"This passage is not inside {text.title}; choose it again.")
        return text.id, quote

    def _text_version(self, place: str) -> int:
        (number,) = self._db.execute(
            "SELECT max(number) FROM revisions WHERE transcript = ?", [place]
        ).fetchone()
        return int(number or 1)


def refuse_changed(now: Theme, seen: int) -> None:
    """A theme is changed only by who saw it as it stands."""
    if now.version != seen:
        raise AlreadyInStudy(
            f"“{now.name}” was changed in the meantime by {now.changed_by or now.made_by}; "
            "look at it as it stands now. Nothing was kept."
        )


def _reader_of_words(study: Opened) -> bool:
    """Words of excerpts and quotations stand in print: authors read them, auditors do not."""
    return study.seat is None or bool(study.seat.roles & (READERS_OF_WORDS | {"author"}))
