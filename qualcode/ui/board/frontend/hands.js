// The board by keyboard: arrows go from card to card, Space or Enter picks up, then arrows choose
// where it goes, Enter drops it, Esc lets it go.

import { count, groupsOf, lanesOf, slotOf, slotsOf, stepped } from "./model.js";

const ARROWS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);

export class Hands {
  #held = null; // {code, from} | {theme} | {candidate}
  #target = null;
  #card = null;

  constructor(board) {
    this.board = board;
    board.root.addEventListener("keydown", (event) => this.#key(event));
    board.root.addEventListener("focusout", ({ relatedTarget }) => {
      if (this.#held && !board.root.contains(relatedTarget)) this.#letGo();
    });
  }

  get isBusy() {
    return this.#held !== null;
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.key === "Tab") {
      if (event.key === "Tab" && this.#held) this.#letGo();
      return;
    }
    event.stopPropagation(); // Streamlit has keys of its own on the page
    const item = event.target.closest?.("[data-key]");
    if (!item) return;
    const done = this.#held ? this.#holding(event) : this.#going(event, item);
    if (done) event.preventDefault();
  }

  #going(event, item) {
    const { board } = this;
    if (ARROWS.has(event.key) || event.key === "Home" || event.key === "End") {
      board.lanes.focus(this.#next(item, event.key));
      return true;
    }
    const theme = board.theme(item.dataset.theme);
    if (event.key === "F2" && theme) {
      board.lanes.write({ theme });
      return true;
    }
    if (event.key !== " " && event.key !== "Enter") return false;
    if (board.readonly) {
      if (theme) board.wish("open", { theme: theme.id });
      return true;
    }
    this.#pickUp(item);
    return true;
  }

  #next(item, key) {
    const lane = item.closest(".qb-lane");
    const of = (one) => [...one.querySelectorAll("[data-key]")];
    const items = of(lane);
    const at = items.indexOf(item);
    if (key === "Home") return items[0].dataset.key;
    if (key === "End") return items.at(-1).dataset.key;
    if (key === "ArrowUp" || key === "ArrowDown")
      return (items[at + (key === "ArrowDown" ? 1 : -1)] ?? item).dataset.key;
    let next = lane;
    do next = key === "ArrowRight" ? next.nextElementSibling : next.previousElementSibling;
    while (next && !of(next).length);
    if (!next) return item.dataset.key;
    const there = of(next);
    return there[Math.min(at, there.length - 1)].dataset.key;
  }

  #pickUp(item) {
    const { code, from, theme, candidate } = item.dataset;
    const { board } = this;
    this.#card = item;
    item.classList.add("qb-held");
    if (theme !== undefined) {
      this.#held = { theme };
      this.#target = slotOf(board.themes, theme);
    } else {
      this.#held = code !== undefined ? { code, from } : { candidate };
      const first = lanesOf(board.themes)[0]?.theme.id ?? "";
      this.#target = { group: code !== undefined ? from : first };
    }
    this.#show(`Picked up ${this.#name()}. Arrows choose where it goes, Enter drops it, Escape lets it go.`);
  }

  #holding(event) {
    const { board } = this;
    if (event.key === "Escape") {
      this.#letGo();
      return true;
    }
    if (event.key === "Enter" || event.key === " ") {
      const [held, target] = [this.#held, this.#target];
      this.#free();
      board.lanes.announce("");
      board.drop(held, target, event.altKey || event.shiftKey);
      board.free();
      return true;
    }
    if (!ARROWS.has(event.key)) return true;
    if (this.#held.theme !== undefined) {
      const slots = slotsOf(board.themes, this.#held.theme);
      const at = slots.findIndex(
        (slot) => slot.parent === this.#target.parent && slot.before === this.#target.before,
      );
      const step = event.key === "ArrowRight" || event.key === "ArrowDown" ? 1 : -1;
      this.#target = slots[Math.min(slots.length - 1, Math.max(0, at + step))];
    } else {
      const groups = groupsOf(board.themes).slice(this.#held.candidate === undefined ? 0 : 1);
      this.#target = { group: stepped(groups, this.#target.group, event.key) };
    }
    this.#show();
    return true;
  }

  #show(first = "") {
    const shown = this.board.lanes.mark(this.#target);
    shown?.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.board.lanes.announce(`${first} ${this.#place()}`.trim());
  }

  #name() {
    const { code, theme, candidate } = this.#held;
    if (code !== undefined) return `“${this.board.codes.get(code).name}”`;
    if (theme !== undefined) return `the theme “${this.board.theme(theme).name}”`;
    return `candidate ${candidate}`;
  }

  #place() {
    const { board } = this;
    const { group, parent, before } = this.#target;
    if (group === "") return "No theme.";
    const theme = board.theme(group ?? parent);
    if (group !== undefined) {
      const above = board.theme(theme.parent);
      const within = above ? `, a part of “${above.name}”` : "";
      return `“${theme.name}”${within}, ${count(theme.codes.length, "code")}.`;
    }
    if (theme) return `As a part of “${theme.name}”.`;
    if (before === this.#held.theme) return "Where it stands.";
    return before ? `Before “${board.theme(before).name}”.` : "After all others.";
  }

  #letGo() {
    const name = this.#name();
    this.#free();
    this.board.lanes.announce(`${name} stays where it was.`);
    this.board.free();
  }

  #free() {
    this.#card?.classList.remove("qb-held");
    this.board.lanes.mark(null);
    this.#held = this.#target = this.#card = null;
  }
}
