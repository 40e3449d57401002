// The number keys: which code each puts on the selection.
//
// A coder gives a code a key in the code tree. The other keys begin with the codebook's first codes and
// stay as they are, so that fingers can learn them; only a code without a key that is used takes one,
// that of the code not used for longest. All is kept in this browser.

import { readList, writeList } from "./stored.js";

export const KEYS = 9;

/**
 * The nine codes under the number keys. `given` holds [number, code id] pairs, `places` the ids that
 * had the keys 1 to 9 before (null for none); `codes` are in the order of the codebook.
 */
export function quickCodes(codes, places = [], given = []) {
  const byId = new Map(codes.map((code) => [code.id, code]));
  const quick = new Array(Math.min(KEYS, codes.length)).fill(null);
  const used = new Set();
  const put = (at, code) => {
    if (!code || used.has(code) || at < 0 || at >= quick.length || quick[at]) return;
    quick[at] = code;
    used.add(code);
  };
  for (const [number, id] of given) put(number - 1, byId.get(id));
  places.forEach((id, at) => put(at, byId.get(id)));
  for (const code of [...places.map((id) => byId.get(id)), ...codes]) put(quick.indexOf(null), code);
  return quick;
}

export class Numbers {
  codes = []; // those that may be chosen, in the order of the codebook
  given = new Map(); // number → code id
  #places = [];
  #coder = "";

  constructor({ lasting, habits }) {
    Object.assign(this, { lasting, habits });
  }

  open(coder) {
    if (coder === this.#coder) return;
    this.#coder = coder;
    const isPair = ([number, id]) => number >= 1 && number <= KEYS && typeof id === "string";
    this.given = new Map(readList(this.lasting, `qc-keys:${coder}`).filter(isPair));
    this.#places = readList(this.lasting, `qc-places:${coder}`).filter((id) => typeof id === "string");
  }

  quick() {
    return quickCodes(this.codes, this.#places, this.given);
  }

  /** The number a code was given, or null. */
  of(id) {
    for (const [number, code] of this.given) if (code === id) return number;
    return null;
  }

  /** Gives a code a key, or with null takes it away. */
  give(id, number) {
    this.#places = this.quick().map((code) => code.id);
    const before = this.of(id);
    if (before) this.given.delete(before);
    if (number) this.given.set(number, id);
    writeList(this.lasting, `qc-keys:${this.#coder}`, [...this.given]);
    writeList(this.lasting, `qc-places:${this.#coder}`, this.#places);
  }

  /** The first key that no code was given, or null. */
  free() {
    for (let number = 1; number <= KEYS; number++) if (!this.given.has(number)) return number;
    return null;
  }

  /** A code was used: it has a key from now on. */
  used(id) {
    const places = this.quick().map((code) => code.id);
    if (!places.includes(id)) {
      const { recent } = this.habits;
      const idle = (at) => (recent.includes(places[at]) ? recent.indexOf(places[at]) : Infinity);
      const own = [...places.keys()].filter((at) => !this.given.has(at + 1));
      own.sort((one, other) => idle(other) - idle(one) || other - one);
      if (own.length) places[own[0]] = id;
    }
    this.#places = places;
    this.habits.used(id);
    writeList(this.lasting, `qc-places:${this.#coder}`, places);
  }

  /** The study has refused the code. */
  forget(id) {
    this.habits.forget(id);
  }
}
