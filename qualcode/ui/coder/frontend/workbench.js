// One transcript on the page: puts the rooms together and connects them with Python.

import { Afar } from "./afar.js";
import { shadesOf } from "./colours.js";
import { Connection } from "./connection.js";
import { Cursor } from "./cursor.js";
import { element, isDark, safeColor } from "./dom.js";
import { Editor } from "./editor.js";
import { indexed } from "./finding.js";
import { Gestures } from "./gestures.js";
import { Habits } from "./habits.js";
import { Header } from "./header.js";
import { openHelp } from "./help.js";
import { Hint } from "./hint.js";
import { Looking } from "./looking.js";
import { Margin } from "./margin.js";
import { Memos } from "./memos.js";
import { afterPaint, note } from "./metrics.js";
import { Minimap } from "./minimap.js";
import { Notices } from "./notices.js";
import { Numbers } from "./numbers.js";
import { Painter } from "./painting.js";
import { Panel } from "./panel.js";
import { Popup } from "./popup.js";
import { Place } from "./place.js";
import { post } from "./posting.js";
import { Printing } from "./printing.js";
import { Proposals, proposalList } from "./proposals.js";
import { QuickBar } from "./quickbar.js";
import { Reading } from "./reading.js";
import { Recoding } from "./recoding.js";
import { SearchBar } from "./searchbar.js";
import { Snapshots, identityOf } from "./snapshots.js";
import { Turns } from "./turns.js";
import { View } from "./view.js";
import { Windows } from "./windows.js";

const MOST_BELOW = 48; // px
export const PROTOCOL = 4;
const RELOAD =
  "qualcode was updated while this page was open. Reload the page to go on; what is not saved is kept.";

export class Workbench {
  codes = new Map();
  palette = []; // the codes that may be chosen, in the order of the codebook
  coded = new Set(); // indices of the turns that carry a code
  uses = new Map(); // code id → how many codings of it there are here
  #data = null;
  #edits = ""; // the address that keeps what is done here, and whose it is
  #coder = "";
  #trouble = ""; // why the study could not keep the last edits yet
  #look = "";
  #open = ""; // the transcript on the page and its text, see identityOf

