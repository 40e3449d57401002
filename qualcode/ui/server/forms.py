"""The sign-in pages as HTML: self-contained, without a script, light or dark as the system is."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from urllib.parse import quote

import streamlit
from starlette.responses import HTMLResponse

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    '<path d="M1 2.5h14v4.5H1z" fill="#4E79A7"/><path d="M1 9h9v4.5H1z" fill="#F28E2B"/></svg>'
)
_ICON = "data:image/svg+xml," + quote(ICON)


def _font(family: str, file: str) -> str:
    """One of the fonts that come with Streamlit, so that these pages look like the app."""
    media = Path(streamlit.__file__).parent / "static" / "static" / "media"
    found = next(media.glob(f"{file}*.woff2"), None)
    return (
        f"@font-face {{ font-family: '{family}'; font-weight: 200 900; font-display: swap; "
        f"src: url('/static/media/{found.name}') format('woff2'); }}\n"
        if found
        else ""
    )


STYLE = (
    _font("Source Sans", "SourceSansVF-Upright")
    + _font("Source Serif", "SourceSerifVariable-Roman")
    + """
:root { color-scheme: light dark; --ground: #f3f4f1; --card: #ffffff; --text: #1d232b;
  --soft: #555e69; --line: #8b939c; --edge: #d5d8d3; --accent: #1f5a8c; --on-accent: #ffffff;
  --wrong: #9b1c1c; --wrong-ground: #fdf1f0; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14171b; --card: #1d2126; --text: #e6e8ea; --soft: #a8b0b9; --line: #727c87;
    --edge: #363d45; --accent: #8fbce6; --on-accent: #10202f; --wrong: #ffb4ab;
    --wrong-ground: #33201f; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; align-content: start; justify-items: center;
  padding: clamp(1rem, 9vh, 6rem) 1rem 2rem; background: var(--ground); color: var(--text);
  font: 16px/1.5 "Source Sans", system-ui, sans-serif; }
main { width: 100%; max-width: 26rem; background: var(--card); border: 1px solid var(--edge);
  border-radius: 8px; padding: clamp(1.25rem, 5vw, 2.1rem); }
.mark { display: flex; align-items: center; gap: .45em; font-size: .95rem; letter-spacing: .02em;
  color: var(--soft); margin: 0 0 .6rem; }
h1 { font: 600 1.65rem/1.2 "Source Serif", Georgia, serif; margin: 0 0 .8rem; }
p { margin: 0 0 1rem; }
form { display: grid; gap: 1rem; }
label { display: block; font-weight: 600; margin-bottom: .25rem; }
input { width: 100%; font: inherit; color: inherit; background: var(--card); padding: .55rem .7rem;
  border: 1px solid var(--line); border-radius: 6px; }
input[readonly] { background: var(--ground); }
.hint { font-size: .9rem; color: var(--soft); margin: .25rem 0 0; }
button, .door { font: inherit; font-weight: 600; color: var(--on-accent); background: var(--accent);
  border: 1px solid transparent; border-radius: 6px; padding: .6rem 1rem; cursor: pointer; }
.door { display: block; text-align: center; text-decoration: none; margin: 0 0 1rem;
  overflow-wrap: anywhere; }
.or { display: flex; align-items: center; gap: .8em; color: var(--soft); font-size: .93rem; }
.or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--edge); }
.quiet button { color: var(--accent); background: none; border-color: var(--line); }
h2 { font-size: 1.05rem; margin: 1.6rem 0 .3rem; padding-top: 1.2rem;
  border-top: 1px solid var(--edge); }
