// A component without a face that stands outside every fragment: its trigger runs the whole app.
// After a restart the server no longer knows the page's fragments and would leave their triggers
// unanswered; the coder calls this after two tries in vain, and with {find: words} to ask for the
// page's search over all transcripts.

export default function ({ parentElement, setTriggerValue }) {
  // Streamlit leaves a gap for every element, also for one without a face.
  parentElement.closest(".stElementContainer")?.style.setProperty("position", "absolute");
  globalThis.__qc_kick = (asked = {}) => setTriggerValue("kick", { ...asked, at: Date.now() });
}
