import { readAll, through } from "./bodies.js";
import { Refusal, SAFE } from "./refusal.js";

const MAX_JSON_BYTES = 16 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;
const PASSED = ["content-type", "x-request-id", "retry-after"];

/** The answer to the page as the service streams it. */
export function streamed(response, watch) {
  const headers = headersOf(response);
  const length = response.headers.get("content-length");
  if (length !== null && !response.headers.has("content-encoding")) headers.set("content-length", length);
  if (!response.body) {
    watch.onEnd();
    return new Response(null, { status: response.status, headers });
  }
  return new Response(through(response.body, watch), { status: response.status, headers });
}

/** The answer to the page without any access token; `seen` gets what was in it. */
export async function withoutTokens(response, secrets, seen) {
  const headers = headersOf(response);
  if (response.status === 204) return new Response(null, { status: 204, headers });
  const value = await jsonOf(response);
  seen(value);
  const hide = (key, inner) => (key === "access_token" ? undefined : inner);
  const text = redact(JSON.stringify(value, hide), [...secrets, value?.access_token]);
  return new Response(text, { status: response.status, headers });
}

export async function jsonOf(response) {
  try {
    return JSON.parse(await textOf(response, MAX_JSON_BYTES));
  } catch (cause) {
    throw new Refusal(502, "bad_gateway", "the service's answer is not JSON", { cause });
  }
}

/** The service's own refusal, in its words. */
export async function failureOf(response, secrets, plane) {
  const { status } = response;
  const text = await textOf(response, MAX_ERROR_BYTES).catch(() => "");
  // To the page a 401 speaks of its ticket. This one speaks of the relay's credentials, and so does the control
  // plane's 403.
  if (status === 401 || (status === 403 && plane === "control")) {
    return new Refusal(502, "upstream_unauthorized", "the service refused the relay's credentials");
  }
  const { code, message } = envelopeOf(text);
  const said = redact(message ?? text.trim(), secrets) || `API error (${status})`;
  const retryAfter = response.headers.get("retry-after") ?? undefined;
  return new Refusal(status, code && redact(code, secrets), said, { retryAfter });
}

function envelopeOf(text) {
  try {
    const { code, message } = JSON.parse(text).error;
    return { code: typeof code === "string" ? code : undefined, message: `${message ?? ""}` };
  } catch {
    return {};
  }
}

function redact(text, secrets) {
  return secrets.filter(Boolean).reduce((left, secret) => left.replaceAll(secret, "[redacted]"), text);
}

async function textOf(response, limit) {
  return response.body ? new TextDecoder().decode(await readAll(response.body, limit)) : "";
}

function headersOf(response) {
  const headers = new Headers(SAFE);
  for (const name of PASSED) {
    const value = response.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}
