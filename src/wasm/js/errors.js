// The error classes. They are JavaScript because a class that extends Error cannot be exported from Rust.
import {
  AUTHENTICATION_STATUS,
  CONFLICT_STATUS,
  ERROR_CLASSES,
  NOT_FOUND_STATUS,
  RATE_LIMIT_STATUS,
  SANDBOX,
  SERVER_STATUS,
  VALIDATION,
  VALIDATION_STATUS,
} from "#constants";

export { BUILD, SANDBOX, VALIDATION } from "#constants";

/** Holds the names of an error's classes, for all copies of the package. */
const LINEAGE = Symbol.for("@superserve/sdk/errors");

/**
 * What is said of an error beside what its constructor takes.
 *
 * @typedef {{ requestId?: string, operation?: string, sandboxId?: string, attempts?: number, mayHaveRun?: boolean }} Place
 * @typedef {SandboxError & Place} PlacedError
 */

/** Any failure of the SDK. `code` is stable; switch on it and on the class, not on the message. */
export class SandboxError extends Error {
  /**
   * Whether a value is an error of this class, made by this copy of the package or by another.
   *
   * @param {any} value
   */
  static is(value) {
    try {
      // biome-ignore-start lint/complexity/noThisInStatic: it is the subclass that is asked.
      // A subclass of a caller's own has no lineage in other copies.
      if (!Object.hasOwn(this.prototype, LINEAGE)) return value instanceof this;
      return value[LINEAGE].includes(this.prototype.name);
      // biome-ignore-end lint/complexity/noThisInStatic: it is the subclass that is asked.
    } catch {
      return false;
    }
  }

  /**
   * @param {string} [message]
   * @param {number} [statusCode]
   * @param {string} [code]
   * @param {ErrorOptions} [options]
   */
  constructor(message, statusCode, code, options) {
    super(message, options);
    // The name is the error's own, so that copies and logs take it along.
    this.name = new.target.prototype.name;
    if (statusCode !== undefined) this.statusCode = statusCode;
    if (code !== undefined) this.code = code;
  }

  /** What a log in JSON shows of it. */
  toJSON() {
    const { name, message, cause } = this;
    const shown = { name, message, .../** @type {object} */ (this) };
    return cause instanceof Error ? { ...shown, cause: { name: cause.name, message: cause.message } } : shown;
  }
}

export class AuthenticationError extends SandboxError {
  /** @param {string} [message] @param {string} [code] @param {number} [statusCode] */
  constructor(message = "Authentication failed", code, statusCode = AUTHENTICATION_STATUS) {
    super(message, statusCode, code);
  }
}

export class ValidationError extends SandboxError {
  /** @param {string} [message] @param {string} [code] */
  constructor(message, code) {
    super(message, VALIDATION_STATUS, code);
  }
}

export class NotFoundError extends SandboxError {
  /** @param {string} [message] @param {string} [code] */
  constructor(message = "Not found", code) {
    super(message, NOT_FOUND_STATUS, code);
  }
}

export class ConflictError extends SandboxError {
  /** @param {string} [message] @param {string} [code] */
  constructor(message = "Conflict", code) {
    super(message, CONFLICT_STATUS, code);
  }
}

export class TimeoutError extends SandboxError {
  constructor(message = "Timed out") {
    super(message);
  }
}

export class RateLimitError extends SandboxError {
  /** @param {string} [message] @param {string} [code] */
  constructor(message = "Too many requests", code) {
    super(message, RATE_LIMIT_STATUS, code);
  }
}

export class ServerError extends SandboxError {
  /** @param {string} [message] @param {string} [code] @param {number} [statusCode] */
  constructor(message = "Server error", code, statusCode = SERVER_STATUS) {
    super(message, statusCode, code);
  }
}

export class BuildError extends SandboxError {
  /**
   * @param {string} message
   * @param {{ code?: string, buildId?: string, templateId?: string, statusCode?: number }} details
   */
  constructor(message, { code, buildId, templateId, statusCode }) {
    super(message, statusCode, code);
    this.buildId = buildId;
    this.templateId = templateId;
  }
}

/** @type {Record<string, new (message: string, details: any) => SandboxError>} */
const classes = {
  SandboxError,
  AuthenticationError,
  ValidationError,
  NotFoundError,
  ConflictError,
  TimeoutError,
  RateLimitError,
  ServerError,
  BuildError,
};
for (const [value, { prototype }] of Object.entries(classes)) {
  Object.defineProperty(prototype, "name", { value, writable: true, configurable: true });
  const lineage = value === "SandboxError" ? [value] : ["SandboxError", value];
  Object.defineProperty(prototype, LINEAGE, { value: lineage });
}
const ours = new WeakSet();
const order = ERROR_CLASSES.map((name) => classes[name]);

/**
 * The error of class number `which`; status 0 and an empty code stand for what there is not. What an answer
 * did not have is left out, whatever the class's own constructor would put there.
 *
 * @param {number} which
 * @param {string} message
 * @param {number} statusCode
 * @param {string} code
 * @param {string} [requestId]
 * @returns {PlacedError}
 */
export function make(which, message, statusCode, code, requestId) {
  const error = /** @type {any} */ (new order[which](message, {}));
  for (const key of Object.keys(error)) if (key !== "name") delete error[key];
  if (statusCode) error.statusCode = statusCode;
  if (code) error.code = code;
  if (requestId) error.requestId = requestId;
  ours.add(error);
  return error;
}

/** The error of an argument that is not what it must be. @type {(at: string, what: string) => PlacedError} */
export const refusal = (at, what) =>
  make(VALIDATION, `${at} must ${what}`, VALIDATION_STATUS, "invalid_argument");

/** The error of an answer that is not what the surface promises. @type {(what: string) => PlacedError} */
export const invalid = (what) => make(SANDBOX, `the service's answer ${what}`, 0, "invalid_response");

/**
 * Whether an error was made here; one that a caller's code threw may be of the same class.
 *
 * @type {(error: any) => error is PlacedError}
 */
export const isOurs = (error) => ours.has(error);

/**
 * `error` with what led to it.
 *
 * @template {Error} T
 * @param {T} error
 * @param {unknown} cause
 */
export function caused(error, cause) {
  Object.defineProperty(error, "cause", { value: cause, writable: true, configurable: true });
  return error;
}

/** The error of what an import of the module's threw. @type {(error: unknown) => PlacedError} */
export const unexpected = (error) =>
  isOurs(error) ? error : caused(make(SANDBOX, "an unexpected error ended the call", 0, "unexpected"), error);
