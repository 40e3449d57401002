// Measures in the page, for qualcode and for the references alike: from the browser's own time of
// an event, or from the beginning of the navigation, to the frame that shows the outcome.

globalThis.bench = (() => {
  const PATIENCE = 60_000; // ms

  /** The time at which the frame now being made has been handed to the screen. */
  function handedOver() {
    return new Promise((resolve) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        channel.port1.close();
        resolve(performance.now());
      };
      channel.port2.postMessage(null);
    });
  }

  function nextFrame() {
    return new Promise((resolve) => requestAnimationFrame(() => handedOver().then(resolve)));
  }

  /** The time of the first frame in which the condition holds. */
  function frameWith(isThere) {
    return new Promise((resolve) => {
      const look = () => (isThere() ? handedOver().then(resolve) : requestAnimationFrame(look));
      requestAnimationFrame(look);
    });
  }

  /** The time at which an element's text has changed to one that fits. */
  function textChanged(selector, fits) {
    const read = () => document.querySelector(selector)?.textContent ?? "";
    const before = read();
    let hasChanged = false;
    return new Promise((resolve) => {
      const watcher = new MutationObserver(() => {
        const now = read();
        hasChanged ||= now !== before;
        if (!hasChanged || !fits(now)) return;
        watcher.disconnect();
        resolve(performance.now());
      });
      watcher.observe(document.body, { childList: true, characterData: true, subtree: true });
    });
  }

  /** Fails rather than wait for ever; whoever asks for the outcome is told. */
  function inTime(outcome) {
    const late = new Promise((_, reject) => {
      setTimeout(() => reject(new Error("nothing came of it in time")), PATIENCE);
    });
    const either = Promise.race([outcome, late]);
    either.catch(() => {}); // not an error of the page's own
    return either;
  }

  /** Milliseconds from the next event of this kind to the time, or times, that `outcome()` gives. */
  function from(type, outcome, key) {
    const measured = new Promise((resolve, reject) => {
      const begin = (event) => {
        if (key && event.key !== key) return;
        removeEventListener(type, begin, true);
        const since = (at) => at - event.timeStamp;
        const told = (at) => resolve(Array.isArray(at) ? at.map(since) : since(at));
        outcome().then(told, reject);
      };
      addEventListener(type, begin, true);
    });
    return inTime(measured);
  }

  /** Stretches of text that carry the highlight of a code; only those near the screen do. */
  function highlighted() {
    let count = 0;
    for (const [name, ranges] of CSS.highlights) if (name.includes("-code-")) count += ranges.size;
    return count;
  }

  /** Until three frames in a row carry as many highlights as the one before: nothing scrolls. */
  async function atRest() {
    for (let seen = highlighted(), same = 0; same < 3; ) {
      await nextFrame();
      same = highlighted() === seen ? same + 1 : 0;
      seen = highlighted();
    }
  }

  async function highlightInNextFrame() {
    const before = highlighted();
    const at = await nextFrame();
    if (highlighted() <= before) throw new Error("the next frame came without the highlight");
    return at;
  }

  return {
    atRest,
    from,
    frameWith,
    highlighted,
    highlightInNextFrame,
    inTime,
    nextFrame,
    textChanged,
  };
})();
