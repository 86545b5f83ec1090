// What the relay's parts hand to each other, for `tsc -p pkg-template/relay`. Nothing of it ships.
import type { Route } from "#routes";

import type { Refusal } from "./refusal.js";

/** The route of a request. */
export interface FoundRoute extends Route {
  path: string;
  sandboxId?: string;
}

/** The core's objects. Each must be kept as long as it is used. */
export type CoreConnection = { readonly core: "connection" };
export type CoreSandbox = { readonly core: "sandbox" };

/** What the package's main entry has for the relay (src/wasm/forward.rs). */
export interface Core {
  connect(settings: object): CoreConnection;
  forward(connection: CoreConnection, given: { id: string }): CoreSandbox;
  forward(sandbox: CoreSandbox): Facts;
  /** Sends a request; or wakes the sandbox, if need be, or because its token was refused. */
  forward(sandbox: CoreSandbox, given: Forwarded | Waking): Promise<unknown>;
  /** Ends, in the background, what a script has started. */
  forward(sandbox: CoreSandbox, given: { stop: string }): void;
  /** What a script is given, of the fields of its entry; throws what is wrong with those. */
  values(entry: number, fields: object): string;
  /** The `Retry-After` of the answer that an error stands for, in milliseconds, or NaN. */
  retryAfterOf(error: Error): number;
}

/** What the core knows of a sandbox. */
export interface Facts {
  /** Of the sandbox's own host. */
  origin: string;
  /** Empty as long as it is not known. */
  token: string;
  /** The service's hint to where the sandbox is; empty for none. */
  hint: string;
  /** Whether the hint is over. */
  isOver: boolean;
  /** Both, and those before; any may be empty. */
  secrets: string[];
}

export interface Waking {
  refused: string;
  signal: AbortSignal;
}

/** The pairs of a query. */
export type Pairs = [key: string, value: string][];

/** Of a script, in turn. */
export type Lines = Record<number, string>;

/** What a page asks of a script. */
export interface ScriptCall {
  fields: object;
  /** Seconds that it has, if the page says so. */
  seconds?: number;
  /** The path that it works on. */
  file: unknown;
  /** That to which it moves or copies. */
  to: unknown;
}

/** A script as the core gets it. */
export interface Script {
  values: string;
  wire: { timeout_s?: number };
  /** The folder that it may not leave. */
  root?: string;
  /** What keeps it there. */
  guard: Lines[];
  /** What the shell reads then, unless the core has it. */
  script?: Lines;
}

/** A page's request as it goes on. */
export interface Forwarded extends Partial<Script> {
  /** The route's. */
  entry: number;
  target: string;
  headers: Record<string, string>;
  body: Content["body"];
  signal: AbortSignal;
  /** By what that is found which a script starts. */
  call?: string;
  /** How many requests were sent: the core counts. */
  sent: number;
  /** Whether the body can be sent once only. */
  once: boolean;
  /** Whether the answer need not wait for what is asked for. */
  isAsync: Content["isAsync"];
}

/** Body of a request as it goes on. */
export interface Content {
  body?: ArrayBuffer | ReadableStream<Uint8Array>;
  type?: string;
  refused?(): Refusal | undefined;
  /** What is done in place of sending a body. */
  script?: Script;
  /** Whether the answer need not wait for what is asked for. */
  isAsync?: boolean;
  /** The part of a file that is asked for. */
  range?: string;
}

/** Follows a body to its end. */
export interface Watch {
  onChunk(chunk: Uint8Array): void;
  onEnd(cause?: unknown): void;
}

/** What a host needs to join a page's WebSocket to a sandbox's. */
export interface Line {
  request: Request;
  url: string;
  /** That which it speaks, the token, and the routing hint if there is one. */
  protocols: string[];
  userAgent: string;
  signal: AbortSignal;
  /** What the page may read of why the service closes. */
  clear(reason: string): string;
  onEnd(): void;
}

export interface Host {
  /** The answer to the page, if the host takes one. */
  connect(line: Line): Promise<Response | undefined>;
}

/** The page's side of a WebSocket: a standard one, or Bun's. */
export interface PageSocket {
  readonly readyState: number;
  readonly bufferedAmount?: number;
  send(data: string | ArrayBuffer | Uint8Array): unknown;
  close(code?: number, reason?: string): void;
}

/** The server of `Bun.serve`. */
export interface BunServer {
  upgrade(request: Request, options: object): boolean;
  timeout?(request: Request, seconds: number): void;
}
