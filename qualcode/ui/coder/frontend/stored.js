// Lists kept in the browser's storage, which may be full, refused, or hold what somebody else left.

export function readList(storage, key) {
  try {
    const kept = JSON.parse(storage.getItem(key) ?? "[]");
    return Array.isArray(kept) ? kept.filter(Boolean) : [];
  } catch {
    return [];
  }
}

export function writeList(storage, key, list) {
  try {
    storage.setItem(key, JSON.stringify(list));
  } catch {
    // A private window may refuse storage.
  }
}
