// A ticket is base64url(JSON claims) "." base64url(HMAC-SHA-256 of the first part). The page may read the claims; it
// cannot change them.
import { PERMISSIONS, SANDBOX_ID, TICKET_LENGTH } from "#routes";

import { fromBase64url, toBase64url } from "./base64url.js";
import { Refusal } from "./refusal.js";

const ALGORITHM = { name: "HMAC", hash: "SHA-256" };
const MIN_SECRET_BYTES = 32;
const DEFAULT_ALLOW = ["exec", "files:read"];
/** What a ticket may allow that is bound to a folder: by anything else a page would get out of it. */
export const FOLDER_PERMISSIONS = ["files:read", "files:write", "info"];
const DEFAULT_SECONDS = 15 * 60;
const MAX_SECONDS = 7 * 24 * 60 * 60;
const MIN_PREVIEW_PORT = 1024;
/** So many tickets are known at once that were found to be good. */
const KEPT = 1_000;

/** @import { createTicket as CreateTicket, RelaySecret, TicketClaims } from "../relay.js" */
/** @typedef {Exclude<Parameters<typeof CreateTicket>[0], string>} Sandbox */

/** @param {string} text */
const encode = (text) => new TextEncoder().encode(text);

/**
 * A ticket for one sandbox, given as an object with its `id` or as the id.
 *
 * @type {typeof CreateTicket}
 */
export async function createTicket(sandbox, options) {
  const given = typeof sandbox === "string" ? { id: sandbox } : (sandbox ?? {});
  const { id, name } = given;
  const {
    secret,
    root,
    allow = root === undefined ? DEFAULT_ALLOW : ["files:read"],
    expiresInSeconds = DEFAULT_SECONDS,
    maxUploadBytes: max,
  } = options ?? {};
  const sid = String(id).toLowerCase();
  /** @type {(holds: unknown, what: string) => void} */
  const must = (holds, what) => {
    if (!holds) throw new TypeError(what);
  };
  must(SANDBOX_ID.test(sid), "a ticket is for a sandbox or its id");
  const known = Array.isArray(allow) && allow.length > 0 && allow.every((one) => PERMISSIONS.includes(one));
  must(known, `allow must list some of ${PERMISSIONS}`);
  const lasts = Number.isInteger(expiresInSeconds) && expiresInSeconds > 0 && expiresInSeconds <= MAX_SECONDS;
  must(lasts, `expiresInSeconds must be an integer from 1 to ${MAX_SECONDS}`);
  must(max === undefined || (Number.isSafeInteger(max) && max >= 0), "maxUploadBytes must be an integer");

  const folder = root === undefined ? undefined : folderOf(root);
  must(folder !== "", "root must be the path of a folder, not / or /tmp, and have no .. segment");
  const holds = folder === undefined || allow.every((one) => FOLDER_PERMISSIONS.includes(one));
  must(holds, `with root allow must list some of ${FOLDER_PERMISSIONS}`);

  const exp = Math.ceil(Date.now() / 1000) + expiresInSeconds;
  const { status } = given;
  const claims = {
    // A relay that knows no folders must not take it for one without.
    v: folder === undefined ? 1 : 2,
    sid,
    root: folder,
    name,
    status,
    allow: [...new Set(allow)],
    exp,
    max,
    previews: previewsOf(given),
  };
  const payload = toBase64url(encode(JSON.stringify(claims)));
  const [key] = await importKeys(secretsOf(secret));
  const signature = await crypto.subtle.sign("HMAC", key, encode(payload));
  const ticket = `${payload}.${toBase64url(new Uint8Array(signature))}`;
  must(ticket.length <= TICKET_LENGTH, "the sandbox's name is too long for a ticket");
  return ticket;
}

/**
 * A folder's path in its one form; empty for what cannot be one. What is under way lies in `/tmp`.
 *
 * @param {unknown} root
 */
function folderOf(root) {
  if (typeof root !== "string" || !root.startsWith("/") || root.includes("\0")) return "";
  const segments = root.split("/").filter((segment) => segment !== "" && segment !== ".");
  const path = `/${segments.join("/")}`;
  return segments.includes("..") || path === "/" || path === "/tmp" ? "" : path;
}

/**
 * The origin that a sandbox's preview URLs end in, which an object of the SDK's knows.
 *
 * @param {Partial<Sandbox>} sandbox
 */
