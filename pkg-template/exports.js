// Everything the package exports, whichever entry loads it.
import {
  abandon,
  cancel,
  choose,
  configure,
  end,
  forward,
  goes_on,
  invoke,
  next_page,
  poll,
  pull,
  redacted,
  release,
  settle,
  tick,
  touch,
  wake,
} from "#glue";
import "#js/forward.js";
import { connect } from "#js/module.js";
import { functions } from "#js/object.js";

connect({
  abandon,
  cancel,
  choose,
  configure,
  end,
  forward,
  goes_on,
  invoke,
  next_page,
  poll,
  pull,
  redacted,
  release,
  settle,
  tick,
  touch,
  wake,
});

export {
  DEFAULT_SNAPSHOT_TIMEOUT_MS,
  DESKTOP_STREAM_PORT,
  MAX_PREVIEW_PORT,
  MIN_PREVIEW_PORT,
  RESERVED_PREVIEW_PORT,
} from "#constants";
export { Provider, Sandbox, Secret, Snapshot, Superserve, Template } from "#js/object.js";
// The functions are there once the module is loaded, which is after this file.
/**
 * @param {string} sandboxId
 * @param {string} sandboxHost
 * @param {number} port
 */
export function previewUrl(sandboxId, sandboxHost, port) {
  return /** @type {any} */ (functions).previewUrl(sandboxId, sandboxHost, port);
}
/** @param {object} [options] */
export function resolveConfig(options) {
  return /** @type {any} */ (functions).resolveConfig(options);
}
export {
  AuthenticationError,
  BuildError,
  ConflictError,
  NotFoundError,
  RateLimitError,
  SandboxError,
  ServerError,
  TimeoutError,
  ValidationError,
} from "#js/errors.js";
