// Edits on their way to the server.
//
// One request at a time, with all edits of one transcript that have no answer yet; the server knows
// each by its op_id and does it once, so what is in doubt is sent again. They also lie in
// sessionStorage (ids and offsets, never words of the transcript), so that a reload or a lost server
// does not lose work.

import { passageOf } from "./notes.js";

const RETRY_MS = 3000;
const LONGEST_RETRY_MS = 24000;
const MOST_AT_ONCE = 500;
const KEPT_IN_MEMORY_ONLY = new Set(["quote", "made"]);
const BY_THE_WAY = new Set(["seen"]); // not work of the coder's that could be lost
const NOT_ON_THE_WIRE = new Set(["transcript", "sha", "made", "after", "like"]);

function without(operation, names) {
  return Object.fromEntries(Object.entries(operation).filter(([name]) => !names.has(name)));
}

export class Outbox {
  operations = [];
  unanswered = 0; // requests in a row that the server left without any answer
  #timer = null;
  #key = null;
  #isClosed = false;
  #request = null; // the one that is on its way: {sent: the op_ids in it}

  /**
   * send(payload) gives a promise of the server's answer; answered(answer, {wasAway}) is told of it
   * and hands it to `settle`. changed() is called whenever the number of waiting edits or the
   * connection may have changed.
   */
  constructor({ send, answered, changed, storage, timers = globalThis }) {
    Object.assign(this, { send, answered, changed, storage, timers });
  }

  /** Fetches what this coder's last page in this tab left behind. */
  open(coder) {
    const key = `qc-outbox:${coder}`;
    if (key === this.#key) return;
    this.#key = key;
    this.operations = this.#stored();
  }

  /**
   * Gives kept edits of this transcript their quotations back, so that they can be sent. Gives the
   * edits that no longer fit because the text is another one; they are dropped.
   */
  adopt(transcript, sha, quoteOf) {
    const stale = [];
    this.operations = this.operations.filter((operation) => {
      if (operation.transcript !== transcript) return true;
      if (operation.sha !== sha) {
        if (!BY_THE_WAY.has(operation.op)) stale.push(operation);
        return false;
      }
      const passage = passageOf(operation);
      if (passage) operation.quote ??= quoteOf(passage);
      return true;
    });
    this.#keep();
    return stale;
  }

  add(...operations) {
    this.operations.push(...operations);
    this.flush();
  }

  /** The edits of one transcript, oldest first. */
  waiting(transcript) {
    return this.operations.filter((operation) => operation.transcript === transcript);
  }

  /** Edits without an answer; what has been read goes along uncounted. */
  get size() {
    return this.operations.filter((operation) => !BY_THE_WAY.has(operation.op)).length;
  }

  flush() {
    this.#keep();
    if (!this.#request) this.#send();
    this.changed();
  }

  /** Takes the server's answer; gives {acknowledged: [operation], rejected: [{operation, reason}]}. */
  settle(acknowledged, rejected) {
    const done = new Set(acknowledged);
    const reasons = new Map(rejected.map(({ op_id, reason }) => [op_id, reason]));
    const result = { acknowledged: [], rejected: [] };
    this.operations = this.operations.filter((operation) => {
      if (done.has(operation.op_id)) result.acknowledged.push(operation);
      else if (reasons.has(operation.op_id))
        result.rejected.push({ operation, reason: reasons.get(operation.op_id) });
      else return true;
      return false;
    });
    this.#keep();
    this.changed();
    return result;
  }

  /** Drops edits that make no sense any more, such as a memo on a coding that was refused. */
  drop(isPointless) {
    this.operations = this.operations.filter((operation) => !isPointless(operation));
    this.#keep();
    this.changed();
  }

  /** What is still on its way is not waited for: the next page in this tab sends it again. */
  close() {
    this.#isClosed = true;
    this.timers.clearTimeout(this.#timer);
  }

  async #send() {
    const sendable = this.#sendable();
    const [first] = sendable;
    if (!first || this.#isClosed) return;
    const batch = sendable
      .filter((operation) => operation.transcript === first.transcript)
      .slice(0, MOST_AT_ONCE);
    const request = { sent: new Set(batch.map((operation) => operation.op_id)) };
    this.#request = request;
    this.#retryLater();
    const { transcript, sha } = first;
    const ops = batch.map((operation) => without(operation, NOT_ON_THE_WIRE));
    const answer = await this.send({ transcript, sha, ops }).catch(() => null);
    if (this.#isClosed) return;
    const isLatest = this.#request === request;
    if (isLatest) this.#request = null;
    if (answer) this.#take(answer, request, isLatest);
    else if (isLatest) this.#missed();
  }

  /** What is new, or was put off, goes at once; what the server left is tried again later. */
  #take(answer, { sent }, isLatest) {
    const wasAway = this.unanswered > 0;
    this.unanswered = 0;
    this.answered(answer, { wasAway });
    if (!isLatest) return; // a late one; the next is on its way
    const left = this.#sendable();
    if (left.some((operation) => !sent.has(operation.op_id))) this.#send();
    else if (left.length) this.#retryLater();
    else this.timers.clearTimeout(this.#timer);
  }

  /** The server did not answer: the next try sends it all again. */
  #missed() {
    this.unanswered += 1;
    this.#retryLater();
    this.changed();
  }

  #retryLater() {
    this.timers.clearTimeout(this.#timer);
    const wait = Math.min(RETRY_MS * 2 ** Math.max(0, this.unanswered - 2), LONGEST_RETRY_MS);
    this.#timer = this.timers.setTimeout(() => {
      if (this.#request) this.unanswered += 1; // it may still come, and is taken then
      if (this.operations.length) this.#send();
      this.changed();
    }, wait);
  }

  #keep() {
    if (!this.#key) return;
    try {
      if (!this.operations.length) this.storage.removeItem(this.#key);
      else
        this.storage.setItem(
          this.#key,
          JSON.stringify(
            this.operations.map((operation) => without(operation, KEPT_IN_MEMORY_ONLY)),
          ),
        );
    } catch {
      // A private window may refuse storage; the edits are still in memory.
    }
  }

  /** Without its text an addition has no quotation; what is to follow another waits for its answer. */
  #sendable() {
    const open = new Set(this.operations.map((operation) => operation.op_id));
    return this.operations.filter(
      (operation) =>
        (!passageOf(operation) || operation.quote !== undefined) && !open.has(operation.after),
    );
  }

  #stored() {
    try {
      const kept = JSON.parse(this.storage.getItem(this.#key) ?? "[]");
      return kept.filter((operation) => operation.op_id && operation.transcript);
    } catch {
      return [];
    }
  }
}
