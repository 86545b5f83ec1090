// The error classes. They are JavaScript because a class that extends Error cannot be exported from Rust.
import {
  AUTHENTICATION_STATUS,
  CLASSES_OF_STATUSES,
  CONFLICT_STATUS,
  ERROR_CLASSES,
  NOT_FOUND_STATUS,
  RATE_LIMIT_STATUS,
  SANDBOX,
  SERVER_STATUS,
  VALIDATION,
  VALIDATION_STATUS,
} from "#constants";

export { BUILD, SANDBOX, TIMEOUT, VALIDATION } from "#constants";

/** Holds the names of an error's classes, for all copies of the package. */
const KIN = Symbol.for("@superserve/sdk/errors");

/** Any failure of the SDK. `code` is stable; switch on it and on the class, not on the message. */
export class SandboxError extends Error {
  /** Whether a value is an error of this class, made by this copy of the package or by another. */
  static is(value) {
    try {
      // A subclass of a caller's own has no kin in other copies.
      if (!Object.hasOwn(this.prototype, KIN)) return value instanceof this;
      return value[KIN].includes(this.prototype.name);
    } catch {
      return false;
    }
  }

  constructor(message, statusCode, code, options) {
    super(message, options);
    // An own one, as copies and logs of an error take along.
    this.name = new.target.prototype.name;
    if (statusCode !== undefined) this.statusCode = statusCode;
    if (code !== undefined) this.code = code;
  }

  /** What a log in JSON shows of it. */
  toJSON() {
    return { name: this.name, message: this.message, ...this };
  }
}

export class AuthenticationError extends SandboxError {
  constructor(message = "Authentication failed", code, statusCode = AUTHENTICATION_STATUS) {
    super(message, statusCode, code);
  }
}

export class ValidationError extends SandboxError {
  constructor(message, code) {
    super(message, VALIDATION_STATUS, code);
  }
}

export class NotFoundError extends SandboxError {
  constructor(message = "Not found", code) {
    super(message, NOT_FOUND_STATUS, code);
  }
}

export class ConflictError extends SandboxError {
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
  constructor(message = "Too many requests", code) {
    super(message, RATE_LIMIT_STATUS, code);
  }
}

export class ServerError extends SandboxError {
  constructor(message = "Server error", code, statusCode = SERVER_STATUS) {
    super(message, statusCode, code);
  }
}

export class BuildError extends SandboxError {
  constructor(message, { code, buildId, templateId, statusCode }) {
    super(message, statusCode, code);
    this.buildId = buildId;
    this.templateId = templateId;
  }
}

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
  const kin = value === "SandboxError" ? [value] : ["SandboxError", value];
  Object.defineProperty(prototype, KIN, { value: kin });
}
const made = new WeakSet();
const order = ERROR_CLASSES.map((name) => classes[name]);

/**
 * The error of class number `which`; status 0 and an empty code stand for what there is not. What an answer
 * did not have is left out, whatever the class's own constructor would put there.
 */
export function make(which, message, statusCode, code) {
  const error = new order[which](message, {});
  for (const key of Object.keys(error)) if (key !== "name") delete error[key];
  if (statusCode) error.statusCode = statusCode;
  if (code) error.code = code;
  made.add(error);
  return error;
}

/** The error of an argument that is not what it must be. */
export const refusal = (at, what) =>
  make(VALIDATION, `${at} must ${what}`, VALIDATION_STATUS, "invalid_argument");

/** The error of an answer that is not what the surface promises. */
export const invalid = (what) => make(SANDBOX, `the service's answer ${what}`, 0, "invalid_response");

/** The number of the class of an answer with an error status. */
export const classOf = (status) =>
  CLASSES_OF_STATUSES.find(([first, last]) => status >= first && status <= last)?.[2] ?? SANDBOX;

/** Whether an error was made here; one that a caller's code threw may be of the same class. */
export const isOurs = (error) => made.has(error);

/** `error` with what led to it. */
export function caused(error, cause) {
  Object.defineProperty(error, "cause", { value: cause, writable: true, configurable: true });
  return error;
}

/** An error of one's own for what went wrong in a call made for several. */
export function shared(error) {
  const { message, statusCode, code, requestId } = error;
  const own = caused(make(order.indexOf(error.constructor), message, statusCode, code), error);
  if (requestId) own.requestId = requestId;
  return own;
}
