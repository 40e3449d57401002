// Finding words in a transcript, whatever their case and accents. Strings only, no page.

import { fold } from "./finding.js";

const PLAIN = /^[\p{ASCII}\p{Script=Han}\p{Script=Hiragana}\p{P}\p{Z}\s]*$/u;

/**
 * A text in the form it is searched in: `folded`, and `at`, the position in the text from which each
 * UTF-16 unit of it came (null where nothing was moved).
 */
export function searchable(text) {
  if (PLAIN.test(text)) return { folded: text.toLowerCase(), at: null, length: text.length };
  const at = [];
  let folded = "";
  let position = 0;
  for (const character of text) {
    const made = fold(character);
    for (let unit = 0; unit < made.length; unit++) at.push(position);
    folded += made;
    position += character.length;
  }
  return { folded, at, length: text.length };
}

/** Every place of the typed words as [from, to) in the text, none over another. */
export function findAll({ folded, at, length }, typed) {
  const wanted = fold(typed).trim();
  const found = [];
  if (!wanted) return found;
  for (let i = folded.indexOf(wanted); i >= 0; i = folded.indexOf(wanted, i + wanted.length)) {
    const end = i + wanted.length;
    if (at) found.push([at[i], at[end] ?? length]);
    else found.push([i, end]);
  }
  return found;
}
