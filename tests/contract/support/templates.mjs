// Templates: as the service sends them, on a fault server, on the local server.

import { KEY, event, json, streamReply } from "./fixtures.mjs";
import { freshName, live } from "./live.mjs";
import { stubFetch } from "./stub-fetch.mjs";

/** @typedef {import("./types.d.ts").Ctx} Ctx */
/** @typedef {import("./types.d.ts").Reply} Reply */
/** @typedef {import("./types.d.ts").Route} Route */
/** @typedef {string | { reply?: Reply, [field: string]: unknown }} Build */

export const TEMPLATE_ID = "8d0c2f0e-6a0b-4f6e-9b44-5f1f4f6d9a01";
export const BUILD_ID = "c1f7a3de-2b1c-4b5e-8a60-7d0a1be4e302";
export const TEAM_ID = "0b9f1c7e-51a7-4a0b-b0d7-4b6a6f1d5c03";

/** A template on the wire; a field given as `undefined` is left out. */
export const wireTemplate = (fields = {}) => ({
  id: TEMPLATE_ID,
  team_id: TEAM_ID,
  name: "fixture",
  status: "building",
  vcpu: 1,
  memory_mib: 1024,
  disk_mib: 4096,
  created_at: "2026-08-01T12:00:00Z",
  ...fields,
});

/** The answer to a create. */
export const wireCreated = (fields = {}) =>
  wireTemplate({ status: "pending", build_id: BUILD_ID, ...fields });

/** A build on the wire. */
export const wireBuild = (fields = {}) => ({
  id: BUILD_ID,
  template_id: TEMPLATE_ID,
  status: "building",
  build_spec_hash: "9f86d081",
  created_at: "2026-08-01T12:00:01Z",
  ...fields,
});

/**
 * What a log event is on the wire, as an object.
 *
 * @param {unknown} text
 */
export const logData = (text, fields = {}) => ({
  timestamp: "2026-08-01T12:00:02Z",
  stream: "stdout",
  text,
  ...fields,
});

/**
 * A log event, as the service writes it.
 *
 * @param {unknown} text
 * @param {object} [fields]
 */
export const logEvent = (text, fields) => event(logData(text, fields));

/** The last event of a log. */
export const logEnd = (status = "ready", text = `build ${status}`) =>
  logEvent(text, { stream: "system", finished: true, status });

/** A fault server's reply that is a log of these pieces. */
export const logReply = streamReply;

/** The paths of the fixture's resources, for routes. */
export const PATHS = {
  template: `/templates/${TEMPLATE_ID}`,
  builds: `/templates/${TEMPLATE_ID}/builds`,
  build: `/templates/${TEMPLATE_ID}/builds/${BUILD_ID}`,
  logs: `/templates/${TEMPLATE_ID}/builds/${BUILD_ID}/logs`,
};

/**
 * The routes of a fault server with the fixture template, its build and its log.
 *
 * @param {{ builds?: Build[], logs?: Reply[], routes?: Route[], template?: object }} [has]
 * @returns {Route[]}
 */
export const withTemplate = ({
  builds,
  logs,
  routes = [],
  template = wireTemplate({ status: "ready" }),
} = {}) => [
  ...routes,
  { method: "POST", path: "/templates", replies: [{ status: 202, json: wireCreated() }] },
  ...(builds ? [{ method: "GET", path: PATHS.build, replies: builds.map(asReply) }] : []),
  ...(logs ? [{ method: "GET", path: PATHS.logs, replies: logs }] : []),
  { method: "GET", path: PATHS.template, replies: [{ json: template }] },
];

/**
 * A build given by its fields, or a reply as it is.
 *
 * @param {Build} given
 * @returns {Reply}
 */
const asReply = (given) =>
  typeof given === "string"
    ? { json: wireBuild({ status: given }) }
    : (given.reply ?? { json: wireBuild(given) });

/**
 * A template object that belongs to a fault server.
 *
 * @param {Ctx} ctx
 * @param {{ origin: string }} server
 * @returns {Promise<import("./types.d.ts").Template>}
 */
export function templateAt({ sdk }, server) {
  return sdk.Template.create({ name: "fixture", from: "debian:12", apiKey: KEY, baseUrl: server.origin });
}

/**
 * A template object over a stub: `handler` gets every call after the create. Returns the template and the
 * calls after the create.
 *
 * @param {Ctx} ctx
 * @param {import("./types.d.ts").Handler} handler
 */
export async function stubbedTemplate(ctx, handler) {
  stubFetch(ctx, () => json(202, wireCreated()));
  const template = await templateAt(ctx, { origin: "http://localhost:9" });
  return { template, calls: stubFetch(ctx, handler) };
}

/**
 * Creates a template on the local server, which ends with the test.
 *
 * @param {Ctx} ctx
 * @param {object} [options]
 * @returns {Promise<import("./types.d.ts").Template>}
 */
export async function liveTemplate(ctx, options = {}) {
  const template = await ctx.sdk.Template.create({
    ...live(ctx),
    name: freshName(),
    from: "debian:12",
    ...options,
  });
  ctx.defer(() => removed(ctx, template));
  return template;
}

/**
 * Deletes a template of the local server, its build or not.
 *
 * @param {Ctx} ctx
 * @param {any} template
 */
export async function removed(ctx, template) {
  const builds = await template.listBuilds().catch(() => []);
  for (const { id } of builds) await template.cancelBuild(id);
  await ctx.sdk.Template.deleteById(template.id, live(ctx));
}

/**
 * Waits for a live build without the two seconds between looks.
 *
 * @param {import("./types.d.ts").Template} template
 * @param {object} [options]
 */
export const soon = (template, options = {}) => template.waitUntilReady({ pollIntervalMs: 100, ...options });

/**
 * A ready template on the local server.
 *
 * @param {Ctx} ctx
 * @param {object} [options]
 */
export async function readyTemplate(ctx, options) {
  const template = await liveTemplate(ctx, options);
  await soon(template);
  return template;
}
