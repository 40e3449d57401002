// Memos at the text: written, marked in the margin, listed in a panel, gone through one by one.

import { element, shorten } from "./dom.js";
import { MemoPanel } from "./memopanel.js";
import { NoteMarks } from "./notemarks.js";
import { openNote } from "./notewindow.js";
import { nextMemo, PLACE, withMemos } from "./notes.js";

const WITH_LAYER = "Yours until everybody has submitted.";
const OWN = "Yours until you share it (page Memos).";

export class Memos {
  constructor(workbench) {
    this.bench = workbench;
    const acts = {
      open: (note, anchor) => this.open(note, anchor),
      remove: (id) => this.#remove(id),
    };
    this.marks = new NoteMarks(workbench.turns, workbench.page, acts);
    this.panel = new MemoPanel({
      go: (item) => this.#go(item),
      write: (anchor) => this.onTranscript(anchor),
      toggled: (isOpen) => this.#toggled(isOpen),
      leave: () => workbench.scroller.focus({ preventScroll: true }),
    });
    workbench.page.append(this.marks.element);
    workbench.body.append(this.panel.element);
  }

  get #notes() {
    return [...this.bench.editor.codings.notes.values()];
  }

  /** The codings to paint together with the passages that carry a memo. */
  painted(codings) {
    const all = new Map(codings);
    for (const note of this.#notes) {
      if (note.about === "passage") all.set(note.id, { ...note, code: PLACE });
    }
    return all;
  }

  /** The memos have changed. */
  draw() {
    const { editor, codes, turns, isShown } = this.bench;
    const notes = this.#notes;
    this.marks.sync(notes.filter(({ about }) => about === "passage"));
    const onText = withMemos(editor.codings.inOrder().filter(isShown, this.bench), notes);
    this.panel.show({
      interview: notes.find(({ about }) => about === "transcript"),
      onText: onText.map((one) => ({
        ...one,
        text: one.memo ?? one.text,
        place: shorten(turns.quoteOf(one), 80),
        code: one.isNote ? null : codes.get(one.code),
      })),
      onCodes: notes
        .filter(({ about }) => about === "code")
        .map((note) => ({ ...note, code: codes.get(note.code) ?? { name: "Unknown code" } })),
      readonly: Boolean(editor.readonly),
    });
  }

  ofCode(code) {
    return this.#notes.find((note) => note.about === "code" && note.code === code) ?? null;
  }

  /** The memos on words of these codings. */
  on(codings) {
    return this.#notes.filter(
      (note) =>
        note.about === "passage" &&
        codings.some(({ start, end }) => note.start < end && note.end > start),
    );
  }

  /** Opens the memo at a position of the text; gives whether there is one. */
  openAt(point, anchor) {
    const [note] = this.on([{ start: point, end: point + 1 }]);
    if (note) this.open(note, anchor);
    return Boolean(note);
  }

  /** Writes about what is in focus: the words selected, a coding, a memo, or else the interview. */
  write() {
    const { bench } = this;
    const coding = bench.margin.focused();
    if (coding) {
      bench.windows.passage([coding], bench.margin.bar(coding).getBoundingClientRect());
      bench.popup.element?.querySelector("textarea")?.focus();
      return;
    }
    const noted = this.#notes.find(({ id }) => id === this.marks.focused());
    if (noted) return this.open(noted);
    const passage = bench.cursor.passage();
    if (passage?.refused) {
      return bench.notices.say("A memo stands on a participant’s words, or on the whole interview.");
    }
    if (passage) this.onPassage(passage);
    else this.onTranscript();
  }

  onPassage(passage = this.bench.cursor.passage()) {
    const { bench } = this;
    if (!passage || passage.refused) return;
    const same = this.on([passage]).find(
      ({ start, end }) => start === passage.start && end === passage.end,
    );
    const anchor = bench.cursor.rect();
    bench.gestures.touch.hide();
    bench.painter.mark("selection", passage.from, passage.to);
    const { start, end } = passage;
    this.#window(same ?? { about: "passage", start, end }, anchor, () => {
      bench.painter.unmark("selection");
      bench.cursor.select(passage.from, passage.to);
    });
  }

  onTranscript(anchor = null) {
    const note = this.#notes.find(({ about }) => about === "transcript");
    this.#window(note ?? { about: "transcript" }, anchor ?? this.#head());
  }

  onCode(code, anchor) {
    this.#window(this.ofCode(code.id) ?? { about: "code", code: code.id }, anchor);
  }

  open(note, anchor = this.marks.rect(note.id) ?? this.#head()) {
    if (note.about === "passage") this.#look(note);
    this.#window(note, anchor, () => this.bench.looking.forget());
  }

  /** The next or previous passage or coding with a memo. */
  step(step) {
    const { editor, margin, turns, cursor, looking, notices } = this.bench;
    const shown = editor.codings.inOrder().filter((coding) => this.bench.isShown(coding));
    const next = nextMemo(withMemos(shown, this.#notes), {
      at: this.marks.focused() ?? margin.focused(),
      here: turns.offsets.toPoints(cursor.position()),
      step,
    });
    if (!next) return notices.say("There is no memo on this interview yet.");
    if (next.isNote) this.#at(next);
    else looking.at(next.id, { focus: true });
  }

  /** Brings a coding or a memo into view that another page leads to. */
  lookAt(id) {
    const { editor, looking, place } = this.bench;
    const note = editor.codings.notes.get(id);
    place.forget();
    // Fonts and stylesheet may still arrive: what was measured before them would lie elsewhere.
    requestAnimationFrame(() => {
      if (note?.about === "passage") this.#at(note);
      else if (note) this.open(note);
      else if (editor.codings.get(id)) looking.at(id, { focus: true });
    });
  }

  /** Goes to an item of the panel. */
  #go(item) {
    if (item.about === "code") return this.onCode(item.code, this.panel.rectOf(item.id));
    if (item.isNote) this.#at(item);
    else this.bench.looking.at(item.id, { focus: true });
  }

  #at(note) {
    this.#look(note);
    this.bench.cursor.scrollTo(this.bench.turns.rangeOf(note), { middle: true });
    this.marks.focus(note.id);
    this.bench.notices.announce(`Memo: ${shorten(note.text, 200)}`);
  }

  #look({ start, end }) {
    const { painter, turns } = this.bench;
    painter.mark("focus", turns.offsets.toUnits(start), turns.offsets.toUnits(end));
  }

  #window(note, anchor, onClose) {
    const { editor, popup, turns, codes } = this.bench;
    const isNew = !note.id;
    if (isNew && editor.readonly) return this.bench.notices.say(editor.readonly);
    const titles = {
      passage: "Memo on these words",
      transcript: "Memo on this interview",
      code: `Memo on “${codes.get(note.code)?.name ?? "a code"}”`,
    };
    openNote(popup, {
      anchor,
      title: titles[note.about],
      quote: note.about === "passage" ? shorten(turns.quoteOf(note), 140) : "",
      text: note.text ?? "",
      hint: note.about === "passage" ? WITH_LAYER : OWN,
      readonly: Boolean(editor.readonly),
      keep: (text) => (isNew ? editor.note({ ...note, text }) : editor.noteText(note.id, text)),
      remove: isNew ? null : () => this.#remove(note.id),
      onClose,
    });
  }

  #remove(id) {
    this.bench.editor.unnote(id);
    this.bench.scroller.focus({ preventScroll: true });
  }

  /** Where a window belongs that is about nothing on the screen: under the strip above the text. */
  #head() {
    const { left, top, width } = this.bench.scroller.getBoundingClientRect();
    return new DOMRect(left + Math.max(0, width / 2 - 186), top + 8, 1, 1);
  }

  #toggled(isOpen) {
    this.bench.header.memos.setAttribute("aria-expanded", isOpen);
    if (isOpen && this.bench.panel.isOpen) this.bench.panel.toggle(false);
    if (isOpen) this.panel.focus();
  }
}
