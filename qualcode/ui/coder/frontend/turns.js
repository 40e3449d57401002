// The transcript on the page: one row a turn, the words of each turn in one text node.
//
// Positions here are UTF-16 units (`from`, `to`) of the whole text. The speaker's name and the time
// are not part of the text and never part of a range.

import { fillGaps } from "./codable.js";
import { element } from "./dom.js";
import { Offsets, sentencesIn, wordsIn } from "./offsets.js";

export class Turns {
  list = [];
  participants = []; // indices of the turns in which a participant says something
  text = "";

  constructor() {
    this.element = element("div", "qc-text");
  }

  /** Builds the rows. `turns` come with code points, as on the wire. */
  show(text, turns, { codeInterviewer = false } = {}) {
    this.text = text;
    this.offsets = new Offsets(text);
    const measured = turns.map((turn, number) => ({
      ...turn,
      number, // as on the wire; what fillGaps adds has none
      from: this.offsets.toUnits(turn.start),
      to: this.offsets.toUnits(turn.end),
    }));
    this.list = fillGaps(measured, text);
    const rows = document.createDocumentFragment();
    this.list.forEach((turn, index) => {
      turn.codable = codeInterviewer || turn.role !== "interviewer";
      rows.append(this.#row(turn, index));
    });
    this.element.replaceChildren(rows);
    this.participants = [...this.list.keys()].filter(
      (index) => this.list[index].role === "participant" && /\S/.test(this.list[index].node.data),
    );
  }

  #row(turn, index) {
    turn.row = element("div", "qc-turn");
    turn.row.dataset.turn = index;
    if (!turn.codable) turn.row.classList.add("qc-interviewer");
    const who = element("div", "qc-who");
    const speaker = element("span", "qc-speaker", turn.speaker);
    speaker.dir = "auto";
    who.append(speaker);
    if (turn.at) who.append(element("span", "qc-time", turn.at));
    turn.body = element("div", "qc-words");
    turn.body.dir = "auto";
    turn.node = document.createTextNode(this.text.slice(turn.from, turn.to));
    turn.body.append(turn.node);
    turn.row.append(who, turn.body);
    return turn.row;
  }

  /** Marks the participants' turns that are not among these indices. */
  markUncoded(coded) {
    for (const index of this.participants) {
      const turn = this.list[index];
      if (turn.uncoded === !coded.has(index)) continue;
      turn.uncoded = !coded.has(index);
      turn.row.classList.toggle("qc-uncoded", turn.uncoded);
    }
  }

  /** Index of the turn that holds a position, or of the last one before it. */
  indexAt(position) {
    let low = 0;
    let high = this.list.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.list[middle].from <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** [from, to) as pieces of single turns: [{index, node, from, to}], counted within the node. */
  pieces(from, to) {
    const pieces = [];
    for (let index = this.indexAt(from); index < this.list.length; index++) {
      const turn = this.list[index];
      if (turn.from >= to) break;
      const piece = { index, node: turn.node };
      piece.from = Math.max(from, turn.from) - turn.from;
      piece.to = Math.min(to, turn.to) - turn.from;
      if (piece.to > piece.from) pieces.push(piece);
    }
    return pieces;
  }

  piecesOf(coding) {
    return this.pieces(this.offsets.toUnits(coding.start), this.offsets.toUnits(coding.end));
  }

  /** A live range from the first to the last word of [from, to), or null. */
  range(from, to) {
    const pieces = this.pieces(from, to);
    if (!pieces.length) return null;
    const range = document.createRange();
    range.setStart(pieces[0].node, pieces[0].from);
    range.setEnd(pieces.at(-1).node, pieces.at(-1).to);
    return range;
  }

  rangeOf(coding) {
    return this.range(this.offsets.toUnits(coding.start), this.offsets.toUnits(coding.end));
  }

  quoteOf({ start, end }) {
    return this.text.slice(this.offsets.toUnits(start), this.offsets.toUnits(end));
  }

  /** The position of a DOM boundary; between turns it moves into the text, inwards of the range. */
  position(node, offset, { isEnd = false } = {}) {
    const host = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    const body = host.closest?.(".qc-words");
    if (body && this.element.contains(body)) {
      const turn = this.list[body.parentElement.dataset.turn];
      if (node.nodeType === Node.TEXT_NODE) return turn.from + offset;
      return offset > 0 ? turn.to : turn.from;
    }
    const boundary = document.createRange();
    boundary.setStart(node, offset);
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (boundary.comparePoint(this.list[middle].node, 0) < 0) low = middle + 1;
      else high = middle;
    }
    if (isEnd) return low > 0 ? this.list[low - 1].to : 0;
    return low < this.list.length ? this.list[low].from : this.text.length;
  }

  /** The position under a point of the screen, or null. */
  positionFromPoint(x, y) {
    let node;
    let offset;
    if (document.caretPositionFromPoint) {
      const caret = document.caretPositionFromPoint(x, y);
      [node, offset] = [caret?.offsetNode, caret?.offset];
    } else {
      const caret = document.caretRangeFromPoint?.(x, y);
      [node, offset] = [caret?.startContainer, caret?.startOffset];
    }
    if (node?.nodeType !== Node.TEXT_NODE || !node.parentElement.closest(".qc-words")) return null;
    return this.element.contains(node) ? this.position(node, offset) : null;
  }

  words(index) {
    const turn = this.list[index];
    return (turn.words ??= this.#shifted(turn, wordsIn));
  }

  sentences(index) {
    const turn = this.list[index];
    return (turn.sentences ??= this.#shifted(turn, sentencesIn));
  }

  #shifted(turn, split) {
    const parts = split(turn.node.data);
    return parts.map(([from, to]) => [turn.from + from, turn.from + to]);
  }

  isRightToLeft(index) {
    return getComputedStyle(this.list[index].body).direction === "rtl";
  }
}
