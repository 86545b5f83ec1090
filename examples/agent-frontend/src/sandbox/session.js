// The page's sandbox: a ticket from the backend, and the SDK going through the relay with it.
import { Sandbox, SandboxError } from "@superserve/sdk";

/**
 * As `fetch`, with an error that tells what it is.
 *
 * @param {string} url
 * @param {RequestInit} init
 */
export async function send(url, init) {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throw new SandboxError("the server cannot be reached", undefined, "network_error", { cause });
  }
}

/**
 * @param {string} path
 * @param {object} [body]
 */
async function ask(path, body) {
  const response = await send(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body ?? {}),
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const { code, message = `status ${response.status}` } = answer.error ?? {};
  throw new SandboxError(message, response.status, code);
}

/** @returns {Promise<string>} */
const refreshTicket = async () => (await ask("/api/ticket")).ticket;
const RELAY = { relayUrl: "/api/sandbox", refreshTicket };

/** Opens the visitor's sandbox; with `fresh`, another one. */
export async function openSandbox({ fresh = false } = {}) {
  const { ticket } = await ask("/api/session", { fresh });
  return Sandbox.fromTicket(ticket, RELAY);
}

/**
 * The visitor's sandbox once more, for which `fetch` sends the requests.
 *
 * @param {typeof send} fetch
 */
export const connect = async (fetch) => Sandbox.fromTicket(await refreshTicket(), { ...RELAY, fetch });

/**
 * Starts a template build; resolves to the template's name.
 *
 * @param {string} recipe
 * @returns {Promise<string>}
 */
export const startBuild = async (recipe) => (await ask("/api/templates", { recipe })).name;
