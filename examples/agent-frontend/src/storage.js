// What one tab remembers over a reload.

/**
 * @param {string} key
 * @returns {any} What was stored; null for nothing.
 */
export function stored(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

/**
 * A page that may store nothing works all the same; it begins anew after a reload.
 *
 * @param {string} key
 * @param {unknown} value
 */
export function store(key, value) {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch (error) {
    console.warn("nothing is stored:", error);
  }
}
