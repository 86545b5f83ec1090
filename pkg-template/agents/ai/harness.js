// A sandbox for the AI SDK's harnesses: what runs a coding agent in it.
import { isNotFound, Place } from "./place.js";
import { sessionAt } from "./session.js";

/** @import { HarnessV1NetworkPolicy, HarnessV1NetworkSandboxSession, HarnessV1SandboxProvider } from "@ai-sdk/harness" */
/** @import { NetworkConfig, Sandbox } from "#types" */
/** @import { HarnessSandboxProviderOptions, NetworkSandboxSessionOptions } from "../ai.js" */

const PROVIDER = "superserve";

/** The tag that a session's id becomes. */
const TAG = "harness_session";

const PORTS = [4000];

/** Seconds for which a URL with a token in it opens. */
const URL_SECONDS = 86_400;

const EVERYWHERE = ["0.0.0.0/0", "::/0"];

/** The marks by which the framework knows its error, of whichever copy: none is imported for that. */
const ERROR = "AI_HarnessSandboxAuthenticationError";
const MARKS = ["vercel.ai.error", "vercel.ai.error.AI_HarnessError", `vercel.ai.error.${ERROR}`];

/**
 * @param {Sandbox} sandbox
 * @param {NetworkSandboxSessionOptions} [options]
 * @returns {Promise<HarnessV1NetworkSandboxSession>}
 */
export async function networkSandboxSession(sandbox, { ports = PORTS, signal, ...options } = {}) {
  const place = new Place(sandbox, options);
  const start = await place.use(() => place.start(sandbox, signal), signal);
  const session = () => sessionAt(place, { workingDirectory: start, ...options });
  let open = [...ports];

  /** @param {number} port */
  async function publish(port) {
    if (!open.includes(port)) throw new Error(`port ${port} is none of the session's: ${open.join(", ")}`);
    await sandbox.publishPreviewPort(port, { access: "private" });
  }
  return {
    ...session(),
    id: sandbox.id,
    defaultWorkingDirectory: start,
    get ports() {
      return [...open];
    },
    async getPortEndpoint(/** @type {{ port: number, protocol?: string }} */ { port, protocol }) {
      await publish(port);
      const { header, token } = await sandbox.getPreviewToken(port);
      return { url: urlFor(sandbox.getPreviewUrl(port), protocol), headers: { [header]: token } };
    },
    async getPortUrl(/** @type {{ port: number, protocol?: string }} */ { port, protocol }) {
      await publish(port);
      const url = await sandbox.getSignedPreviewUrl(port, { expiresInSeconds: URL_SECONDS });
      return urlFor(url, protocol);
    },
    async setPorts(
      /** @type {readonly number[]} */ ports,
      /** @type {{ abortSignal?: AbortSignal }} */ { abortSignal: signal } = {},
    ) {
      for (const port of open.filter((port) => !ports.includes(port))) {
        await sandbox.unpublishPreviewPort(port, { signal });
      }
      open = [...ports];
    },
    async setNetworkPolicy(/** @type {HarnessV1NetworkPolicy} */ policy) {
      await sandbox.update({ network: rules(policy) });
    },
    async stop() {
      try {
        await sandbox.pause();
      } catch (error) {
        if (!isNotFound(error) && (await sandbox.getInfo()).status !== "paused") throw error;
      }
    },
    destroy: () => sandbox.kill(),
    restricted: session,
  };
}

/**
 * @param {HarnessSandboxProviderOptions} [options]
 * @returns {HarnessV1SandboxProvider}
 */
export function harnessSandboxProvider({ create = {}, Sandbox, ...options } = {}) {
  /** @returns {Promise<Pick<typeof import("#types").Sandbox, "create" | "list" | "connect">>} */
  const load = async () => Sandbox ?? /** @type {any} */ (await import("@superserve/sdk")).Sandbox;
  return {
    specificationVersion: "harness-sandbox-v1",
    providerId: PROVIDER,
    async createSession(/** @type {any} */ { sessionId, abortSignal: signal, onFirstCreate } = {}) {
      const metadata = { ...create.metadata, ...(sessionId !== undefined && { [TAG]: sessionId }) };
      const made = await authenticated(async () => (await load()).create({ ...create, metadata, signal }));
      try {
        const session = await networkSandboxSession(made, { ...options, signal });
        await onFirstCreate?.(session.restricted(), { abortSignal: signal });
        return session;
      } catch (error) {
        await made.kill().catch(() => {});
        throw error;
      }
    },
    async resumeSession(
      /** @type {{ sessionId: string, abortSignal?: AbortSignal }} */ { sessionId, abortSignal: signal },
    ) {
      const sandbox = await authenticated(async () => {
        const Sandbox = await load();
        // Of what sandboxes are made with, how the service is reached.
        const [found] = await Sandbox.list({ ...create, metadata: { [TAG]: sessionId }, signal });
        if (!found) throw new Error(`there is no sandbox of the session ${sessionId}: it was deleted`);
        return Sandbox.connect(found.id, { ...create, signal });
      });
      return networkSandboxSession(sandbox, { ...options, signal });
    },
  };
}

/**
 * @template Value
 * @param {() => Promise<Value>} work
 */
async function authenticated(work) {
  try {
    return await work();
  } catch (/** @type {any} */ cause) {
    if (cause?.name !== "AuthenticationError") throw cause;
    const says = "The sandbox service does not take the API key: set SUPERSERVE_API_KEY, or create.apiKey.";
    throw Object.assign(
      new Error(says, { cause }),
      { name: ERROR, sandboxProviderId: PROVIDER },
      Object.fromEntries(MARKS.map((mark) => [Symbol.for(mark), true])),
    );
  }
}

/** @param {string} url @param {string} [protocol] */
const urlFor = (url, protocol) => (protocol === "ws" ? url.replace(/^http/, "ws") : url);

/** @param {HarnessV1NetworkPolicy} policy @returns {NetworkConfig} */
function rules({ mode, allowedHosts = [], allowedCIDRs = [], deniedCIDRs = [] }) {
  if (mode === "allow-all") return {};
  // What the service is told to allow wins over what it is told to deny.
  if (deniedCIDRs.length > 0) throw new Error("deniedCIDRs beside what is allowed are not supported");
  return { allowOut: [...allowedHosts, ...allowedCIDRs], denyOut: EVERYWHERE };
}
