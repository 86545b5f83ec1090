// What a model is told when something did not work: a sentence, and what to do next.

/** What a tool refuses, in words for a model. */
export class Refusal extends Error {}

/** @param {unknown} isSo @param {string} says */
export function refuseIf(isSo, says) {
  if (isSo) throw new Refusal(says);
}

/** What to do next, by the code or the name of an error. @type {Record<string, string>} */
const NEXT = {
  not_found: "Look for files with list_files or glob, for processes with process_output.",
  is_directory: "Look into it with list_files.",
  already_exists: "Choose another name.",
  changed: "Read the file again, and repeat the edit.",
  bad_pattern: "It is an extended regular expression of POSIX: correct it.",
  permission_denied: "Choose another place, or change the permissions with bash.",
  read_only: "Choose another place.",
  sandbox_storage_full: "Remove what is not needed.",
  tool_missing: "Install it with bash, or do without.",
  not_allowed: "Do without this tool.",
  aborted: "Try again.",
  TimeoutError: "Try again, with less to do at once.",
  RateLimitError: "Wait a while, and try again.",
  ServerError: "Try again.",
};

/**
 * What an error says. Those of this package, of whichever copy, show no secrets; what others say is not known to.
 *
 * @param {any} error
 */
export function explained(error) {
  if (error instanceof Refusal) return error.message;
  const { name, message, code } = Object(error);
  if (!lineageOf(error)) return `The tool failed (${name ?? typeof error}). Try another way.`;
  return [message.replace(/[^.!?…]$/, "$&."), NEXT[code] ?? NEXT[name]].filter(Boolean).join(" ");
}

/** The names of its classes, of an error of this package's, of whichever copy. @param {any} error @returns {string[] | undefined} */
export const lineageOf = (error) => Object(error)[Symbol.for("@superserve/sdk/errors")];
