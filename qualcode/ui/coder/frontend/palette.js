// The palette: type a few letters, Enter puts the code on the selected passage.

import { button, element, keyCaps, swatch } from "./dom.js";
import { findCodes, onlyInFull } from "./finding.js";

const MOST_ROWS = 60;

/**
 * Opens the palette.
 *
 * `codes` in the order of the codebook, `ordered` as they stand before anything is typed, `quick` those
 * under the number keys, `uses` how much each is used (a Map by id), `quote` the passage, isApplied(code) whether it already lies on it, apply(code) does the work.
 * writeMemo(), where it is given, turns to a memo on the passage;
 * propose(name), where it is given, makes a new code of what was typed and is not found.
 */
export function openPalette(
  popup,
  { anchor, prefix, codes, ordered, quick, uses, quote, isApplied, apply, propose, writeMemo, onClose, ...more },
) {
  const { label = "Choose a code" } = more;
  const window = popup.open({ label, className: "qc-palette", anchor, onClose });
  const passage = element("div", "qc-quote", quote);
  passage.dir = "auto";
  const listId = `${prefix}-codes`;
  const input = searchField(listId);
  const list = element("div", "qc-options");
  list.id = listId;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Codes");
  const rule = element("div", "qc-rule");
  const foot = element("div", "qc-foot");
  for (const [caps, does] of [
    [["Enter"], "apply"],
    [["Shift", "Enter"], "apply, stay"],
    [["Esc"], "close"],
  ]) {
    const hint = element("span", "qc-hint");
    hint.append(keyCaps(caps), ` ${does}`);
    foot.append(hint);
  }
  if (writeMemo) {
    const memo = button("qc-palette-memo", "Memo", writeMemo);
    memo.setAttribute("aria-label", "Write a memo on these words instead");
    foot.append(memo);
  }
  window.append(passage, input, list, rule, foot);

  let rows = [];
  let active = 0;

  const choose = (code, { stay = false } = {}) => {
    if (!code) return;
    apply(code);
    if (!stay) return popup.close();
    input.value = "";
    fill();
  };

  const proposeTyped = () => {
    const typed = input.value.trim();
    if (!propose || !typed) return;
    popup.close();
    propose(typed);
  };

  function fill() {
    const typed = input.value.trim();
    rows = (typed ? findCodes(codes, typed, uses) : ordered).slice(0, MOST_ROWS);
    active = 0;
    list.replaceChildren(
      ...rows.map((code, index) => {
        const option = codeOption(code, {
          number: typed ? null : quick.indexOf(code) + 1,
          applied: isApplied(code),
        });
        option.id = `${prefix}-code-${index}`;
        option.addEventListener("mousedown", (event) => {
          event.preventDefault(); // keeps the focus in the field
          choose(code, { stay: event.shiftKey });
        });
        option.addEventListener("mousemove", () => activate(index, { scroll: false }));
        return option;
      }),
    );
    if (!rows.length) {
      const how = propose ? "Enter proposes it as a new code." : "Type another name.";
      list.append(element("div", "qc-none", `No such code. ${how}`));
    }
    activate(0);
  }

  function activate(index, { scroll = true } = {}) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = index;
    const option = rows.length ? list.children[active] : null;
    option?.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option?.id ?? "");
    if (scroll) option?.scrollIntoView({ block: "nearest" });
    const isWhole = onlyInFull(rows[active], input.value);
    rule.replaceChildren(...ruleOf(rows[active], { isWhole }));
    rule.hidden = !rule.childNodes.length;
  }

  input.addEventListener("input", fill);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.isComposing) return;
    if (step && rows.length) activate((active + step + rows.length) % rows.length);
    else if (event.key === "Enter" && !rows.length) proposeTyped();
    else if (event.key === "Enter") choose(rows[active], { stay: event.shiftKey });
    else if (/^[1-9]$/.test(event.key) && !input.value) choose(quick[event.key - 1]);
    else return;
    event.preventDefault();
  });

  fill();
  popup.place();
  window.style.height = `${window.offsetHeight}px`; // does not shrink and jump while one types
  input.focus({ preventScroll: true });
}

/**
 * A code's rule in a few lines: what it means, when to use it, when not; with `isWhole` the full
 * definition in the place of the brief one.
 */
export function ruleOf(code, { isWhole = false } = {}) {
  if (!code) return [];
  const lines = [
    ["", isWhole ? code.full || code.brief : code.brief || code.full],
    ["Use when", code.when_to_use],
    ["Not when", code.when_not_to_use],
  ];
  return lines
    .filter(([, text]) => text)
    .map(([label, text]) => {
      const line = element("p", "qc-rule-line");
      line.dir = "auto";
      if (label) line.append(element("b", "", `${label} `));
      line.append(text);
      return line;
    });
}

function searchField(listId) {
  const input = element("input", "qc-find");
  input.type = "text";
  input.placeholder = "Find a code…";
  input.spellcheck = false;
  input.autocomplete = "off";
  input.dir = "auto";
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-label", "Find a code");
  input.setAttribute("aria-expanded", "true");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", listId);
  return input;
}

function codeOption(code, { number, applied }) {
  const option = element("div", "qc-option");
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  const name = element("span", "qc-code-name", code.name);
  name.dir = "auto";
  option.append(swatch(code.color), name, element("span", "qc-path", code.path));
  if (applied) option.append(element("span", "qc-applied", "on it"));
  if (number) option.append(element("kbd", "qc-key", number));
  return option;
}
