// Acts on their way to the server. Streamlit keeps only the newest trigger while a run is pending,
// so every sending carries all acts that have no answer yet; the server does each once, by its id.

const RETRY_MS = 3000;
const TRIES_BEFORE_KICK = 2;

export class Acts {
  waiting = [];
  #unanswered = 0;
  #timer = null;

  constructor({ send, kick, timers = globalThis }) {
    Object.assign(this, { send, kick, timers });
  }

  add(act) {
    this.waiting.push(act);
    this.flush();
  }

  flush() {
    this.timers.clearTimeout(this.#timer);
    if (!this.waiting.length) return;
    this.#timer = this.timers.setTimeout(() => {
      this.#unanswered += 1;
      // A server that was restarted no longer knows the fragment: only a run of the whole app helps.
      if (this.#unanswered >= TRIES_BEFORE_KICK) this.kick();
      this.flush();
    }, RETRY_MS);
    try {
      this.send({ ops: this.waiting });
    } catch {
      // Not connected: the next try sends it all again.
    }
  }

  /** Takes the server's answer; gives the reasons of what it refused. */
  settle(acknowledged, rejected) {
    this.#unanswered = 0;
    const reasons = new Map(rejected.map(({ op_id, reason }) => [op_id, reason]));
    const refused = this.waiting.filter((act) => reasons.has(act.op_id));
    const answered = new Set([...acknowledged, ...reasons.keys()]);
    this.waiting = this.waiting.filter((act) => !answered.has(act.op_id));
    if (!this.waiting.length) this.timers.clearTimeout(this.#timer);
    return refused.map((act) => reasons.get(act.op_id));
  }

  close() {
    this.timers.clearTimeout(this.#timer);
  }
}
