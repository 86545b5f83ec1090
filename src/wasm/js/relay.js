// A ticket of the relay's, as the page reads it. Whether it is good, the relay alone can say.
import { LEGACY_PUBLIC } from "#constants";
import { SANDBOX, make, refusal } from "./errors.js";
import { now } from "./call.js";
import { decoder, encoder } from "./runtime.js";

/** A ticket is renewed so long before its end: a large upload would find out only once it is on its way. */
const AHEAD_MS = 10_000;

/** What checked options say of the ticket and the relay. */
export function read({ locals: { ticket, relayUrl } }) {
  const { href, origin } = globalThis.location ?? {};
  let url;
  try {
    url = new URL(relayUrl, href);
  } catch {
    throw refusal("relayUrl", "be a URL, a whole one where there is no page");
  }
  return { ...claimsOf(ticket), url: url.href, own: url.origin === origin };
}

export function claimsOf(ticket) {
  try {
    const [, payload] = /^([\w-]+)\.[\w-]+$/.exec(ticket);
    const bytes = atob(payload.replace(/-/g, "+").replace(/_/g, "/"));
    const claims = decoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt()));
    const { sid: id, name = "", status = "active", allow, exp, max, previews } = JSON.parse(claims);
    if (typeof id === "string") {
      const left = exp * 1000 - AHEAD_MS - Date.now();
      // Where it seems to be over as it arrives, this clock is wrong, or it is for a short time: the relay will say.
      const renewAt = left > 0 ? now() + left : Infinity;
      const fields = { id, name, status, metadata: {}, previewAccess: LEGACY_PUBLIC };
      return { ticket, id, allow: allow.join(), renewAt, max, previews, fields };
    }
  } catch {
    // Not a ticket.
  }
  throw refusal("ticket", "be one that createTicket made");
}

/** Throws, as the relay would answer, for a file that is larger than the ticket allows: many a host cuts it off instead. */
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

/** What the caller's way to the next ticket gives. Asynchronous, so that one that throws at once rejects. */
export const ask = async (refresh) => refresh();
