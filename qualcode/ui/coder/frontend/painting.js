// Codings on the words, by the CSS Custom Highlight API: the text itself is never touched.
//
// Only turns near the viewport carry ranges: with 500 ranges registered every frame takes 16–32 ms,
// with some 20 of them 3–4 ms. The registry belongs to the whole page, hence the prefix.

import { channels, mixed, tintOf } from "./colours.js";
import { hexOfCss } from "./dom.js";
import { PLACE } from "./notes.js";

const canHighlight = typeof Highlight !== "undefined" && !!globalThis.CSS?.highlights;
const NEAR = "700px 0px";
const NEUTRAL_CODE = { color: "#6b7280", index: 0 };
const PAPER = { paper: [255, 255, 255], words: [74, 79, 86], isDark: false }; // printed
const QUIET = 0.76; // how much of the text's colour an interviewer's words have, see coder.css
/** What lies over the tints of codes; the words are read on it as on these. */
const MARKS = {
  light: {
    focus: "background-color: #ffdf7ecc",
    hit: "background-color: #ffdf7ecc",
    "hit-now": "background-color: #ffab40; color: #11161d",
    selection: "background-color: #b6cdf7b3",
  },
  dark: {
    focus: "background-color: #5a4a14cc",
    hit: "background-color: #5a4a14cc",
    "hit-now": "background-color: #f5a742; color: #11161d",
    selection: "background-color: #2a4678b3",
  },
};

export class Painter {
  #painted = new Map(); // coding id → {coding, pieces: [{index, range}]}
  #byTurn = new Map(); // turn index → Set of coding ids
  #near = new Set();
  #sheet = new CSSStyleSheet();
  #rules = new Set();
  #codes = new Map();
  #dark = false;
  #paper = [255, 255, 255];
  #words = [0, 0, 0]; // the quietest words there are
  #watcher;
  #hits = new Map(); // turn index → ranges of places found by the search
  #printing = new AbortController();

