// Finding a code by what was typed: its name first, then its place in the tree, then its rule.

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
    searchRule: fold([code.brief, code.when_to_use].filter(Boolean).join(" ")),
  };
}

function rank(code, word) {
  const at = code.searchName.indexOf(word);
  if (at === 0) return 0;
  if (at > 0) return /[\p{L}\p{N}]/u.test(code.searchName[at - 1]) ? 2 : 1;
  if (code.searchPath.includes(word)) return 3;
  if (code.searchRule.includes(word)) return 4;
  return Infinity;
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
