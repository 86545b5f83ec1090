// Visitors and their sandboxes: the id of the sandbox, signed, in a cookie.
import { Sandbox } from "@superserve/sdk";

const COOKIE = "visit";
const WEEK = 7 * 24 * 60 * 60;

export function createVisits({ apiKey, baseUrl, secret }) {
  const connection = { apiKey, baseUrl };
  let key;

  async function importKey() {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const bytes = new TextEncoder().encode(secret);
    return crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]);
  }

  // Tickets are signed with the same secret: what stands before the id keeps one from passing for the other.
  const signed = (id) => new TextEncoder().encode(`visit:${id}`);

  /** The id in the request's cookie; undefined without one, or with one that is not of this backend. */
  async function idOf({ headers }) {
    const pattern = new RegExp(`(?:^|; *)${COOKIE}=([0-9a-f-]{36})\\.([0-9a-f]{64})(?:;|$)`);
    const [, id, signature] = pattern.exec(headers.get("cookie") ?? "") ?? [];
    if (!id) return undefined;
    key ??= await importKey();
    return (await crypto.subtle.verify("HMAC", key, fromHex(signature), signed(id))) ? id : undefined;
  }

  return {
    idOf,

    /** The visitor's sandbox, if there is one still. */
    async sandboxOf(request) {
      const id = await idOf(request);
      return id && Sandbox.connect(id, connection);
    },

    /** Makes a sandbox, with the cookie that leads back to it. */
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
      key ??= await importKey();
      const signature = toHex(await crypto.subtle.sign("HMAC", key, signed(sandbox.id)));
      const secure = new URL(request.url).protocol === "https:" ? "; Secure" : "";
      const attributes = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${WEEK}${secure}`;
      return { sandbox, cookie: `${COOKIE}=${sandbox.id}.${signature}; ${attributes}` };
    },
  };
}

const toHex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const fromHex = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
