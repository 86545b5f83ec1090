// Everything the package exports, whichever entry loads it.
import { Commands, Files, Sandbox } from "#glue";

// What wasm-bindgen gives every class: `free` would take an object from under a call that still runs.
for (const { prototype } of [Commands, Files, Sandbox]) {
  delete prototype.free;
  delete prototype[Symbol.dispose];
}

export const MIN_PREVIEW_PORT = 1024;
export const MAX_PREVIEW_PORT = 65535;
export { Sandbox };
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
} from "#errors";
