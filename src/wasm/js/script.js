// Scripts, as the service runs them.
import { SCRIPT_SEPARATOR } from "#constants";
import { SCRIPTS } from "#scripts";

/** @typedef {Record<number, string>} Lines */

/** Their lines, by the paths of their entries: those that load apart come later. @type {Record<string, Lines>} */
export const scripts = { ...SCRIPTS };

/** A byte of a path that is no UTF-8, as it crosses. */
const ESCAPED = /\0(..)/g;

/** What `printf %b` makes that value of. @param {string} value */
const escaped = (value) =>
  value.replaceAll("\\", "\\\\").replace(ESCAPED, (_, digits) => `\\0${parseInt(digits, 16).toString(8)}`);

/**
 * A program of `/bin/sh`: the parts of a script, and what it is given. What it starts is found by the variable that has that call's name.
 *
 * @param {Lines[]} parts
 * @param {string} words
 * @param {string} call
 */
export function shell(parts, words, call) {
  const values = words.split(SCRIPT_SEPARATOR);
  const isEscaped = values.some((value) => value.includes("\0"));
  // The tools' words are looked at, and names are bytes to them.
  const env = { LC_ALL: "C", SUPERSERVE_CALL: call || undefined };
  const script = parts.flatMap((lines) => Object.values(lines)).join("\n");
  const args = ["-c", script, isEscaped ? "e" : "s", ...(isEscaped ? values.map(escaped) : values)];
  return { command: "/bin/sh", args, env };
}
