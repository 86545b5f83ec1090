// The methods of a template object: what holds for any call.

import { json, noContent } from "../support/fixtures.mjs";
import { instanceCalls } from "../support/instance-calls.mjs";
import { BUILD_ID, stubbedTemplate, wireBuild, wireTemplate } from "../support/templates.mjs";

const methods = [
  ["getInfo", () => json(200, wireTemplate()), (template, options) => template.getInfo(options)],
  ["delete", noContent, (template, options) => template.delete(options)],
  ["rebuild", () => json(201, wireBuild()), (template, options) => template.rebuild(options)],
  ["listBuilds", () => json(200, []), (template, options) => template.listBuilds(options)],
  ["getBuild", () => json(200, wireBuild()), (template, options) => template.getBuild(BUILD_ID, options)],
  ["cancelBuild", noContent, (template, options) => template.cancelBuild(BUILD_ID, options)],
];

/** @type {import("../support/types.d.ts").Define} */
export default function (suite) {
  instanceCalls(suite, {
    methods,
    once: ["rebuild"],
    gone: ["delete", "cancelBuild"],
    async stubbed(ctx, handler) {
      const { template, calls } = await stubbedTemplate(ctx, handler);
      return { target: template, calls };
    },
    others: (template) => [
      () => template.streamBuildLogs({ onEvent() {}, timeoutMs: 50 }),
      () => template.waitUntilReady({ onLog() {}, timeoutMs: 50 }),
    ],
  });
}
