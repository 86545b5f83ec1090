// `files.replace`: a text in a file, by another.
import { CONFLICT, CONFLICT_STATUS, IDENTIFY_FILE, READ_FILE, SEND_PART } from "#constants";
import { putting } from "./upload.js";

/** @import { Rest } from "../index.js" */

/**
 * @param {any} options
 * @param {Rest} rest
 */
export async function replace({ path, oldText, newText, count = 1, signal, timeoutMs }, rest) {
  const { run, make } = rest;
  const options = { signal, timeoutMs };
  const [old, by] = [oldText, newText].map((text) => new TextEncoder().encode(text));
  const expected = await run(IDENTIFY_FILE, [path, options]);
  /** @type {Uint8Array} */
  const bytes = await run(READ_FILE, [path, options]);
  const places = placesOf(old, bytes);
  const found = places.length;
  if (count === "all" ? !found : count !== found) {
    const why = `${path}: what is to be replaced is there ${found} times, not ${count === "all" ? "once" : count}`;
    throw make(CONFLICT, why, CONFLICT_STATUS, "count_mismatch");
  }
  const content = new Uint8Array(bytes.length + found * (by.length - old.length));
  let [from, to] = [0, 0];
  for (const place of [...places, bytes.length]) {
    content.set(bytes.subarray(from, place), to);
    to += place - from;
    if (place < bytes.length) content.set(by, to);
    to += by.length;
    from = place + old.length;
  }
  await putting(rest, path, "", { ...options, expected }, async (step, place) => {
    await step(SEND_PART, [place, content, options]);
    return 0;
  });
  return { count: found };
}

/**
 * Where some bytes are, from left to right, none of them twice.
 *
 * @param {Uint8Array} wanted
 * @param {Uint8Array} bytes
 */
export function placesOf(wanted, bytes) {
  const places = [];
  for (let at = 0; (at = bytes.indexOf(wanted[0], at)) >= 0; ) {
    const isThere = wanted.every((byte, i) => bytes[at + i] === byte);
    if (isThere) places.push(at);
    at += isThere ? wanted.length : 1;
  }
  return places;
}
