// Shapes that the suite shares: what a test gets, a scripted server, the calls of a stub.

// The package's objects. Half of the suite hands them what their declarations forbid, so that is not asked here:
// `tests/types` compares the declarations with what the package is.

/** What streams tell. */
export interface Listeners {
  onStdout?(text: string): unknown;
  onStderr?(text: string): unknown;
  onData?(bytes: Uint8Array): unknown;
  onEvent?(event: LogEvent): unknown;
  onLog?(event: LogEvent): unknown;
  onProgress?(received: number, total?: number): unknown;
  refreshTicket?(...args: unknown[]): unknown;
  [option: string]: any;
}

export interface LogEvent {
  timestamp: Date;
  stream: string;
  text: string;
  finished?: boolean;
  status?: string;
}

export interface Sandbox {
  commands: {
    run(command?: unknown, options?: Listeners): Promise<any>;
    spawn(command?: unknown, options?: Listeners): Promise<any>;
    [more: string]: any;
  };
  files: {
    read(path?: unknown, options?: Listeners): Promise<any>;
    readText(path?: unknown, options?: Listeners): Promise<any>;
    downloadDir(path?: unknown, options?: Listeners): Promise<any>;
    [more: string]: any;
  };
  terminal(options?: Listeners): Promise<any>;
  [more: string]: any;
}

export interface Template {
  streamBuildLogs(options?: Listeners): Promise<any>;
  waitUntilReady(options?: Listeners): Promise<any>;
  [more: string]: any;
}

export interface Sdk {
  Sandbox: {
    create(options?: unknown): Promise<Sandbox>;
    connect(id?: unknown, options?: unknown): Promise<Sandbox>;
    fromTicket(ticket?: unknown, options?: Listeners): Sandbox;
    [more: string]: any;
  };
  Template: {
    create(options?: unknown): Promise<Template>;
    connect(id?: unknown, options?: unknown): Promise<Template>;
    [more: string]: any;
  };
  [more: string]: any;
}

/** What a place can do. */
export interface Runtime {
  name: string;
  browser: boolean;
  features: Record<string, boolean>;
  env?: {
    get(name: string): string | undefined;
    set(name: string, value: string | undefined): void;
  };
  AsyncLocalStorage?: any;
  /** How the place shows a value. */
  inspect?(value: unknown): string;
  [more: string]: any;
}

/** How to reach a server. */
export interface Connection {
  baseUrl: string;
  apiKey: string;
}

/** What every test's `ctx` holds beside what the runner adds. */
export interface Environment extends Connection {
  sdk: Sdk;
  /** What `@superserve/sdk/tools` exports. */
  tools?: any;
  slow: Connection;
  fault: FaultClient;
  runtime: Runtime;
  /** The relay that a run goes through. */
  relay?: string;
  sdkPath?: any;
  serverPath?: any;
  [more: string]: any;
}

export interface Ctx extends Environment {
  assert: typeof import("./assert.mjs");
  /** Calls `cleanup` once the test has ended. */
  defer(cleanup: () => unknown): void;
}

export interface Options {
  /** Entries of `runtime.features`. */
  needs?: string | string[];
  timeoutMs?: number;
}

export type Body = (ctx: Ctx) => unknown;

export interface Tests {
  test(name: string, body: Body): void;
  test(name: string, options: Options, body: Body): void;
}

/** Adds the tests of a subject. */
export type Define = (t: Tests) => void;

export interface Test {
  subject: string;
  name: string;
  options: Options;
  body: Body;
}

export interface Result {
  subject: string;
  name: string;
  status: "passed" | "failed" | "not applicable";
  ms: number;
  reason?: string;
}

/** A piece of a body or a frame, as README.md describes it. */
export interface Piece {
  text?: string;
  json?: unknown;
  base64?: string;
  cuts?: number[];
  repeat?: number | "forever";
  everyMs?: number;
  waitMs?: number;
  stall?: boolean;
  reset?: boolean;
  close?: boolean;
  channel?: number;
  awaitFrames?: number;
  deaf?: boolean;
  closing?: { code?: number; reason?: string };
}

export interface Reply {
  status?: number | null;
  headers?: Record<string, string>;
  json?: unknown;
  body?: string | Piece | (string | Piece)[];
  delayMs?: number;
  readAfterMs?: number;
  frames?: Piece[];
  protocol?: string;
}

export interface Route {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  offers?: string;
  replies: Reply[];
}

export interface Definition {
  routes: Route[];
  cors?: boolean;
}

/** What a scripted server has seen of a request. */
export interface Entry {
  method: string;
  url: string;
  headers: Record<string, any>;
  body: string;
  bodyBytes: number;
  startedAt: number;
  status: number | null;
  sentBytes: number;
  ended: "complete" | "client" | "reset" | "close" | null;
  endedAt: number | null;
  protocols: string[];
  frames: ({ type: "text"; text: string } | { type: "binary"; bytes: number; base64?: string })[];
  closed: { code: number; reason: string } | null;
}

/** A scripted server that a test has started. */
export interface FaultServer {
  origin: string;
  log(): Promise<Entry[]>;
  until(condition: (log: Entry[]) => unknown, what: string, withinMs?: number): Promise<Entry[]>;
}

export interface FaultClient {
  serve(ctx: Pick<Ctx, "defer">, routes: Route[], options?: { cors?: boolean }): Promise<FaultServer>;
}

/** A call of the stub of `fetch`. */
export interface Call {
  args: any[];
  url: string;
  /** As the SDK gave it. */
  init: any;
  method: string;
  /** By lower-case name. */
  headers: Record<string, string>;
  /** Path and query. */
  readonly path: string;
  /** The body, parsed. */
  readonly json: any;
}

/** Answers a call of the stub of `fetch`. */
export type Handler = (call: Call, index: number) => any;

/** What a method of the SDK is called on. */
export interface Target {
  sdk: Sdk;
  sandbox: Sandbox;
  connection: object;
}

/** A method that talks to the network. */
export interface Method {
  name: string;
  creates?: boolean;
  /** Whether a script in the sandbox does it, which is ended by a request of its own. */
  isScript?: boolean;
  plane: "control" | "data";
  http: string;
  path: string;
  reply: { status: number; json?: unknown; body?: string; headers?: Record<string, string> };
  call(target: Target, options?: object): Promise<any>;
}

/** A kind of session. */
export interface Kind {
  name: "spawn" | "terminal";
  path: string;
  protocol: string;
  openingFrames: number;
  callback: string;
  start(sandbox: Sandbox, options?: object): Promise<any>;
  say(socket: StubSocket, text: any): void;
  finish(socket: StubSocket): void;
  saying(text: string): Piece;
  finishing: Piece[];
  write(session: any, data: any): void;
}

export type StubSocket = import("./stub-socket.mjs").StubSocket;
