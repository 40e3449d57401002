// The number keys: which code each puts on the selection.
//
// A coder gives a code a key in the code tree; it keeps it in this browser. The other keys follow
// what was used last, then the codebook.

export const KEYS = 9;

/**
 * The nine codes under the number keys. `given` holds [number, code id] pairs, `recent` ids of codes,
 * the last used first; `codes` are in the order of the codebook.
 */
export function quickCodes(codes, recent, given = []) {
  const byId = new Map(codes.map((code) => [code.id, code]));
  const quick = new Array(Math.min(KEYS, codes.length)).fill(null);
  const used = new Set();
  const put = (at, code) => {
    if (!code || used.has(code) || at < 0 || at >= quick.length || quick[at]) return;
    quick[at] = code;
    used.add(code);
  };
  for (const [number, id] of given) put(number - 1, byId.get(id));
  for (const code of [...recent.map((id) => byId.get(id)), ...codes]) put(quick.indexOf(null), code);
  return quick;
}

/** The codes a coder has given keys, and those used last; kept in the browser by coder. */
export class Numbers {
  given = new Map(); // number → code id
  recent = [];
  #coder = "";

  constructor({ lasting, passing }) {
    Object.assign(this, { lasting, passing }); // localStorage and sessionStorage
  }

  open(coder) {
    if (coder === this.#coder) return;
    this.#coder = coder;
    const isPair = ([number, id]) => number >= 1 && number <= KEYS && typeof id === "string";
    this.given = new Map(read(this.lasting, `qc-keys:${coder}`).filter(isPair));
    this.recent = read(this.passing, `qc-recent:${coder}`).filter((id) => typeof id === "string");
  }

  /** The number a code was given, or null. */
  of(id) {
    for (const [number, code] of this.given) if (code === id) return number;
    return null;
  }

  /** Gives a code a key, or with null takes it away. */
  give(id, number) {
    const before = this.of(id);
    if (before) this.given.delete(before);
    if (number) this.given.set(number, id);
    write(this.lasting, `qc-keys:${this.#coder}`, [...this.given]);
  }

  /** The first key that no code was given, or null. */
  free() {
    for (let number = 1; number <= KEYS; number++) if (!this.given.has(number)) return number;
    return null;
  }

  used(id) {
    this.recent = [id, ...this.recent.filter((other) => other !== id)].slice(0, KEYS);
    write(this.passing, `qc-recent:${this.#coder}`, this.recent);
  }

  forget(id) {
    this.recent = this.recent.filter((other) => other !== id);
    write(this.passing, `qc-recent:${this.#coder}`, this.recent);
  }
}

function read(storage, key) {
  try {
    const kept = JSON.parse(storage.getItem(key) ?? "[]");
    return Array.isArray(kept) ? kept.filter(Boolean) : [];
  } catch {
    return [];
  }
}

function write(storage, key, value) {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch {
    // A private window may refuse storage.
  }
}
