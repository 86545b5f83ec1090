// Every method that talks to the network, once, so that what holds for all of them is tested on all.

import { ID, finished, json, result, wireSandbox } from "./fixtures.mjs";
import { SNAPSHOT_ID, wireSnapshot } from "./snapshots.mjs";
import { BEARER, SECRET_NAME, VALUE, wireSecret } from "./secrets.mjs";
import { PATHS, TEMPLATE_ID, wireCreated, wireTemplate } from "./templates.mjs";

// A method is called on `target`, `{ sdk, sandbox, connection }`, with its options; getters in the
// options stay getters. `reply` is what a server answers when all is well.

/** @typedef {import("./types.d.ts").Method} Method */

/**
 * @param {object} connection
 * @param {object} [options]
 */
const joined = (connection, options) =>
  Object.defineProperties({ ...connection }, Object.getOwnPropertyDescriptors(options ?? {}));

/**
 * @param {object} own
 * @param {object} [options]
 */
const withOptions = (own, options) => joined(own, options);

/** The first item of a list that is iterated. @param {AsyncIterable<any>} list */
const firstOf = (list) => list[Symbol.asyncIterator]().next();

const OK_BODY = "file body";
/** How long a call that creates waits for its answer in the background, once it has ended. */
export const LEFTOVER_MS = 30_000;

/**
 * @param {string} http
 * @param {string} path
 * @param {Method["reply"]} reply
 * @returns {Pick<Method, "plane" | "http" | "path" | "reply">}
 */
const control = (http, path, reply) => ({ plane: "control", http, path, reply });
/** @type {typeof control} */
const data = (http, path, reply) => ({ plane: "data", http, path, reply });

const snapshotPath = `/snapshots/${SNAPSHOT_ID}`;
/** A method of the screen's service. */
// But for a picture, nobody reads anything of the answers.
const screen = (/** @type {string} */ method, /** @type {object | undefined} */ json = undefined) =>
  data("POST", `/superserve.boxd.v1.DesktopService/${method}`, { status: 200, json });

/** A method that a script in the sandbox does, which tells `stdout`. */
const script = (stdout = "") => ({
  isScript: true,
  ...data("POST", "/exec", { status: 200, json: result({ stdout: btoa(stdout) }) }),
});
const ENTRY = ["f", "5", "644", "1.5", "user", "/a.txt", "", ""].join("\0");

const secretPath = `/secrets/${SECRET_NAME}`;
const portsPath = `/sandboxes/${ID}/preview-ports`;
const wirePort = { port: 3000, token_version: 1, access: "private" };
const wireToken = { ...wirePort, token: "pvt_1", header: "x-p", query_param: "p", preview_access: "private" };

