// What one tab remembers over a reload.

export function stored(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

/** A page that may store nothing works all the same; it begins anew after a reload. */
export function store(key, value) {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch (error) {
    console.warn("nothing is stored:", error);
  }
}
