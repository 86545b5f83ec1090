//! The error classes, which `wasm/js/errors.js` makes: a class that extends `Error` cannot be exported from Rust.

/// TypeScript of the classes.
#[cfg(not(target_arch = "wasm32"))]
pub const TYPES: &str = r#"
/**
 * Any failure of the SDK, and the base of the other error classes. `code` is stable: switch on it and on the
 * class, not on the message.
 */
export declare class SandboxError extends Error {
  /** HTTP status, where the error is an answer of the service. */
  readonly statusCode?: number;
  /** Stable code: the service's, or this SDK's (`invalid_argument`, `network_error`, `aborted`, …). */
  readonly code?: string;
  /** Method that failed, such as `Sandbox.create`. */
  readonly operation?: string;
  /** Sandbox it was about. */
  readonly sandboxId?: string;
  /** The service's id of the request, for its support. */
  readonly requestId?: string;
  /** How many requests were sent for the call, those that woke a sandbox apart; 0 where nothing was. */
  readonly attempts?: number;
  /**
   * Whether the service may have acted: true for what creates, changes, runs or deletes and whose answer was lost, broke off
   * or does not tell; false for what was refused, was never sent, or only reads.
   */
  readonly mayHaveRun?: boolean;
  /**
   * What led to it: the reason of the caller's signal, or the error of `fetch`; where that one shows a key, a token or a
   * piece of an answer, an error that says the same without.
   */
  readonly cause?: unknown;
  /**
   * Whether a value is an error of this class, made by this copy of the package or by another: a program may have
   * several (one an ES module, one CommonJS; two versions), and `instanceof` knows only its own.
   *
   * @example
   * ```typescript
   * import { NotFoundError, Sandbox } from "@superserve/sdk"
   *
   * try {
   *   await Sandbox.connect("3f2c9c56-8a53-4a6e-9d0f-0b5a2f4a7c11")
   * } catch (error) {
   *   if (!NotFoundError.is(error)) throw error
   * }
   * ```
   */
  static is<T extends abstract new (...args: never) => unknown>(this: T, value: unknown): value is InstanceType<T>;
  /** What `JSON.stringify` shows: name, message, what else says where it happened, and name and message of the cause. */
  toJSON(): Record<string, unknown>;
  constructor(message: string, statusCode?: number, code?: string, options?: { cause?: unknown });
}
/** 401 or 403, or no API key. */
export declare class AuthenticationError extends SandboxError {
  constructor(message?: string, code?: string, statusCode?: number);
}
/** 400, or an argument that was refused before any request. */
export declare class ValidationError extends SandboxError {
  constructor(message: string, code?: string);
}
/** 404. */
export declare class NotFoundError extends SandboxError {
  constructor(message?: string, code?: string);
}
/** 409: not in this state. */
export declare class ConflictError extends SandboxError {
  constructor(message?: string, code?: string);
}
/** No answer, or no further byte of a stream, came in time. */
export declare class TimeoutError extends SandboxError {
  constructor(message?: string);
}
/** 429, with code `rate_limited`, `too_many_sandboxes`, `too_many_builds` or `too_many_templates`. */
export declare class RateLimitError extends SandboxError {
  constructor(message?: string, code?: string);
}
/** 5xx. */
export declare class ServerError extends SandboxError {
  constructor(message?: string, code?: string, statusCode?: number);
}
/**
 * A template's build failed. `code` says in which stage, or why: `bad_reference`, `unsupported_platform`, `image_unsafe`,
 * `image_too_large`, `image_pull_failed`, `step_failed`, `start_cmd_failed`, `ready_cmd_failed`, `boot_failed`,
 * `snapshot_failed`, `dispatch_failed`, or `build_failed` where the service does not say.
 */
export declare class BuildError extends SandboxError {
  /** Stage that failed. The service may have others. */
  readonly code: string;
  /** Build that failed. */
  readonly buildId: string;
  /** Template it was for. */
  readonly templateId: string;
  constructor(
    message: string,
    options: { code: string; buildId: string; templateId: string; statusCode?: number | undefined },
  );
}
"#;
