// A ticket is base64url(JSON claims) "." base64url(HMAC-SHA-256 of the first part). The page may read the claims; it
// cannot change them.
import { fromBase64url, toBase64url } from "./base64url.js";
import { Refusal } from "./refusal.js";
import { OPERATIONS, UUID } from "./routes.js";

const ALGORITHM = { name: "HMAC", hash: "SHA-256" };
const MIN_SECRET_BYTES = 32;
const MAX_LENGTH = 4096;
const DEFAULT_ALLOW = ["exec", "files:read"];
const DEFAULT_SECONDS = 15 * 60;
const MAX_SECONDS = 7 * 24 * 60 * 60;

const encoder = new TextEncoder();

/** A ticket for one sandbox, given as an object with its `id` or as the id. */
export async function createTicket(sandbox, options) {
  const { id, name } = typeof sandbox === "string" ? { id: sandbox } : sandbox ?? {};
  const { secret, allow = DEFAULT_ALLOW, expiresInSeconds = DEFAULT_SECONDS, maxUploadBytes } = options ?? {};
  const sid = String(id).toLowerCase();
  if (!UUID.test(sid)) throw new TypeError("a ticket is for a sandbox or its id");
  if (!Array.isArray(allow) || allow.length === 0 || !allow.every((one) => OPERATIONS.includes(one))) {
    throw new TypeError(`allow must list some of: ${OPERATIONS.join(", ")}`);
  }
  if (!Number.isInteger(expiresInSeconds) || expiresInSeconds < 1 || expiresInSeconds > MAX_SECONDS) {
    throw new TypeError(`expiresInSeconds must be an integer from 1 to ${MAX_SECONDS}`);
  }
  if (maxUploadBytes !== undefined && !(Number.isSafeInteger(maxUploadBytes) && maxUploadBytes >= 0)) {
    throw new TypeError("maxUploadBytes must be a whole number of bytes");
  }
  const exp = Math.ceil(Date.now() / 1000) + expiresInSeconds;
  const claims = { v: 1, sid, name, allow: [...new Set(allow)], exp, max: maxUploadBytes };
  const payload = toBase64url(encoder.encode(JSON.stringify(claims)));
  const [key] = await importKeys(secretsOf(secret).slice(0, 1));
  const signature = await crypto.subtle.sign("HMAC", key, encoder.encode(payload));
  return `${payload}.${toBase64url(new Uint8Array(signature))}`;
}

/** Verifies tickets signed with any of the secrets: while one replaces another, tickets of both are about. */
export function ticketVerifier(secret) {
  const secrets = secretsOf(secret);
  let keys;

  return async function verify(ticket) {
    keys ??= await importKeys(secrets);
    const claims = await claimsOf(ticket, keys);
    if (!claims) throw new Refusal(401, "ticket_invalid", "the ticket is missing or not valid");
    if (Date.now() >= claims.exp * 1000) throw new Refusal(401, "ticket_expired", "the ticket has expired");
    return claims;
  };
}

async function claimsOf(ticket, keys) {
  if (typeof ticket !== "string" || ticket.length > MAX_LENGTH) return undefined;
  const [payload, signature, ...rest] = ticket.split(".");
  const given = signature && rest.length === 0 && fromBase64url(signature);
  const json = given && fromBase64url(payload);
  if (!json) return undefined;
  for (const key of keys) {
    // Compares in constant time.
    if (await crypto.subtle.verify("HMAC", key, given, encoder.encode(payload))) return read(json);
  }
  return undefined;
}

/** What is signed with our secret may still be something else. */
function read(json) {
  try {
    const claims = JSON.parse(new TextDecoder().decode(json));
    const { v, sid, allow, exp } = claims;
    const valid = v === 1 && typeof sid === "string" && UUID.test(sid) && Array.isArray(allow) && Number.isFinite(exp);
    return valid ? claims : undefined;
  } catch {
    return undefined;
  }
}

function secretsOf(secret) {
  const secrets = (Array.isArray(secret) ? secret : [secret]).map((one) =>
    typeof one === "string" ? encoder.encode(one) : one,
  );
  for (const one of secrets) {
    if (!(one instanceof Uint8Array) || one.length < MIN_SECRET_BYTES) {
      throw new TypeError(`secret must be a string or bytes, ${MIN_SECRET_BYTES} bytes or more, or a list of such`);
    }
  }
  if (secrets.length === 0) throw new TypeError("secret must not be an empty list");
  return secrets;
}

function importKeys(secrets) {
  if (!globalThis.crypto?.subtle) throw new Error("the relay needs Web Crypto: Node.js 20 or newer");
  return Promise.all(
    secrets.map((secret) => crypto.subtle.importKey("raw", secret, ALGORITHM, false, ["sign", "verify"])),
  );
}
