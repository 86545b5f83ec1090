// A ticket of the relay's, as the page reads it, and what a routing hint says. Whether they are good, the other side
// alone can say.
import { LEGACY_PUBLIC } from "#constants";
import { SANDBOX, make, refusal } from "./errors.js";
import { decoder, encoder, now } from "./runtime.js";

/** A ticket is renewed so long before its end: a large upload would learn of the end only once it is on its way. */
const AHEAD_MS = 10_000;

/**
 * What checked options say of the ticket and the relay.
 *
 * @param {import("./arguments.js").Arguments} given
 */
export function read({ locals: { ticket, relayUrl } }) {
  const { href, origin } = /** @type {Partial<Location>} */ (globalThis.location ?? {});
  let url;
  try {
    url = new URL(relayUrl, href);
  } catch {
    throw refusal("relayUrl", "be a URL, a whole one where there is no page");
  }
  return { ...claimsOf(ticket), url: url.href, own: url.origin === origin };
}

/**
 * What a ticket says, and when to renew it; throws for what is none.
 *
 * @param {string} ticket
 */
export function claimsOf(ticket) {
  try {
    // What is no ticket throws here.
    const [, payload] = /** @type {RegExpExecArray} */ (/^([\w-]+)\.[\w-]+$/.exec(ticket));
    const { sid: id, name = "", status = "active", allow, exp, max, previews } = unpack(payload);
    if (typeof id === "string") {
      const renewAt = moment(exp, AHEAD_MS);
      const fields = { id, name, status, metadata: {}, previewAccess: LEGACY_PUBLIC };
      return { ticket, id, allow: allow.join(), renewAt, max, previews, fields };
    }
  } catch {
    // This is no ticket.
  }
  throw refusal("ticket", "be one that createTicket made");
}

/** What base64url has of JSON. @param {string} payload */
function unpack(payload) {
  const bytes = atob(payload.replace(/-/g, "+").replace(/_/g, "/"));
  const json = decoder().decode(
    Uint8Array.from(bytes, (/** @type {{ charCodeAt(at?: number): number }} */ byte) => byte.charCodeAt()),
  );
  return JSON.parse(json);
}

/**
 * The moment `aheadMs` before a date, by the clock for durations. Where that seems to be over as the date arrives, this
 * side's date is wrong, or it is for a short time: the other side will say.
 *
 * @param {number} seconds
 * @param {number} aheadMs
 */
function moment(seconds, aheadMs) {
  const left = seconds * 1000 - aheadMs - Date.now();
  return left > 0 ? now() + left : Infinity;
}

/** When a routing hint ends, by that clock; infinite where it does not say. @param {string} hint */
export function endOf(hint) {
  try {
    return moment(unpack(hint.split(".")[1]).e, 0);
  } catch {
    return Infinity;
  }
}

/**
 * Throws, as the relay would answer, for a file that is larger than the ticket allows: many a host cuts it off instead.
 *
 * @param {{ max: number }} ticket
 * @param {any} content
 */
export function permitFile({ max }, content) {
  const size = content.size ?? content.byteLength ?? encoder().encode(content).length;
  if (size > max) {
    throw make(
      SANDBOX,
      `the ticket allows files of ${max} bytes at most, this has ${size}`,
      413,
      "too_large",
    );
  }
}

/** What the caller's way to the next ticket gives. It is asynchronous, so that one that throws at once rejects. */
export const ask = async (/** @type {() => unknown} */ refresh) => refresh();
