//! Options that every call takes, and the functions that need no request.

use crate::surface::operation::class;
use crate::surface::shape::shape;

/// TypeScript of what no table says.
#[cfg(not(target_arch = "wasm32"))]
pub const TYPES: &str = r#"
/**
 * A list that is read page by page as it is iterated. A page is asked for when it is needed and not before, so leaving the
 * loop ends it; each iteration starts anew. A page that cannot be read rejects the iteration.
 */
export interface Listing<T> extends AsyncIterable<T> {
  /** Each loop starts anew, and asks for a page when it needs one. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined>;
  /**
   * How many items the list has: as the newest page says, or by a request of its own before there is one. Undefined where
   * the service does not say, or a page of a browser may not see it.
   */
  total(): Promise<number | undefined>;
}

/**
 * A connection of its own: classes whose calls start from these options. What a call itself says wins; its `headers` join
 * those of the connection. Objects keep the connection of the call that made them, and are instances of the classes that the
 * package exports.
 *
 * @example
 * ```typescript
 * import { Superserve } from "@superserve/sdk"
 *
 * const superserve = new Superserve({
 *   apiKey: process.env.TEAM_KEY,
 *   timeoutMs: 10_000,
 *   headers: { "x-team": "search" },
 *   retry: { attempts: 5 },
 *   hooks: { onResponse: ({ operation, status, durationMs }) => console.log(operation, status, durationMs) },
 * })
 * const sandbox = await superserve.Sandbox.create({ name: "my-sandbox" })
 * ```
 */
export declare class Superserve {
  /**
   * @param options - `timeoutMs` is that of requests that have none of their own, those of the objects' methods too.
   * @throws {@link ValidationError} for options that are not as documented.
   */
  constructor(options?: Omit<ConnectionOptions, "signal">);
  /** {@link Sandbox} on this connection. */
  readonly Sandbox: typeof Sandbox;
  /** {@link Snapshot} on this connection. */
  readonly Snapshot: typeof Snapshot;
  /** {@link Template} on this connection. */
  readonly Template: typeof Template;
  /** {@link Secret} on this connection. */
  readonly Secret: typeof Secret;
  /** {@link Provider} on this connection. */
  readonly Provider: typeof Provider;
}

/** How reads and deletions are tried again: when no connection was made or it broke, and on some statuses. */
export interface RetryOptions {
  /**
   * Attempts of a request at most, 1 to 100, the first included.
   *
   * @defaultValue 3
   */
  attempts?: number | undefined;
  /**
   * Milliseconds between two attempts at most, whatever `Retry-After` says.
   *
   * @defaultValue 30000
   */
  maxDelayMs?: number | undefined;
  /**
   * Statuses, 400 to 599, that are tried again.
   *
   * @defaultValue `[429, 502, 503, 504]`
   */
  retryOn?: number[] | undefined;
}

/** A request, as {@link Hooks} are told of it. */
export interface RequestEvent {
  /** Number of the request: no other of this program has it. */
  id: number;
  /** Number of the call that it is of. A sandbox is woken by a call of its own, `Sandbox.connect`. */
  callId: number;
  /** Method that was called, such as `Sandbox.create`. */
  operation: string;
  /** HTTP method. A WebSocket is dialled by a `GET`. */
  method: string;
  /** Path with names in braces for what differs, such as `/sandboxes/{id}`; no query. */
  path: string;
  /** Where it goes: scheme, host and port. */
  origin: string;
  /** Sandbox that the call is about, where that is known. */
  sandboxId?: string;
  /** 1 for the first time that it is sent. */
  attempt: number;
}
/** Status and headers of an answer are there. */
export interface ResponseEvent extends RequestEvent {
  /** HTTP status; 101 for a WebSocket. */
  status: number;
  /** Milliseconds since the request. */
  durationMs: number;
  /** The service's id of the request. */
  requestId?: string;
}
/** The request failed, and is sent again. */
export interface RetryEvent extends RequestEvent {
  /** Milliseconds until then. */
  delayMs: number;
  /** HTTP status of the answer, if there was one. */
  status?: number;
  /** Code of the failure. */
  code?: string;
}
/** No answer came: there was no connection, the time was over, or the call was aborted. */
export interface RequestErrorEvent extends RequestEvent {
  /** Milliseconds since the request. */
  durationMs: number;
  /** Class of the error, such as `TimeoutError`. */
  name: string;
  /** Its code, such as `network_error`, `timeout` or `aborted`. */
  code?: string;
}
/**
 * Functions that are told of every request. `onRequest` is called before `fetch`, in the async context of the call; then
 * exactly one of `onResponse` and `onError` with the same `id`. They see no key, token, file or output, and change nothing:
 * what they throw or reject with is dropped, nobody waits for them, and of calls that they make at once nobody is told.
 */
