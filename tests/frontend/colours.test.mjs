import assert from "node:assert/strict";
import test from "node:test";

import {
  channels,
  contrast,
  hexOf,
  layered,
  mixed,
  shadesOf,
  tintOf,
} from "../../qualcode/ui/coder/frontend/colours.js";

const THEMES = {
  light: { paper: channels("#ffffff"), text: channels("#1d2530"), isDark: false },
  dark: { paper: channels("#14171c"), text: channels("#e8eaed"), isDark: true },
};

/** The same numbers each time. */
function* numbers(seed) {
  for (let state = seed; ; ) {
    state = (state * 1664525 + 1013904223) % 4294967296;
    yield state / 4294967296;
  }
}

test("contrast is counted as WCAG does", () => {
  const [black, white] = [channels("#000000"), channels("#ffffff")];
  assert.equal(contrast(black, white), 21);
  assert.equal(contrast(white, white), 1);
  assert.equal(contrast(channels("#767676"), white).toFixed(2), "4.54");
});

for (const [name, { paper, text, isDark }] of Object.entries(THEMES)) {
  const quiet = mixed(text, paper, 0.76); // an interviewer's words

  test(`words can be read on any pile of codes in the ${name} theme`, () => {
    const next = numbers(7);
    const chance = () => next.next().value;
    for (let pile = 0; pile < 3000; pile++) {
      const tints = Array.from({ length: 1 + Math.floor(chance() * 9) }, () =>
        tintOf(hexOf([256 * chance(), 256 * chance(), 256 * chance()]), {
          paper,
          words: quiet,
          isDark,
        }),
      );
      const under = layered(paper, tints);
      const said = `${JSON.stringify(tints)} → ${hexOf(under)}`;
      assert.ok(contrast(text, under) >= 4.5, said);
      assert.ok(contrast(quiet, under) >= 4.5, said);
    }
  });

  test(`one code can be seen on the paper of the ${name} theme`, () => {
    for (const hex of ["#4e79a7", "#59a14f", "#f28e2b", "#e15759", "#b07aa1"]) {
      const under = layered(paper, [tintOf(hex, { paper, words: quiet, isDark })]);
      const apart = under.map((value, at) => Math.abs(value - paper[at]));
      assert.ok(Math.max(...apart) >= 15, `${hex} → ${hexOf(under)}`);
    }
  });
}

test("codes of one theme share its hue and differ in lightness, in the order of the codebook", () => {
  const codes = [
    { id: "T", path: "", color: "#4e79a7", codable: false },
    ...["a", "b", "c", "d"].map((id) => ({ id, path: "T", color: "#4e79a7" })),
    { id: "other", path: "U", color: "#59a14f" },
  ];
  const shades = shadesOf(codes);
  assert.equal(shades.get("T"), "#4e79a7");
  assert.equal(shades.get("other"), "#59a14f", "alone with its colour");
  const inTheme = ["a", "b", "c", "d"].map((id) => channels(shades.get(id)));
  assert.equal(new Set(inTheme.map(hexOf)).size, 4);
  const white = [255, 255, 255];
  const onWhite = inTheme.map((colour) => contrast(colour, white));
  assert.deepEqual(onWhite, [...onWhite].sort((one, other) => other - one), "deep to pale");
  for (const [red, green, blue] of inTheme) assert.ok(blue > green && green > red, "still blue");
});

test("bars of every shade are seen on white paper", () => {
  for (const color of ["#4e79a7", "#59a14f", "#f28e2b", "#e15759", "#76b7b2", "#9c755f", "#d37295"]) {
    const codes = Array.from({ length: 9 }, (_, id) => ({ id, path: "T", color }));
    for (const shade of shadesOf(codes).values())
      assert.ok(contrast(channels(shade), [255, 255, 255]) >= 3, shade);
  }
});
