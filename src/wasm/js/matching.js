// `Sandbox.getOrCreate`: a chain of requests, each of which follows from what the one before has come to. Which sandbox is
// taken Rust says.
import { CONNECT, CREATE } from "#constants";
import { module } from "./module.js";

/** Between two looks at a sandbox that another caller is creating. */
const POLL_MS = 250;
/** How often it is looked at; then it is taken to stay so. */
const MOST_LOOKS = 120;
/** So many may turn out to be gone when they are connected to. */
const MOST_GONE = 8;

/** @typedef {{ id: string, status: string, createdAt: Date }} Match A sandbox that has the tags. */

/**
 * The sandbox for options: the operation of `number` finds those that have the tags.
 *
 * @type {import("./chains.js").Chain}
 */
export async function getOrCreate(call, number, [options]) {
  const gone = new Set();
  /** @type {{ id: string, status: string, kill(): Promise<unknown> } | undefined} */
  let own;
  let looks = 0;
  // Without the signal, which may have ended this.
  const discard = () => {
    const unused = own;
    own = undefined;
    return unused?.kill().catch(() => {});
  };
  try {
    for (;;) {
      /** @type {Match[]} */
      const found = await call(number, [options]);
      const matches = found.filter(({ id }) => !gone.has(id));
      const lines = matches.map(({ id, status, createdAt }) => `${+createdAt} ${status} ${id}`);
      // One of one's own that the list does not have yet is younger than all.
      /** @type {{ id?: string, status?: string }} */
      const { id, status } = matches[module.choose(lines.join("\n"))] ?? own ?? {};
      if (!id) {
        const metadata = { ...options.metadata, ...options.match };
        own = await call(CREATE, [Object.create(options, { metadata: { value: metadata } })]);
      } else if (id === own?.id) {
        const taken = own;
        own = undefined;
        return taken;
      } else if (status === "starting" && looks++ < MOST_LOOKS) {
        await Promise.race([new Promise((resolve) => setTimeout(resolve, POLL_MS)), ended(options.signal)]);
      } else {
        try {
          const taken = await call(CONNECT, [id, options]);
          await Promise.race([discard(), ended(options.signal)]);
          return taken;
        } catch (error) {
          const { statusCode } = /** @type {any} */ (error);
          if ((statusCode !== 404 && statusCode !== 409) || gone.size === MOST_GONE) throw error;
          gone.add(id);
        }
      }
    }
  } finally {
    // In the background.
    discard();
  }
}

/** @param {AbortSignal | undefined} signal */
const ended = (signal) =>
  new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true }));
