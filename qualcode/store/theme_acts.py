"""Themes moved about on the board: codes placed, parts, order, merging, splitting.

Each act is one transaction and leaves a new version of every theme whose words, codes or place it
changes; ``seen`` maps themes to the versions that the person saw, and an act on a theme that
somebody changed since is refused. What follows a theme into another keeps its id, so that a merging
can be taken back: the line of history names what went.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from qualcode.errors import AlreadyInStudy, BadCommand, NotInStudy
from qualcode.model import Theme
from qualcode.spans import Span
from qualcode.store import history, rows
from qualcode.store.access import require
from qualcode.store.settings import LONGEST
from qualcode.store.theming import MAKE, Theming, refuse_changed

SHARED_CODES = "themes.shared_codes"
"""The setting by which a code may stand in several themes ("yes")."""
Seen = Mapping[str, int]
Passages = Iterable[tuple[str, Span]]


class ThemeActs(Theming):
    """What moves codes and themes about."""

    # -- codes ---------------------------------------------------------------------------------

    def place_code(
        self,
        code: str,
        *,
        source: str = "",
        target: str = "",
        beside: bool = False,
        seen: Seen | None = None,
    ) -> tuple[Theme, ...]:
        """Move a code from one theme to another; the themes that changed, as they are now.

        An empty ``source`` or ``target`` stands for no theme. With ``beside`` the code stays where
        it stands and is in the target too, where the study allows that.

        Raises
        ------
        AlreadyInStudy
            The code stands there, or somebody changed a theme in the meantime.
        NotInStudy
            The code or a theme is not there any more.
        """
        self._open_for(MAKE)
        with self._writing():
            name = self._code_name(code)
            if source == target:
                raise BadCommand(f"“{name}” stands there already.")
            changed = []
            if target:
                into = self._as_seen(target, seen)
                self._refuse_second_place(code, name, source, target, beside)
                if code not in into.codes:
                    codes = (*into.codes, code)
                    changed.append(self._put_codes(into, codes, code=code, moved_from=source))
                elif beside or not source:
                    raise AlreadyInStudy(f"“{name}” stands in “{into.name}” already.")
            if source and not beside:
                left = self._as_seen(source, seen)
                if code not in left.codes:
                    raise NotInStudy(
                        f"“{name}” does not stand in “{left.name}” any more; look at it as it "
                        "stands now."
                    )
                codes = tuple(held for held in left.codes if held != code)
                changed.append(self._put_codes(left, codes, code=code, moved_to=target))
        return tuple(changed)

    def take_into_theme(
        self,
        theme: str,
        passages: Passages,
        *,
        codes: Iterable[str] = (),
        seen: Seen | None = None,
    ) -> Theme:
        """Link the passages of a candidate to a theme and place codes in it, as one version."""
        self._open_for(MAKE)
        with self._writing():
            now = self._as_seen(theme, seen)
            wanted = [code for code in dict.fromkeys(codes) if code not in now.codes]
            new = [passage for passage in dict.fromkeys(passages) if passage not in now.excerpts]
            if not (wanted or new):
                raise BadCommand(f"“{now.name}” has these passages and codes already.")
            for code in wanted:
                self._code_name(code)
                if not self._shared:
                    for held in [t for t in self._ledger.themes() if code in t.codes]:
                        rest = tuple(other for other in held.codes if other != code)
                        self._put_codes(held, rest, code=code, moved_to=theme)
            kept = replace(now, codes=(*now.codes, *wanted), excerpts=(*now.excerpts, *new))
            self._ledger.refuse_strangers(kept)
            with self._change("theme_change", theme) as details:
                kept = self._keep_version(now, kept)
                details |= {"name": kept.name, "version": kept.version}
                details["changed"] = ["codes"] * bool(wanted) + ["passages"] * bool(new)
                details |= {"codes": wanted, "passages": len(new)}
        return kept

    @property
    def _shared(self) -> bool:
        row = self._db.execute("SELECT value FROM settings WHERE key = ?", [SHARED_CODES])
        return (row.fetchone() or ("",))[0] == "yes"

    def _code_name(self, code: str) -> str:
        book = self.codebook()
        if code not in book:
            raise NotInStudy(f"The codebook has no code “{code}”; load the page again.")
        return book[code].name

    def _refuse_second_place(
        self, code: str, name: str, source: str, target: str, beside: bool
    ) -> None:
        if self._shared or (source and not beside):
            return
        for held in self._ledger.themes():
            if held.id == target or code not in held.codes:
                continue
            if beside:
                raise BadCommand(
                    f"“{name}” stands in “{held.name}”, and in this study a code stands in one "
                    "theme; the lead can allow several."
                )
            raise AlreadyInStudy(f"“{name}” stands in “{held.name}” by now; move it from there.")

    def _put_codes(self, now: Theme, codes: tuple[str, ...], **told: str) -> Theme:
        with self._change("theme_change", now.id) as details:
            kept = self._keep_version(now, replace(now, codes=codes))
            details |= {"name": kept.name, "version": kept.version, "changed": ["codes"]}
            details |= {key: value for key, value in told.items() if value}
        return kept

    # -- parts and order -----------------------------------------------------------------------

    def place_theme(
        self, theme: str, *, parent: str | None = None, before: str = "", seen: Seen | None = None
    ) -> Theme:
        """Put a theme before another, or last; with ``parent`` under another theme, or under none.

        Raises
        ------
        BadCommand
            It stands there already, or it would be a part of a part.
        """
        self._open_for(MAKE)
        with self._writing():
            now = self._as_seen(theme, seen)
            order = [kept.id for kept in self._ledger.themes()]
            if before and before not in order:
                raise NotInStudy("The theme it goes before is not there any more; look again.")
            rest = [id_ for id_ in order if id_ != theme]
            place = rest.index(before) if before and before != theme else len(rest)
            wanted = order if before == theme else [*rest[:place], theme, *rest[place:]]
            moved = parent is not None and parent != now.parent
            if not moved and wanted == order:
                raise BadCommand(f"“{now.name}” stands there already.")
            if parent is not None and moved:
                kept = replace(now, parent=parent)
                self._refuse_words(kept)
                now = self._put_parent(now, parent)
            if wanted != order:
                with self._change("theme_order", theme) as details:
                    self._put_order(wanted)
                    details |= {"before": before}
        return now

    def _put_order(self, order: list[str]) -> None:
        held = dict(self._db.execute("SELECT id, position FROM themes").fetchall())
        free = sorted(held[id_] for id_ in order)
        for id_, position in zip(order, free, strict=True):
            if held[id_] != position:
                self._db.table("themes").update(id_, {"position": position})

    def _put_parent(self, now: Theme, parent: str) -> Theme:
        with self._change("theme_change", now.id) as details:
            kept = self._keep_version(now, replace(now, parent=parent))
            details |= {"name": kept.name, "version": kept.version, "changed": ["parent"]}
        return kept

    # -- merging and splitting -----------------------------------------------------------------

    def merge_themes(
        self, theme: str, into: str, *, reason: str = "", seen: Seen | None = None
    ) -> Theme:
        """Merge a theme into another, which is given its codes, claims, excerpts, quotations, needs
        and parts; the merged one is dropped, and the other's new version is asked agreement anew.
        """
        self._open_for(MAKE)
        require(self.seat, "drop themes")
        if theme == into:
            raise BadCommand("A theme cannot be merged into itself; choose another.")
        if len(reason.strip()) > LONGEST // 2:
            raise BadCommand(f"A reason has at most {LONGEST // 2:,} characters; shorten it.")
        with self._change("theme_merge", into) as details:
            gone, now = self._as_seen(theme, seen), self._as_seen(into, seen)
            twins = self._twins(theme, into)
            details |= self._hand_over(theme, into, twins)
            codes = [code for code in gone.codes if code not in now.codes]
            passages = [place for place in gone.excerpts if place not in now.excerpts]
            kept = self._keep_version(
                now,
                replace(
                    now,
                    codes=(*now.codes, *codes),
                    excerpts=(*now.excerpts, *passages),
                    parent="" if now.parent == theme else now.parent,
                ),
            )
            parts = [t for t in self._ledger.themes() if t.parent == theme]
            for part in parts:
                self._put_parent(part, kept.parent or into)
            details |= {
                "name": kept.name,
                "version": kept.version,
                "merged": theme,
                "codes": codes,
                "parts": [part.id for part in parts],
                "needs": self._needs_follow(theme, into, twins),
                "twins": twins,
            }
            why = f"merged into “{now.name}”" + f": {reason.strip()}" * bool(reason.strip())
            with self._change("theme_drop", theme) as told:
                self._db.table("themes").update(theme, {"dropped_reason": why})
                told |= {"reason": why, "into": into}
        return kept

    def _twins(self, theme: str, into: str) -> dict[str, str]:
        """Quotations and divergent cases of a theme → those of the other on the same words."""
        pairs: dict[str, str] = {}
        for table, more in (("theme_quotations", ""), ("theme_excerpts", "AND a.claim = ''")):
            found = self._db.execute(
                f"SELECT a.id, b.id FROM {table} a JOIN {table} b ON a.transcript = b.transcript "
                'AND a.start = b.start AND a."end" = b."end" WHERE a.theme = ? AND b.theme = ? '
                + (f"{more} AND b.claim = '' AND a.role = b.role" if more else ""),
                [theme, into],
            )
            pairs |= dict(found.fetchall())
        return pairs

    def _hand_over(self, theme: str, into: str, twins: Mapping[str, str]) -> dict[str, Any]:
        """Give the claims, excerpts and quotations of a theme to another, but for twins."""
        told: dict[str, Any] = {}
        for what in ("claims", "excerpts", "quotations"):
            held = self._db.execute(
                f"SELECT id FROM theme_{what} WHERE theme = ? ORDER BY position", [theme]
            ).fetchall()
            told[what] = [id_ for (id_,) in held if id_ not in twins]
            for id_ in told[what]:
                self._db.table(f"theme_{what}").update(id_, {"theme": into})
        told["loose"] = {}  # a quotation that stays behind cannot point to a claim that went
        for id_, claim in self._db.execute(
            "SELECT id, claim FROM theme_quotations WHERE theme = ? AND claim <> ''", [theme]
        ).fetchall():
            told["loose"][id_] = claim
            self._db.table("theme_quotations").update(id_, {"claim": ""})
        return told

    def _needs_follow(self, theme: str, into: str, twins: Mapping[str, str]) -> dict[str, bool]:
        """Needs that rest on a theme rest on the other; need → whether it did so before."""
        followed = {}
        for need in self._needs():
            if theme not in need.themes:
                continue
            followed[need.id] = into in need.themes
            themes = (into if held == theme else held for held in need.themes)
            quotations = (twins.get(id_, id_) for id_ in need.quotations)
            self._put_need(need.id, themes, quotations)
        return followed

    def _put_need(self, need: str, themes: Iterable[str], quotations: Iterable[str]) -> None:
        self._db.table("needs").update(
            need,
            {
                "themes": rows.to_json(list(dict.fromkeys(themes))),
                "quotations": rows.to_json(list(dict.fromkeys(quotations))),
                "changed_by": self.who,
                "changed_at": history.now(),
            },
        )

    def split_theme(
        self,
        theme: str,
        name: str,
        *,
        definition: str = "",
        codes: Iterable[str] = (),
        claims: Iterable[str] = (),
        excerpts: Iterable[str] = (),
        quotations: Iterable[str] = (),
        passages: Passages = (),
        seen: Seen | None = None,
    ) -> tuple[Theme, Theme]:
        """Make a new theme of a part of one; that one and the new one, as they are now.

        A claim takes the excerpts linked to it and the quotations that illustrate it along.
        """
        self._open_for(MAKE)
        with self._change("theme_split", theme) as details:
            now = self._as_seen(theme, seen)
            going, away = set(codes), set(passages)
            if not going <= set(now.codes) or not away <= set(now.excerpts):
                raise NotInStudy(
                    f"“{now.name}” does not hold all of this any more; look at it as it stands now."
                )
            ids = {"claims": set(claims), "excerpts": set(excerpts), "quotations": set(quotations)}
            self._with_their_claims(theme, ids)
            if not (going or away or any(ids.values())):
                raise BadCommand("Choose what goes to the new theme: codes, claims or passages.")
            if not self._is_anything_left(now, going, away, ids):
                raise BadCommand(
                    f"Nothing would be left of “{now.name}”; give it the other name instead."
                )
            new = Theme(
                name=name.strip(),
                definition=definition.strip(),
                codes=tuple(code for code in now.codes if code in going),
                excerpts=tuple(place for place in now.excerpts if place in away),
                origin=now.origin,
                parent=now.parent,
            )
            kept = self._keep_version(
                now,
                replace(
                    now,
                    codes=tuple(code for code in now.codes if code not in going),
                    excerpts=tuple(place for place in now.excerpts if place not in away),
                ),
            )
            new = self._ledger.add_theme(new)
            order = [t.id for t in self._ledger.themes() if t.id != new.id]
            place = order.index(theme) + 1
            self._put_order([*order[:place], new.id, *order[place:]])
            for what, held in ids.items():
                for id_ in held:
                    self._db.table(f"theme_{what}").update(id_, {"theme": new.id})
            details |= {"name": kept.name, "version": kept.version, "new": new.id}
            details |= {what: sorted(held) for what, held in ids.items()}
            details |= {"codes": list(new.codes), "passages": len(away)}
        return kept, new

    def _with_their_claims(self, theme: str, ids: dict[str, set[str]]) -> None:
        """Everything chosen belongs to the theme; what a claim has goes with it, and only so."""
        for what, chosen in ids.items():
            columns = "id, ''" if what == "claims" else "id, claim"
            held = dict(
                self._db.execute(
                    f"SELECT {columns} FROM theme_{what} WHERE theme = ?", [theme]
                ).fetchall()
            )
            if not chosen <= held.keys():
                raise NotInStudy(
                    "Something chosen does not belong to this theme any more; choose again."
                )
            if what == "excerpts" and any(
                held[id_] and held[id_] not in ids["claims"] for id_ in chosen
            ):
                raise BadCommand("An excerpt of a claim goes with its claim; choose the claim.")
            if what == "quotations":
                for id_ in chosen:
                    if held[id_] and held[id_] not in ids["claims"]:
                        self._db.table("theme_quotations").update(id_, {"claim": ""})
            chosen |= {id_ for id_, claim in held.items() if claim and claim in ids["claims"]}

    def _is_anything_left(
        self, now: Theme, codes: set[str], passages: set[tuple[str, Span]], ids: dict[str, set[str]]
    ) -> bool:
        if set(now.codes) - codes or set(now.excerpts) - passages:
            return True
        if any(theme.parent == now.id for theme in self._ledger.themes()):
            return True
        return any(
            self._db.execute(
                f"SELECT count(*) FROM theme_{what} WHERE theme = ?", [now.id]
            ).fetchone()[0]
            > len(held)
            for what, held in ids.items()
        )

    def _as_seen(self, theme: str, seen: Seen | None) -> Theme:
        now = self._kept_theme(theme)
        refuse_changed(now, (seen or {}).get(theme, now.version))
        return now
