// What the relay's parts hand to each other, for `tsc -p pkg-template/relay`. Nothing of it ships.
import type { RelayOperation } from "../relay.js";
import type { Refusal } from "./refusal.js";

/** One of the lines in routes.js. */
export interface Route {
  operation: RelayOperation;
  method: string;
  pattern: RegExp;
  query: string[];
  plane?: "data";
  body?: "json" | "file";
  /** Subprotocol of a WebSocket. */
  protocol?: string;
}

/** The route of a request. */
export interface FoundRoute extends Route {
  path: string;
  sandboxId?: string;
}

export interface Config {
  apiKey: string;
  baseUrl: string;
  sandboxUrl: string;
  socketUrl(id: string): string;
}

/** What the service tells of a sandbox, as far as the relay reads it. */
export interface Details {
  status?: string;
  access_token?: unknown;
}

/** Body of a request as it goes on. */
export interface Content {
  body?: ArrayBuffer | ReadableStream<Uint8Array> | null;
  type?: string;
  refused?(): Refusal | undefined;
}

/** A request to the service. */
export interface Sending extends Content {
  method?: string;
  signal: AbortSignal;
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
  protocols: [protocol: string, token: string];
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