function previewsOf(sandbox) {
  const url = sandbox.getPreviewUrl?.(MIN_PREVIEW_PORT) ?? "";
  const [, scheme, host] = /^(https?:\/\/)[^.]+\.(.+)$/.exec(url) ?? [];
  return host && scheme + host;
}

/**
 * Verifies tickets signed with any of the secrets: while one replaces another, tickets of both are about.
 *
 * @param {RelaySecret | RelaySecret[]} secret
 */
export function ticketVerifier(secret) {
  const secrets = secretsOf(secret);
  /** @type {CryptoKey[] | undefined} */
  let keys;
  /** The claims of tickets that were found to be good, as JSON: whoever is given them may change theirs. @type {Map<string, string>} */
  const known = new Map();

  /** @param {string} ticket */
  async function check(ticket) {
    keys ??= await importKeys(secrets);
    const claims = await claimsOf(ticket, keys).catch(() => undefined);
    if (!claims) return undefined;
    known.set(ticket, JSON.stringify(claims));
    const [oldest = ""] = known.keys();
    if (known.size > KEPT) known.delete(oldest);
    return claims;
  }

  /** @param {string} ticket */
  return async function verify(ticket) {
    const json = known.get(ticket);
    /** @type {TicketClaims | undefined} */
    const claims = json === undefined ? await check(ticket) : JSON.parse(json);
    if (!claims) throw new Refusal(401, "ticket_invalid", "the ticket is missing or not valid");
    if (Date.now() < claims.exp * 1000) return claims;
    known.delete(ticket);
    throw new Refusal(401, "ticket_expired", "the ticket has expired");
  };
}

/**
 * The claims; undefined, or an error, for what is no ticket of ours.
 *
 * @param {string} ticket
 * @param {CryptoKey[]} keys
 * @returns {Promise<TicketClaims | undefined>}
 */
async function claimsOf(ticket, keys) {
  const [payload = "", signature = "", ...rest] = ticket.split(".");
  if (ticket.length > TICKET_LENGTH || rest.length > 0) return undefined;
  const given = fromBase64url(signature);
  for (const key of keys) {
    // Compares in constant time.
    if (!(await crypto.subtle.verify("HMAC", key, given, encode(payload)))) continue;
    const claims = JSON.parse(new TextDecoder().decode(fromBase64url(payload)));
    const { v, sid, allow, exp, root } = claims;
    const valid =
      typeof sid === "string" && SANDBOX_ID.test(sid) && Array.isArray(allow) && Number.isFinite(exp);
    const version = typeof root === "string" && root === folderOf(root) && root !== "" ? 2 : 1;
    return v === version && (version === 2 || root === undefined) && valid ? claims : undefined;
  }
  return undefined;
}

/**
 * @param {RelaySecret | RelaySecret[]} secret
 */
function secretsOf(secret) {
  /** @type {(one: RelaySecret) => Uint8Array} */
  const bytesOf = (one) => (typeof one === "string" ? encode(one) : one);
  const secrets = [secret].flat().map(bytesOf);
  /** @param {unknown} one */
  const good = (one) => one instanceof Uint8Array && one.length >= MIN_SECRET_BYTES;
  if (secrets.length > 0 && secrets.every(good)) return secrets;
  throw new TypeError(
    `secret must be a string or bytes, ${MIN_SECRET_BYTES} bytes or more, or a list of such`,
  );
}

/**
 * The secrets as somebody might write them.
 *
 * @param {RelaySecret | RelaySecret[]} secret
 */
export const textsOf = (secret) =>
  [secret].flat().flatMap((one) => (typeof one === "string" ? one : [latin1(one), hex(one)]));

/** @param {Uint8Array} bytes */
const latin1 = (bytes) => String.fromCharCode(...bytes);
/** @param {Uint8Array} bytes */
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** @param {Uint8Array[]} secrets */
function importKeys(secrets) {
  if (!globalThis.crypto) throw new Error("the relay needs Web Crypto: Node.js 20 or newer");
  /** @param {BufferSource} secret */
  const load = (secret) => crypto.subtle.importKey("raw", secret, ALGORITHM, false, ["sign", "verify"]);
  return Promise.all(/** @type {BufferSource[]} */ (secrets).map(load));
}
