// A call whose timers do not wait for the next frame.
//
// Streamlit hands a trigger over in a `setTimeout` of no time, and after a key Chromium puts such
// timers off until it has painted: the server would begin only when the highlight is on the screen.
// So the two go side by side.

/** Calls `act`; what it puts off by no time is done as soon as the present event is handled. */
export function soon(act) {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (callback, wait = 0, ...given) => {
    if (wait > 0 || typeof callback !== "function") return setTimeout(callback, wait, ...given);
    queueMicrotask(() => callback(...given));
    return 0;
  };
  try {
    act();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
}
