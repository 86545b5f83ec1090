/**
 * The relay between a web page and its sandbox: a fetch handler that a backend or an edge function mounts under a path
 * of its own origin. It holds the API key; the page holds a ticket, bound to one sandbox, some operations and a time.
 *
 * @example
 * ```typescript
 * import { createRelay, createTicket } from "@superserve/sdk/relay"
 *
 * const secret = process.env.RELAY_SECRET! // 32 characters or more
 * const relay = createRelay({ secret, prefix: "/api/sandbox" })
 *
 * // For a user who may use this sandbox; the page gives it to Sandbox.fromTicket.
 * const ticket = await createTicket(sandbox, { secret, allow: ["exec", "files:read", "terminal"] })
 *
 * // Cloudflare Workers, Deno and Bun, Next.js route handlers, Hono; for node:http there is `@superserve/sdk/relay/node`.
 * export default { fetch: relay }
 * ```
 *
 * @packageDocumentation
 */

/**
 * What a ticket can allow.
 *
 * - `exec`: run commands to their end, streamed or not
 * - `files:read`: download files, and directories as archives; list directories, and tell what is there
 * - `files:write`: upload files; make directories and links, remove, rename, copy, and set modes. No command of the page's runs
 * - `session`: commands to talk to (`commands.spawn`), over a WebSocket
 * - `terminal`: terminals, over a WebSocket; those with a name outlive the page, and all of them are listed and ended
 * - `processes`: start programs that outlive the page, and list, follow and end all that were started so; see and wait for
 *   ports
 * - `code`: run code in contexts that keep their state, and list, interrupt and end all of these
 * - `info`: the sandbox's details and its network log
 * - `preview`: list, publish and close preview ports, and get their tokens; with it the page that shows a screen
 *   (`desktop.getStreamUrl`), which is such a port and takes mouse and keyboard
 * - `desktop`: look at the sandbox's screen, and use its mouse and keyboard
 * - `lifecycle`: pause, resume, update and delete the sandbox
 * - `snapshots`: take and list snapshots of the sandbox; they cannot be renamed or deleted so
 */
export type RelayOperation =
  | "exec"
  | "files:read"
  | "files:write"
  | "session"
  | "terminal"
  | "processes"
  | "code"
  | "info"
  | "preview"
  | "desktop"
  | "lifecycle"
  | "snapshots";

/** A key that tickets are signed with: a string or bytes, random and 32 bytes long at least. */
export type RelaySecret = string | Uint8Array;

/** Options of {@link createTicket}. */
export interface TicketOptions {
  /** The relay's secret. Of several the first signs. */
  secret: RelaySecret | RelaySecret[];
  /**
   * What the page may do.
   *
   * @defaultValue `["exec", "files:read"]`, with `root` `["files:read"]`
   */
  allow?: RelayOperation[] | undefined;
  /**
   * The folder that the page is held to, as an absolute path, say `/app`: of `files:read` and `files:write` it has what is in
   * there, by the same absolute paths, and the folder itself. A path outside is an error with status 403 and code
   * `outside_root`, and so is one that leads outside by a symbolic link; links may lead anywhere, and lead the page nowhere.
   * With it `allow` may list `files:read`, `files:write` and `info`: a page that runs commands, shows a screen, or deletes or
   * copies the whole sandbox is in no folder. Not `/tmp`, through which the relay passes what is read or written. What is read
   * so is as it was when the read began. The sandbox needs `flock` (util-linux and BusyBox have it).
   *
   * @defaultValue none: all of the sandbox
   */
  root?: string | undefined;
  /**
   * How many seconds the ticket is good for, at most a week. What began before the end goes on after it.
   *
   * @defaultValue 900
   */
  expiresInSeconds?: number | undefined;
  /**
   * Bytes that one uploaded file may have. A page's `files.write` rejects a larger one with code `too_large` before it is
   * sent.
   *
   * @defaultValue the relay's `limits.maxBodyBytes`
   */
  maxUploadBytes?: number | undefined;
}

/** What a ticket says. The page can read it too, and cannot change it. */
export interface TicketClaims {
  /** Version of this form: 2 with a folder, else 1. */
  v: 1 | 2;
  /** Id of the sandbox. */
  sid: string;
  /** Name of the sandbox, if the ticket was made of an object that has one. */
  name?: string;
  /** The folder that it is held to. */
  root?: string;
  /** What the page may do. */
  allow: RelayOperation[];
  /** When it expires, in seconds since 1970. */
  exp: number;
  /** Bytes that one uploaded file may have. */
  max?: number;
  /** State of the sandbox as the object said of which the ticket was made. */
  status?: string;
  /** Origin that the sandbox's preview URLs end in, if the ticket was made of a `Sandbox`. */
  previews?: string;
}

/**
 * Makes a ticket for a page. Whoever has it can do what it allows until it expires: give it to signed-in users only.
 *
 * @param sandbox - The sandbox, or its id. Preview URLs of a page have the service's default host unless the ticket was
 * made of a `Sandbox`, which knows theirs.
 * @throws TypeError for an id, an option or a secret that is not as described.
 */
export declare function createTicket(
  sandbox:
    | string
    | {
        readonly id: string;
        readonly name?: string | undefined;
        readonly status?: string | undefined;
        getPreviewUrl?(port: number): string;
      },
  options: TicketOptions,
): Promise<string>;

