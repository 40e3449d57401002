// Small helpers around the DOM. Text from outside reaches the page through textContent only.

/** A new element with a class and, as plain text, its content. */
export function element(tag, className = "", text = null) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== null && text !== undefined) made.textContent = text;
  return made;
}

export function button(className, text, onClick) {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}

/** Key caps in a row: keyCaps(["Shift", "Enter"]). */
export function keyCaps(keys) {
  const caps = element("span", "qc-caps");
  caps.append(...keys.map((key) => element("kbd", "qc-key", key)));
  return caps;
}

export function swatch(color) {
  const made = element("span", "qc-swatch");
  made.style.setProperty("--qc-code", color);
  made.setAttribute("aria-hidden", "true");
  return made;
}

const HEX_COLOR = /^#[0-9a-f]{6}$/i;
const NEUTRAL = "#6b7280";

/** Colours come from files of other people: anything but #rrggbb becomes grey. */
export function safeColor(color) {
  return HEX_COLOR.test(color ?? "") ? color : NEUTRAL;
}

/** A CSS colour as #rrggbb, or null where it is none that is solid. */
export function hexOfCss(cssColor) {
  const probe = document.createElement("canvas").getContext("2d");
  if (!probe || !cssColor) return null;
  probe.fillStyle = "#ffffff";
  probe.fillStyle = cssColor.trim();
  return HEX_COLOR.test(probe.fillStyle) ? probe.fillStyle : null;
}

/** Whether a CSS colour is dark; the theme's background decides the tints of the codes. */
export function isDark(cssColor) {
  const hex = hexOfCss(cssColor);
  if (!hex) return false;
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}

/** randomUUID exists on https and localhost only; a team on a plain http address needs ids too. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The first `limit` characters as a reader counts them, with an ellipsis if there are more. */
export function shorten(text, limit) {
  if (text.length <= limit) return text;
  const characters = Array.from(text.slice(0, limit * 2));
  return characters.length > limit ? `${characters.slice(0, limit).join("").trimEnd()}…` : text;
}
