// The board on the page: a lane for the codes without a theme, one for each theme with its parts,
// one for the machine's candidates. Text from outside reaches it through textContent only.

import { button, element, newId, safeColor } from "../../coder/frontend/dom.js";
import { count, isTopic, lanesOf, tally, trayOf } from "./model.js";

const STATES = {
  candidate: "candidate",
  reviewed: "reviewed",
  defined: "defined",
  in_report: "in the report",
};

function hintOf({ readonly, shared }) {
  if (readonly) return "The lead moves codes and themes about; here they are to be read.";
  const beside = shared ? " With Alt or Shift held a code stays where it is and stands here too." : "";
  return `Drag a card, or pick it up with Space: arrows choose, Enter drops, Esc lets go.${beside}`;
}

export class Lanes {
  isEditing = false;
  #focus = null; // the key of what has the focus, or had it last

  constructor(parent, board) {
    this.board = board;
    this.root = element("div", "qb-root");
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Theme board");
    this.bar = element("div", "qb-bar");
    this.undo = button("qb-button", "Undo", () => this.board.act({ op: "undo" }));
    this.new = button("qb-button qb-main", "New theme", () => this.write({ parent: "" }));
    this.hint = element("p", "qb-hint");
    this.hint.id = "qb-hint";
    this.told = element("p", "qb-told");
    this.told.setAttribute("role", "status");
    this.bar.append(this.new, this.undo, this.hint);
    this.lanes = element("div", "qb-lanes");
    this.live = element("p", "qb-unseen");
    this.live.setAttribute("aria-live", "assertive");
    this.root.append(this.bar, this.told, this.lanes, this.live);
    parent.append(this.root);
    this.root.addEventListener("focusin", ({ target }) => {
      if (target.dataset?.key) this.#hold(target.dataset.key);
    });
  }

  /** A sentence above the lanes; a refusal stays until the next act. */
  tell(words, isTrouble = false) {
    this.told.textContent = words;
    this.told.classList.toggle("qb-trouble", isTrouble);
  }

  announce(words) {
    this.live.textContent = words;
  }

