// The page's sandbox: a ticket from the backend, and the SDK going through the relay with it.
import { Sandbox, SandboxError } from "@superserve/sdk";

/**
 * @param {string} path
 * @param {object} [body]
 */
async function ask(path, body) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body ?? {}),
    });
  } catch (cause) {
    throw new SandboxError("the server cannot be reached", undefined, "network_error", { cause });
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const { code, message = `status ${response.status}` } = answer.error ?? {};
  throw new SandboxError(message, response.status, code);
}

/** Opens the visitor's sandbox; with `fresh`, another one. */
export async function openSandbox({ fresh = false } = {}) {
  const { ticket } = await ask("/api/session", { fresh });
  return Sandbox.fromTicket(ticket, {
    relayUrl: "/api/sandbox",
    refreshTicket: async () => (await ask("/api/ticket")).ticket,
  });
}

/**
 * Starts a template build; resolves to the template's name.
 *
 * @param {string} recipe
 * @returns {Promise<string>}
 */
export const startBuild = async (recipe) => (await ask("/api/templates", { recipe })).name;
