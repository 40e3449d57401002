// The strip above the text: title, counts, key hints, and whether everything is saved.

import { button, element, keyCaps } from "./dom.js";
import { SHORTCUTS } from "./keyboard.js";

export class Header {
  /**
   * help() opens the keyboard help, codes() the code tree, memos() the list of memos, showAll() ends
   * the filter, bigger() makes the words larger, wide() leaves the page around the text away,
   * undo() is for fingers, which have no Ctrl Z.
   */
  constructor({ help, codes, memos, showAll, bigger, wide, undo }) {
    this.element = element("div", "qc-header");
    this.title = element("div", "qc-title");
    this.title.dir = "auto";
    this.counts = element("div", "qc-counts");
    this.status = element("div", "qc-status");
    const helpButton = button("qc-button qc-help-button", "?", help);
    helpButton.setAttribute("aria-label", "Keyboard help");
    helpButton.title = "Keyboard help (?)";
    this.filter = button("qc-button qc-filter", "", showAll);
    this.filter.hidden = true;
    this.codes = button("qc-button", "Codes", codes);
    this.codes.title = "Code tree (C)";
    this.element.append(this.title, this.counts, this.filter, this.#hints());
    this.memos = button("qc-button", "Memos", memos);
    this.memos.title = "Memos (L)";
    this.memos.setAttribute("aria-expanded", "false");
    const undoButton = button("qc-button qc-undo-button", "↶", undo);
    undoButton.setAttribute("aria-label", "Undo");
    this.bigger = button("qc-button qc-size-button", "Aa", bigger);
    this.wide = button("qc-button qc-wide-button", "⤢", wide);
    this.wide.setAttribute("aria-label", "The text alone");
    this.wide.setAttribute("aria-pressed", "false");
    this.wide.title = "The text alone fills the window (Z)";
    this.element.append(this.status, undoButton, this.memos, this.codes);
    this.element.append(this.bigger, this.wide, helpButton);
  }

  /** Hints wrap onto further lines that the strip's height hides: what does not fit is left out whole. */
  #hints() {
    const hints = element("div", "qc-hints");
    const all = SHORTCUTS.flatMap((group) => group.keys).filter((key) => key.hint);
    all.sort((one, other) => Number(other.edits ?? 0) - Number(one.edits ?? 0)); // coding comes first
    for (const { caps, range, hint, edits } of all) {
      const item = element("span", edits ? "qc-hint qc-hint-edits" : "qc-hint");
      caps.forEach((combination, index) => {
        if (index) item.append(range ? "–" : " ");
        item.append(keyCaps(combination));
      });
      item.append(` ${hint}`);
      hints.append(item);
    }
    return hints;
  }

  /** How many codes the coder has chosen to see alone; 0 where all are shown. */
  setFilter(codes) {
    this.filter.hidden = !codes;
    this.filter.textContent = `Only ${codes} ${codes === 1 ? "code" : "codes"} shown · Show all`;
  }

  setCounts({ codings, doubts, coded, turns }) {
    const all = `${codings} ${codings === 1 ? "coding" : "codings"}`;
    const some = doubts ? `${all}, ${doubts} in doubt` : all;
    this.counts.textContent = turns ? `${some} · ${coded} of ${turns} turns` : some;
    this.counts.title = turns ? "Participant turns that carry a code" : "";
  }

  /**
   * kind: "saved", "busy", "offline", "failed" or "closed" (nothing can be changed). Gives whether
   * that is new; the caller tells screen readers what matters, not every “Saving 1…”.
   */
  setStatus(kind, text) {
    const isNew = this.status.dataset.kind !== kind;
    if (this.status.textContent === text && !isNew) return false;
    this.status.textContent = text;
    this.status.title = text;
    this.status.dataset.kind = kind;
    return isNew;
  }
}
