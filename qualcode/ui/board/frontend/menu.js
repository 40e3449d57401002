// The acts on a theme, in a menu beside its name.

import { button, element } from "../../coder/frontend/dom.js";
import { lanesOf } from "./model.js";

export class Menu {
  #shown = null;
  #opener = null;
  #listening = null;

  constructor(board) {
    this.board = board;
  }

  open(theme, opener) {
    const again = this.#opener === opener;
    this.close();
    if (again) return;
    this.#opener = opener;
    const menu = element("div", "qb-menu");
    menu.setAttribute("role", "menu");
    menu.setAttribute("aria-label", `Acts on “${theme.name}”`);
    for (const [words, act] of this.#acts(theme)) {
      const item = button("qb-item", words, () => {
        this.close(true);
        act();
      });
      item.setAttribute("role", "menuitem");
      item.tabIndex = -1;
      menu.append(item);
    }
    menu.addEventListener("keydown", (event) => this.#key(event));
    opener.setAttribute("aria-expanded", "true");
    this.board.root.append(menu);
    this.#shown = menu;
    this.#place();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    const away = ({ target }) => {
      if (!menu.contains(target) && !opener.contains(target)) this.close();
    };
    document.addEventListener("pointerdown", away, { signal, capture: true });
    this.board.lanes.lanes.addEventListener("scroll", () => this.close(), { signal, capture: true });
    menu.firstElementChild.focus({ preventScroll: true });
  }

  close(toOpener = false) {
    this.#shown?.remove();
    this.#opener?.removeAttribute("aria-expanded");
    if (toOpener) this.#opener?.focus({ preventScroll: true });
    this.#listening?.abort();
    this.#shown = this.#opener = this.#listening = null;
  }

  #acts(theme) {
    const { board } = this;
    const ask = (what) => () => board.wish(what, { theme: theme.id });
    const acts = [["Open the theme", ask("open")]];
    if (board.readonly) return acts;
    const order = (parent, before) => () => board.drop({ theme: theme.id }, { parent, before });
    const lanes = lanesOf(board.themes).map((lane) => lane.theme.id);
    const at = lanes.indexOf(theme.id);
    acts.push(["Rename", () => board.lanes.write({ theme })]);
    if (at < 0) acts.push(["Make it a theme of its own", order("", "")]);
    else {
      acts.push(["New sub-theme", () => board.lanes.write({ parent: theme.id })]);
      if (at > 0) acts.push(["Move left", order("", lanes[at - 1])]);
      if (at < lanes.length - 1) acts.push(["Move right", order("", lanes[at + 2] ?? "")]);
    }
    if (board.themes.length > 1) acts.push(["Merge into another …", ask("merge")]);
    acts.push(["Split …", ask("split")], ["Drop …", ask("drop")]);
    return acts;
  }

  #place() {
    const frame = this.board.root.getBoundingClientRect();
    const beside = this.#opener.getBoundingClientRect();
    const menu = this.#shown;
    const left = Math.min(beside.right - frame.left - menu.offsetWidth, frame.width);
    menu.style.left = `${Math.max(4, left)}px`;
    const below = beside.bottom - frame.top + 4;
    const fits = below + menu.offsetHeight < frame.height;
    menu.style.top = `${fits ? below : Math.max(4, beside.top - frame.top - menu.offsetHeight - 4)}px`;
  }

  #key(event) {
    const items = [...this.#shown.children];
    const at = items.indexOf(document.activeElement);
    const to = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at + items.length - 1) % items.length,
      Home: 0,
      End: items.length - 1,
    }[event.key];
    event.stopPropagation();
    if (event.key === "Escape") {
      event.preventDefault();
      this.close(true);
    } else if (event.key === "Tab") this.close();
    else if (to !== undefined) {
      event.preventDefault();
      items[to].focus();
    }
  }
}
