// Edits on their way to the server.
//
// Streamlit keeps only the newest trigger while a run is pending, so every sending carries all
// edits of one transcript that have no answer yet; the server knows each by its op_id and does it
// once. They also lie in sessionStorage (ids and offsets, never words of the transcript), so that a
// reload or a lost server does not lose work.

const RETRY_MS = 3000;
const LONGEST_RETRY_MS = 24000;
const TRIES_BEFORE_KICK = 2;
const KEPT_IN_MEMORY_ONLY = new Set(["quote", "made"]);
const QUOTING = new Set(["add", "propose"]);
const BY_THE_WAY = new Set(["seen"]); // not work of the coder's that could be lost
const NOT_ON_THE_WIRE = new Set(["transcript", "sha", "made", "after"]);

function without(operation, names) {
  return Object.fromEntries(Object.entries(operation).filter(([name]) => !names.has(name)));
}

export class Outbox {
  operations = [];
  unanswered = 0; // sendings in a row that the server left without any answer
  #timer = null;
  #key = null;
  #sent = null; // the transcript of the last sending

  /**
   * send(payload) hands over to Streamlit, kick() asks for a run of the whole app, changed() is
   * called whenever the number of waiting edits or the connection may have changed.
   */
  constructor({ send, kick, changed, storage, timers = globalThis }) {
    Object.assign(this, { send, kick, changed, storage, timers });
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
      const quoted = operation.coding ?? (operation.op === "propose" && operation.proposal);
      if (quoted) operation.quote ??= quoteOf(quoted);
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
    const sendable = this.#sendable();
    const [first] = sendable;
    if (first) {
      const batch = sendable.filter((operation) => operation.transcript === first.transcript);
      this.#sent = first.transcript;
      this.#retryLater();
      this.#hand({
        transcript: first.transcript,
        sha: first.sha,
        ops: batch.map((operation) => without(operation, NOT_ON_THE_WIRE)),
      });
    }
    this.changed();
  }

  /** Takes the server's answer; gives {acknowledged: [operation], rejected: [{operation, reason}]}. */
  settle(acknowledged, rejected) {
    this.unanswered = 0;
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
    const sendable = this.#sendable();
    const isFreed = (operation) => operation.after && done.has(operation.after);
    if (!sendable.length) this.timers.clearTimeout(this.#timer);
    else if (
      sendable.some(isFreed) ||
      !sendable.some((operation) => operation.transcript === this.#sent)
    )
      this.flush();
    this.changed();
    return result;
  }

  /** Drops edits that make no sense any more, such as a memo on a coding that was refused. */
  drop(isPointless) {
    this.operations = this.operations.filter((operation) => !isPointless(operation));
    this.#keep();
    this.changed();
  }

  close() {
    this.timers.clearTimeout(this.#timer);
  }

  #hand(payload) {
    try {
      this.send(payload);
    } catch {
      // Not connected: the next try sends it all again.
    }
  }

  #retryLater() {
    this.timers.clearTimeout(this.#timer);
    const wait = Math.min(RETRY_MS * 2 ** Math.max(0, this.unanswered - 2), LONGEST_RETRY_MS);
    this.#timer = this.timers.setTimeout(() => {
      if (!this.operations.length) return;
      this.unanswered += 1;
      // A server that was restarted no longer knows the fragment: only a run of the whole app helps.
      if (this.unanswered >= TRIES_BEFORE_KICK) this.kick();
      this.flush();
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
      ({ op, quote, after }) => (!QUOTING.has(op) || quote !== undefined) && !open.has(after),
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
