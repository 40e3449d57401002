// The selection and how keys move it. Positions are UTF-16 units of the whole text.
//
// The cursor is always a stretch of words: the native selection itself, so that screen readers and
// the eye follow it. `anchor` stays where extending began, `focus` is what moves.

import { codablePart, codableRun } from "./codable.js";
import { snapToGraphemes, trimSpace } from "./offsets.js";

const EDGE = 48; // px of text kept visible above and below the cursor

export class Cursor {
  #anchor = null;
  #focus = null;
  #own = ""; // the selection as this class set it; another one was made by mouse or touch
  #column = null; // where Up and Down aim, in px

  constructor(turns, scroller) {
    this.turns = turns;
    this.scroller = scroller;
  }

  /** The passage to be coded: {start, end, from, to, trimmed} or {refused}, or null if nothing is selected. */
  passage() {
    const raw = this.#selected();
    if (!raw) return null;
    const { list, text, offsets } = this.turns;
    const part = codablePart(list, ...trimSpace(text, raw.from, raw.to), raw);
    if (part.refused) return part;
    const [trimmedFrom, trimmedTo] = trimSpace(text, part.from, part.to);
    if (trimmedFrom >= trimmedTo) return null;
    const from = this.#snapped(trimmedFrom)[0];
    const to = this.#snapped(trimmedTo - 1)[1];
    return {
      start: offsets.toPoints(from),
      end: offsets.toPoints(to),
      from,
      to,
      trimmed: part.trimmed,
    };
  }

  /** The position the keyboard would go on from. */
  position() {
    return this.#current()[0];
  }

  /** Whether the coder has put the cursor somewhere, or it would begin at the top of the screen. */
  get isPlaced() {
    const node = document.getSelection()?.focusNode;
    return Boolean(node) && this.turns.element.contains(node);
  }

  select(from, to) {
    this.#anchor = [from, to];
    this.#focus = [from, to];
    this.#show();
  }

  /** Puts the caret behind a passage, with nothing selected. */
  leaveAt(position) {
    const turn = this.turns.list[this.turns.indexAt(position - 1)];
    document.getSelection().collapse(turn.node, position - turn.from);
    this.#anchor = null;
  }

  clear() {
    document.getSelection()?.removeAllRanges();
  }

  /** Where a popup about the selection belongs: beside its lines on the screen, where the last begins. */
  rect() {
    const selection = document.getSelection();
    const boxes = selection?.rangeCount ? selection.getRangeAt(0).getClientRects() : [];
    const view = this.scroller.getBoundingClientRect();
    const seen = [...boxes].filter((box) => box.bottom > view.top && box.top < view.bottom);
    const last = seen.at(-1) ?? boxes[boxes.length - 1] ?? view;
    const { top } = seen[0] ?? last;
    return new DOMRect(last.left, top, last.width, last.bottom - top);
  }

  byWord(step, { extend = false } = {}) {
    const focus = this.#current();
    const index = this.turns.indexAt(focus[0]);
    const direction = this.turns.isRightToLeft(index) ? -step : step;
    const word = this.#wordBeside(focus, direction, index);
    const next = this.#turnBeside(index, direction, extend);
    if (word) this.#move(word, extend);
    else if (next !== null) this.#move(this.turns.words(next).at(direction > 0 ? 0 : -1), extend);
    this.#column = null;
  }

