// What a coder may code: the rule of the field, kept apart from the page that shows it.
//
// An interviewer's words are not units, so no coding covers them. A drag that runs over into an
// interviewer's turn keeps the part that belongs to the turn where it began: that is what a hand
// that slipped meant, and the shrunken selection is seen before a code is chosen. Neighbouring
// turns without an interviewer between them, as in a focus group, may be coded in one piece.

export const INTERVIEWER_ONLY =
  "The interviewer’s words are not coded. Select words of a participant.";

/** First and last index of the neighbouring codable turns around one, or null if it is not codable. */
export function codableRun(turns, index) {
  if (!turns[index]?.codable) return null;
  let first = index;
  let last = index;
  while (first > 0 && turns[first - 1].codable) first--;
  while (last < turns.length - 1 && turns[last + 1].codable) last++;
  return [first, last];
}

/**
 * The codable part of [from, to).
 *
 * `turns` are in order, each {from, to, codable, speaker}. `backwards` says that the drag began at
 * its end. Gives {from, to, trimmed} or {refused: sentence}; trimmed names the speaker kept.
 */
export function codablePart(turns, from, to, { backwards = false } = {}) {
  const touched = [];
  turns.forEach((turn, index) => {
    if (turn.from < to && turn.to > from) touched.push(index);
  });
  if (backwards) touched.reverse();
  const origin = touched.find((index) => turns[index].codable);
  if (origin === undefined) return { refused: INTERVIEWER_ONLY };
  const [first, last] = codableRun(turns, origin);
  const kept = { from: Math.max(from, turns[first].from), to: Math.min(to, turns[last].to) };
  const lost = touched.some((index) => index < first || index > last);
  return { ...kept, trimmed: lost ? turns[origin].speaker || "the participant" : null };
}

/** Fills what lies between turns (a heading, a transcript without speakers) with turns of its own. */
export function fillGaps(turns, text) {
  const all = [];
  const addGap = (from, to) => {
    for (const line of text.slice(from, to).matchAll(/[^\n]*\S[^\n]*/g)) {
      const start = from + line.index;
      all.push({ from: start, to: start + line[0].length, speaker: "", role: "other", at: null });
    }
  };
  let end = 0;
  for (const turn of turns) {
    addGap(end, turn.from);
    all.push(turn);
    end = turn.to;
  }
  addGap(end, text.length);
  return all;
}
