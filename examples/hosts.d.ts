// Of the hosts and packages that the examples are for, what they use: their types are not installed here.

declare const Deno: {
  env: { get(name: string): string | undefined; toObject(): Record<string, string> };
  serve(options: {
    port: number;
    handler: (request: Request) => Response | Promise<Response>;
    onListen?: (address: { port: number }) => void;
  }): unknown;
};

declare const Bun: {
  serve(options: {
    port: number;
    fetch: (request: Request, server: unknown) => Promise<Response>;
    websocket: object;
    idleTimeout: number;
  }): { port: number };
};

declare module "cloudflare:workers" {
  export const env: Record<string, string>;
}

declare module "hono" {
  type Handler = (c: { req: { raw: Request }; text(text: string): Response }) => Response | Promise<Response>;
  export class Hono {
    get(path: string, handler: Handler): void;
    all(path: string, handler: Handler): void;
    fetch(request: Request): Promise<Response>;
  }
}

declare module "@hono/node-server" {
  import type { Server } from "node:http";

  export function serve(
    options: { fetch: (request: Request) => Promise<Response>; port: number },
    listening: (address: { port: number }) => void,
  ): Server;
}

declare module "vite" {
  export function defineConfig(config: object): object;
}

declare module "@xterm/addon-fit" {
  export class FitAddon {
    fit(): void;
  }
}

declare module "@xterm/xterm" {
  import type { SandboxAddon } from "@superserve/sdk/xterm";
  import type { FitAddon } from "@xterm/addon-fit";

  export class Terminal {
    constructor(options: object);
    cols: number;
    rows: number;
    options: { theme?: object; disableStdin?: boolean };
    textarea: HTMLTextAreaElement;
    loadAddon(addon: FitAddon | SandboxAddon): void;
    open(element: HTMLElement): void;
    focus(): void;
    write(data: string | Uint8Array): void;
    onData(listener: (typed: string) => void): void;
    onResize(listener: (size: { cols: number; rows: number }) => void): void;
    attachCustomKeyEventHandler(handler: (event: KeyboardEvent) => boolean): void;
  }
}

declare module "*.css" {}
