// Everything the package exports, whichever entry loads it.
import { abandon, configure, forward, invoke, poll, release, settle } from "#glue";
import { connect as connectRelay } from "#js/forward.js";
import { connect, functions } from "#js/object.js";
import { connect as connectRuntime } from "#js/runtime.js";
import { connect as connectTasks } from "#js/task.js";

connect({ invoke, release });
connectRuntime({ configure });
connectTasks({ abandon, poll, settle });
connectRelay(forward);

export { MAX_PREVIEW_PORT, MIN_PREVIEW_PORT, RESERVED_PREVIEW_PORT } from "#constants";
export { Provider, Sandbox, Secret, Template } from "#js/object.js";
// The functions are there once the module is loaded, which is after this file.
export function previewUrl(sandboxId, sandboxHost, port) {
  return functions.previewUrl(sandboxId, sandboxHost, port);
}
export function resolveConfig(options) {
  return functions.resolveConfig(options);
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
