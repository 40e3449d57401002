// Finding a code by what was typed: its name first, then its place in the tree, then its rule,
// then the first letters of its name.

/** Lower case without accents, so that “resume” finds “Résumé”. */
export function fold(text) {
  return (text ?? "").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Adds to a code what the search needs, once. */
export function indexed(code) {
  return {
    ...code,
    searchName: fold(code.name),
    searchPath: fold(code.path),
    searchInitials: fold(code.name).replace(/(?<=[\p{L}\p{N}])[\p{L}\p{N}]+|[^\p{L}\p{N}]+/gu, ""),
    searchRule: fold([code.brief, code.when_to_use, code.full].filter(Boolean).join(" ")),
  };
}

/** Whether a code was found by a word of its full definition that stands nowhere else. */
export function onlyInFull(code, typed) {
  if (!code?.full) return false;
  const elsewhere = fold([code.name, code.path, code.brief, code.when_to_use].join(" "));
  const words = fold(typed).split(/\s+/);
  return words.some((word) => !elsewhere.includes(word) && fold(code.full).includes(word));
}

function rank(code, word) {
  const at = code.searchName.indexOf(word);
  if (at === 0) return 0;
  if (at > 0) return /[\p{L}\p{N}]/u.test(code.searchName[at - 1]) ? 2 : 1;
  if (code.searchPath.includes(word)) return 3;
  if (code.searchRule.includes(word)) return 4;
  if (word.length > 1 && isWithin(code.searchInitials, word)) return 5;
  return Infinity;
}

/** Whether letters stand in a word in this order from its first on: “tm” in “titm”. */
function isWithin(initials, letters) {
  if (initials[0] !== letters[0]) return false;
  let at = -1;
  return [...letters].every((letter) => (at = initials.indexOf(letter, at + 1)) >= 0);
}

/**
 * The codes that hold every typed word, best first. Of equals the one that `uses` counts more often
 * comes first, then the order of the codebook.
 */
export function findCodes(codes, typed, uses = new Map()) {
  const asked = fold(typed).split(/\s+/).filter(Boolean);
  if (!asked.length) return codes;
  return codes
    .map((code) => ({ code, rank: asked.reduce((sum, word) => sum + rank(code, word), 0) }))
    .filter((found) => found.rank < Infinity)
    .sort(
      (one, other) =>
        one.rank - other.rank || (uses.get(other.code.id) ?? 0) - (uses.get(one.code.id) ?? 0),
    )
    .map((found) => found.code);
}
