// The keys: what each does, for the listener, the hint bar and the help.

const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");
const CONTROL = isMac ? "⌘" : "Ctrl";

/**
 * Every shortcut in the words of the help; those with a `hint` also stand in the hint bar. What
 * `edits` is of no use while a transcript is closed.
 */
export const SHORTCUTS = [
  {
    title: "Select",
    keys: [
      { caps: [["←"], ["→"]], does: "previous or next word" },
      { caps: [["↑"], ["↓"]], does: "line above or below" },
      {
        caps: [[CONTROL], ["↑"], ["↓"]],
        does: "previous or next turn",
      },
      { caps: [["Shift"]], does: "held with any of these: extend the selection" },
      { caps: [["S"]], does: "the whole sentence; with Shift one more", hint: "sentence" },
      { caps: [["T"]], does: "the whole turn", hint: "turn" },
      {
        caps: [["/"], ["G"]],
        does: "search the transcript; the next place, with Shift the one before",
        hint: "search",
      },
      { caps: [["F"]], does: "search all your transcripts, and code what is found" },
      { caps: [["N"], ["P"]], does: "next or previous turn without a code", hint: "next uncoded" },
    ],
  },
  {
    title: "Code",
    keys: [
      { caps: [["Enter"]], does: "find a code for the selection", hint: "code", edits: true },
      {
        caps: [["1"], ["9"]],
        range: true,
        does: "one of the nine codes below the text; in the code tree: give a code that key",
        hint: "quick codes",
        edits: true,
      },
      { caps: [["R"]], does: "the last code again", edits: true },
      { caps: [["V"]], does: "in vivo: a new code from the words themselves", edits: true },
      { caps: [["Shift", "Enter"]], does: "in the list: apply and stay, for another code" },
      { caps: [[CONTROL, "Z"]], does: "undo", hint: "undo", edits: true },
      { caps: [[CONTROL, "Shift", "Z"]], does: "redo" },
    ],
  },
  {
    title: "Look through codings",
    keys: [
      { caps: [["["], ["]"]], does: "previous or next coding, as K and J", hint: "codings" },
      { caps: [["D"], ["M"]], does: "next coding in doubt, next memo; with Shift back" },
      { caps: [["Enter"]], does: "on a coding: its definition, memo and Remove" },
      { caps: [["?"]], does: "on a coding: in doubt, or no longer", edits: true },
      {
        caps: [["Shift"], ["←"], ["→"]],
        does: "on a coding: move its end by a word",
        edits: true,
      },
      {
        caps: [[CONTROL, "Shift"], ["←"], ["→"]],
        does: "on a coding: move its beginning",
        edits: true,
      },
      { caps: [["Delete"]], does: "on a coding or a memo: remove it" },
      {
        caps: [["W"]],
        does: "write a memo: on the words selected, the coding, in the code tree the code, or else on the interview",
        edits: true,
      },
      { caps: [["L"]], does: "the list of memos" },
      { caps: [["X"]], does: "on a coding: another code in its place", edits: true },
    ],
  },
  {
    title: "The page",
    keys: [
      { caps: [["C"]], does: "the code tree: counts, codes shown alone, number keys" },
      { caps: [["Q"]], does: "the line of number keys below the text, or no longer" },
      { caps: [["Z"]], does: "the text alone fills the window, or no longer" },
      { caps: [["+"], ["−"]], does: "larger or smaller words" },
      { caps: [["Esc"]], does: "close what is open, drop the selection" },
      { caps: [["?"]], does: "this help" },
    ],
  },
];

/** What a key press asks for, as {name, step, extend}, or null if it is none of ours. */
export function commandFor(event) {
  const { key, shiftKey: extend } = event;
  const control = event.ctrlKey || event.metaKey;
  const letter = letterOf(event);
  const bracket = bracketOf(event);
  if (bracket) return { name: "coding", step: bracket === "]" ? 1 : -1 };
  if (control && letter === "z") return { name: extend ? "redo" : "undo" };
  if (control && letter === "y") return { name: "redo" };
  if (key === "ArrowUp" || key === "ArrowDown") {
    const name = control || event.altKey ? "turn" : "line";
    return { name, step: key === "ArrowDown" ? 1 : -1, extend };
  }
  const sideways = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (sideways && control && extend) return { name: "beginning", step: sideways };
  if (control || event.altKey) return null;
  if (sideways) return { name: "word", step: sideways, extend };
  const number = digitOf(event);
  if (number) return { name: "quick", number };
  if (key === "Enter") return { name: "open" };
  if (key === "Delete" || key === "Backspace") return { name: "remove" };
  if (key === "Escape") return { name: "escape" };
  if (key === "?") return { name: "help" };
  if (letter === "s") return { name: "sentence", extend };
  if (letter === "t") return { name: "wholeTurn" };
  if (key === "/") return { name: "search" };
  if (letter === "g") return { name: "nextHit", step: extend ? -1 : 1 };
  if (letter === "c") return { name: "codeTree" };
  if (letter === "r") return { name: "again" };
  if (letter === "v") return { name: "inVivo" };
  if (letter === "x") return { name: "exchange" };
  if (letter === "f") return { name: "everywhere" };
  if (letter === "d") return { name: "doubtful", step: extend ? -1 : 1 };
  if (letter === "w") return { name: "memo" };
  if (letter === "l") return { name: "memoList" };
  if (letter === "m") return { name: "withMemo", step: extend ? -1 : 1 };
  if (letter === "j" || letter === "k") return { name: "coding", step: letter === "j" ? 1 : -1 };
  if (letter === "q") return { name: "quickBar" };
  if (letter === "z") return { name: "wide" };
  if (key === "+" || key === "=" || key === "-") return { name: "size", step: key === "-" ? -1 : 1 };
  if (letter === "n" || letter === "p") return { name: "uncoded", step: letter === "n" ? 1 : -1 };
  return null;
}

/** The Latin letter of a key, also where the keyboard writes another script. */
function letterOf({ key, code = "" }) {
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  const isLetterKey = key.length === 1 && !/[\x20-\x7e]/.test(key) && code.startsWith("Key");
  return isLetterKey ? code.slice(3).toLowerCase() : null;
}

/** "[" or "]", also where another script has letters on these keys. */
function bracketOf({ key, code = "", ctrlKey, metaKey }) {
  if (key === "[" || key === "]") return key;
  if (ctrlKey || metaKey || key.length !== 1 || /[\x20-\x7e]/.test(key)) return null;
  return { BracketLeft: "[", BracketRight: "]" }[code] ?? null;
}

/** 1 to 9, also where digits need Shift or are written in another script. */
function digitOf({ key, code = "", shiftKey }) {
  if (/^[1-9]$/.test(key)) return Number(key);
  const isDigitKey = /^Digit[1-9]$/.test(code) && key.length === 1 && !/[0/?]/.test(key);
  return isDigitKey && !shiftKey ? Number(code.slice(5)) : null;
}

/** Streamlit reruns on a plain R and clears its cache on C; no plain key may reach it from here. */
export function isPlainKey(event) {
  return event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
}
