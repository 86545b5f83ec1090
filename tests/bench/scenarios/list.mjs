// A long answer: 10,000 sandboxes in one list.
import { interleaved } from "../measure.mjs";
import { API_KEY, json, wireSandbox, withFetch } from "../service.mjs";

/** @typedef {import("../measure.mjs").Urls} Urls */

const COUNT = 10_000;

/** @param {Urls} urls */
async function list10k(urls) {
  const wire = Array.from({ length: COUNT }, (_, index) => wireSandbox(index));
  const body = new TextEncoder().encode(JSON.stringify(wire));
  const last = wire[COUNT - 1];
  const medians = await interleaved({ rounds: 15, warmups: 3 }, async (side) => {
    const sdk = await import(urls[side]);
    return withFetch(
      async () => json(body),
      async () => {
        const start = performance.now();
        const found = await sdk.Sandbox.list({ apiKey: API_KEY });
        const took = performance.now() - start;
        const end = found[COUNT - 1];
        const intact =
          found.length === COUNT &&
          end.id === last.id &&
          end.createdAt.toISOString() === last.created_at &&
          end.metadata.owner === last.metadata.owner;
        if (!intact) throw new Error("list: not the sandboxes that were sent");
        return took;
      },
    );
  });
  return [{ unit: "ms", ...medians }];
}

export const list = { "list-10k": list10k };
