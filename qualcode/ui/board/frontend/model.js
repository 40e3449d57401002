// The board as values: themes with their codes and versions, and what an act makes of them. The
// server does the same in the study file; here it is done at once, before the server answers.

/** The themes in lanes: each that is no part of another, with its parts. */
export function lanesOf(themes) {
  const there = new Set(themes.map((theme) => theme.id));
  const isPart = (theme) => theme.parent && there.has(theme.parent);
  return themes
    .filter((theme) => !isPart(theme))
    .map((theme) => ({ theme, parts: themes.filter((part) => part.parent === theme.id) }));
}

/** The codes that stand in no theme, neither themselves nor by their group. */
export function trayOf(codes, themes) {
  const held = new Set(themes.flatMap((theme) => theme.codes));
  return codes.filter(
    (code) => code.codable && !held.has(code.id) && !code.groups.some((group) => held.has(group)),
  );
}

/** In how many people and passages the codes of some themes were found, each counted once. */
export function tally(themes, codes) {
  const held = themes.flatMap((theme) => theme.codes.map((id) => codes.get(id)).filter(Boolean));
  const from = held.length ? held : themes;
  return {
    people: new Set(from.flatMap((one) => one.people)).size,
    passages: new Set(from.flatMap((one) => one.places)).size,
  };
}

function changed(themes, id, change) {
  return themes.map((theme) =>
    theme.id === id ? { ...theme, ...change(theme), version: theme.version + 1 } : theme,
  );
}

/** A list with an entry before another one, or last. */
export function placed(list, entry, before, isIt) {
  const rest = list.filter((other) => other !== entry);
  const at = before ? rest.findIndex((other) => isIt(other, before)) : -1;
  return at < 0 ? [...rest, entry] : [...rest.slice(0, at), entry, ...rest.slice(at)];
}

/** What the themes are after an act; an act on what is not there changes nothing. */
export function after(themes, act) {
  const of = (id) => themes.find((theme) => theme.id === id);
  if (act.op === "place") {
    let next = themes;
    if (act.target && of(act.target) && !of(act.target).codes.includes(act.code))
      next = changed(next, act.target, ({ codes }) => ({ codes: [...codes, act.code] }));
    if (act.source && !act.beside && of(act.source)?.codes.includes(act.code))
      next = changed(next, act.source, ({ codes }) => ({
        codes: codes.filter((code) => code !== act.code),
      }));
    return next;
  }
  if (act.op === "rename") return changed(themes, act.theme, () => ({ name: act.name }));
  if (act.op === "new") {
    const { id, name, parent } = act;
    const made = { id, name, parent, state: "candidate", version: 1, codes: [], people: [] };
    return [...themes, { ...made, places: [], claims: 0, divergent: 0 }];
  }
  if (act.op === "order" && of(act.theme)) {
    const moves = act.parent !== null && act.parent !== of(act.theme).parent;
    const next = moves ? changed(themes, act.theme, () => ({ parent: act.parent })) : themes;
    const theme = next.find((one) => one.id === act.theme);
    if (act.before === act.theme) return next;
    return placed(next, theme, act.before, (one, id) => one.id === id);
  }
  return themes;
}

/** The versions of the themes that an act touches, as the person sees them. */
export function seenBy(themes, act) {
  const touched = [act.source, act.target, act.theme].filter(Boolean);
  return Object.fromEntries(
    themes.filter((theme) => touched.includes(theme.id)).map(({ id, version }) => [id, version]),
  );
}

/** The groups that a code can be put into, lane by lane; "" is the tray. */
export function groupsOf(themes) {
  return [
    [""],
    ...lanesOf(themes).map(({ theme, parts }) => [theme.id, ...parts.map((part) => part.id)]),
  ];
}

/** One step of an arrow key through the groups: within a lane up and down, else to the next lane. */
export function stepped(groups, at, key) {
  const lane = groups.findIndex((group) => group.includes(at));
  const row = groups[lane]?.indexOf(at) ?? 0;
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const next = groups[lane + (key === "ArrowRight" ? 1 : -1)];
    return next ? next[Math.min(row, next.length - 1)] : at;
  }
  return groups[lane]?.[row + (key === "ArrowDown" ? 1 : -1)] ?? at;
}

/**
 * Where a theme can be put, from left to right: {parent, before}. A theme with parts of its own
 * goes between the others, never into one.
 */
export function slotsOf(themes, id) {
  const hasParts = themes.some((theme) => theme.parent === id);
  const slots = [];
  for (const { theme } of lanesOf(themes)) {
    if (theme.id === id) {
      slots.push({ parent: "", before: id });
      continue;
    }
    slots.push({ parent: "", before: theme.id });
    if (!hasParts) slots.push({ parent: theme.id, before: "" });
  }
  slots.push({ parent: "", before: "" });
  return slots;
}

/** The slot in which a theme stands now. */
export function slotOf(themes, id) {
  const theme = themes.find((one) => one.id === id);
  const there = theme.parent && themes.some((one) => one.id === theme.parent);
  return there ? { parent: theme.parent, before: "" } : { parent: "", before: id };
}

export function isTopic(name, words) {
  return name.trim().split(/\s+/).length < words;
}

export function count(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}
