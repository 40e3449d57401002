// The codes this coder has proposed on the open transcript: underlined in dots, listed in the tree.
//
// `confirmed` is what the server is known to hold; what is still on its way is laid over it.

import { button, element, shorten } from "./dom.js";

const canHighlight = typeof Highlight !== "undefined" && !!globalThis.CSS?.highlights;

/** The proposals there are with these operations done, as a Map by id. */
export function withPending(confirmed, pending) {
  const shown = new Map(confirmed);
  for (const { op, id, proposal } of pending) {
    if (op === "propose") shown.set(proposal.id, { state: "open", answer: "", ...proposal });
    else if (op === "unpropose") shown.delete(id);
  }
  return shown;
}

export class Proposals {
  shown = new Map();
  #confirmed = new Map();
  #sheet = new CSSStyleSheet();
  #drawn = "";

  constructor(turns, prefix) {
    Object.assign(this, { turns, name: `${prefix}-proposed` });
    this.#sheet.insertRule(
      `::highlight(${this.name}) { text-decoration: underline 2px dotted currentcolor; text-underline-offset: 2px }`,
    );
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.#sheet];
  }

  /** A full list from the server. */
  replace(list) {
    this.#confirmed = new Map(list.map((proposal) => [proposal.id, proposal]));
  }

  /** What the server has acknowledged. */
  confirm(operations) {
    this.#confirmed = withPending(this.#confirmed, operations);
  }

  /** Paints what there is with the operations still on their way; gives whether that is new. */
  show(pending) {
    this.shown = withPending(this.#confirmed, pending);
    const drawn = JSON.stringify([...this.shown.values()]);
    if (drawn === this.#drawn) return false;
    this.#drawn = drawn;
    if (!canHighlight) return true;
    const open = [...this.shown.values()].filter(({ state }) => state === "open");
    const ranges = open.map((proposal) => this.turns.rangeOf(proposal)).filter(Boolean);
    if (ranges.length) CSS.highlights.set(this.name, new Highlight(...ranges));
    else CSS.highlights.delete(this.name);
    return true;
  }

  /** Indices of the turns that wait for an answer: no code fits them yet. */
  waiting() {
    const open = [...this.shown.values()].filter(({ state }) => state === "open");
    return new Set(open.flatMap((one) => this.turns.piecesOf(one).map(({ index }) => index)));
  }

  clear() {
    this.#confirmed = new Map();
    this.#drawn = "";
    this.show([]);
  }

  destroy() {
    if (canHighlight) CSS.highlights.delete(this.name);
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter(
      (sheet) => sheet !== this.#sheet,
    );
  }
}

/** The proposals as a list, or null; go(proposal) leads to its words, back(proposal) takes it back. */
export function proposalList(shown, { go, back }) {
  if (!shown.size) return null;
  const section = element("section", "qc-proposals");
  section.setAttribute("aria-label", "Codes you proposed");
  section.append(element("h3", "", "You proposed"));
  const list = element("ul");
  for (const proposal of shown.values()) {
    const item = element("li");
    const name = button("qc-proposal", shorten(proposal.name, 60), () => go(proposal));
    name.dir = "auto";
    item.append(name);
    const words = { open: "waits for the lead", accepted: "accepted", declined: "declined" };
    item.append(element("span", "qc-proposal-state", words[proposal.state] ?? proposal.state));
    if (proposal.answer) {
      const answer = element("p", "", proposal.answer);
      answer.dir = "auto";
      item.append(answer);
    }
    if (proposal.state === "open") {
      const away = button("qc-button", "×", () => back(proposal));
      away.setAttribute("aria-label", `Take back ${proposal.name}`);
      away.title = "Take back";
      item.append(away);
    }
    list.append(item);
  }
  section.append(list);
  return section;
}
