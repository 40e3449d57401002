// Positions in a text, in and out of the browser.
//
// On the wire and in the study a position counts Unicode code points; the browser counts UTF-16
// units, where an emoji takes two. In these modules `start`/`end` are always code points and
// `from`/`to` always UTF-16 units; both exclude the end.

/** Where `value` would be inserted into a sorted list, before its equals. */
export function lowerBound(sorted, value) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Turns code points into UTF-16 units and back, for one text. */
export class Offsets {
  #wideInPoints = []; // positions of the characters that take two units, counted both ways
  #wideInUnits = [];

  constructor(text) {
    let points = 0;
    for (let unit = 0; unit < text.length; unit++, points++) {
      if (text.codePointAt(unit) > 0xffff) {
        this.#wideInPoints.push(points);
        this.#wideInUnits.push(unit);
        unit++;
      }
    }
    this.length = points;
  }

  toUnits(points) {
    return points + lowerBound(this.#wideInPoints, points);
  }

  toPoints(units) {
    return units - lowerBound(this.#wideInUnits, units);
  }
}

const hasSegmenter = typeof Intl !== "undefined" && typeof Intl.Segmenter !== "undefined";
const graphemes = hasSegmenter ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null;
const words = hasSegmenter ? new Intl.Segmenter(undefined, { granularity: "word" }) : null;
const PICTURE = /\p{Extended_Pictographic}|\p{Regional_Indicator}/u; // an emoji is said like a word
const sentences = hasSegmenter ? new Intl.Segmenter(undefined, { granularity: "sentence" }) : null;

/**
 * Widens [from, to) so that it never cuts what a reader sees as one character: an emoji with its
 * joiners, a letter with its combining marks, a flag.
 */
export function snapToGraphemes(text, from, to) {
  if (!graphemes || from >= to) return [from, to];
  const parts = graphemes.segment(text);
  const first = parts.containing(from);
  const last = parts.containing(to - 1);
  return [first ? first.index : from, last ? Math.max(to, last.index + last.segment.length) : to];
}

/** Leaves out white space at both ends. */
export function trimSpace(text, from, to) {
  while (from < to && /\s/.test(text[from])) from++;
  while (to > from && /\s/.test(text[to - 1])) to--;
  return [from, to];
}

function regular(text, pattern) {
  return Array.from(text.matchAll(pattern), (match) => [
    match.index,
    match.index + match[0].length,
  ]);
}

/** The words of a text as [from, to) pairs, in any script. */
export function wordsIn(text) {
  if (!words) return regular(text, /\S+/g);
  const found = [];
  for (const { index, segment, isWordLike } of words.segment(text)) {
    if (isWordLike || PICTURE.test(segment)) found.push([index, index + segment.length]);
  }
  return found.length ? found : regular(text, /\S+/g);
}

/** The sentences of a text as [from, to) pairs without the space around them. */
export function sentencesIn(text) {
  const parts = sentences
    ? Array.from(sentences.segment(text), ({ index, segment }) => [index, index + segment.length])
    : regular(text, /[^.!?…。؟]+[.!?…。؟]*\s*/g);
  return parts.map(([from, to]) => trimSpace(text, from, to)).filter(([from, to]) => from < to);
}
