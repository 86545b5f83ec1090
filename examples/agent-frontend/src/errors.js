// Errors as sentences for a person, and which of them pass by themselves.
import { AuthenticationError, NotFoundError, SandboxError, ServerError, TimeoutError } from "@superserve/sdk";

/** @type {Record<string, string>} */
const WORDS = {
  aborted: "It was stopped.",
  connection_closed: "The connection was lost.",
  network_error: "The server cannot be reached.",
  no_session: "The session is over. Reload the page to begin another.",
  not_allowed: "This page is not allowed to do that.",
  not_authorized: "This sandbox belongs to another session. Reload the page.",
  send_again: "The sandbox was asleep. Try again.",
  stream_ended: "The connection was lost before the command had ended.",
  ticket_expired: "The page's permission has run out and could not be renewed. Reload the page.",
  ticket_invalid: "The page's permission is not valid any more. Reload the page.",
  too_large: "The file is larger than this page may send.",
  too_many_sandboxes: "There are too many sandboxes already. Delete one and try again.",
  too_many_streams: "Too much is under way at once. Wait for something to end, and try again.",
};

/**
 * What went wrong, in words.
 *
 * @param {any} error
 * @returns {string}
 */
export function inWords(error) {
  const known = WORDS[error?.code];
  if (known) return known;
  if (TimeoutError.is(error)) return "There was no answer in time.";
  if (NotFoundError.is(error)) return "It is not there any more.";
  if (AuthenticationError.is(error)) return "The server does not allow this. Reload the page.";
  if (ServerError.is(error)) return "The server had a problem of its own. Try again.";
  return `${error?.message ?? error}`;
}

const PASSING = ["connection_closed", "network_error", "stream_ended", "send_again"];

/**
 * Whether trying again may help without anybody doing anything: a server that restarts, a network that is gone.
 *
 * @param {unknown} error
 */
export function passes(error) {
  if (!SandboxError.is(error)) return false;
  return PASSING.includes(error.code ?? "") || ServerError.is(error);
}
