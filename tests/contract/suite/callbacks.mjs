// Methods whose arguments are whatever an event, a list or a promise has for its callbacks.

import { KEY, json, wireSandbox } from "../support/fixtures.mjs";
import { stubbedSecret, wireSecret } from "../support/secrets.mjs";
import { stubbedSandbox } from "../support/stub-fetch.mjs";
import { stubbedTemplate, wireBuild, wireTemplate } from "../support/templates.mjs";
import { NOT_OPTIONS } from "../support/wrong-values.mjs";

/** Those that the published package has without options, and what they take before them. */
const LOOSE = {
  sandbox: {
    getInfo: [],
    pause: [],
    resume: [],
    kill: [],
    attachSecret: ["KEY", "name"],
    detachSecret: ["KEY"],
  },
  secret: { getInfo: [], rotate: ["a new value"], delete: [], getSandboxes: [] },
  template: { getInfo: [], delete: [], rebuild: [], getBuild: ["b-1"], cancelBuild: ["b-1"] },
};

const answer = ({ url, method }) => {
  if (url.endsWith("/sandboxes") && url.includes("/secrets/")) return json(200, []);
  if (url.includes("/secrets/") && method !== "DELETE") return json(200, wireSecret());
  if (url.includes("/builds")) return json(200, wireBuild());
  if (url.includes("/templates/")) return json(200, wireTemplate());
  return json(200, wireSandbox());
};

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("what is no object is no options where the published package takes none", async (ctx) => {
    const { sandbox } = await stubbedSandbox(ctx, answer);
    const { secret } = await stubbedSecret(ctx, answer);
    const { template, calls } = await stubbedTemplate(ctx, answer);
    const objects = { sandbox, secret, template };
    const strange = [...NOT_OPTIONS, null, new Map(), new Date(), new Error("x"), new Uint8Array(2)];
    for (const [name, methods] of Object.entries(LOOSE)) {
      for (const [method, own] of Object.entries(methods)) {
        calls.length = 0;
        for (const value of strange) await objects[name][method](...own, value, 1, strange);
        ctx.assert.equal(calls.length, strange.length, `requests of ${name}.${method}`);
        const aborted = objects[name][method](...own, { signal: AbortSignal.abort() });
        const { code } = await ctx.assert.rejects(() => aborted);
        ctx.assert.equal(code, "aborted", `${name}.${method} takes options all the same`);
      }
    }
  });

  test("handed over as they are", async (ctx) => {
    const { sandbox, calls } = await stubbedSandbox(ctx, answer);
    const events = new EventTarget();
    const killed = new Promise((resolve) => {
      const kill = sandbox.kill.bind(sandbox);
      events.addEventListener("end", (event) => resolve(kill(event)));
    });
    events.dispatchEvent(new Event("end"));
    await killed;
    await Promise.resolve("done").then(sandbox.pause.bind(sandbox));
    await Promise.all(["A", "B"].map(sandbox.detachSecret, sandbox));
    ctx.assert.deepEqual(
      calls.map(({ method, path }) => `${method} ${path.split("/").slice(3).join("/")}`),
      ["DELETE ", "POST pause", "DELETE secrets/A", "DELETE secrets/B"],
    );
    ctx.assert.equal(calls[0].headers["x-api-key"], KEY);
  });
}