input:focus-visible, button:focus-visible, a:focus-visible {
  outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
.wrong { color: var(--wrong); background: var(--wrong-ground); border-left: 4px solid var(--wrong);
  padding: .6rem .8rem; margin: 0 0 1.2rem; }
.done { border-left: 4px solid var(--accent); background: var(--ground); padding: .6rem .8rem;
  margin: 0 0 1.2rem; }
.foot { margin: 1.4rem 0 0; padding-top: 1rem; border-top: 1px solid var(--edge);
  font-size: .93rem; color: var(--soft); }
"""
)
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; img-src data:; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


@dataclass(frozen=True)
class Field:
    """One line of a form: what it asks, what it holds already, and a hint under it."""

    name: str
    label: str
    value: str = ""
    kind: str = "text"
    autocomplete: str = "off"
    hint: str = ""
    required: bool = True
    fixed: bool = False
    longest: int = 100

    def html(self, *, focus: bool, wrong: bool) -> str:
        marks = [
            f'id="{self.name}" name="{self.name}" type="{self.kind}" maxlength="{self.longest}"',
            f'autocomplete="{self.autocomplete}" value="{escape(self.value)}"',
            'autocapitalize="none" spellcheck="false"',
        ]
        described = [f"{self.name}-hint"] * bool(self.hint) + ["wrong"] * wrong
        marks += ["required"] * self.required + ["readonly"] * self.fixed + ["autofocus"] * focus
        marks += [f'aria-describedby="{" ".join(described)}"'] * bool(described)
        hint = f'<p class="hint" id="{self.name}-hint">{escape(self.hint)}</p>' if self.hint else ""
        return (
            f'<div><label for="{self.name}">{escape(self.label)}</label>'
            f"<input {' '.join(marks)}>{hint}</div>"
        )


@dataclass(frozen=True)
class Form:
    """A form: where it goes, its lines and its button; ``quiet`` is not the page's main act."""

    action: str
    button: str
    fields: tuple[Field, ...] = ()
    hidden: Mapping[str, str] = field(default_factory=dict)
    method: str = "post"
    quiet: bool = False

    def html(self, *, wrong: bool) -> str:
        kept = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">'
            for name, value in self.hidden.items()
        )
        empty = [f.name for f in self.fields if not f.value and not f.fixed]
        first = "" if self.quiet and not wrong else next(iter(empty), "")
        lines = "".join(f.html(focus=f.name == first, wrong=wrong) for f in self.fields)
        return (
            f'<form method="{self.method}" action="{self.action}"{" class=quiet" * self.quiet}>'
            f'{kept}{lines}<button type="submit">{escape(self.button)}</button></form>'
        )


def form_page(
    title: str,
    form: Form,
    *,
    doors: Mapping[str, str] | None = None,
    lede: str = "",
    wrong: str = "",
    done: str = "",
    more: str = "",
    foot: str = "",
    status: int = 200,
) -> HTMLResponse:
    """A page with one form; ``more`` and ``foot`` are HTML of our own, all else is text.

    ``doors`` are other ways to the same end, address by label, which come before the form.
    """
    ways = "".join(
        f'<a class="door" href="{escape(address)}">{escape(label)}</a>'
        for label, address in (doors or {}).items()
    )
    body = ways + '<p class="or">or</p>' * bool(ways) + form.html(wrong=bool(wrong)) + more
    return page(title, lede=lede, wrong=wrong, done=done, body=body, foot=foot, status=status)


def page(
    title: str,
    *,
    lede: str = "",
    wrong: str = "",
    done: str = "",
    body: str = "",
    foot: str = "",
    status: int = 200,
) -> HTMLResponse:
    """A page that says one thing and leads on; ``body`` and ``foot`` are HTML of our own."""
    alert = f'<p class="wrong" id="wrong" role="alert">{escape(wrong)}</p>' if wrong else ""
    alert += f'<p class="done" role="status">{escape(done)}</p>' if done else ""
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{'Problem: ' if wrong else ''}{escape(title)} · qualcode</title>"
        f'<link rel="icon" href="{_ICON}"><style>{STYLE}</style></head><body><main>'
        f'<p class="mark"><img src="{_ICON}" width="16" height="16" alt="">qualcode</p>'
        f"<h1>{escape(title)}</h1>{alert}"
        + (f"<p>{escape(lede)}</p>" if lede and not wrong else "")
        + body
        + (f'<p class="foot">{foot}</p>' if foot else "")
        + "</main></body></html>"
    )
    return HTMLResponse(html, status, HEADERS)
