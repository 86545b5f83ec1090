// What only some hosts have.

declare module "#version" {
  const version: string;
  export default version;
}

declare module "@superserve/sdk" {
  export const Sandbox: Record<symbol, import("./types.js").Core>;
  export class SandboxError extends Error {
    statusCode?: number;
    code?: string;
    requestId?: string;
  }
  export function resolveConfig(options: object): { apiKey: string };
}

declare var Deno:
  | undefined
  | {
      upgradeWebSocket(request: Request): { socket: WebSocket; response: Response };
      permissions: { querySync(of: { name: "env"; variable: string }): { state: string } };
      env: { get(name: string): string | undefined };
    };
declare var Bun: object | undefined;
declare var WebSocketPair: unknown;
declare var FixedLengthStream: undefined | (new (length: number) => TransformStream<Uint8Array, Uint8Array>);

interface Response {
  /** Of an upgrade in a Worker. */
  readonly webSocket?: WebSocket | null;
}

interface ResponseInit {
  webSocket?: WebSocket | null;
}
