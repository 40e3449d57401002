// Where the bars and their names stand in the margin. Numbers only, no page.

const BAR_GAP = 2; // px kept free between two bars in one lane
export const LABEL_HEIGHT = 17;
const LABEL_DRIFT = 52; // a name further than this from its bar would mislead
export const MOST_LANES = 12;

/**
 * Puts every bar {id, top, bottom} into the innermost lane that is free beside it. Where more bars
 * meet than there are lanes, the outermost lane takes several.
 */
export function layLanes(bars, most = MOST_LANES) {
  const sorted = [...bars].sort(
    (one, other) =>
      one.top - other.top || other.bottom - one.bottom || (one.id < other.id ? -1 : 1),
  );
  const lanes = []; // the lowest point used in each lane
  return sorted.map((bar) => {
    let lane = lanes.findIndex((bottom) => bottom <= bar.top + 0.5);
    if (lane < 0) lane = lanes.length < most ? lanes.length : most - 1;
    lanes[lane] = Math.max(lanes[lane] ?? 0, bar.bottom + BAR_GAP);
    return { ...bar, lane };
  });
}

/**
 * Gives bars from `layLanes` their names' places: label {top, indent, more}. `indent` counts the
 * lanes beside the name, so that it stands as close to the text as the bars there allow. A name
 * without room is left out; the name before it lists it in `more`. `height` is that of a name, in px.
 */
export function layLabels(bars, height = LABEL_HEIGHT) {
  let free = -Infinity;
  let previous = null;
  const labelled = bars.map((bar) => {
    const top = Math.max(bar.top, free);
    if (top - bar.top >= LABEL_DRIFT && previous) {
      previous.more.push(bar.id);
      return { ...bar, label: null };
    }
    free = top + height;
    previous = { top, indent: 0, more: [] };
    return { ...bar, label: previous };
  });
  let beside = []; // bars that may reach down to the name
  let next = 0;
  for (const { label } of labelled) {
    if (!label) continue;
    while (next < bars.length && bars[next].top < label.top + height) beside.push(bars[next++]);
    beside = beside.filter((bar) => bar.bottom > label.top);
    label.indent = beside.reduce((lanes, bar) => Math.max(lanes, bar.lane + 1), 1);
  }
  return labelled;
}