  constructor(parent) {
    this.parent = parent;
    this.turns = new Turns();
    this.notices = new Notices();
    this.habits = new Habits({ lasting: localStorage, passing: sessionStorage });
    this.numbers = new Numbers({ lasting: localStorage, habits: this.habits });
    this.#build();
    this.cursor = new Cursor(this.turns, this.scroller);
    this.place = new Place(this.turns, this.scroller);
    this.painter = new Painter(this.turns, this.scroller);
    this.proposals = new Proposals(this.turns, this.painter.prefix);
    this.popup = new Popup(this.root, {
      refocus: () => this.scroller.focus({ preventScroll: true }),
    });
    this.reading = new Reading(this.turns, this.scroller, {
      tell: (turns) => this.editor.seen(turns),
    });
    this.editor = new Editor({
      send: (edits) => post(this.#edits, { coder: this.#coder, ...edits }),
      answered: (answer, how) => this.#takeAnswer(answer, how),
      changed: () => this.#paint(),
      waiting: () => this.#showStatus(),
      kept: () => this.snapshots.tell(),
      arrived: (operations) => this.#arrived(operations),
      notices: this.notices,
      nameOf: (code) => this.codes.get(code)?.name ?? "Unknown code",
      quoteOf: (coding) => this.turns.quoteOf(coding),
      isPainted: (coding) => this.painter.isPainted(coding),
      takeSeen: () => this.reading.take(),
      numbers: this.numbers,
    });
    this.snapshots = new Snapshots({
      ask: (wish) =>
        this.trigger("need_snapshot", { transcript: this.doc.id, sha: this.doc.sha, ...wish }),
      kick: () => globalThis.__qc_kick?.(),
    });
    this.windows = new Windows(this);
    this.looking = new Looking(this);
    this.search = new SearchBar(this);
    this.body.append(this.search.element);
    this.page.append(this.looking.handles.element);
    this.memos = new Memos(this);
    this.gestures = new Gestures(this);
    this.recoding = new Recoding(this);
    this.afar = new Afar(this);
    this.connection = new Connection(this);
    this.hint = new Hint(this);
    this.printing = new Printing(() => ({
      title: this.doc.title ?? "",
      turns: this.turns,
      codings: this.editor.codings.inOrder().filter((coding) => this.isShown(coding)),
      codes: this.codes,
      notes: [...this.editor.codings.notes.values()],
    }));
  }

  #build() {
    this.root = element("div", "qc-root");
    this.header = new Header({
      help: () => openHelp(this.root),
      codes: () => this.panel.toggle(),
      memos: () => this.memos.panel.toggle(),
      showAll: () => this.panel.showAll(),
      bigger: () => this.view.size(1, { around: true }),
      wide: () => this.view.widen(),
      undo: () => this.gestures.undo(),
    });
    this.view = new View(this.root, {
      before: () => this.place.fix(),
      say: (text) => this.notices.say(text),
      bigger: this.header.bigger,
      wide: this.header.wide,
    });
    this.scroller = element("div", "qc-scroller");
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute("role", "region");
    this.margin = new Margin(this.turns, this.scroller, {
      open: (ids, target) => this.windows.passage(ids, target.getBoundingClientRect()),
      lost: () => this.scroller.focus({ preventScroll: true }),
      scale: () => this.view.scale,
      drawn: (bars) => this.minimap.show(bars, this.coded, this.participantTurns()),
    });
    this.page = element("div", "qc-page");
    this.page.append(this.turns.element, this.margin.element);
    this.scroller.append(this.page);
    this.minimap = new Minimap(this.turns, this.scroller);
    this.panel = new Panel({
      apply: (code) => this.#codeFromTree(code),
      assign: (code, number) => this.#assign(code, number),
      changed: () => this.#paint(),
      toggled: () => {
        this.header.codes.setAttribute("aria-expanded", this.panel.isOpen);
        if (this.panel.isOpen && this.memos.panel.isOpen) this.memos.panel.toggle(false);
        this.#showTree();
      },
      leave: () => this.scroller.focus({ preventScroll: true }),
      memoOf: (code) => this.memos?.ofCode(code.id),
      writeMemo: (code, anchor) => this.memos.onCode(code, anchor),
    });
    this.header.codes.setAttribute("aria-expanded", this.panel.isOpen);
    this.body = element("div", "qc-body");
    this.body.append(this.scroller, this.minimap.element, this.panel.element);
    this.quickBar = new QuickBar({ apply: (code) => this.#codeFromTree(code) });
    const { strip, passing, live } = this.notices;
    this.body.append(passing);
    this.root.append(this.header.element, strip, this.body, this.quickBar.element, live);
    this.parent.append(this.root);
    this.resized = new ResizeObserver(() => {
      this.#fitHeight();
      this.looking?.handles.place();
      this.minimap.remeasure();
      this.memos?.marks.remeasure();
      this.margin.remeasure(); // the stylesheet and the fonts may arrive after the text
      this.place?.resized();
    });
    this.resized.observe(this.turns.element);
    this.resized.observe(document.documentElement);
  }

  /** The height fills what the page leaves below its own bar; a page can set --qc-h instead. */
  #fitHeight() {
    const { top } = this.root.getBoundingClientRect();
    const block = this.root.closest(".stMainBlockContainer");
    const below = block ? parseFloat(getComputedStyle(block).paddingBottom) : 0;
    const isScrolled = top < 0 || top > innerHeight / 2;
    if (isScrolled) return;
    const bottom = below > MOST_BELOW ? MOST_BELOW : below; // Streamlit's own default is 10rem
    this.root.style.setProperty("--qc-around", `${Math.ceil(top + bottom)}px`);
  }

  /** Takes what Python sends; called again for every answer and whenever the theme changes. */
  update(data, trigger) {
    const began = performance.now();
    this.trigger = trigger;
    this.doc = data.doc;
    if (data.protocol !== PROTOCOL) {
      this.editor.readonly = RELOAD;
      return this.notices.show(RELOAD);
    }
    const source = this.snapshots.take(data);
    if (!source) return;
    this.#fitHeight();
    this.#setCodes(data.codes);
    this.#edits = data.edits;
    this.#coder = data.me;
    this.editor.outbox.open(data.me);
    this.snapshots.open(data.me);
    this.habits.open(data.me);
    this.numbers.open(data.me);
    const isNew = this.#open !== identityOf(data.doc);
    if (isNew) this.#show(source, data.me);
    if (data.doc.seen) this.reading.known(data.doc.seen);
    this.#setReadonly(data);
    // With another theme the same object comes again: it answers nothing new.
    const isFresh = data !== this.#data;
    if (isFresh) this.#takeState(data);
    this.#data = data;
    this.afar.take(data);
    this.#showStatus();
    if (isFresh && data.look) this.memos.lookAt(data.look);
    if (isNew) {
      afterPaint(() =>
        note("initial", { ms: performance.now() - began, codings: this.editor.codings.size }),
      );
    }
  }

  /** What there is in the study, where that was sent. */
  #takeState({ codings, proposals, ...rest }) {
    this.connection.isBack();
    const since = codings && this.editor.replace({ codings, ...rest });
    if (!since) return;
    this.proposals.replace(proposals);
    this.proposals.confirm(since);
    this.#paint();
    this.editor.outbox.flush(); // what was kept over a reload can be sent now
  }

