// The windows over the text: which one opens, what it is about, and where the focus goes afterwards.

import { nameFrom, openInVivo } from "./invivo.js";
import { noteSection } from "./notewindow.js";
import { openPalette } from "./palette.js";
import { openPassage } from "./passage.js";

export class Windows {
  constructor(workbench) {
    this.bench = workbench;
  }

  /** The palette for the selected words. */
  palette(passage = this.bench.passageToCode()) {
    if (!passage) return;
    const { bench } = this;
    let applied = false;
    this.#keepInSight(passage);
    openPalette(bench.popup, {
      ...this.#choice(),
      anchor: bench.cursor.rect(),
      quote: bench.turns.quoteOf(passage),
      isApplied: (code) => Boolean(bench.editor.codings.same(passage.start, passage.end, code.id)),
      apply: (code) => (applied = bench.code(passage, code) || applied),
      propose: (name) => this.inVivo(passage, name),
      writeMemo: () => {
        bench.popup.close();
        bench.memos.onPassage(passage);
      },
      onClose: () => {
        bench.painter.unmark("selection");
        // The field took the selection over; give it back, or leave the cursor after what was coded.
        if (applied) bench.cursor.leaveAt(passage.to);
        else bench.cursor.select(passage.from, passage.to);
      },
    });
  }

  /** The palette for another code in the place of a coding's. */
  recoding(id) {
    const { bench } = this;
    const coding = bench.editor.codings.get(id);
    if (!coding) return;
    if (bench.editor.readonly) return bench.notices.say(bench.editor.readonly);
    let now = id;
    openPalette(bench.popup, {
      ...this.#choice(),
      label: "Another code for this coding",
      anchor: bench.margin.bar(id).getBoundingClientRect(),
      quote: bench.turns.quoteOf(coding),
      isApplied: (code) => code.id === coding.code,
      apply: (code) => (now = bench.recode(now, code) ?? now),
      onClose: () => {
        bench.looking.at(now, { scroll: false, focus: true });
        return true;
      },
    });
  }

  /** A code from the selected words, or for them under another name. */
  inVivo(passage = this.bench.passageToCode(), name = null) {
    if (!passage) return;
    const { bench } = this;
    const quote = bench.turns.quoteOf(passage);
    const isCode = bench.propose === "code";
    this.#keepInSight(passage);
    openInVivo(bench.popup, {
      anchor: bench.cursor.rect(),
      quote,
      name: name ?? nameFrom(quote),
      isCode,
      done: (told) => bench.editor.propose(passage, { ...told, isCode }),
      onClose: () => {
        bench.painter.unmark("selection");
        bench.cursor.select(passage.from, passage.to);
      },
    });
  }

  /** The codings on a passage, each with its code's rule and its memo. */
  passage(ids, anchor) {
    const { bench } = this;
    const { editor, turns, memos } = bench;
    const codings = ids.map((id) => editor.codings.get(id)).filter(Boolean);
    if (!codings.length) return;
    const readonly = Boolean(editor.readonly);
    bench.looking.at(codings[0].id, { scroll: false });
    openPassage(bench.popup, {
      anchor,
      codings,
      codes: bench.codes,
      quoteOf: (coding) => turns.quoteOf(coding),
      readonly,
      remove: (id) => editor.remove(id),
      memo: (id, text) => editor.memo(id, text),
      doubt: (id) => editor.doubt(id),
      sections: memos.on(codings).map((note) =>
        noteSection(note, {
          readonly,
          noteText: (id, text) => editor.noteText(id, text),
          remove: (id) => editor.unnote(id),
        }),
      ),
      memoOf: (code) => memos.ofCode(code.id),
      writeMemo: (code) => memos.onCode(code, anchor),
      addAnother: ({ start, end }) => {
        bench.popup.close();
        bench.cursor.select(turns.offsets.toUnits(start), turns.offsets.toUnits(end));
        this.palette();
      },
      onClose: () => bench.looking.forget(),
    });
  }

  /** What the palette needs to know of the codes. */
  #choice() {
    const { bench } = this;
    return {
      prefix: bench.painter.prefix,
      codes: bench.palette,
      ordered: bench.habits.ordered(bench.palette, bench.uses),
      quick: bench.quick(),
      uses: bench.habits.weights(bench.uses),
    };
  }

  /** The words stay marked while a field has the focus, and the selection with it. */
  #keepInSight({ from, to }) {
    this.bench.gestures.touch.hide();
    this.bench.painter.mark("selection", from, to);
  }
}
