// Which codes a coder uses: the last ones and the ones used most, for the order in the palette.

import { readList, writeList } from "./stored.js";

const REMEMBERED = 20;
const FIRST = 6; // of the codes used last stand first; then comes what is used most
const HALVED_AT = 400; // uses; what was used long ago counts for less

export class Habits {
  recent = []; // ids, the last used first
  often = new Map(); // id → uses, over all transcripts
  #coder = "";

  constructor({ lasting, passing }) {
    Object.assign(this, { lasting, passing }); // localStorage and sessionStorage
  }

  open(coder) {
    if (coder === this.#coder) return;
    this.#coder = coder;
    const isUse = ([id, uses]) => typeof id === "string" && uses > 0;
    this.recent = readList(this.passing, `qc-recent:${coder}`).filter((id) => typeof id === "string");
    this.often = new Map(readList(this.lasting, `qc-often:${coder}`).filter(isUse));
  }

  used(id) {
    this.recent = [id, ...this.recent.filter((other) => other !== id)].slice(0, REMEMBERED);
    this.often.set(id, (this.often.get(id) ?? 0) + 1);
    const all = [...this.often.values()].reduce((sum, uses) => sum + uses, 0);
    if (all > HALVED_AT) for (const [code, uses] of this.often) this.often.set(code, uses / 2);
    this.#keep();
  }

  /** The study has refused the code: it was no use of it. */
  forget(id) {
    this.recent = this.recent.filter((other) => other !== id);
    this.often.delete(id);
    this.#keep();
  }

  /** How much a coder uses each code: `here`, codings by code of this transcript, and elsewhere. */
  weights(here = new Map()) {
    const weights = new Map(this.often);
    for (const [id, uses] of here) weights.set(id, Math.max(uses, weights.get(id) ?? 0));
    this.recent.forEach((id, at) => weights.set(id, (weights.get(id) ?? 0) + 1 / (1 + at)));
    return weights;
  }

  /** Codes with those used last in front, then those used most, then the order of the codebook. */
  ordered(codes, here) {
    const weights = this.weights(here);
    const last = this.recent.slice(0, FIRST);
    const place = ({ id }) => (last.includes(id) ? last.indexOf(id) : FIRST);
    const use = ({ id }) => weights.get(id) ?? 0;
    return [...codes].sort((one, other) => place(one) - place(other) || use(other) - use(one));
  }

  #keep() {
    writeList(this.passing, `qc-recent:${this.#coder}`, this.recent);
    writeList(this.lasting, `qc-often:${this.#coder}`, [...this.often]);
  }
}
