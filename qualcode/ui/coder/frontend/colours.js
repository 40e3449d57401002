// The colours of codes: a hue for each theme and a lightness for each code in it, and tints under the
// words on which these can be read, however many of them lie over one another. Numbers only, no page.

const LEAST = 4.6; // contrast; WCAG AA asks for 4.5
const DEEPEST = 0.42; // lightness in OKLab: a bar is seen on white …
const PALEST = 0.65; // … and, brightened, on black
const SPREAD = 0.15; // lightness below and above the theme's own

/** [red, green, blue] of #rrggbb. */
export function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

export function hexOf(colour) {
  const part = (value) => Math.max(0, Math.min(255, Math.round(value)));
  return `#${colour.map((value) => part(value).toString(16).padStart(2, "0")).join("")}`;
}

/** `share` of one colour and the rest of another. */
export function mixed(one, other, share) {
  return one.map((value, at) => share * value + (1 - share) * other[at]);
}

const linear = (value) => {
  const part = value / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
};

const curved = (part) =>
  255 * (part <= 0.0031308 ? 12.92 * part : 1.055 * Math.max(part, 0) ** (1 / 2.4) - 0.055);

function luminance(colour) {
  const [red, green, blue] = colour.map(linear);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The contrast of two colours as WCAG counts it, 1 to 21. */
export function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/**
 * The tint of a code under words: {colour, alpha}. The colour is brought so near to the paper that
 * `words` can be read on it undiluted; layers of several tints lie between such colours and the paper,
 * so they can be read too.
 */
export function tintOf(hex, { paper, words, isDark }) {
  const colour = channels(hex);
  const alpha = isDark ? 0.62 : 0.44;
  let share = isDark ? 0.5 : 0.36;
  while (share > 0.02 && contrast(mixed(colour, paper, share), words) < LEAST) share -= 0.02;
  return { colour: hexOf(mixed(colour, paper, share)), alpha };
}

/** What a stack of tints {colour, alpha} on a paper looks like, the last on top. */
export function layered(paper, tints) {
  return tints.reduce((under, { colour, alpha }) => mixed(channels(colour), under, alpha), paper);
}

/**
 * The colours of codes {id, path, color, codable}, by id: those that a theme gave one colour get it in
 * steps from deep to pale, in the order of the codebook. A code alone with its colour keeps it.
 */
export function shadesOf(codes) {
  const groups = new Map();
  for (const code of codes) {
    if (code.codable === false) continue;
    const key = `${(code.path ?? "").split(" › ")[0]}|${code.color}`;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(code);
  }
  const shades = new Map(codes.map((code) => [code.id, code.color]));
  for (const group of groups.values()) {
    if (group.length < 2) continue;
    const [own] = toLab(channels(group[0].color));
    const pale = Math.min(PALEST, own + SPREAD);
    const deep = Math.max(DEEPEST, Math.min(own, pale) - SPREAD);
    group.forEach(({ id, color }, at) => {
      shades.set(id, withLightness(color, deep + ((pale - deep) * at) / (group.length - 1)));
    });
  }
  return shades;
}

/** The same hue at another lightness; as colourful as a screen can show it there. */
function withLightness(hex, lightness) {
  const [, a, b] = toLab(channels(hex));
  let colour;
  for (let share = 1; share >= 0; share -= 0.05) {
    colour = fromLab([lightness, a * share, b * share]);
    if (colour.every((value) => value > -0.5 && value < 255.5)) break;
  }
  return hexOf(colour);
}

// OKLab (Ottosson, 2020): equal steps of lightness look equal, whatever the hue.

function toLab(colour) {
  const [red, green, blue] = colour.map(linear);
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromLab([lightness, a, b]) {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map(curved);
}
