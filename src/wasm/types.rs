//! TypeScript declarations that no exported class brings by itself.

use wasm_bindgen::prelude::*;

use crate::wire::{command, connection, file, sandbox, template};

#[wasm_bindgen(typescript_custom_section)]
const REQUEST_OPTIONS: &'static str = connection::RequestOptions;
#[wasm_bindgen(typescript_custom_section)]
const CONNECTION_OPTIONS: &'static str = connection::ConnectionOptions;
#[wasm_bindgen(typescript_custom_section)]
const RESOLVED_CONFIG: &'static str = connection::ResolvedConfig;
#[wasm_bindgen(typescript_custom_section)]
const NETWORK_CONFIG: &'static str = sandbox::NetworkConfig;
#[wasm_bindgen(typescript_custom_section)]
const SECRET_BINDING: &'static str = sandbox::SandboxSecretBinding;
#[wasm_bindgen(typescript_custom_section)]
const SANDBOX_INFO: &'static str = sandbox::SandboxInfo;
#[wasm_bindgen(typescript_custom_section)]
const INSTANCE: &'static str = sandbox::Sandbox;
#[wasm_bindgen(typescript_custom_section)]
const CREATE_OPTIONS: &'static str = sandbox::SandboxCreateOptions;
#[wasm_bindgen(typescript_custom_section)]
const LIST_OPTIONS: &'static str = sandbox::SandboxListOptions;
#[wasm_bindgen(typescript_custom_section)]
const UPDATE_OPTIONS: &'static str = sandbox::SandboxUpdateOptions;
#[wasm_bindgen(typescript_custom_section)]
const COMMAND_OPTIONS: &'static str = command::CommandOptions;
#[wasm_bindgen(typescript_custom_section)]
const COMMAND_RESULT: &'static str = command::CommandResult;
#[wasm_bindgen(typescript_custom_section)]
const FILE_READ_OPTIONS: &'static str = file::FileReadOptions;

#[wasm_bindgen(typescript_custom_section)]
const TEMPLATE_INFO: &'static str = template::TemplateInfo;
#[wasm_bindgen(typescript_custom_section)]
const TEMPLATE_BUILD_INFO: &'static str = template::TemplateBuildInfo;
#[wasm_bindgen(typescript_custom_section)]
const BUILD_LOG_EVENT: &'static str = template::BuildLogEvent;
#[wasm_bindgen(typescript_custom_section)]
const TEMPLATE_CREATE_OPTIONS: &'static str = template::TemplateCreateOptions;
#[wasm_bindgen(typescript_custom_section)]
const TEMPLATE_LIST_OPTIONS: &'static str = template::TemplateListOptions;
#[wasm_bindgen(typescript_custom_section)]
const TEMPLATE_BUILDS_LIST_OPTIONS: &'static str = template::TemplateBuildsListOptions;
#[wasm_bindgen(typescript_custom_section)]
const BUILD_LOGS_OPTIONS: &'static str = template::BuildLogsOptions;
#[wasm_bindgen(typescript_custom_section)]
const WAIT_UNTIL_READY_OPTIONS: &'static str = template::WaitUntilReadyOptions;
#[wasm_bindgen(typescript_custom_section)]
const TEMPLATE_LITERALS: &'static str = template::LITERALS;

#[wasm_bindgen(typescript_custom_section)]
const LITERALS: &'static str = r#"
/**
 * State of a sandbox. The service may report others, such as `starting` or `pausing`: take what you do
 * not know for a state in between.
 */
export type SandboxStatus = "active" | "paused" | "resuming" | "failed";
/** Who may open preview URLs: everybody, or those who have a token. */
export type PreviewAccess = "public" | "private" | "legacy_public";
/** What {@link Files.write} takes. */
export type FileInput = string | Uint8Array | ArrayBuffer | Blob;
/** Lowest port that a preview URL can name. */
export declare const MIN_PREVIEW_PORT = 1024;
/** Highest port that a preview URL can name. */
export declare const MAX_PREVIEW_PORT = 65535;
"#;

#[wasm_bindgen(typescript_custom_section)]
const ERRORS: &'static str = r#"
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
  /** What led to it: the error of `fetch`, or the reason of the caller's signal. */
  readonly cause?: unknown;
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
/** A template's build failed. `code` says in which stage: `step_failed`, `image_pull_failed`, … */
export declare class BuildError extends SandboxError {
  /** Stage that failed. */
  readonly code: string;
  /** Build that failed. */
  readonly buildId: string;
  /** Template it was for. */
  readonly templateId: string;
  constructor(
    message: string,
    options: { code: string; buildId: string; templateId: string; statusCode?: number },
  );
}
"#;
