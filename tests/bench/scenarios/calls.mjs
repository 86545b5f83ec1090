// What a single call costs in the client.
import { interleaved } from "../measure.mjs";
import { API_KEY, createdSandbox, json, stubbedSandbox, wireSandbox, withFetch } from "../service.mjs";

/** @typedef {import("../measure.mjs").Urls} Urls */

// What a call costs a program that makes many: everything is compiled, garbage is collected as it comes.
const COUNT = 2000;
const ROUNDS = { rounds: 41, warmups: 8, collect: false };

const created = createdSandbox();
const described = wireSandbox(1);
const CREATED = JSON.stringify(created);
const DESCRIBED = JSON.stringify(described);
const RESULT = JSON.stringify({ stdout: "total 0\n".repeat(16), stderr: "", exit_code: 0 });

/**
 * What is answered, and a call that fails unless it comes to that.
 *
 * @type {Record<string, { answer: () => Response, call: (sdk: any, sandbox: any) => Promise<void> }>}
 */
const CALLS = {
  create: {
    answer: () => json(CREATED, 201),
    async call({ Sandbox }) {
      const { id } = await Sandbox.create({
        name: "bench",
        apiKey: API_KEY,
        timeoutSeconds: 3600,
        metadata: { owner: "user-1", env: "prod" },
      });
      if (id !== created.id) throw new Error("create: not the sandbox that was sent");
    },
  },
  run: {
    answer: () => json(RESULT),
    async call(_, { commands }) {
      const { stdout } = await commands.run("ls -l", { cwd: "/app", timeoutMs: 10_000 });
      if (stdout.length !== 128) throw new Error("run: not the output that was sent");
    },
  },
  "get-info": {
    answer: () => json(DESCRIBED),
    async call(_, sandbox) {
      const { id, createdAt } = await sandbox.getInfo();
      const intact = id === described.id && createdAt.toISOString() === described.created_at;
      if (!intact) throw new Error("get-info: not the sandbox that was sent");
    },
  },
};

/**
 * Microseconds that each of `count` calls takes, in a row or all at once.
 *
 * @param {string} url
 * @param {string} name
 * @param {number} count
 * @param {boolean} [atOnce]
 */
export async function perCall(url, name, count, atOnce = false) {
  const { answer, call } = CALLS[name];
  const sdk = await import(url);
  const sandbox = await stubbedSandbox(sdk);
  return withFetch(
    async () => answer(),
    async () => {
      const start = performance.now();
      if (atOnce) await Promise.all(Array.from({ length: count }, () => call(sdk, sandbox)));
      else for (let i = 0; i < count; i++) await call(sdk, sandbox);
      return ((performance.now() - start) * 1000) / count;
    },
  );
}

export const calls = Object.fromEntries(
  Object.keys(CALLS).map((name) => [
    name,
    async (/** @type {Urls} */ urls) => {
      const medians = await interleaved(ROUNDS, (side) => perCall(urls[side], name, COUNT));
      return [{ unit: "µs", ...medians }];
    },
  ]),
);
