// What passes, by the tables.
import { ROUTES } from "#routes";

/** @import { FoundRoute } from "./types.js" */

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
