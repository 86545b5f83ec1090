// All that passes: method, path, the operation that a ticket must allow, and what else goes with the request.

/** @import { RelayOperation } from "../relay.js" */
/** @import { FoundRoute, Route } from "./types.js" */

const ID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}";

/** A sandbox's id, in lower case. */
export const UUID = new RegExp(`^${ID}$`);

/** @type {{ plane: "data" }} */
const data = { plane: "data" };
/** @type {{ body: "json" }} */
const json = { body: "json" };

/** @type {[operation: RelayOperation, method: string, path: string, more: Partial<Route>][]} */
// prettier-ignore
const LINES = [
  ["exec", "POST", "/exec", { ...data, ...json }],
  ["exec", "POST", "/exec/stream", { ...data, ...json }],
  ["files:read", "GET", "/files", { ...data, query: ["path", "format"] }],
  ["files:write", "POST", "/files", { ...data, query: ["path"], body: "file" }],
  ["session", "GET", "/exec/connect", { ...data, protocol: "superserve.exec.v1" }],
  ["terminal", "GET", "/terminal", { ...data, protocol: "superserve.terminal.v1" }],
  ["info", "GET", "/sandboxes/ID", {}],
  ["info", "GET", "/sandboxes/ID/network", { query: ["limit", "before", "since", "verdict"] }],
  ["preview", "GET", "/sandboxes/ID/preview-ports", {}],
  ["preview", "POST", "/sandboxes/ID/preview-ports", json],
  ["preview", "DELETE", "/sandboxes/ID/preview-ports/PORT", {}],
  ["preview", "POST", "/sandboxes/ID/preview-ports/PORT/token", json],
  ["preview", "POST", "/sandboxes/ID/preview-ports/PORT/token/rotate", json],
  ["lifecycle", "POST", "/sandboxes/ID/pause", {}],
  ["lifecycle", "POST", "/sandboxes/ID/resume", {}],
  ["lifecycle", "PATCH", "/sandboxes/ID", json],
  ["lifecycle", "DELETE", "/sandboxes/ID", {}],
];

/** @type {Route[]} */
const ROUTES = LINES.map(([operation, method, path, more]) => ({
  operation,
  method,
  pattern: new RegExp(`^${path.replace("ID", `(${ID})`).replace("PORT", "\\d{1,5}")}$`),
  query: [],
  ...more,
}));

/**
 * What a ticket may allow.
 *
 * @type {string[]}
 */
export const OPERATIONS = [...new Set(ROUTES.map(({ operation }) => operation))];

/**
 * The route of a request, with the id of the sandbox in its path, if one is; undefined for what does not pass.
 *
 * @param {string} method
 * @param {string} path
 * @returns {FoundRoute | undefined}
 */
export function findRoute(method, path) {
  for (const route of ROUTES) {
    const match = route.method === method && route.pattern.exec(path);
    // The path is as the pattern has it, so it can go on as it is.
    if (match) return { ...route, path, sandboxId: match[1] };
  }
  return undefined;
}

/**
 * Whether there is a route of some method.
 *
 * @param {string} path
 */
export const isPath = (path) => ROUTES.some(({ pattern }) => pattern.test(path));

/** The methods of all routes. */
export const METHODS = [...new Set(ROUTES.map(({ method }) => method))];
