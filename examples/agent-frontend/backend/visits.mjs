// Visitors and their sandboxes. A signed cookie holds what a ticket is made of, so that making one takes no request, and
// does not wake a sandbox that is paused.
import { Sandbox } from "@superserve/sdk";

import { schemeOf } from "./requests.mjs";

const COOKIE = "visit";
const VISIT = new RegExp(`(?:^|; *)${COOKIE}=([\\w%-]+)\\.([0-9a-f]{64})(?:;|$)`);
const WEEK = 7 * 24 * 60 * 60;
/** Any port will do: what comes after it in a preview URL is the same for all. */
const SOME_PORT = 8000;

/** @param {{ secret: string, apiKey: string, baseUrl?: string }} options */
export function createVisits({ secret, ...connection }) {
  /** @type {Promise<CryptoKey> | undefined} */
  let importing;

  function key() {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const bytes = new TextEncoder().encode(secret);
    importing ??= crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]);
    return importing;
  }

  // Tickets are signed with the same secret: what stands before the content keeps one from passing for the other.
  /** @param {string} content */
  const signed = (content) => new TextEncoder().encode(`visit:${content}`);

  /**
   * What the request's cookie says; undefined without one, or with one that this backend has not made.
   *
   * @param {Request} request
   * @returns {Promise<{ id: string, preview: string } | undefined>}
   */
  async function visitOf({ headers }) {
    const [, content, signature] = VISIT.exec(headers.get("cookie") ?? "") ?? [];
    if (!content) return undefined;
    const valid = await crypto.subtle.verify("HMAC", await key(), fromHex(signature), signed(content));
    return valid ? JSON.parse(decodeURIComponent(content)) : undefined;
  }

  return {
    /**
     * The id of the visitor's sandbox.
     *
     * @param {Request} request
     */
    idOf: async (request) => (await visitOf(request))?.id,

    /**
     * The visitor's sandbox, as far as `createTicket` wants to know it. Whether it is there still, the page finds out.
     *
     * @param {Request} request
     */
    async sandboxOf(request) {
      const visit = await visitOf(request);
      return visit && { id: visit.id, getPreviewUrl: () => visit.preview };
    },

    /**
     * Makes a sandbox, with the cookie that leads back to it.
     *
     * @param {Request} request
     */
    async begin(request) {
      const sandbox = await Sandbox.create({
        ...connection,
        name: "agent-workspace",
        metadata: { app: "agent-frontend" },
        previewAccess: "private",
        // A visitor who leaves costs nothing for long.
        timeoutSeconds: 3600,
        autoDeleteSeconds: WEEK,
      });
      const visit = { id: sandbox.id, preview: sandbox.getPreviewUrl(SOME_PORT) };
      const content = escaped(JSON.stringify(visit));
      const signature = toHex(await crypto.subtle.sign("HMAC", await key(), signed(content)));
      const secure = schemeOf(request) === "https" ? "; Secure" : "";
      const attributes = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${WEEK}${secure}`;
      return { sandbox, cookie: `${COOKIE}=${content}.${signature}; ${attributes}` };
    },
  };
}

/**
 * As `encodeURIComponent`, with the point too, which ends the content.
 *
 * @param {string} text
 */
const escaped = (text) => encodeURIComponent(text).replaceAll(".", "%2E");
/** @param {ArrayBuffer} buffer */
const toHex = (buffer) =>
  [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
/** @param {string} text */
const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
