// Another code for a coding: its bar or its name dragged onto a code of the tree, or by a key. A
// code dragged from the tree onto coded words does the same, onto selected words it codes them.

import { element } from "./dom.js";

const FAR_ENOUGH = 6; // px: less is a click

export class Recoding {
  #press = null; // {x, y, coding} or {x, y, code}: what may become a drag
  #ghost = null;
  #target = null;
  #listening = new AbortController();

  constructor(workbench) {
    this.bench = workbench;
    const { root, margin, panel } = workbench;
    const options = { signal: this.#listening.signal };
    margin.element.addEventListener("pointerdown", (event) => this.#fromMargin(event), options);
    panel.tree.addEventListener("pointerdown", (event) => this.#fromTree(event), options);
    document.addEventListener("pointermove", (event) => this.#move(event), options);
    document.addEventListener("pointerup", (event) => this.#drop(event), options);
    document.addEventListener("pointercancel", () => this.#end(), options);
    // A drag ends in a click on what lies under the pointer: it is not meant.
    root.addEventListener("click", (event) => this.#swallow(event), { ...options, capture: true });
    root.addEventListener(
      "keydown",
      (event) => {
        if (event.key !== "Escape" || !this.#ghost) return;
        this.#end();
        event.stopPropagation();
      },
      { ...options, capture: true },
    );
  }

  destroy() {
    this.#end();
    this.#listening.abort();
  }

  #fromMargin(event) {
    const ids = event.target.closest("[data-codings]")?.dataset.codings.split(" ");
    if (event.button || !ids || this.bench.editor.readonly) return;
    this.#press = { x: event.clientX, y: event.clientY, coding: ids[0] };
  }

  #fromTree(event) {
    const id = event.target.closest(".qc-tree-row")?.dataset.code;
    const code = id && this.bench.codes.get(id);
    if (event.button || event.pointerType === "touch" || this.bench.editor.readonly) return;
    if (!code || code.codable === false) return;
    this.#press = { x: event.clientX, y: event.clientY, code };
  }

  #move(event) {
    const press = this.#press;
    if (!press) return;
    const way = Math.hypot(event.clientX - press.x, event.clientY - press.y);
    if (!this.#ghost && way < FAR_ENOUGH) return;
    if (!this.#ghost) this.#begin(press);
    event.preventDefault();
    const { style } = this.#ghost;
    style.left = `${event.clientX + 12}px`;
    style.top = `${event.clientY + 12}px`;
    this.#aim(event);
  }

  #begin(press) {
    const { bench } = this;
    const code = press.code ?? bench.codes.get(bench.editor.codings.get(press.coding)?.code);
    this.#ghost = element("div", "qc-ghost", code?.name ?? "Unknown code");
    this.#ghost.setAttribute("aria-hidden", "true"); // X does the same
    bench.root.append(this.#ghost);
    bench.root.classList.add("qc-dragging");
    if (press.coding) {
      if (!bench.panel.isOpen) bench.panel.toggle(true);
      bench.looking.at(press.coding, { scroll: false });
    }
  }

  /** What a drop here would do: {coding, code} or {passage, code}, with the row or words marked. */
  #aim({ clientX: x, clientY: y }) {
    const { bench } = this;
    const press = this.#press;
    const before = this.#target?.row;
    this.#target = null;
    if (press.coding) {
      const row = document.elementFromPoint(x, y)?.closest?.(".qc-tree-row");
      const code = row && bench.codes.get(row.dataset.code);
      if (code && code.codable !== false) this.#target = { coding: press.coding, code, row };
    } else this.#aimAtText(press.code, x, y);
    if (before !== this.#target?.row) before?.classList.remove("qc-drop");
    this.#target?.row?.classList.add("qc-drop");
    this.#ghost.classList.toggle("qc-no-drop", !this.#target);
  }

  #aimAtText(code, x, y) {
    const { cursor, editor, turns } = this.bench;
    const position = turns.positionFromPoint(x, y);
    if (position === null) return;
    const here = turns.offsets.toPoints(position);
    const passage = cursor.passage();
    const isOnSelection = passage && !passage.refused && position >= passage.from;
    if (isOnSelection && position < passage.to) this.#target = { passage, code };
    else {
      const shown = editor.codings.overlapping(here, here + 1);
      const mine = shown.filter((coding) => this.bench.isShown(coding));
      // Of several the shortest: it is the one whose words are meant.
      mine.sort((one, other) => one.end - one.start - (other.end - other.start));
      if (mine.length) this.#target = { coding: mine[0].id, code };
    }
  }

  #drop() {
    const target = this.#target;
    const wasDragged = Boolean(this.#ghost);
    this.#end();
    if (!wasDragged) return;
    this.#swallowUntil = performance.now() + 50;
    if (target?.passage) this.bench.code(target.passage, target.code);
    else if (target) this.bench.recode(target.coding, target.code);
  }

  #swallowUntil = 0;

  #swallow(event) {
    if (performance.now() > this.#swallowUntil) return;
    this.#swallowUntil = 0;
    event.stopPropagation();
    event.preventDefault();
  }

  #end() {
    this.#target?.row?.classList.remove("qc-drop");
    this.#ghost?.remove();
    this.bench.root.classList.remove("qc-dragging");
    this.#press = this.#ghost = this.#target = null;
  }
}
