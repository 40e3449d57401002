// Mouse, touch and keys on the text, turned into what the workbench does.

import { commandFor, isPlainKey } from "./keyboard.js";
import { openHelp } from "./help.js";
import { Touch } from "./touch.js";

const DOUBLE_CLICK_MS = 240;

export class Gestures {
  #listening = new AbortController();
  #dragging = false;
  #click = null;
  #byTouch = false;
  #closes = false; // the press only closes the window that is open

  constructor(workbench) {
    this.bench = workbench;
    const { root, scroller, turns } = workbench;
    this.touch = new Touch(workbench);
    root.append(this.touch.element);
    const options = { signal: this.#listening.signal };
    root.addEventListener("keydown", (event) => this.#onKey(event), options);
    root.addEventListener(
      "pointerdown",
      (event) => {
        this.#byTouch = event.pointerType === "touch";
        this.#closes = workbench.popup.isOpen;
      },
      options,
    );
    turns.element.addEventListener("mousedown", (event) => this.#onPress(event), options);
    document.addEventListener("mouseup", (event) => this.#onRelease(event), options);
    document.addEventListener("selectionchange", () => this.#onSelection(), options);
    scroller.addEventListener(
      "focusin",
      (event) => {
        if (event.target === scroller) workbench.looking.forget();
      },
      options,
    );
  }

  #onPress(event) {
    clearTimeout(this.#click);
    this.#dragging = event.button === 0;
  }

  /** The button may be let go anywhere on the page. */
  #onRelease(event) {
    if (!this.#dragging) return;
    this.#dragging = false;
    setTimeout(() => {
      if (this.#byTouch) return this.#closes || this.touch.tap(event);
      const selected = this.bench.cursor.passage();
      if (selected) this.bench.windows.palette();
      // A second click would select the word, so one waits for it.
      else this.#click = setTimeout(() => this.#onClick(event), DOUBLE_CLICK_MS);
    }, 0);
  }

  #onClick({ clientX: x, clientY: y }) {
    const position = this.bench.turns.positionFromPoint(x, y);
    if (position !== null) this.#openAt(position, new DOMRect(x, y, 1, 1));
  }

  #openAt(position, anchor) {
    const { editor, turns } = this.bench;
    const here = turns.offsets.toPoints(position);
    const ids = editor.codings.overlapping(here, here + 1).map((coding) => coding.id);
    if (ids.length) this.bench.windows.passage(ids, anchor);
    return ids.length > 0 || this.bench.memos.openAt(here, anchor);
  }

  #onSelection() {
    if (this.#byTouch && !this.bench.popup.isOpen) this.touch.show();
  }

  #onKey(event) {
    // Enter and Space on a button are the button's.
    const onButton = event.target.closest("button:not(.qc-bar)");
    // In the code tree and the list of memos only what goes with Ctrl is a command of the text: undo above all.
    const isInTree = event.target.closest(".qc-tree, .qc-memos") && (event.ctrlKey || event.metaKey);
    const isInside = isInTree || !event.target.closest(".qc-popup, .qc-search, .qc-panel, .qc-memos, dialog");
    const isPress = onButton && (event.key === "Enter" || event.key === " ");
    const isTaken = event.defaultPrevented || isPress || event.isComposing; // by who had it first
    const command = isInside && !isTaken ? commandFor(event) : null;
    if (command && this[command.name](command) !== false) {
      event.preventDefault();
      event.stopPropagation();
    } else if (isPlainKey(event)) {
      event.stopPropagation();
    }
  }

  // One method a command of keyboard.js; `false` leaves the key to the browser.

  word({ step, extend }) {
    const focused = this.bench.margin.focused();
    if (extend && focused) return this.bench.looking.resize(focused, "to", step);
    this.bench.cursor.byWord(step, { extend });
    this.#toText();
  }

  beginning({ step }) {
    const focused = this.bench.margin.focused();
    if (!focused) return false;
    this.bench.looking.resize(focused, "from", step);
  }

  line({ step, extend }) {
    this.bench.cursor.byLine(step, { extend });
    this.#toText();
  }

  turn({ step, extend }) {
    this.bench.cursor.byTurn(step, { extend });
    this.#toText();
  }

  sentence({ extend }) {
    this.bench.cursor.sentence({ extend });
    this.#toText();
  }

  wholeTurn() {
    this.bench.cursor.turn();
    this.#toText();
  }

  uncoded({ step }) {
    const { bench } = this;
    const { turns, coded, notices } = bench;
    const first = turns.indexAt(bench.cursor.position());
    const here = bench.cursor.isPlaced ? first : first - step; // the first turn itself may be the one
    const waiting = bench.proposals.waiting();
    const open = bench
      .participantTurns()
      .filter((index) => !coded.has(index) && !waiting.has(index));
    if (!open.length) return notices.say("Every participant turn carries a code.");
    const ahead = open.filter((index) => (step > 0 ? index > here : index < here));
    const target = ahead.length ? ahead.at(step > 0 ? 0 : -1) : open.at(step > 0 ? 0 : -1);
    bench.cursor.turn(target);
    this.#toText();
    const left = open.length === 1 ? "1 turn" : `${open.length} turns`;
    // Isolated: a name from right to left does not turn the sentence around.
    const speaker = turns.list[target].speaker;
    notices.say(`${speaker ? `\u2068${speaker}\u2069` : "Turn"}: ${left} without a code.`);
  }

  quick({ number }) {
    const code = this.bench.quick()[number - 1];
    const passage = code && this.bench.passageToCode();
    if (passage) this.bench.code(passage, code);
  }

  again() {
    const { bench } = this;
    const [last] = bench.habits.recent;
    if (!last) return bench.notices.say("No code has been used yet.");
    const passage = bench.passageToCode();
    if (passage) bench.code(passage, bench.codes.get(last));
  }

  inVivo() {
    this.bench.windows.inVivo();
  }

  /** Another code for the coding in focus. */
  exchange() {
    const { bench } = this;
    const focused = bench.margin.focused();
    if (focused) return bench.windows.recoding(focused);
    bench.notices.say("To change a coding’s code, go to it with [ or ].");
  }

  everywhere() {
    const { cursor, turns, afar } = this.bench;
    const passage = cursor.passage();
    const words = passage && !passage.refused ? turns.quoteOf(passage) : "";
    afar.search(words.length < 80 ? words : "");
  }

  open() {
    const { bench } = this;
    const focused = bench.margin.focused();
    if (focused)
      return bench.windows.passage([focused], bench.margin.bar(focused).getBoundingClientRect());
    if (bench.cursor.passage()) return bench.windows.palette();
    this.#openAt(bench.cursor.position(), bench.cursor.rect());
  }

  coding({ step }) {
    this.bench.looking.step(step);
  }

  doubtful({ step }) {
    this.bench.looking.step(step, "doubt");
  }

  withMemo({ step }) {
    this.bench.memos.step(step);
  }

  memo() {
    this.bench.memos.write();
  }

  memoList() {
    this.bench.memos.panel.toggle();
  }

  remove() {
    const { bench } = this;
    const focused = bench.margin.focused();
    if (!focused)
      return bench.notices.say("To remove a coding, go to it with [ or ], or click it.");
    const order = bench.editor.codings.inOrder().map((coding) => coding.id);
    const next = order[order.indexOf(focused) + 1] ?? order[order.indexOf(focused) - 1];
    bench.editor.remove(focused);
    if (next && !bench.editor.readonly) bench.looking.at(next, { focus: true });
    else if (!bench.editor.readonly) this.#toText();
  }

  undo() {
    this.#showChanged(() => this.bench.editor.undo());
  }

  redo() {
    this.#showChanged(() => this.bench.editor.redo());
  }

  /** Brings what undo or redo changed into view; who was on a coding stays on one, or in the text. */
  #showChanged(act) {
    const { editor, cursor, looking, margin, turns } = this.bench;
    const wasOnCoding = margin.focused();
    const changed = act();
    const range = changed?.start !== undefined && turns.rangeOf(changed);
    if (range) cursor.scrollTo(range, { middle: true });
    if (!wasOnCoding || !changed) return;
    margin.drawNow();
    if (editor.codings.get(changed.id)) looking.at(changed.id, { scroll: false, focus: true });
    else this.#toText();
  }

  escape() {
    this.bench.cursor.clear();
    this.bench.looking.forget();
    this.#toText();
  }

  search() {
    this.bench.search.open();
  }

  nextHit({ step }) {
    this.bench.search.step(step);
  }

  wide() {
    this.bench.view.widen();
  }

  quickBar() {
    this.bench.toggleQuickBar();
  }

  size({ step }) {
    this.bench.view.size(step);
  }

  codeTree() {
    this.bench.panel.toggle(undefined, { focus: true });
  }

  help() {
    const focused = this.bench.margin.focused();
    if (focused) this.bench.editor.doubt(focused);
    else openHelp(this.bench.root);
  }

  /** Keys pressed on a bar or a button go on in the text. */
  #toText() {
    const { scroller } = this.bench;
    if (document.activeElement !== scroller) scroller.focus({ preventScroll: true });
  }

  destroy() {
    this.#listening.abort();
    clearTimeout(this.#click);
  }
}
