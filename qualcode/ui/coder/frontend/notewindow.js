// The window in which one memo is written; closing it keeps what stands there.

import { button, element, keyCaps } from "./dom.js";

const LONGEST_MEMO = 20000; // what the study takes

/** keep(text) is called once, on closing, if the words changed; remove is null for a new memo. */
export function openNote(popup, options) {
  const { anchor, title, quote, text, hint, readonly, keep, remove, onClose } = options;
  let isGone = false;
  const window = popup.open({
    label: title,
    className: "qc-note",
    anchor,
    onClose: () => {
      const words = field.value.trim();
      if (!readonly && !isGone && field.value !== text) {
        if (words) keep(field.value);
        else remove?.();
      }
      onClose?.();
    },
  });
  const head = element("div", "qc-note-head");
  const name = element("span", "qc-note-title", title);
  name.dir = "auto";
  head.append(name);
  if (remove && !readonly) {
    const away = button("qc-button qc-remove", "Remove", () => {
      isGone = true;
      popup.close();
      remove();
    });
    away.setAttribute("aria-label", "Remove this memo");
    head.append(away);
  }
  window.append(head);
  if (quote) {
    const words = element("div", "qc-quote", quote);
    words.dir = "auto";
    window.append(words);
  }
  const field = noteField({ text, label: title, readonly });
  field.rows = 5;
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) popup.close();
  });
  const body = element("div", "qc-note-body");
  body.append(field);
  const foot = element("div", "qc-foot");
  foot.append(element("span", "", readonly ? "" : hint));
  if (!readonly) {
    const keys = element("span", "qc-hint");
    keys.append(keyCaps(["Esc"]), " keep and close");
    foot.append(keys);
  }
  window.append(body, foot);
  popup.place();
  field.focus({ preventScroll: true });
}

/** A field for the words of a memo. */
export function noteField({ text, label, readonly }) {
  const field = element("textarea", "qc-memo");
  field.maxLength = LONGEST_MEMO;
  field.value = text;
  field.placeholder = readonly ? "No memo" : "What do you make of it?";
  field.dir = "auto";
  field.readOnly = readonly;
  field.setAttribute("aria-label", label);
  return field;
}

/** A memo as one section of the window about a passage; it is kept when the field is left. */
export function noteSection(note, { readonly, noteText, remove }) {
  const section = element("section", "qc-coding");
  const head = element("div", "qc-coding-head");
  head.append(element("span", "qc-note-title", "Memo on words here"));
  section.append(head);
  const field = noteField({ text: note.text, label: "Memo on words here", readonly });
  field.rows = 2;
  let saved = note.text;
  field.addEventListener("change", () => {
    if (readonly || field.value === saved) return;
    saved = field.value;
    if (saved.trim()) noteText(note.id, saved);
    else remove(note.id);
  });
  section.append(field);
  return section;
}
