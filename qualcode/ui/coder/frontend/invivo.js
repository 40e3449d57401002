// A code from the words themselves: named like the selection, proposed to the lead, or, where the
// coder is the lead and no version of the codebook holds the round, added at once.

import { button, element, keyCaps, shorten } from "./dom.js";

const LONGEST_NAME = 60; // what the study takes
const LONGEST_DEFINITION = 2000;

/**
 * The words as a name: one line, without the quotation marks and the full stop around them.
 *
 * nameFrom("“You are allowed to be new.”") is "You are allowed to be new".
 */
export function nameFrom(words) {
  const line = words.replace(/\s+/g, " ").trim();
  const bare = line.replace(/^[\s"'“”„«»‘’(.,;:!?…–-]+|[\s"'“”„«»‘’).,;:!?…–-]+$/gu, "");
  const characters = Array.from(bare || line);
  return characters.length > LONGEST_NAME
    ? `${characters
        .slice(0, LONGEST_NAME - 1)
        .join("")
        .trimEnd()}…`
    : characters.join("");
}

/**
 * Opens the form. `quote` are the words, `name` what is proposed as the name, `isCode` whether it
 * becomes a code at once; done({name, definition}) carries it out.
 */
export function openInVivo(popup, { anchor, quote, name, isCode, done, onClose }) {
  const label = isCode ? "New code from these words" : "Propose a code";
  const window = popup.open({ label, className: "qc-invivo", anchor, onClose });
  const passage = element("div", "qc-quote", shorten(quote, 160));
  passage.dir = "auto";
  const nameField = field("input", "Name", name, LONGEST_NAME);
  const definition = field("textarea", "What it means, in a sentence", "", LONGEST_DEFINITION);
  definition.rows = 2;
  const note = element(
    "p",
    "qc-rule-line",
    isCode
      ? "It is added to the codebook and put on the words."
      : "Only the study lead sees it while the round is open. The codebook of the round stays as it is.",
  );
  const finish = () => {
    const typed = nameField.value.replace(/\s+/g, " ").trim();
    if (!typed) return nameField.focus();
    done({ name: typed, definition: definition.value.trim() });
    popup.close();
  };
  const foot = element("div", "qc-foot");
  const hint = element("span", "qc-hint");
  hint.append(keyCaps(["Enter"]), isCode ? " add" : " propose");
  const cancel = button("qc-button", "Cancel", () => popup.close());
  const go = button("qc-button qc-primary", isCode ? "Add the code" : "Propose", finish);
  foot.append(hint, cancel, go);
  window.append(element("div", "qc-passage-title", label), passage);
  window.append(nameField.parentElement, definition.parentElement, note, foot);
  for (const one of [nameField, definition]) {
    one.addEventListener("keydown", (event) => {
      const isSent = one === nameField || event.ctrlKey || event.metaKey;
      if (event.key !== "Enter" || event.isComposing || !isSent) return;
      event.preventDefault();
      finish();
    });
  }
  popup.place();
  nameField.focus({ preventScroll: true });
  nameField.select();
}

function field(tag, label, value, most) {
  const row = element("label", "qc-field", label);
  const made = element(tag, tag === "input" ? "qc-find" : "qc-memo");
  if (tag === "input") made.type = "text";
  made.value = value;
  made.maxLength = most;
  made.dir = "auto";
  made.spellcheck = false;
  made.autocomplete = "off";
  row.append(made);
  return made;
}
