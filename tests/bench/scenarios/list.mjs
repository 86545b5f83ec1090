// A long answer: 10,000 sandboxes in one list.
import { interleaved } from "../measure.mjs";
import { API_KEY, json, wireSandbox, withFetch } from "../service.mjs";

/** @typedef {import("../measure.mjs").Urls} Urls */

const COUNT = 10_000;

/** What is answered, and the last of its sandboxes. @param {number} count */
export function listing(count) {
  const wire = Array.from({ length: count }, (_, index) => wireSandbox(index));
  return { body: new TextEncoder().encode(JSON.stringify(wire)), count, last: wire[count - 1] };
}

/**
 * Milliseconds that it takes to have that list.
 *
 * @param {string} url
 * @param {ReturnType<typeof listing>} answer
 */
export async function readList(url, { body, count, last }) {
  const sdk = await import(url);
  return withFetch(
    async () => json(body),
    async () => {
      const start = performance.now();
      const found = await sdk.Sandbox.list({ apiKey: API_KEY });
      const took = performance.now() - start;
      const end = found[count - 1];
      const intact =
        found.length === count &&
        end.id === last.id &&
        end.createdAt.toISOString() === last.created_at &&
        end.metadata.owner === last.metadata.owner;
      if (!intact) throw new Error("list: not the sandboxes that were sent");
      return took;
    },
  );
}

/** @param {Urls} urls */
async function list10k(urls) {
  const answer = listing(COUNT);
  const medians = await interleaved({ rounds: 15, warmups: 3 }, (side) => readList(urls[side], answer));
  return [{ unit: "ms", ...medians }];
}

export const list = { "list-10k": list10k };
