// Edits that the study has kept, for as long as a list of codings may still come that does not know
// of them: edits and lists go by different ways, and either may overtake the other.
//
// The server stamps both, {run, at}: `at` is its clock, a list's from before it was read, an edit's
// from after it was written; `run` is another one after a restart.

const LONGEST_WAY = 600e6; // microseconds that a list may take from the study to the page

export class Kept {
  #operations = []; // {operation, at}, oldest first
  #run = null;
  #read = -Infinity; // the stamp of the newest list

  /** These were written by the time of the stamp. */
  add(operations, { run, at }) {
    this.#turnTo(run);
    for (const operation of operations) this.#operations.push({ operation, at });
    this.#operations = this.#operations.filter((one) => one.at >= at - LONGEST_WAY);
  }

  /** Whether a list with this stamp is newer than those before it. */
  isNews({ run, at }) {
    this.#turnTo(run);
    if (at < this.#read) return false;
    this.#read = at;
    return true;
  }

  /** The operations on this transcript that the newest list may not know of. */
  missing(transcript) {
    return this.#operations
      .filter(({ operation, at }) => at >= this.#read && operation.transcript === transcript)
      .map(({ operation }) => operation);
  }

  /** What a server before a restart has kept, every list of the new one knows. */
  #turnTo(run) {
    if (run === this.#run) return;
    this.#run = run;
    this.#operations = [];
    this.#read = -Infinity;
  }
}