  /** What became of the edits that were sent. */
  #takeAnswer({ trouble, stale, ...answer }, { wasAway }) {
    this.#trouble = trouble;
    this.connection.isBack();
    this.editor.settle(answer);
    // A server that is back knows nothing of this page, until it is asked.
    if (stale || wasAway) this.snapshots.again();
  }

  #show({ text, turns }, coder) {
    this.popup.close({ refocus: false });
    this.reading.hand();
    this.search.reset();
    this.#open = identityOf(this.doc);
    this.turns.show(text, turns, { codeInterviewer: this.doc.code_interviewer });
    this.margin.clear();
    this.minimap.remeasure();
    this.painter.watch();
    this.reading.watch();
    this.proposals.clear();
    this.editor.open(this.doc, coder);
    this.header.title.textContent = this.doc.title ?? "";
    this.header.title.title = this.doc.title ?? "";
    this.scroller.setAttribute(
      "aria-label",
      `Transcript ${this.doc.title ?? ""}. Arrow keys move, Shift extends, Enter codes, question mark for help.`,
    );
    this.place.open(`${coder}:${this.#open}`);
  }

  #setCodes(codes = []) {
    const theme = getComputedStyle(this.root);
    const background = theme.getPropertyValue("--st-background-color");
    const text = theme.getPropertyValue("--st-text-color");
    const look = background + text + JSON.stringify(codes);
    if (look === this.#look) return;
    this.#look = look;
    const safe = codes.map((code) => ({ ...code, color: safeColor(code.color) }));
    const shades = shadesOf(safe);
    const all = safe.map((code) => indexed({ ...code, color: shades.get(code.id) }));
    this.codes = new Map(all.map((code) => [code.id, code]));
    this.palette = all.filter((code) => code.codable !== false);
    this.numbers.codes = this.palette;
    const dark = isDark(background);
    this.root.classList.toggle("qc-dark", dark);
    this.painter.setColors(all, { background, text, isDark: dark });
    this.#paint();
  }

  #setReadonly({ readonly, readonly_reason: reason }) {
    const was = this.editor.readonly;
    this.editor.readonly = readonly
      ? reason || "This transcript can be read but not changed."
      : null;
    if (this.editor.readonly && this.editor.readonly !== was)
      this.notices.show(this.editor.readonly);
    if (was && !readonly) this.notices.hide();
    this.reading.paused = Boolean(readonly);
    this.root.classList.toggle("qc-readonly", Boolean(readonly));
  }

  #paint() {
    if (!this.#open) return;
    const { shown } = this.editor.codings;
    if (this.proposals.show(this.editor.outbox.waiting(this.doc.id))) {
      const acts = { go: (one) => this.afar.goTo(one), back: (one) => this.editor.takeBack(one) };
      this.panel.under(proposalList(this.proposals.shown, acts));
    }
    this.looking.check();
    const visible = this.#visible(shown);
    this.painter.sync(this.memos.painted(visible));
    this.margin.sync(visible, this.codes);
    const coded = new Set();
    this.uses = new Map();
    let doubts = 0;
    for (const coding of shown.values()) {
      for (const { index } of this.turns.piecesOf(coding)) coded.add(index);
      this.uses.set(coding.code, (this.uses.get(coding.code) ?? 0) + 1);
      if (coding.uncertain) doubts += 1;
    }
    this.turns.markUncoded(coded);
    this.coded = coded;
    this.memos.draw();
    this.#showTree();
    this.header.setFilter(this.panel.shown.size && this.#alone());
    const participants = this.participantTurns();
    this.header.setCounts({
      codings: shown.size,
      doubts,
      turns: participants.length,
      coded: participants.filter((index) => coded.has(index)).length,
    });
  }

  #visible(codings) {
    if (!this.panel.shown.size) return codings;
    return new Map([...codings].filter(([, coding]) => this.isShown(coding)));
  }

  /** Whether a coding is among those the coder has chosen to see. */
  isShown(coding) {
    return !this.panel.shown.size || this.panel.shown.has(coding.code);
  }

  /** How many of the codes shown alone can be put on text; themes stand only for theirs. */
  #alone() {
    return this.palette.filter((code) => this.panel.shown.has(code.id)).length;
  }

  #showTree() {
    const given = new Set(this.numbers.given.values());
    const quick = this.quick();
    this.panel.show([...this.codes.values()], this.uses, quick, given);
    this.quickBar.show(quick, !this.panel.isOpen && !this.editor.readonly);
  }

  /** The line of number keys, or no longer. */
  toggleQuickBar() {
    const isOn = this.quickBar.toggle();
    this.#showTree();
    this.notices.say(isOn ? "The number keys stand below the text." : "The number keys are hidden.");
  }

  #codeFromTree(code) {
    const passage = this.passageToCode();
    if (passage) this.code(passage, code);
    else if (!this.cursor.passage()) this.notices.say("Select words first, then click the code.");
  }

  /** Gives a code a number key; without a number the one it has by use, or the next that is free. */
  #assign(code, number) {
    const { numbers } = this;
    const place = this.quick().indexOf(code) + 1;
    const isFree = place && !numbers.given.has(place);
    const next = number === undefined ? (isFree ? place : numbers.free()) : number;
    if (number === undefined && !next) return this.notices.say("All nine number keys are given.");
    numbers.give(code.id, next);
    this.#showTree();
    this.notices.say(
      next ? `“${code.name}” is on key ${next} now.` : `“${code.name}” has no key of its own now.`,
    );
  }

  /** Puts a code on a passage and sees to it that this can be seen; gives whether it did. */
  code(passage, code) {
    this.panel.include(code.id);
    return this.editor.add(passage, code.id);
  }

  /** Puts another code in the place of a coding's and goes to it; gives its id. */
  recode(id, code) {
    this.panel.include(code.id);
    const changed = this.editor.recode(id, code.id);
    this.margin.drawNow();
    if (changed) this.looking.at(changed, { scroll: false, focus: true });
    return changed;
  }

  /** Proposals and searches are in the study: what has come of them is asked for. */
  #arrived(operations) {
    this.proposals.confirm(operations);
    // A code made at once is a change of the codebook, which a run of the page brings.
    if (operations.some((one) => one.at_once)) globalThis.__qc_kick?.();
    else if (operations.some(({ op }) => op === "search")) this.snapshots.again();
  }

  /** Indices of the turns in which a participant says something. */
  participantTurns() {
    return this.turns.participants;
  }

  #showStatus() {
    const [kind, text] = this.#status();
    if (this.header.setStatus(kind, text) && kind === "offline") this.notices.announce(text);
  }

  #status() {
    const { outbox, failure, readonly } = this.editor;
    const count = outbox.size;
    if (count && this.#trouble)
      return ["offline", `Not saved yet, ${count} kept: ${this.#trouble}`];
    if (count && (outbox.unanswered > 0 || !navigator.onLine))
      return ["offline", `Offline, ${count} kept`];
    if (count) return ["busy", `Saving ${count}…`];
    if (failure) return ["failed", `Not saved: ${failure}`];
    return readonly ? ["closed", "Read only"] : ["saved", "All saved"];
  }

  /** The selected passage, or null after saying why there is none to code. */
  passageToCode() {
    const passage = this.cursor.passage();
    if (!passage) return null;
    if (this.editor.readonly) this.notices.say(this.editor.readonly);
    else if (passage.refused) this.notices.say(passage.refused);
    else {
      if (passage.trimmed) {
        this.notices.say(`Kept to ${passage.trimmed}’s words: the interviewer’s are not coded.`);
      }
      return passage;
    }
    return null;
  }

  /** What becomes of a code in the coder's words: "proposal", or "code" at once. */
  get propose() {
    return this.#data.propose;
  }

  /** The codes under the number keys. */
  quick() {
    return this.numbers.quick();
  }

  destroy() {
    this.popup.close({ refocus: false });
    this.gestures.destroy();
    this.recoding.destroy();
    this.connection.destroy();
    this.hint.destroy();
    this.proposals.destroy();
    this.printing.destroy();
    this.looking.handles.destroy();
    this.snapshots.destroy();
    this.place.destroy();
    this.reading.destroy();
    this.resized.disconnect();
    this.painter.destroy();
    this.minimap.destroy();
    this.margin.destroy();
    this.memos.marks.destroy();
    this.editor.close();
    this.root.remove();
  }
}