/** Limits of a relay. */
export interface RelayLimits {
  /**
   * Bytes that one uploaded file may have, whatever its ticket says.
   *
   * @defaultValue 104857600
   */
  maxBodyBytes?: number | undefined;
  /**
   * How many requests, streams and WebSockets may be open at once under one ticket, in this process. (Cloudflare
   * Workers count theirs for each isolate, and without WebSockets.)
   *
   * @defaultValue 32
   */
  maxStreamsPerTicket?: number | undefined;
}

/** What a relay reports: a request that was refused, one that begins, one that ended. It never holds a secret. */
export interface RelayEvent {
  /** `ended` follows `started`, unless `refused` does: an error of the service, say. */
  type: "refused" | "started" | "ended";
  /** Method of the request. */
  method: string;
  /** Path of the request, without its query. */
  path: string;
  /** What the page wants to do. Absent for a request without a valid ticket. */
  operation?: RelayOperation;
  /** Id of the ticket's sandbox. */
  sandboxId?: string;
  /** Name of the sandbox, if the ticket has it. */
  sandboxName?: string;
  /** The file or directory that is worked on. */
  file?: string;
  /** The path to which it is renamed or copied. */
  to?: string;
  /** Status of the answer. */
  status?: number;
  /** Why it was refused. */
  code?: string;
  /** The error behind a refusal. */
  cause?: unknown;
  /** Bytes that the page sent. WebSockets are not counted. */
  bytesIn?: number;
  /** Bytes that the page was sent. WebSockets are not counted. */
  bytesOut?: number;
  /** Milliseconds from the ticket to the last byte. */
  durationMs?: number;
}

/** Options of {@link createRelay}. */
export interface RelayOptions {
  /** API key. Falls back to the `SUPERSERVE_API_KEY` environment variable. */
  apiKey?: string | undefined;
  /** API origin. Falls back to `SUPERSERVE_BASE_URL`, then to the region that the key names. */
  baseUrl?: string | undefined;
  /** Origin of the sandboxes, for self-hosting. Falls back to `SUPERSERVE_SANDBOX_URL`. */
  sandboxUrl?: string | undefined;
  /** What tickets are signed with: one, or several while one replaces another. Any of them verifies. */
  secret: RelaySecret | RelaySecret[];
  /**
   * The path under which the relay is mounted, such as `/api/sandbox`. The page's `relayUrl` ends in it.
   *
   * @defaultValue none: the relay is the root
   */
  prefix?: string | undefined;
  /**
   * Origins whose pages may use the relay, beside the relay's own. They get the CORS headers for it, with credentials.
   *
   * @defaultValue none
   */
  allowedOrigins?: string[] | undefined;
  /**
   * The application's own check: its session, say. Called for every request after its ticket has been verified;
   * anything but `true` or a promise of it refuses, and a `Response` is what the page then gets. It must leave the
   * request's body alone. It has 30 seconds; after that the page is told 504 `timeout`.
   */
  authorize?:
    | ((request: Request, claims: TicketClaims) => boolean | Response | Promise<boolean | Response>)
    | undefined;
  /** Limits. */
  limits?: RelayLimits | undefined;
  /**
   * Called with what happens, for audit. What it throws, or the promise it returns rejects with, goes to the console, as
   * do the relay's own faults without it.
   */
  onEvent?: ((event: RelayEvent) => void) | undefined;
}

/** A fetch handler. On Node.js, whose `fetch` gives up after five minutes of silence, so does a command that is silent. */
export interface Relay {
  /**
   * Answers a page's request. An error is a JSON body `{ error: { code, message } }`: 401 `ticket_invalid`,
   * `ticket_expired`; 403 `not_allowed`, `not_authorized`, `origin_not_allowed`; 404 `no_route`; 413 `too_large`; 429
   * `too_many_streams`; 501 `no_websocket` where the host cannot accept a WebSocket; 504 `timeout` where the service's
   * API or the application does not answer, or a body stands still for a minute; and the service's own.
   *
   * @param request - The request.
   * @param server - The server of `Bun.serve`, for WebSockets. Other hosts' second arguments are ignored.
   */
  (request: Request, server?: unknown): Promise<Response>;
  /** The `websocket` of `Bun.serve`: `Bun.serve({ fetch: relay, websocket: relay.websocket })`. */
  readonly websocket: {
    /** A WebSocket is open. */
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    open(socket: any): void;
    /** A frame has come. */
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    message(socket: any, data: any): void;
    /** A WebSocket has closed. */
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    close(socket: any, code: number, reason: string): void;
    /** Bytes that may wait for a page that reads slowly. */
    backpressureLimit: number;
    /** A page that reads slower than that is disconnected. */
    closeOnBackpressureLimit: boolean;
    /** Seconds. */
    idleTimeout: number;
  };
  /** Whether a path lies under the relay's prefix. */
  covers(path: string): boolean;
}

/**
 * Makes the relay. It remembers the sandboxes' tokens, so make it once, not for each request.
 *
 * @throws TypeError without an API key, or for an option that is not as described.
 */
export declare function createRelay(options: RelayOptions): Relay;
