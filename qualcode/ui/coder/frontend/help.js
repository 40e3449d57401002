// The keyboard help: a dialog with every shortcut.

import { button, element, keyCaps } from "./dom.js";
import { SHORTCUTS } from "./keyboard.js";

export function openHelp(root) {
  const dialog = element("dialog", "qc-help");
  dialog.setAttribute("aria-label", "Keyboard");
  const head = element("div", "qc-help-head");
  head.append(
    element("h2", "", "Keyboard"),
    button("qc-button", "Close", () => dialog.close()),
  );
  const groups = element("div", "qc-help-groups");
  for (const { title, keys } of SHORTCUTS) {
    const group = element("section");
    group.append(element("h3", "", title));
    const list = element("dl");
    for (const { caps, does, range } of keys) {
      const term = element("dt");
      caps.forEach((combination, index) => {
        if (index) term.append(range ? "–" : " ");
        term.append(keyCaps(combination));
      });
      list.append(term, element("dd", "", does));
    }
    group.append(list);
    groups.append(group);
  }
  const mouse = element(
    "p",
    "",
    "With the mouse: drag over words, or double-click one, to code; click coded words or a bar to see the codings there, then drag the ends of the marked words to change them; drag a bar onto a code of the tree, or a code onto coded words, to change the code.",
  );
  dialog.append(head, groups, mouse);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  root.append(dialog);
  dialog.showModal();
}
