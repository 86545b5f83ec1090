// Everything the package exports, whichever entry loads it.
import { Commands, Files, Sandbox, Template, settle } from "#glue";
import { complete } from "#js/object.js";
import { connect } from "#js/task.js";

connect(settle);
complete(Sandbox, Commands, Files, Template);

export const MIN_PREVIEW_PORT = 1024;
export const MAX_PREVIEW_PORT = 65535;
export { Sandbox, Template };
export { previewUrl, resolveConfig } from "#glue";
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
