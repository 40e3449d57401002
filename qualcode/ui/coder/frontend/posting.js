// The way of the edits to the server: a request of their own.
//
// A trigger of Streamlit's would run the page's script for each, and its answer would wait in the
// browser for several turns of its loop, each of them behind the frames that are to be painted.

const PATIENCE_MS = 30_000;
const OUTLIVES = 16_000; // so long a text goes on its way though the tab is closed; browsers set a limit

/** Sends edits to this address; a promise of what became of them, which fails without an answer. */
export async function post(address, edits) {
  const body = JSON.stringify(edits);
  const response = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
    keepalive: body.length < OUTLIVES,
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!response.ok) throw new Error(`the server answered with ${response.status}`);
  return response.json();
}