/** @type {Method[]} */
export const METHODS = [
  {
    name: "Sandbox.create",
    creates: true,
    ...control("POST", "/sandboxes", { status: 201, json: wireSandbox() }),
    call: ({ sdk, connection }, options) =>
      sdk.Sandbox.create(joined({ name: "fixture", ...connection }, options)),
  },
  {
    name: "Sandbox.connect",
    ...control("POST", `/sandboxes/${ID}/activate`, { status: 200, json: wireSandbox() }),
    call: ({ sdk, connection }, options) => sdk.Sandbox.connect(ID, joined(connection, options)),
  },
  {
    name: "Sandbox.get",
    ...control("GET", `/sandboxes/${ID}`, { status: 200, json: wireSandbox() }),
    call: ({ sdk, connection }, options) => sdk.Sandbox.get(ID, joined(connection, options)),
  },
  {
    name: "Sandbox.pauseById",
    ...control("POST", `/sandboxes/${ID}/pause`, { status: 204 }),
    call: ({ sdk, connection }, options) =>
      sdk.Sandbox.pauseById(ID, joined({ wait: false, ...connection }, options)),
  },
  {
    name: "Sandbox.resumeById",
    ...control("POST", `/sandboxes/${ID}/resume`, { status: 200 }),
    call: ({ sdk, connection }, options) => sdk.Sandbox.resumeById(ID, joined(connection, options)),
  },
  {
    name: "Sandbox.getNetworkLog",
    ...control("GET", `/sandboxes/${ID}/network`, { status: 200, json: { data: [], has_more: false } }),
    call: ({ sdk, connection }, options) => sdk.Sandbox.getNetworkLog(ID, joined(connection, options)),
  },
  {
    name: "Sandbox.list",
    ...control("GET", "/sandboxes", { status: 200, json: [] }),
    call: ({ sdk, connection }, options) => sdk.Sandbox.list(joined(connection, options)),
  },
  {
    name: "Sandbox.iterate",
    ...control("GET", "/sandboxes?limit=100", { status: 200, json: [] }),
    call: ({ sdk, connection }, options) => firstOf(sdk.Sandbox.iterate(joined(connection, options))),
  },
  {
    name: "Sandbox.killById",
    ...control("DELETE", `/sandboxes/${ID}`, { status: 204 }),
    call: ({ sdk, connection }, options) => sdk.Sandbox.killById(ID, joined(connection, options)),
  },
  {
    name: "Sandbox.updateById",
    ...control("PATCH", `/sandboxes/${ID}`, { status: 204 }),
    call: ({ sdk, connection }, options) =>
      sdk.Sandbox.updateById(ID, { metadata: { a: "b" } }, joined(connection, options)),
  },
  {
    name: "sandbox.getInfo",
    ...control("GET", `/sandboxes/${ID}`, { status: 200, json: wireSandbox() }),
    call: ({ sandbox }, options) => sandbox.getInfo(options),
  },
  {
    name: "sandbox.pause",
    ...control("POST", `/sandboxes/${ID}/pause`, { status: 204 }),
    // `suite/transitions.mjs` has what a pause waits for.
    call: ({ sandbox }, options) => sandbox.pause(withOptions({ wait: false }, options)),
  },
  {
    name: "sandbox.resume",
    ...control("POST", `/sandboxes/${ID}/resume`, {
      status: 200,
      json: { id: ID, status: "active", access_token: "tok_resumed" },
    }),
    call: ({ sandbox }, options) => sandbox.resume(options),
  },
  {
    name: "sandbox.kill",
    ...control("DELETE", `/sandboxes/${ID}`, { status: 204 }),
    call: ({ sandbox }, options) => sandbox.kill(options),
  },
  {
    name: "sandbox.update",
    ...control("PATCH", `/sandboxes/${ID}`, { status: 204 }),
    call: ({ sandbox }, options) => sandbox.update(withOptions({ timeoutSeconds: 60 }, options)),
  },
  {
    name: "sandbox.snapshot",
    ...control("POST", `/sandboxes/${ID}/snapshot`, { status: 201, json: wireSnapshot() }),
    call: ({ sandbox }, options) =>
      sandbox.snapshot(withOptions({ wait: false, idempotencyKey: "a key" }, options)),
  },
  {
    name: "sandbox.snapshots",
    ...control("GET", `/sandboxes/${ID}/snapshots`, { status: 200, json: [] }),
    call: ({ sandbox }, options) => sandbox.snapshots(options),
  },
  {
    name: "Snapshot.get",
    ...control("GET", snapshotPath, { status: 200, json: wireSnapshot() }),
    call: ({ sdk, connection }, options) => sdk.Snapshot.get(SNAPSHOT_ID, joined(connection, options)),
  },
  {
    name: "Snapshot.list",
    ...control("GET", `/sandboxes/${ID}/snapshots`, { status: 200, json: [] }),
    call: ({ sdk, connection }, options) => sdk.Snapshot.list(ID, joined(connection, options)),
  },
  {
    name: "Snapshot.iterate",
    ...control("GET", `/sandboxes/${ID}/snapshots?limit=100`, { status: 200, json: [] }),
    call: ({ sdk, connection }, options) => firstOf(sdk.Snapshot.iterate(ID, joined(connection, options))),
  },
  {
    name: "Snapshot.deleteById",
    ...control("DELETE", snapshotPath, { status: 204 }),
    call: ({ sdk, connection }, options) => sdk.Snapshot.deleteById(SNAPSHOT_ID, joined(connection, options)),
  },
  {
    name: "commands.run",
    ...data("POST", "/exec", { status: 200, json: result({ stdout: "ok\n" }) }),
    call: ({ sandbox }, options) => sandbox.commands.run("true", options),
  },
  {
    name: "commands.run, streaming",
    ...data("POST", "/exec/stream", {
      status: 200,
      headers: { "content-type": "text/event-stream" },
      body: finished(),
    }),
    call: ({ sandbox }, options) => sandbox.commands.run("true", withOptions({ onStdout() {} }, options)),
  },
  {
    name: "files.write",
    ...data("POST", "/files?path=%2Fa.txt", { status: 201 }),
    call: ({ sandbox }, options) => sandbox.files.write("/a.txt", "content", options),
  },
  {
    name: "files.read",
    ...data("GET", "/files?path=%2Fa.txt", { status: 200, body: OK_BODY }),
    call: ({ sandbox }, options) => sandbox.files.read("/a.txt", options),
  },
  {
    name: "files.readText",
    ...data("GET", "/files?path=%2Fa.txt", { status: 200, body: OK_BODY }),
    call: ({ sandbox }, options) => sandbox.files.readText("/a.txt", options),
  },
  {
    name: "files.downloadDir",
    ...data("GET", "/files?path=%2Fa&format=zip", { status: 200, body: OK_BODY }),
    call: ({ sandbox }, options) => sandbox.files.downloadDir("/a", options),
  },
  {
    name: "files.list",
    ...script(ENTRY),
    call: ({ sandbox }, options) => sandbox.files.list("/a", options),
  },
  {
    name: "files.stat",
    ...script(ENTRY),
    call: ({ sandbox }, options) => sandbox.files.stat("/a.txt", options),
  },
  {
    name: "files.exists",
    ...script(ENTRY),
    call: ({ sandbox }, options) => sandbox.files.exists("/a.txt", options),
  },
  {
    name: "files.find",
    ...script(ENTRY),
    call: ({ sandbox }, options) => sandbox.files.find("/a", options),
  },
  {
    name: "files.grep",
    ...script(),
    call: ({ sandbox }, options) => sandbox.files.grep("/a", "x", options),
  },
  {
    name: "files.mkdir",
    ...script(),
    call: ({ sandbox }, options) => sandbox.files.mkdir("/a", options),
  },
  {
    name: "files.remove",
    ...script(),
    call: ({ sandbox }, options) => sandbox.files.remove("/a", options),
  },
  {
    name: "files.rename",
    ...script(),
    call: ({ sandbox }, options) => sandbox.files.rename("/a", "/b", options),
  },
  {
    name: "files.copy",
    ...script(),
    call: ({ sandbox }, options) => sandbox.files.copy("/a", "/b", options),
  },
  {
    name: "files.chmod",
    ...script(),
    call: ({ sandbox }, options) => sandbox.files.chmod("/a", 0o755, options),
  },
  {
    name: "files.symlink",
    ...script(),
    call: ({ sandbox }, options) => sandbox.files.symlink("/a", "/b", options),
  },
  {
    name: "desktop.screenshot",
    ...screen("Screenshot", { image: "iVBORw==", width: 8, height: 4 }),
    call: ({ sandbox }, options) => sandbox.desktop.screenshot(options),
  },
  ...["click", "doubleClick", "rightClick", "middleClick", "moveMouse"].map(
    (name) =>
      /** @type {Method} */ ({
        name: `desktop.${name}`,
        ...screen("SendPointer"),
        call: ({ sandbox }, options) => sandbox.desktop[name](3, 4, options),
      }),
  ),
  {
    name: "desktop.drag",
    ...screen("SendActions"),
    call: ({ sandbox }, options) => sandbox.desktop.drag([1, 2], [3, 4], options),
  },
  {
    name: "desktop.scroll",
    ...screen("Scroll"),
    call: ({ sandbox }, options) => sandbox.desktop.scroll(withOptions({}, options)),
  },
  {
    name: "desktop.write",
    ...screen("SendKey"),
    call: ({ sandbox }, options) => sandbox.desktop.write("text", options),
  },
  {
    name: "desktop.press",
    ...screen("SendKey"),
    call: ({ sandbox }, options) => sandbox.desktop.press("ctrl+c", options),
  },
  {
    name: "desktop.actions",
    ...screen("SendActions"),
    call: ({ sandbox }, options) => sandbox.desktop.actions([{ type: "click", x: 1, y: 2 }], options),
  },
  {
    name: "desktop.resize",
    ...screen("Resize"),
    call: ({ sandbox }, options) => sandbox.desktop.resize(800, 600, options),
  },
  {
    name: "Template.create",
    creates: true,
    ...control("POST", "/templates", { status: 202, json: wireCreated() }),
    call: ({ sdk, connection }, options) =>
      sdk.Template.create(joined({ name: "fixture", from: "debian:12", ...connection }, options)),
  },
  {
    name: "Template.connect",
    ...control("GET", PATHS.template, { status: 200, json: wireTemplate() }),
    call: ({ sdk, connection }, options) => sdk.Template.connect(TEMPLATE_ID, joined(connection, options)),
  },
  {
    name: "Template.list",
    ...control("GET", "/templates", { status: 200, json: [] }),
    call: ({ sdk, connection }, options) => sdk.Template.list(joined(connection, options)),
  },
  {
    name: "Template.iterate",
    ...control("GET", "/templates?limit=100", { status: 200, json: [] }),
    call: ({ sdk, connection }, options) => firstOf(sdk.Template.iterate(joined(connection, options))),
  },
  {
    name: "Template.deleteById",
    ...control("DELETE", PATHS.template, { status: 204 }),
    call: ({ sdk, connection }, options) => sdk.Template.deleteById(TEMPLATE_ID, joined(connection, options)),
  },
  {
    name: "Secret.create",
    creates: true,
    ...control("POST", "/secrets", { status: 201, json: wireSecret() }),
    call: ({ sdk, connection }, options) =>
      sdk.Secret.create(joined({ name: SECRET_NAME, value: VALUE, ...BEARER, ...connection }, options)),
  },
  {
    name: "Secret.get",
    ...control("GET", secretPath, { status: 200, json: wireSecret() }),
    call: ({ sdk, connection }, options) => sdk.Secret.get(SECRET_NAME, joined(connection, options)),
  },
  {
    name: "Secret.list",
    ...control("GET", "/secrets", { status: 200, json: [] }),
    call: ({ sdk, connection }, options) => sdk.Secret.list(joined(connection, options)),
  },
  {
    name: "Secret.deleteByName",
    ...control("DELETE", secretPath, { status: 204 }),
    call: ({ sdk, connection }, options) => sdk.Secret.deleteByName(SECRET_NAME, joined(connection, options)),
  },
  {
    name: "Provider.list",
    ...control("GET", "/providers", { status: 200, json: [] }),
    call: ({ sdk, connection }, options) => sdk.Provider.list(joined(connection, options)),
  },
  {
    name: "sandbox.attachSecret",
    ...control("POST", `/sandboxes/${ID}/secrets`, { status: 201 }),
    call: ({ sandbox }, options) => sandbox.attachSecret("API_KEY", SECRET_NAME, options),
  },
  {
    name: "sandbox.detachSecret",
    ...control("DELETE", `/sandboxes/${ID}/secrets/API_KEY`, { status: 204 }),
    call: ({ sandbox }, options) => sandbox.detachSecret("API_KEY", options),
  },
  {
    name: "sandbox.getNetworkLog",
    ...control("GET", `/sandboxes/${ID}/network`, { status: 200, json: { data: [], has_more: false } }),
    call: ({ sandbox }, options) => sandbox.getNetworkLog(options),
  },
  {
    name: "sandbox.iterateNetworkLog",
    ...control("GET", `/sandboxes/${ID}/network?limit=100`, {
      status: 200,
      json: { data: [], has_more: false },
    }),
    call: ({ sandbox }, options) => firstOf(sandbox.iterateNetworkLog(options)),
  },
  {
    name: "sandbox.listPreviewPorts",
    ...control("GET", portsPath, { status: 200, json: { preview_access: "private", ports: [] } }),
    call: ({ sandbox }, options) => sandbox.listPreviewPorts(options),
  },
  {
    name: "sandbox.publishPreviewPort",
    ...control("POST", portsPath, { status: 201, json: wirePort }),
    call: ({ sandbox }, options) => sandbox.publishPreviewPort(3000, options),
  },
  {
    name: "sandbox.unpublishPreviewPort",
    ...control("DELETE", `${portsPath}/3000`, { status: 204 }),
    call: ({ sandbox }, options) => sandbox.unpublishPreviewPort(3000, options),
  },
  {
    name: "sandbox.getPreviewToken",
    ...control("POST", `${portsPath}/3000/token`, { status: 200, json: wireToken }),
    call: ({ sandbox }, options) => sandbox.getPreviewToken(3000, options),
  },
  {
    name: "sandbox.getSignedPreviewUrl",
    ...control("POST", `${portsPath}/3000/token`, { status: 200, json: wireToken }),
    call: ({ sandbox }, options) => sandbox.getSignedPreviewUrl(3000, options),
  },
  {
    name: "sandbox.rotatePreviewToken",
    ...control("POST", `${portsPath}/3000/token/rotate`, { status: 200, json: wireToken }),
    call: ({ sandbox }, options) => sandbox.rotatePreviewToken(3000, options),
  },
];

/**
 * A method's own path without the query, for a route of the fault server.
 *
 * @param {Method} method
 */
export const routePath = (method) => method.path.split("?")[0];

/**
 * A method's good reply as a stub's `Response`.
 *
 * @param {Method} method
 */
export function goodResponse({ reply }) {
  if (reply.json !== undefined) return json(reply.status, reply.json);
  return new Response(reply.body ?? null, { status: reply.status, headers: reply.headers });
}
