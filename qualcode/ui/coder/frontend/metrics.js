// Times for the benchmark, in globalThis.__qc_metrics: [{k, ms, at, …}].
//   initial      data in → text, codings and bars painted
//   optimistic   edit → its highlight in a finished frame
//   acked        edit → acknowledged by the server
//   margin       one drawing of the margin

const LIMIT = 5000;

export function note(kind, details = {}) {
  const log = (globalThis.__qc_metrics ??= []);
  if (log.length < LIMIT) log.push({ k: kind, at: performance.now(), ...details });
}

/** Calls back once the next frame has been handed to the screen. */
export function afterPaint(callback) {
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      callback();
    };
    channel.port2.postMessage(null);
  });
}