  constructor(turns, scroller) {
    this.turns = turns;
    this.prefix = `qc${Math.random().toString(36).slice(2, 8)}`;
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.#sheet];
    this.#watcher = new IntersectionObserver((entries) => this.#moved(entries), {
      root: scroller,
      rootMargin: NEAR,
    });
    const options = { signal: this.#printing.signal };
    addEventListener("beforeprint", () => this.#everyTurn(true), options);
    addEventListener("afterprint", () => this.#everyTurn(false), options);
  }

  /** Starts anew on the rows of another transcript. */
  watch() {
    this.clear();
    this.#watcher.disconnect();
    this.#near.clear();
    for (const turn of this.turns.list) this.#watcher.observe(turn.row);
  }

  /** Takes the codes' colours and the theme's; what was painted must be given to `sync` again. */
  setColors(codes, { background, text, isDark }) {
    this.clear();
    this.#codes = new Map(codes.map((code, index) => [code.id, { color: code.color, index }]));
    this.#dark = isDark;
    this.#paper = channels(hexOfCss(background) ?? (isDark ? "#16191d" : "#ffffff"));
    const words = channels(hexOfCss(text) ?? (isDark ? "#e6e8ea" : "#11161d"));
    this.#words = mixed(words, this.#paper, QUIET);
    while (this.#sheet.cssRules.length) this.#sheet.deleteRule(0);
    this.#rules.clear();
    for (const [kind, body] of Object.entries(MARKS[isDark ? "dark" : "light"])) this.#rule(kind, body);
  }

  /** Paints exactly these codings: what is new is added, what is gone is taken away. */
  sync(codings) {
    for (const [id, { coding }] of this.#painted) {
      const now = codings.get(id);
      const same =
        now && now.start === coding.start && now.end === coding.end && now.code === coding.code;
      if (!same) this.#remove(id);
    }
    for (const coding of codings.values()) if (!this.#painted.has(coding.id)) this.#add(coding);
  }

  /** Marks one passage with the strong tint: "focus" for a coding looked at, "selection" while a code is chosen. */
  mark(kind, from, to) {
    if (!canHighlight) return;
    const ranges = this.turns.pieces(from, to).map((piece) => staticRange(piece));
    const highlight = new Highlight(...ranges);
    highlight.priority = 10;
    CSS.highlights.set(`${this.prefix}-${kind}`, highlight);
  }

  /** Marks the places the search found, [from, to) each, where they are near the viewport. */
  setHits(hits) {
    this.#hits.clear();
    for (const [from, to] of hits) {
      for (const piece of this.turns.pieces(from, to)) {
        if (!this.#hits.has(piece.index)) this.#hits.set(piece.index, []);
        this.#hits.get(piece.index).push(staticRange(piece));
      }
    }
    this.#paintHits();
  }

  #paintHits() {
    if (!canHighlight) return;
    const ranges = [...this.#near].flatMap((index) => this.#hits.get(index) ?? []);
    if (ranges.length) CSS.highlights.set(`${this.prefix}-hit`, new Highlight(...ranges));
    else CSS.highlights.delete(`${this.prefix}-hit`);
  }

  unmark(kind) {
    if (canHighlight) CSS.highlights.delete(`${this.prefix}-${kind}`);
  }

  /** Whether the words of a coding are painted at this moment; the benchmark asks. */
  isPainted(coding) {
    return !canHighlight || (CSS.highlights.get(this.#name(coding.code))?.size ?? 0) > 0;
  }

  clear() {
    this.#painted.clear();
    this.#byTurn.clear();
    if (!canHighlight) return;
    for (const name of [...CSS.highlights.keys()]) {
      if (name.startsWith(`${this.prefix}-`)) CSS.highlights.delete(name);
    }
  }

  destroy() {
    this.clear();
    this.#watcher.disconnect();
    this.#printing.abort();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter(
      (sheet) => sheet !== this.#sheet,
    );
  }

  #add(coding) {
    const pieces = this.turns
      .piecesOf(coding)
      .map((piece) => ({ index: piece.index, range: staticRange(piece) }));
    this.#painted.set(coding.id, { coding, pieces });
    this.#ensureRule(coding.code);
    for (const { index, range } of pieces) {
      if (!this.#byTurn.has(index)) this.#byTurn.set(index, new Set());
      this.#byTurn.get(index).add(coding.id);
      if (this.#near.has(index)) this.#register(coding.code, range);
    }
  }

  #remove(id) {
    const { coding, pieces } = this.#painted.get(id);
    for (const { index, range } of pieces) {
      this.#byTurn.get(index)?.delete(id);
      this.#withdraw(coding.code, range);
    }
    this.#painted.delete(id);
  }

  #moved(entries) {
    for (const entry of entries) {
      const index = Number(entry.target.dataset.turn);
      if (entry.isIntersecting === this.#near.has(index)) continue;
      if (entry.isIntersecting) this.#near.add(index);
      else this.#near.delete(index);
      this.#paintTurn(index, entry.isIntersecting);
    }
    if (this.#hits.size) this.#paintHits();
  }

  #paintTurn(index, on) {
    for (const id of this.#byTurn.get(index) ?? []) {
      const { coding, pieces } = this.#painted.get(id);
      for (const piece of pieces) {
        if (piece.index !== index) continue;
        if (on) this.#register(coding.code, piece.range);
        else this.#withdraw(coding.code, piece.range);
      }
    }
  }

  #everyTurn(on) {
    for (const index of this.#byTurn.keys()) if (!this.#near.has(index)) this.#paintTurn(index, on);
  }

  #register(code, range) {
    if (!canHighlight) return;
    const name = this.#name(code);
    if (!CSS.highlights.has(name)) CSS.highlights.set(name, new Highlight());
    CSS.highlights.get(name).add(range);
  }

  #withdraw(code, range) {
    const highlight = canHighlight && CSS.highlights.get(this.#name(code));
    if (!highlight) return;
    highlight.delete(range);
    if (!highlight.size) CSS.highlights.delete(this.#name(code));
  }

  #name(code) {
    if (code === PLACE) return `${this.prefix}-note`;
    const known = this.#codes.get(code);
    return known ? `${this.prefix}-code-${known.index}` : `${this.prefix}-unknown`;
  }

  #ensureRule(code) {
    if (code === PLACE) {
      const color = this.#dark ? "#c8ced6" : "#5b6470";
      this.#rule("note", `text-decoration: underline dotted 2px ${color}; text-underline-offset: 5px`);
      return;
    }
    const { color, index } = this.#codes.get(code) ?? NEUTRAL_CODE;
    const name = this.#name(code).slice(this.prefix.length + 1);
    if (this.#rules.has(name)) return;
    const line = this.#dark ? `color-mix(in oklab, ${color} 65%, white)` : color;
    const theme = { paper: this.#paper, words: this.#words, isDark: this.#dark };
    // Underlines of overlapping codings would hide one another at one height.
    this.#rule(
      name,
      `background-color: ${tint(color, theme)};
       text-decoration: underline 2px ${line};
       text-underline-offset: ${3 + (index % 3) * 2.5}px`,
    );
    if (this.#dark) {
      const body = `background-color: ${tint(color, PAPER)}; text-decoration-color: ${color}`;
      const print = `@media print { ::highlight(${this.prefix}-${name}) { ${body} } }`;
      this.#sheet.insertRule(print, this.#sheet.cssRules.length);
    }
  }

  #rule(suffix, body) {
    if (this.#rules.has(suffix)) return;
    this.#rules.add(suffix);
    const rule = `::highlight(${this.prefix}-${suffix}) { ${body} }`;
    this.#sheet.insertRule(rule, this.#sheet.cssRules.length);
  }
}

function tint(color, theme) {
  const { colour, alpha } = tintOf(color, theme);
  return `${colour}${Math.round(255 * alpha).toString(16)}`;
}

function staticRange(piece) {
  return new StaticRange({
    startContainer: piece.node,
    startOffset: piece.from,
    endContainer: piece.node,
    endOffset: piece.to,
  });
}