export interface Hooks {
  /** A request is about to be sent. */
  onRequest?(event: RequestEvent): unknown;
  /** An answer begins. */
  onResponse?(event: ResponseEvent): unknown;
  /** A request that failed is sent again. */
  onRetry?(event: RetryEvent): unknown;
  /** A request got no answer. */
  onError?(event: RequestErrorEvent): unknown;
}
/** Takes lines of a log. `event` is what a hook is told, too. */
export interface Logger {
  /** A request is sent, or its answer begins. */
  debug?(message: string, event: RequestEvent): unknown;
  /** A sandbox is woken. */
  info?(message: string, event: RequestEvent): unknown;
  /** A request is sent again. */
  warn?(message: string, event: RequestEvent): unknown;
  /** A request got no answer. */
  error?(message: string, event: RequestEvent): unknown;
}
/** What {@link TransportOptions.webSocket} has to be able to do. */
export type WebSocketClass = new (url: string, protocols: string[]) => object;
"#;

shape! {
    /// What every call that reaches the network takes.
    REQUEST_OPTIONS = RequestOptions {
        /// Ends the call at once. The error is a `SandboxError` whose `cause` is the signal's reason.
        optional signal - Signal;
        /// Milliseconds that a try may take, the body of the answer included. Waking a paused sandbox on the
        /// way has a time of its own, 30 seconds a try.
        ///
        /// @defaultValue 30000
        optional timeoutMs - Millis;
    }

    /// How requests are made and who is told of them.
    TRANSPORT_OPTIONS = TransportOptions {
        /// Sends every request, in place of the global `fetch`. WebSockets are for `webSocket`.
        optional fetch - Callback("(url: string, init: any) => Promise<any>");
        /// Class whose objects are the WebSockets of sessions, such as that of `ws`.
        ///
        /// @defaultValue the global `WebSocket`
        optional webSocket - Callback("WebSocketClass");
        /// Headers that every request has beside this package's own, such as a gateway wants them. Those of credentials, and
        /// those that this package sets itself, are refused. No error shows their values. WebSockets have none, and from a
        /// page only what the other side's CORS allows gets there.
        optional headers - By("headers", "Record<string, string>");
        /// How reads and deletions are tried again, or `false` for not at all. What creates or acts is never sent again.
        optional retry - By("retry", "RetryOptions | false");
        /// Functions that are told of every request.
        optional hooks - By("hooks", "Hooks");
        /// Logs requests (`debug`), wake-ups (`info`), further attempts (`warn`) and requests without an answer (`error`):
        /// to an object with such methods, or from the level of that name on to the console. No line shows a secret.
        ///
        /// @defaultValue the level that the environment variable `SUPERSERVE_LOG` names when the first call is made; else
        /// nothing is logged
        optional logger - By("logger", "Logger | \"debug\" | \"info\" | \"warn\" | \"error\"");
    }

    /// How to reach the service. Each call that is not a method of an instance takes these.
    CONNECTION_OPTIONS = ConnectionOptions extends REQUEST_OPTIONS, TRANSPORT_OPTIONS {
        /// API key.
        ///
        /// @defaultValue the environment variable `SUPERSERVE_API_KEY`
        optional apiKey - Text;
        /// Origin of the API. Plain `http` is for this machine only.
        ///
        /// @defaultValue the environment variable `SUPERSERVE_BASE_URL`, else the origin of the key's
        /// region, else `https://api.superserve.ai`
        optional baseUrl - Text;
        /// Origin of the sandboxes' own API, for a self-hosted service.
        ///
        /// @defaultValue the environment variable `SUPERSERVE_SANDBOX_URL`, else what belongs to `baseUrl`
        optional sandboxUrl - Text;
        /// What a machine has in place of an `apiKey`. It needs an explicit `baseUrl` that is a plain origin, and is good for
        /// making, listing, reading, changing, pausing, resuming and deleting sandboxes; what these need beside it they do
        /// with their own tokens. Any other call with it is a {@link ValidationError} before any request.
        optional machineCredential - Text;
    }

    /// The connection that the options and the environment make. See {@link resolveConfig}.
    RESOLVED_CONFIG = ResolvedConfig {
        /// API key.
        required apiKey apiKey Text;
        /// Origin of the API, without a trailing slash.
        required baseUrl baseUrl Text;
        /// Host in which the sandboxes' own host names end.
        required sandboxHost sandboxHost Text;
        /// Origin of every sandbox's API, when it is not a host of its own: a local or self-hosted service.
        optional sandboxUrl sandboxUrl Text;
    }
}

class! {
    /// Functions that need no request.
    FUNCTIONS = "" {
        /// The connection that explicit options and the environment make, without a request.
        ///
        /// @throws {@link AuthenticationError} when there is no API key.
        /// @throws {@link ValidationError} for a URL that is not one, or for plain `http` to another machine.
        static resolveConfig(; options?: CONNECTION_OPTIONS) -> "ResolvedConfig"
            = Config;

        /// The URL under which a port of a sandbox can be opened, without a request.
        ///
        /// The sandbox has to be active with a server on the port for the URL to answer.
        ///
        /// @throws {@link ValidationError} unless `port` is an integer from 1024 to 65535, and not 49983.
        ///
        /// @example
        /// ```typescript
        /// previewUrl(sandbox.id, "sandbox.superserve.ai", 8000)
        /// ```
        static previewUrl(sandboxId - Text, sandboxHost - Text, port - Port) -> "string"
            = PreviewUrl;
    }
}