  byLine(step, { extend = false } = {}) {
    const focus = this.#current();
    const box = this.#box(focus);
    const column = (this.#column ??= (box.left + box.right) / 2);
    const index = this.turns.indexAt(focus[0]);
    const words = this.turns.words(index);
    const ahead =
      step > 0
        ? words.filter(([from]) => from >= focus[1])
        : words.filter(([, to]) => to <= focus[0]).reverse();
    let word = this.#nearestInNextLine(ahead, column, box.top);
    const next = this.#turnBeside(index, step, extend);
    if (!word && next !== null) {
      const there = step > 0 ? this.turns.words(next) : [...this.turns.words(next)].reverse();
      word = this.#nearestInNextLine(there, column, null);
    }
    if (word) this.#move(word, extend);
    this.#column = column;
  }

  byTurn(step, { extend = false } = {}) {
    const index = this.turns.indexAt(this.#current()[0]);
    const next = this.#turnBeside(index, step, extend);
    if (next === null) return;
    const words = this.turns.words(next);
    this.#move(extend && step > 0 ? words.at(-1) : words[0], extend);
    this.#column = null;
  }

  /** Selects the sentence at the cursor; extending takes the next one with it. */
  sentence({ extend = false } = {}) {
    const focus = this.#current();
    const index = this.turns.indexAt(focus[0]);
    const sentences = this.turns.sentences(index);
    const at = sentences.findIndex(([, to]) => to > focus[0]);
    if (at < 0) return;
    const whole = this.#anchor && focus[1] >= sentences[at][1];
    const found = extend && whole ? (sentences[at + 1] ?? sentences[at]) : sentences[at];
    this.#move(found, extend);
  }

  wordAt(position) {
    const words = this.turns.words(this.turns.indexAt(position));
    const word = words.find(([, to]) => to > position) ?? words.at(-1);
    if (word) this.select(...word);
  }

  sentenceAt(position) {
    const sentences = this.turns.sentences(this.turns.indexAt(position));
    const sentence = sentences.find(([, to]) => to > position) ?? sentences.at(-1);
    if (sentence) this.select(...sentence);
  }

  /** Selects the turn at the cursor; gives its index. */
  turn(index = this.turns.indexAt(this.#current()[0])) {
    const { from, to } = this.turns.list[index];
    this.select(...trimSpace(this.turns.text, from, to));
    return index;
  }

  scrollTo(range, { middle = false } = {}) {
    const box = range?.getBoundingClientRect();
    if (!box) return;
    const view = this.scroller.getBoundingClientRect();
    const above = box.top < view.top + EDGE;
    const below = box.bottom > view.bottom - EDGE;
    if (!above && !below) return;
    const third = view.top + view.height / 3;
    const tall = box.height > view.height - 2 * EDGE;
    if (middle || tall) this.scroller.scrollTop += box.top - (tall ? view.top + EDGE : third);
    else if (above) this.scroller.scrollTop -= view.top + EDGE - box.top;
    else this.scroller.scrollTop += box.bottom - view.bottom + EDGE;
  }

  #selected() {
    const selection = document.getSelection();
    if (!selection?.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    if (!range.intersectsNode(this.turns.element)) return null;
    const from = this.turns.position(range.startContainer, range.startOffset);
    const to = this.turns.position(range.endContainer, range.endOffset, { isEnd: true });
    const backwards = !(
      selection.anchorNode === range.startContainer && selection.anchorOffset === range.startOffset
    );
    return from < to ? { from, to, backwards } : null;
  }

  #snapped(position) {
    const turn = this.turns.list[this.turns.indexAt(position)];
    const inside = position - turn.from;
    const [from, to] = snapToGraphemes(turn.node.data, inside, inside + 1);
    return [turn.from + from, turn.from + to];
  }

  /** The focus to go on from: the selection, the caret, or the first words on the screen. */
  #current() {
    const raw = this.#selected();
    if (raw && `${raw.from}-${raw.to}` !== this.#own) {
      this.#anchor = raw.backwards ? [raw.to, raw.to] : [raw.from, raw.from];
      this.#focus = raw.backwards ? [raw.from, raw.from] : [raw.to, raw.to];
      this.#own = `${raw.from}-${raw.to}`;
    }
    if (raw && this.#onScreen(raw)) return this.#focus;
    this.#anchor = null;
    const selection = document.getSelection();
    const node = selection?.focusNode;
    if (!raw && node && this.turns.element.contains(node)) {
      const caret = this.turns.position(node, selection.focusOffset);
      if (this.#onScreen({ from: caret, to: caret + 1 })) return (this.#focus = [caret, caret]);
    }
    return (this.#focus = this.#firstOnScreen());
  }

  #onScreen({ from, to }) {
    const box = this.turns.range(from, to)?.getBoundingClientRect();
    const view = this.scroller.getBoundingClientRect();
    return Boolean(box) && box.bottom > view.top && box.top < view.bottom;
  }

  #firstOnScreen() {
    const { list } = this.turns;
    const view = this.scroller.getBoundingClientRect();
    const seen = list.findIndex(
      (turn) => turn.codable && turn.row.getBoundingClientRect().bottom > view.top + 4,
    );
    if (seen < 0) return [0, 0];
    const words = this.turns.words(seen);
    const word = words.find((one) => this.#box(one).top >= view.top) ?? words[0];
    return word ? [word[0], word[0]] : [list[seen].from, list[seen].from];
  }

  #wordBeside(focus, step, index) {
    const words = this.turns.words(index);
    return step > 0
      ? words.find(([from]) => from >= focus[1])
      : words.findLast(([, to]) => to <= focus[0]);
  }

  /** The next codable turn with words; while extending only without an interviewer between. */
  #turnBeside(index, step, extend) {
    const { list } = this.turns;
    const run = extend ? codableRun(list, index) : [0, list.length - 1];
    for (let next = index + step; run && next >= run[0] && next <= run[1]; next += step) {
      if (list[next].codable && this.turns.words(next).length) return next;
    }
    return null;
  }

  #nearestInNextLine(words, column, above) {
    let line = above;
    let best = null;
    let distance = Infinity;
    for (const word of words) {
      const box = this.#box(word);
      if (line !== null && Math.abs(box.top - line) < 6) {
        if (line === above) continue;
      } else if (best) break;
      line = box.top;
      const away = Math.abs((box.left + box.right) / 2 - column);
      if (away < distance) [best, distance] = [word, away];
    }
    return best;
  }

  #box([from, to]) {
    const range = this.turns.range(from, Math.max(to, from + 1));
    return range?.getClientRects()[0] ?? this.scroller.getBoundingClientRect();
  }

  #move(target, extend) {
    if (!target) return;
    this.#anchor = extend ? (this.#anchor ?? this.#focus ?? target) : target;
    this.#focus = target;
    this.#show();
  }

  #show() {
    const from = Math.min(this.#anchor[0], this.#focus[0]);
    const to = Math.max(this.#anchor[1], this.#focus[1]);
    const range = this.turns.range(from, to);
    if (!range) return;
    const { startContainer, startOffset, endContainer, endOffset } = range;
    const start = [startContainer, startOffset];
    const end = [endContainer, endOffset];
    const backwards = this.#focus[0] < this.#anchor[0];
    const ends = backwards ? [...end, ...start] : [...start, ...end];
    document.getSelection().setBaseAndExtent(...ends);
    this.#own = `${from}-${to}`;
    this.scrollTo(this.turns.range(...this.#focus) ?? range);
  }
}
