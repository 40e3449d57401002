// The board's one object: what the server said, the acts on their way, and what is held in hand.

import { isDark, newId } from "../../coder/frontend/dom.js";
import { Acts } from "./acts.js";
import { Dragging } from "./dragging.js";
import { Hands } from "./hands.js";
import { Lanes } from "./lanes.js";
import { Menu } from "./menu.js";
import { after, seenBy, slotOf } from "./model.js";

const PROTOCOL = 1;

export class Board {
  data = null;
  themes = []; // as the person sees them: the server's with all acts on their way
  #send = null;
  #answer = -1;
  #late = false; // something is to be drawn when the hand is free

  constructor(parent) {
    this.lanes = new Lanes(parent, this);
    this.root = this.lanes.root;
    this.acts = new Acts({
      send: (payload) => this.#send("ops", payload),
      kick: () => globalThis.__qc_kick?.(),
    });
    this.menu = new Menu(this);
    this.hands = new Hands(this);
    this.dragging = new Dragging(this);
  }

  get readonly() {
    return this.data.readonly;
  }

  update(data, setTriggerValue) {
    this.#send = setTriggerValue;
    if (data.protocol !== PROTOCOL) {
      this.lanes.tell("This page is of another version of qualcode; load it again.", true);
      return;
    }
    if (data.answer < this.#answer) return; // an answer that a newer one overtook
    this.#answer = data.answer;
    this.data = data;
    this.codes = new Map(data.codes.map((code) => [code.id, code]));
    this.root.classList.toggle(
      "qb-dark",
      isDark(getComputedStyle(this.root).getPropertyValue("--st-background-color")),
    );
    const [refused] = this.acts.settle(data.ack, data.rejected);
    if (refused) this.lanes.tell(refused, true);
    else if (data.trouble) this.lanes.tell(data.trouble, true);
    else if (data.said) this.lanes.tell(data.said);
    this.draw();
  }

  /** Does an act at once and sends it. */
  act(act, words = "") {
    const whole = { op_id: newId(), ...act, seen: seenBy(this.themes, act) };
    this.acts.add(whole);
    this.lanes.tell(words);
    this.draw();
  }

  /** Asks for a window of the page. */
  wish(what, more = {}) {
    this.#send("wish", { what, ...more, at: Date.now() });
  }

  /** Puts what was held where it is dropped: a code, a theme or a candidate. */
  drop({ code, from, theme, candidate }, target, beside = false) {
    if (candidate !== undefined) {
      if (target.group) this.wish("candidate", { candidate: Number(candidate), theme: target.group });
    } else if (code !== undefined) this.#dropCode(code, from, target.group, beside);
    else this.#dropTheme(theme, target);
  }

  #dropCode(code, source, target, beside) {
    const { name } = this.codes.get(code);
    if (source === target) return;
    const into = this.theme(target);
    if (beside && source && target && !this.data.shared) {
      this.lanes.tell(
        "In this study a code stands in one theme; the lead can allow several below the board.",
        true,
      );
      return;
    }
    if (beside && into?.codes.includes(code)) {
      this.lanes.tell(`“${name}” stands in “${into.name}” already.`, true);
      return;
    }
    const act = { op: "place", code, source, target, beside: Boolean(beside && source && target) };
    this.lanes.hold(`code ${code} ${target}`);
    this.act(act, into ? `“${name}” is in “${into.name}” now.` : `“${name}” is in no theme now.`);
  }

  #dropTheme(id, { parent, before }) {
    const theme = this.theme(id);
    const now = slotOf(this.themes, id);
    if (now.parent === parent && (before === id || parent)) return;
    const into = this.theme(parent);
    const next = after(this.themes, { op: "order", theme: id, parent, before });
    if (next.every((one, at) => one.id === this.themes[at].id) && parent === now.parent) return;
    this.act(
      { op: "order", theme: id, parent, before },
      into ? `“${theme.name}” is a part of “${into.name}” now.` : `“${theme.name}” was moved.`,
    );
  }

  theme(id) {
    return this.themes.find((theme) => theme.id === id);
  }

  draw() {
    this.themes = this.acts.waiting.reduce(after, this.data.themes);
    this.#late = this.hands.isBusy || this.dragging.isBusy || this.lanes.isEditing;
    if (!this.#late) this.lanes.draw();
  }

  /** The hand is free again. */
  free() {
    if (this.#late) this.draw();
  }

  destroy() {
    this.acts.close();
    this.dragging.destroy();
    this.menu.close();
  }
}
