// What a single call costs in the client.
import { interleaved } from "../measure.mjs";
import { API_KEY, createdSandbox, json, stubbedSandbox, wireSandbox, withFetch } from "../service.mjs";

/** @typedef {import("../measure.mjs").Side} Side */
/** @typedef {import("../measure.mjs").Urls} Urls */

// What a call costs a program that makes many: everything is compiled, garbage is collected as it comes.
const CALLS = 2000;
const ROUNDS = { rounds: 41, warmups: 8, collect: false };

/** @param {Urls} urls */
async function create(urls) {
  const body = JSON.stringify(createdSandbox());
  const expected = createdSandbox().id;
  return perCall(
    urls,
    async () => json(body, 201),
    async (sdk) => {
      const sandbox = await sdk.Sandbox.create({
        name: "bench",
        apiKey: API_KEY,
        timeoutSeconds: 3600,
        metadata: { owner: "user-1", env: "prod" },
      });
      if (sandbox.id !== expected) throw new Error("create: not the sandbox that was sent");
    },
  );
}

/** @param {Urls} urls */
async function run(urls) {
  const body = JSON.stringify({ stdout: "total 0\n".repeat(16), stderr: "", exit_code: 0 });
  const sandboxes = await sandboxesOf(urls);
  return perCall(
    urls,
    async () => json(body),
    async (_, side) => {
      const result = await sandboxes[side].commands.run("ls -l", { cwd: "/app", timeoutMs: 10_000 });
      if (result.stdout.length !== 128) throw new Error("run: not the output that was sent");
    },
  );
}

/** @param {Urls} urls */
async function getInfo(urls) {
  const wire = wireSandbox(1);
  const body = JSON.stringify(wire);
  const sandboxes = await sandboxesOf(urls);
  return perCall(
    urls,
    async () => json(body),
    async (_, side) => {
      const info = await sandboxes[side].getInfo();
      const intact = info.id === wire.id && info.createdAt.toISOString() === wire.created_at;
      if (!intact) throw new Error("get-info: not the sandbox that was sent");
    },
  );
}

/**
 * A sandbox of either side.
 *
 * @param {Urls} urls
 * @returns {Promise<Record<Side, any>>}
 */
async function sandboxesOf({ ours, peer }) {
  return { ours: await stubbedSandbox(await import(ours)), peer: await stubbedSandbox(await import(peer)) };
}

/**
 * @param {Urls} urls
 * @param {() => Promise<Response>} answer
 * @param {(sdk: any, side: Side) => Promise<void>} call
 */
async function perCall(urls, answer, call) {
  const medians = await interleaved(ROUNDS, async (side) => {
    const sdk = await import(urls[side]);
    return withFetch(answer, async () => {
      const start = performance.now();
      for (let i = 0; i < CALLS; i++) await call(sdk, side);
      return ((performance.now() - start) * 1000) / CALLS;
    });
  });
  return [{ unit: "µs", ...medians }];
}

export const calls = { create, run, "get-info": getInfo };
