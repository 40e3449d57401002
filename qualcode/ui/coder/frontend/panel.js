// The codebook beside the text: how often each code was used here, which codings are shown, and
// which code a number key puts on the selection.

import { button, element, swatch } from "./dom.js";
import { findCodes } from "./finding.js";

const OPEN = "qc-panel";

export class Panel {
  shown = new Set(); // the codes whose codings are shown; all while it is empty
  #codes = [];
  #uses = new Map();
  #quick = []; // the codes under the number keys
  #given = new Set(); // ids of those the coder has given their key
  #active = null; // id of the code the keys are on

  /**
   * apply(code) puts a code on the selection, assign(code, number) gives it a number key (null takes
   * it away, no number means the one it has or the next), changed() follows another choice of codings, toggled() opening and closing, and
   * leave() gives the focus back to the text; memoOf(code) is the coder's memo on a code, and
   * writeMemo(code, anchor) opens it.
   */
  constructor(acts) {
    Object.assign(this, acts);
    this.element = element("aside", "qc-panel");
    this.element.setAttribute("aria-label", "Codes");
    const head = element("div", "qc-panel-head");
    this.input = element("input", "qc-find");
    this.input.type = "text";
    this.input.placeholder = "Find a code…";
    this.input.spellcheck = false;
    this.input.autocomplete = "off";
    this.input.dir = "auto";
    this.input.setAttribute("aria-label", "Find in the code tree");
    const close = button("qc-button", "×", () => this.toggle(false));
    close.setAttribute("aria-label", "Close the codes");
    head.append(this.input, close);
    this.tree = element("div", "qc-tree");
    this.tree.setAttribute("role", "tree");
    this.tree.setAttribute("aria-label", "Code tree");
    const foot = element("div", "qc-panel-foot");
    foot.append(
      element("p", "", "Click a code to put it on the selection, its colour to show it alone; drag it onto coded words to change their code."),
    );
    this.below = element("div", "qc-panel-below");
    this.below.hidden = true;
    this.element.append(head, this.tree, this.below, foot);
    this.input.addEventListener("input", () => this.#draw());
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") this.#focus(this.tree.firstElementChild);
      else if (event.key === "Escape") this.leave();
      else return;
      event.preventDefault();
    });
    this.tree.addEventListener("keydown", (event) => this.#onKey(event));
    this.tree.addEventListener("mousedown", (event) => event.preventDefault()); // selection stays
    this.tree.addEventListener("click", (event) => this.#onClick(event));
    this.element.hidden = readStored(OPEN) !== "open";
  }

  get isOpen() {
    return !this.element.hidden;
  }

  toggle(open = !this.isOpen, { focus = false } = {}) {
    this.element.hidden = !open;
    try {
      localStorage.setItem(OPEN, open ? "open" : "closed");
    } catch {
      // A private window may refuse storage.
    }
    if (open) this.#draw();
    if (open && focus) this.input.focus();
    if (!open) this.leave();
    this.toggled();
  }

  /**
   * `uses` counts this coder's codings by code, `quick` has the codes under the number
   * keys, `given` the ids of those that were given theirs by the coder.
   */
  show(codes, uses, quick, given) {
    this.#codes = codes;
    this.#uses = uses;
    this.#quick = quick;
    this.#given = given;
    if (this.isOpen) this.#draw();
  }

  showAll() {
    this.shown.clear();
    this.#draw();
    this.changed();
  }

  /** Shows something below the tree, or nothing. */
  under(element) {
    this.below.replaceChildren(...(element ? [element] : []));
    this.below.hidden = !element;
  }

  /** A code just used is shown, whatever was chosen before. */
  include(code) {
    if (this.shown.size) this.shown.add(code);
  }

  #draw() {
    const typed = this.input.value.trim();
    const found = new Set(findCodes(this.#codes, typed));
    const rows = this.#codes.filter(
      (code) => found.has(code) && (!code.retired || this.#uses.get(code.id)),
    );
    const top = this.tree.scrollTop;
    const hadFocus = this.tree.contains(document.activeElement);
    this.tree.replaceChildren(...rows.map((code) => this.#row(code, Boolean(typed))));
    if (!rows.length) this.tree.append(element("div", "qc-none", "No such code."));
    this.tree.scrollTop = top;
    const at = rows.some((code) => code.id === this.#active) ? this.#active : rows[0]?.id;
    for (const row of this.tree.children) row.tabIndex = row.dataset.code === at ? 0 : -1;
    if (hadFocus) this.tree.querySelector("[tabindex='0']")?.focus({ preventScroll: true });
  }

  #row(code, isFlat) {
    const uses = this.#uses.get(code.id) ?? 0;
    const number = this.#quick.indexOf(code) + 1;
    const isChosen = this.shown.has(code.id);
    const row = element("div", "qc-tree-row");
    row.dataset.code = code.id;
    row.setAttribute("role", "treeitem");
    const level = isFlat || !code.path ? 1 : code.path.split(" › ").length + 1;
    row.setAttribute("aria-level", level);
    row.setAttribute("aria-selected", isChosen);
    const times = code.codable === false ? "" : `, ${uses} ${uses === 1 ? "coding" : "codings"}`;
    const key = number ? `, key ${number}` : "";
    const alone = isChosen ? ", shown alone" : "";
    const gone = code.retired ? ", retired" : "";
    row.setAttribute("aria-label", `${code.name}${gone}${times}${key}${alone}`);
    row.style.setProperty("--qc-level", level - 1);
    const colour = swatch(code.color);
    colour.dataset.does = "show";
    const name = element("span", "qc-code-name", code.name);
    name.dir = "auto";
    row.append(colour, name);
    if (code.retired) row.classList.add("qc-tree-retired");
    else if (code.codable === false) row.classList.add("qc-tree-theme");
    else {
      const isGiven = this.#given.has(code.id);
      const chip = element("kbd", isGiven ? "qc-key" : "qc-key qc-key-free", number || "+");
      chip.dataset.does = "key";
      chip.title = isGiven ? "Take this number key away from it" : "Give it a number key of its own";
      row.append(chip, element("span", "qc-tree-uses", uses || ""));
    }
    row.append(memoMark(this.memoOf(code)));
    return row;
  }

  #onClick(event) {
    const row = event.target.closest(".qc-tree-row");
    if (!row) return;
    const code = this.#codes.find(({ id }) => id === row.dataset.code);
    const does = event.target.closest("[data-does]")?.dataset.does;
    if (does === "show" || (code.codable === false && does !== "memo")) this.#choose(code);
    else if (does === "memo") this.writeMemo(code, row.getBoundingClientRect());
    else if (does === "key") this.assign(code, this.#given.has(code.id) ? null : undefined);
    else this.apply(code);
  }

  #onKey(event) {
    const row = event.target.closest(".qc-tree-row");
    const code = row && this.#codes.find(({ id }) => id === row.dataset.code);
    if (!code || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown") this.#focus(row.nextElementSibling);
    else if (event.key === "ArrowUp") this.#focus(row.previousElementSibling ?? this.input);
    else if (event.key === "Home") this.#focus(this.tree.firstElementChild);
    else if (event.key === "End") this.#focus(this.tree.lastElementChild);
    else if (event.key === "Enter" && code.codable !== false) this.apply(code);
    else if (event.key === " " || event.key === "Enter") this.#choose(code);
    else if (/^[0-9]$/.test(event.key) && code.codable !== false)
      this.assign(code, Number(event.key) || null);
    else if (event.key.toLowerCase() === "w") this.writeMemo(code, row.getBoundingClientRect());
    else if (event.key === "Escape") this.leave();
    else if (event.key.length > 1) return; // Tab, F5 and their like are the browser's
    event.preventDefault();
  }

  #focus(target) {
    if (!target) return;
    if (target.dataset.code) {
      this.#active = target.dataset.code;
      for (const row of this.tree.children) row.tabIndex = row === target ? 0 : -1;
    }
    target.focus();
  }

  /** Shows a code alone, or one more, or no longer; a theme stands for its codes. */
  #choose(code) {
    const path = code.path ? `${code.path} › ${code.name}` : code.name;
    const inside = this.#codes.filter(
      (other) => other.path === path || other.path.startsWith(`${path} › `),
    );
    const ids = [code, ...inside].map(({ id }) => id);
    const isOn = this.shown.has(code.id);
    for (const id of ids) {
      if (isOn) this.shown.delete(id);
      else this.shown.add(id);
    }
    this.#active = code.id;
    this.#draw();
    this.changed();
  }
}

function memoMark(memo) {
  const mark = element("span", "qc-tree-memo");
  mark.dataset.does = "memo";
  mark.setAttribute("aria-hidden", "true"); // W does the same
  mark.classList.toggle("qc-tree-has-memo", Boolean(memo));
  mark.title = memo ? memo.text.slice(0, 200) : "Write a memo on this code (W)";
  return mark;
}

function readStored(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
