// Paths of a page's requests. A byte that is no UTF-8 is half a character from U+DC80 on, as everywhere in the SDK.
import { Refusal } from "./refusal.js";

/** A character in UTF-8, by its first byte, or a byte that is none. */
const CHARACTER =
  /%[0-7][0-9a-f]|%[cd][0-9a-f]%[89ab][0-9a-f]|%e[0-9a-f](?:%[89ab][0-9a-f]){2}|%f[0-7](?:%[89ab][0-9a-f]){3}|%[0-9a-f]{2}/gi;

/** @param {string} digits */
const half = (digits) => String.fromCharCode(0xdc00 + parseInt(digits, 16));

/**
 * What a part of a query says.
 *
 * @param {string} text
 */
export const decoded = (text) =>
  text.replaceAll("+", " ").replace(CHARACTER, (found) => {
    try {
      return decodeURIComponent(found);
    } catch {
      return found.replace(/%(..)/g, (_, digits) => half(digits));
    }
  });

/**
 * The same back as a part of a query, whatever is in it.
 *
 * @param {string} text
 */
export const encoded = (text) =>
  text.replace(/[\udc80-\udcff]|[^\udc80-\udcff]+/gu, (part) =>
    /^[\udc80-\udcff]/u.test(part)
      ? `%${part.charCodeAt(0).toString(16).slice(2)}`
      : encodeURIComponent(part),
  );

/**
 * A text in a page's JSON, where such a byte is a NUL and its digits.
 *
 * @param {string} text
 */
export const crossed = (text) => text.replace(/\0([89a-f][0-9a-f])/g, (_, digits) => half(digits));

/**
 * The segments of a path that say where it leads.
 *
 * @param {string} path
 */
export function segmentsOf(path) {
  const segments = path.split("/").filter((segment) => segment !== "" && segment !== ".");
  if (!path.startsWith("/") || segments.includes("..") || path.includes("\0")) {
    throw new Refusal(400, "bad_path", "path must start with / and have no .. segment");
  }
  return segments;
}

/**
 * Refuses a path outside of a ticket's folder, if it has one. Where symbolic links lead shows only in the sandbox.
 *
 * @param {string} path
 * @param {string | undefined} root
 */
export function holdWithin(path, root) {
  const segments = segmentsOf(path);
  if (root === undefined || segmentsOf(root).every((segment, at) => segments[at] === segment)) return;
  throw new Refusal(403, "outside_root", `${path}: is outside of the folder that the ticket is for`);
}
