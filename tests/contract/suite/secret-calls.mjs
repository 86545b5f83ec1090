// The methods of a secret object: what holds for any call.

import { json, noContent } from "../support/fixtures.mjs";
import { instanceCalls } from "../support/instance-calls.mjs";
import { stubbedSecret, wireSecret } from "../support/secrets.mjs";

const methods = [
  ["getInfo", () => json(200, wireSecret()), (secret, options) => secret.getInfo(options)],
  ["rotate", () => json(200, wireSecret()), (secret, options) => secret.rotate("new value", options)],
  ["delete", noContent, (secret, options) => secret.delete(options)],
  ["getAudit", () => json(200, []), (secret, options) => secret.getAudit(options)],
  ["getSandboxes", () => json(200, []), (secret, options) => secret.getSandboxes(options)],
];

/** @type {import("../support/types.d.ts").Define} */
export default function (suite) {
  instanceCalls(suite, {
    methods,
    once: ["rotate"],
    gone: ["delete"],
    async stubbed(ctx, handler) {
      const { secret, calls } = await stubbedSecret(ctx, handler);
      return { target: secret, calls };
    },
  });
}
