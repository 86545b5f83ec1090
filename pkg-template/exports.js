// Everything the package exports, whichever entry loads it.
export { MAX_PREVIEW_PORT, MIN_PREVIEW_PORT, Sandbox, previewUrl, resolveConfig } from "#glue";
export {
  AuthenticationError,
  ConflictError,
  NotFoundError,
  RateLimitError,
  SandboxError,
  ServerError,
  TimeoutError,
  ValidationError,
} from "#errors";