  draw() {
    const { data, themes, readonly } = this.board;
    const had = this.root.contains(document.activeElement) && document.activeElement.dataset?.key;
    const at = this.lanes.scrollLeft;
    const heights = new Map(
      [...this.lanes.querySelectorAll(".qb-body")].map((body) => [
        body.dataset.lane,
        body.scrollTop,
      ]),
    );
    this.root.classList.toggle("qb-readonly", readonly);
    this.new.hidden = readonly;
    this.undo.hidden = readonly;
    this.undo.disabled = !data.undo || this.board.acts.waiting.length > 0;
    this.undo.title = data.undo;
    this.hint.textContent = hintOf(data);
    const tray = trayOf(data.codes, themes);
    const lanes = [this.#tray(tray)];
    lanes.push(...lanesOf(themes).map((lane) => this.#lane(lane)));
    if (data.candidates.length) lanes.push(this.#candidates(data.candidates));
    this.lanes.replaceChildren(...lanes);
    this.lanes.scrollLeft = at;
    for (const body of this.lanes.querySelectorAll(".qb-body"))
      body.scrollTop = heights.get(body.dataset.lane) ?? 0;
    this.#hold(this.#focus);
    if (had) this.focus(this.#focus);
  }

  /** What has the focus once the board is drawn. */
  hold(key) {
    this.#focus = key;
  }

  items() {
    return [...this.lanes.querySelectorAll("[data-key]")];
  }

  item(key) {
    return this.items().find((one) => one.dataset.key === key);
  }

  focus(key) {
    const found = this.item(key);
    found?.focus({ preventScroll: true });
    found?.scrollIntoView({ block: "nearest", inline: "nearest" });
    return Boolean(found);
  }

  /** One item of the board takes part in the order of Tab, with the menu of its lane. */
  #hold(key) {
    const items = this.items();
    const held = items.find((one) => one.dataset.key === key) ?? items[0];
    if (!held) return;
    this.#focus = held.dataset.key;
    for (const one of items) one.tabIndex = one === held ? 0 : -1;
    const lane = held.closest(".qb-lane");
    for (const more of this.lanes.querySelectorAll(".qb-more"))
      more.tabIndex = lane.contains(more) ? 0 : -1;
  }

  #shell(id, words, className = "") {
    const lane = element("section", `qb-lane ${className}`);
    lane.setAttribute("aria-label", words);
    lane.dataset.lane = id;
    const body = element("div", "qb-body");
    body.dataset.lane = id;
    lane.append(body);
    return { lane, body };
  }

  #tray(codes) {
    const { lane, body } = this.#shell("", "Codes in no theme", "qb-tray");
    const head = element("div", "qb-head");
    head.append(element("p", "qb-kind", "Codes in no theme"));
    head.append(element("p", "qb-counts", count(codes.length, "code")));
    lane.prepend(head);
    body.append(this.#group("", codes, "Every code stands in a theme."));
    return lane;
  }

  #lane({ theme, parts }) {
    const { lane, body } = this.#shell(theme.id, theme.name);
    lane.prepend(this.#head(theme, [theme, ...parts]));
    body.append(this.#group(theme.id, this.#codesOf(theme), parts.length ? "" : "No code yet."));
    for (const part of parts) {
      const section = element("section", "qb-part");
      section.setAttribute("aria-label", part.name);
      section.dataset.part = part.id;
      section.append(this.#head(part, [part]));
      section.append(this.#group(part.id, this.#codesOf(part), "No code yet."));
      body.append(section);
    }
    return lane;
  }

  #codesOf(theme) {
    return theme.codes.map((id) => this.board.codes.get(id)).filter(Boolean);
  }

  #head(theme, counted) {
    const head = element("div", "qb-head");
    const line = element("div", "qb-line");
    const name = element("button", "qb-title", theme.name);
    name.type = "button";
    name.dir = "auto";
    name.dataset.key = `theme ${theme.id}`;
    name.dataset.theme = theme.id;
    name.setAttribute("aria-describedby", "qb-hint");
    // Space and Enter pick it up; a press of the mouse opens the theme.
    name.addEventListener("click", ({ detail }) => {
      if (detail && !this.board.dragging.hasMoved) this.board.wish("open", { theme: theme.id });
    });
    const more = button("qb-more", "⋯", () => this.board.menu.open(theme, more));
    more.setAttribute("aria-label", `Acts on “${theme.name}”`);
    more.setAttribute("aria-haspopup", "menu");
    more.dataset.more = theme.id;
    line.append(this.#grip(), name, more);
    head.append(line);
    const { people, passages } = tally(counted, this.board.codes);
    head.append(
      element(
        "p",
        "qb-counts",
        `${people} of ${count(this.board.data.people, "participant")} · ${count(passages, "passage")}`,
      ),
    );
    const more_ = [STATES[theme.state] ?? theme.state];
    if (theme.claims) more_.push(count(theme.claims, "claim"));
    if (theme.divergent) more_.push(count(theme.divergent, "divergent case"));
    head.append(element("p", "qb-counts qb-state", more_.join(" · ")));
    if (isTopic(theme.name, this.board.data.topic_words))
      head.append(element("p", "qb-gentle", "A topic so far: say what about it is so."));
    return head;
  }

  #group(id, codes, empty) {
    const list = element("ul", "qb-group");
    list.dataset.group = id;
    for (const code of codes) {
      const row = element("li", "qb-row");
      row.append(this.#card(code, id));
      list.append(row);
    }
    if (!codes.length && empty) list.append(element("li", "qb-empty", empty));
    return list;
  }

  #grip() {
    const grip = element("span", "qb-grip");
    grip.setAttribute("aria-hidden", "true");
    return grip;
  }

  #card(code, group) {
    const card = element("button", "qb-card");
    card.type = "button";
    card.dataset.key = `code ${code.id} ${group}`;
    card.dataset.code = code.id;
    card.dataset.from = group;
    card.style.setProperty("--qb-code", safeColor(code.color));
    card.setAttribute("aria-describedby", "qb-hint");
    const words = element("span", "qb-words");
    const name = element("span", "qb-name", code.name);
    name.dir = "auto";
    const told = `${code.people.length} of ${this.board.data.people} · ${count(code.codings, "coding")}`;
    words.append(name, element("span", "qb-counts", told));
    card.append(this.#grip(), words);
    return card;
  }

  #candidates(candidates) {
    const { lane, body } = this.#shell("candidates", "Candidates of the machine", "qb-tray");
    const head = element("div", "qb-head");
    head.append(element("p", "qb-kind", "Candidates"));
    head.append(element("p", "qb-counts", "Found by the machine; nothing is kept of them yet."));
    lane.prepend(head);
    const list = element("ul", "qb-group");
    for (const candidate of candidates) {
      const card = element("button", "qb-card qb-candidate");
      card.type = "button";
      card.dataset.key = `candidate ${candidate.number}`;
      card.dataset.candidate = candidate.number;
      card.setAttribute("aria-describedby", "qb-hint");
      const words = element("span", "qb-words");
      const name = element("span", "qb-name", candidate.label);
      name.dir = "auto";
      const people = `${candidate.people} of ${this.board.data.people}`;
      const told = `No. ${candidate.number} · ${people} · ${count(candidate.passages, "passage")}`;
      words.append(name, element("span", "qb-counts", told));
      card.append(this.#grip(), words);
      const row = element("li", "qb-row");
      row.append(card);
      list.append(row);
    }
    body.append(list);
    return lane;
  }

  /** A field for a name: of a new theme or part ({parent}), or of one there is ({theme}). */
  write({ parent = "", theme = null }) {
    if (this.isEditing || this.board.readonly) return;
    this.isEditing = true;
    const back = this.#focus;
    const form = element("div", "qb-form");
    const field = element("textarea", "qb-field");
    field.rows = 3;
    field.maxLength = 200;
    field.value = theme?.name ?? "";
    const label = theme ? "Name of the theme" : parent ? "Name of the new sub-theme" : "Name of the new theme";
    field.setAttribute("aria-label", label);
    field.placeholder = "A statement, not a topic";
    const gentle = element("p", "qb-gentle");
    const weigh = () => {
      const isShort = field.value.trim() && isTopic(field.value, this.board.data.topic_words);
      gentle.textContent = isShort ? "A topic so far: say what about it is so." : "";
    };
    let holder = form;
    let hidden = null;
    const close = (key = back) => {
      this.isEditing = false;
      holder.remove();
      hidden?.removeAttribute("hidden");
      this.board.draw();
      this.focus(key);
    };
    const keep = () => {
      const name = field.value.replace(/\s+/g, " ").trim();
      if (!name || name === theme?.name) return close();
      const id = theme?.id ?? newId();
      if (theme) this.board.act({ op: "rename", theme: id, name });
      else this.board.act({ op: "new", id, name, parent });
      return close(`theme ${id}`);
    };
    const line = element("div", "qb-line");
    line.append(
      button("qb-button qb-main", theme ? "Rename" : "Keep the theme", keep),
      button("qb-button", "Cancel", () => close()),
    );
    form.append(field, gentle, line);
    form.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") close();
      else if (event.key === "Enter" && event.target === field && !event.isComposing) {
        event.preventDefault();
        keep();
      }
    });
    field.addEventListener("input", weigh);
    if (theme) {
      hidden = this.item(`theme ${theme.id}`).closest(".qb-head");
      hidden.setAttribute("hidden", "");
      hidden.after(form);
    } else if (parent) {
      this.#laneOf(parent).querySelector(".qb-body").append(form);
    } else {
      const { lane, body } = this.#shell("new", "A new theme");
      body.append(form);
      holder = lane;
      this.lanes.insertBefore(lane, this.#laneOf("candidates") ?? null);
    }
    weigh();
    form.scrollIntoView({ block: "nearest", inline: "nearest" });
    field.focus({ preventScroll: true });
    field.select();
  }

  #laneOf(id) {
    return [...this.lanes.children].find((lane) => lane.dataset.lane === id);
  }

  /**
   * Shows where what is held would go: {group} of a code, {parent, before} of a theme, null for
   * nowhere.
   */
  mark(target) {
    for (const marked of this.lanes.querySelectorAll(".qb-over, .qb-before, .qb-after"))
      marked.classList.remove("qb-over", "qb-before", "qb-after");
    if (!target) return;
    let shown;
    if (target.group !== undefined) {
      shown = [...this.lanes.querySelectorAll(".qb-group")].find(
        ({ dataset }) => dataset.group === target.group,
      );
      shown?.classList.add("qb-over");
    } else if (target.parent) {
      shown = this.#laneOf(target.parent);
      shown?.classList.add("qb-over");
    } else if (target.before) {
      shown = this.#laneOf(target.before);
      shown?.classList.add("qb-before");
    } else {
      shown = [...this.lanes.querySelectorAll(".qb-lane:not(.qb-tray)")].at(-1);
      shown?.classList.add("qb-after");
    }
    return shown;
  }
}
