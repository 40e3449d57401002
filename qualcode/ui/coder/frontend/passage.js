// The codings on a passage: what each code means, a memo, Remove.

import { button, element, safeColor, shorten, swatch } from "./dom.js";
import { ruleOf } from "./palette.js";

const LONGEST_MEMO = 20000; // what the study takes

/**
 * Opens the list. `codings` are shown in this order; remove(id) and memo(id, text) carry out what
 * the coder does; doubt(id) marks or unmarks a coding as doubtful and gives which it is then;
 * addAnother(coding) asks for a further code on the same words. `sections` follow the codings;
 * memoOf(code) gives the coder's memo on a code, writeMemo(code) opens it.
 */
export function openPassage(popup, options) {
  const { anchor, codings, codes, quoteOf, readonly, remove, memo, doubt, addAnother, onClose } =
    options;
  const { sections = [], memoOf = () => null, writeMemo = null } = options;
  const saveMemos = (closing) => {
    // A field that is taken away while it has the focus sends no change event.
    for (const field of closing.querySelectorAll("textarea"))
      field.dispatchEvent(new Event("change"));
    onClose?.();
  };
  const label = codings.length > 1 ? `${codings.length} codings on this passage` : "Coding";
  const window = popup.open({ label, className: "qc-passage", anchor, onClose: saveMemos });
  if (codings.length > 1) window.append(element("div", "qc-passage-title", label));
  for (const coding of codings) {
    const code = codes.get(coding.code);
    const row = element("section", "qc-coding");
    row.append(headOf(row, coding, code));
    const quote = element("div", "qc-quote", shorten(quoteOf(coding), 140));
    quote.dir = "auto";
    row.append(quote, ...ruleOf(code), ...wholeRule(code), memoField(coding, code));
    if (code && writeMemo && (memoOf(code) || !readonly)) row.append(codeMemo(code));
    window.append(row);
  }
  window.append(...sections);
  popup.place();
  window.querySelector("button, textarea")?.focus({ preventScroll: true });

  function headOf(row, coding, code) {
    const head = element("div", "qc-coding-head");
    const name = element("span", "qc-code-name", code?.name ?? "Unknown code");
    name.dir = "auto";
    head.append(swatch(safeColor(code?.color)), name);
    if (coding.search) head.append(element("span", "qc-path", "found by a search"));
    if (readonly) return head;
    const another = button("qc-button", "Add code", () => addAnother(coding));
    another.setAttribute("aria-label", `Add code to the words of ${code?.name ?? "this coding"}`);
    const away = button("qc-button qc-remove", "Remove", () => {
      row.remove();
      remove(coding.id);
      const next = window.querySelector(".qc-coding button");
      if (next) next.focus();
      else popup.close();
    });
    away.setAttribute("aria-label", `Remove ${code?.name ?? "this coding"}`);
    head.append(another, doubtButton(coding, code), away);
    return head;
  }

  function wholeRule(code) {
    if (!code?.brief || !code.full || code.full === code.brief) return [];
    const whole = element("details", "qc-whole-rule");
    const [definition] = ruleOf(code, { isWhole: true });
    whole.append(element("summary", "", "Full definition"), definition);
    whole.addEventListener("toggle", () => popup.place());
    return [whole];
  }

  function codeMemo(code) {
    const words = memoOf(code) ? "Your memo on this code" : "Memo on this code";
    return button("qc-button qc-code-memo", words, () => {
      popup.close();
      writeMemo(code);
    });
  }

  function doubtButton(coding, code) {
    const mark = button("qc-button qc-doubt-button", "?", () =>
      mark.setAttribute("aria-pressed", doubt(coding.id)),
    );
    mark.title = "In doubt (?)";
    mark.setAttribute("aria-pressed", Boolean(coding.uncertain));
    mark.setAttribute("aria-label", `In doubt about ${code?.name ?? "this coding"}`);
    return mark;
  }

  function memoField(coding, code) {
    const field = element("textarea", "qc-memo");
    field.rows = 2;
    field.maxLength = LONGEST_MEMO;
    field.value = coding.memo ?? "";
    field.placeholder = readonly ? "No memo" : "Memo: why this code here?";
    field.dir = "auto";
    field.readOnly = readonly;
    field.setAttribute("aria-label", `Memo on ${code?.name ?? "this coding"}`);
    let saved = field.value;
    field.addEventListener("change", () => {
      if (readonly || field.value === saved) return;
      saved = field.value;
      memo(coding.id, saved);
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) popup.close();
    });
    return field;
  }
}
