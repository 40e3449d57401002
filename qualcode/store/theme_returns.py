"""Themes brought back: one that was dropped, with what it gave when merged; one's earlier version.

A return is a change like any other: a new version, to which nobody has agreed yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from qualcode.claims import DroppedTheme
from qualcode.errors import AlreadyInStudy, BadCommand, NotInStudy
from qualcode.model import Theme
from qualcode.store import history, rows, theme_rows
from qualcode.store.theme_acts import Passages, Seen, ThemeActs
from qualcode.store.theming import MAKE


class ThemeReturns(ThemeActs):
    """What takes back."""

    def dropped_themes(self) -> tuple[DroppedTheme, ...]:
        """The themes that were taken out, the last first; nothing for whoever codes."""
        if self.sight().own_open:
            return ()
        last = {line["subject"]: line for line in history.read(self._db, "theme_drop")}
        found = [
            DroppedTheme(
                theme=row["id"],
                name=row["name"],
                reason=row["dropped_reason"],
                by=line["who"],
                at=line["at"],
                into=line["details"].get("into", ""),
            )
            for row in self._db.query(
                "SELECT id, name, dropped_reason FROM themes WHERE dropped_reason IS NOT NULL"
            )
            for line in [last.get(row["id"], {"who": "", "at": "", "details": {}})]
        ]
        return tuple(sorted(found, key=lambda one: one.at, reverse=True))

    def bring_back_theme(self, theme: str) -> Theme:
        """Take a dropped theme back in; of a merged one, what it gave comes back to it.

        Codes that stand in another theme by now stay there, where a code stands in one only.

        Raises
        ------
        NotInStudy
            It is not dropped.
        AlreadyInStudy
            Another theme has its name by now.
        """
        self._open_for(MAKE)
        dropped = {one.theme: one for one in self.dropped_themes()}
        if theme not in dropped:
            raise NotInStudy("This theme was not dropped; load the page again.")
        with self._change("theme_back", theme) as details:
            gone = rows.theme(self._row("themes", theme) or {})
            others = self._ledger.themes()
            if gone.name.casefold() in {other.name.casefold() for other in others}:
                raise AlreadyInStudy(
                    f"There is a theme “{gone.name}” by now; give that one another name first."
                )
            into = dropped[theme].into
            if into in {other.id for other in others}:
                details |= self._give_back(theme, into)
            now = {other.id: other for other in self._ledger.themes()}
            taken = set() if self._shared else {c for other in now.values() for c in other.codes}
            book = self._codebook_ids()
            held = self._merged_since()(gone.codes, gone.made_at)
            codes = tuple(code for code in held if code not in taken and code in book)
            above = now.get(gone.parent)
            parent = gone.parent if above and not above.parent else ""
            if any(other.parent == theme for other in now.values()):
                parent = ""
            self._db.table("themes").update(theme, {"dropped_reason": None})
            kept = self._keep_version(gone, replace(gone, codes=codes, parent=parent))
            details |= {"name": kept.name, "version": kept.version}
            details["elsewhere"] = [code for code in held if code in taken]
        return kept

    def _give_back(self, theme: str, into: str) -> dict[str, Any]:
        """Take out of a theme what another brought into it when they were merged."""
        merged = [
            line["details"]
            for line in history.read(self._db, "theme_merge")
            if line["details"].get("merged") == theme
        ][-1]
        for what in ("claims", "excerpts", "quotations"):
            for id_ in merged[what]:
                self._db.execute(
                    f"UPDATE theme_{what} SET theme = ? WHERE id = ? AND theme = ?",
                    [theme, id_, into],
                )
        # What was linked since to a claim that goes back goes with it.
        for table in ("theme_excerpts", "theme_quotations"):
            self._db.execute(
                f"UPDATE {table} SET theme = ? WHERE theme = ? AND claim IN "
                "(SELECT id FROM theme_claims WHERE theme = ?)",
                [theme, into, theme],
            )
            self._db.execute(
                f"UPDATE {table} SET claim = '' WHERE theme = ? AND claim <> '' AND claim NOT IN "
                "(SELECT id FROM theme_claims WHERE theme = ?)",
                [theme, theme],
            )
        for id_, claim in merged["loose"].items():
            self._db.execute(
                "UPDATE theme_quotations SET claim = ? WHERE id = ? AND ? IN "
                "(SELECT id FROM theme_claims WHERE theme = ?)",
                [claim, id_, claim, theme],
            )
        now, gone = self._kept_theme(into), rows.theme(self._row("themes", theme) or {})
        rest = replace(
            now,
            codes=tuple(code for code in now.codes if code not in merged["codes"]),
            excerpts=tuple(place for place in now.excerpts if place not in gone.excerpts),
        )
        with self._change("theme_change", into) as details:
            kept = self._keep_version(now, rest)
            details |= {"name": kept.name, "version": kept.version, "gave_back": theme}
            details["changed"] = theme_rows.differing(now, rest)
        for part in self._ledger.themes():
            if part.id in merged["parts"] and part.parent == (kept.parent or into):
                self._put_parent(part, theme)
        for need in self._needs():
            if need.id in merged["needs"] and into in need.themes:
                if merged["needs"][need.id]:
                    self._put_need(need.id, [*need.themes, theme], need.quotations)
                    continue
                back = {other: own for own, other in merged["twins"].items()}
                themes = [theme if held == into else held for held in need.themes]
                self._put_need(need.id, themes, [back.get(id_, id_) for id_ in need.quotations])
        return {"from": into}

    def put_back_themes(
        self,
        then: Mapping[str, int],
        *,
        seen: Seen | None = None,
        without: Mapping[str, Passages] | None = None,
    ) -> tuple[Theme, ...]:
        """Give themes the words, codes and place of an earlier version again, as a new one.

        ``without`` are passages that are taken out of a theme with that.
        """
        self._open_for(MAKE)
        with self._writing():
            changed = []
            book = self._codebook_ids()
            for theme, number in then.items():
                now = self._as_seen(theme, seen)
                version = {one.number: one for one in self.theme_versions(theme)}.get(number)
                if version is None:
                    raise NotInStudy(f"“{now.name}” has no version {number}; load the page again.")
                fields: dict[str, Any] = dict(version.fields)
                fields["codes"] = tuple(code for code in fields["codes"] if code in book)
                out = set((without or {}).get(theme, ()))
                excerpts = tuple(place for place in now.excerpts if place not in out)
                kept = replace(now, **fields, excerpts=excerpts)
                names = theme_rows.differing(now, kept)
                if not names and excerpts == now.excerpts:
                    continue
                self._refuse_words(kept)
                with self._change("theme_change", theme) as details:
                    kept = self._keep_version(now, kept)
                    details |= {"name": kept.name, "version": kept.version, "changed": names}
                    details["back_to"] = number
                changed.append((now, kept))
            if not changed:
                raise BadCommand("It stands so already.")
            self._refuse_doubles(changed)
        return tuple(kept for _, kept in changed)

    def _refuse_doubles(self, changed: list[tuple[Theme, Theme]]) -> None:
        """A code that comes back stands nowhere else by now, where it stands in one theme only."""
        if self._shared:
            return
        for now, kept in changed:
            for other in self._ledger.themes():
                both = (set(kept.codes) - set(now.codes)) & set(other.codes)
                if other.id != kept.id and both:
                    name = self._code_name(min(both))
                    raise AlreadyInStudy(
                        f"“{name}” stands in “{other.name}” by now; move it from there."
                    )
