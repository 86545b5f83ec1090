// Every entry of the package, in a project of Node.js: with its types, and without those of the DOM.
import { createServer } from "node:http";
import { Sandbox, type SandboxInfo } from "@superserve/sdk";
import { createRelay, createTicket, type Relay, type RelayOptions } from "@superserve/sdk/relay";
import { nodeListener } from "@superserve/sdk/relay/node";
import { instrument, type InstrumentOptions } from "@superserve/sdk/otel";
import { SandboxAddon, type SandboxAddonEvent, type XtermTerminal } from "@superserve/sdk/xterm";
import {
  lazySandbox,
  sandboxTools,
  type BashInput,
  type SandboxTool,
  type ToolResult,
} from "@superserve/sdk/tools";
import * as slim from "@superserve/sdk/slim";

export function serve(options: RelayOptions): void {
  const relay = createRelay(options);
  exactly<Relay>()(relay);
  const listener = nodeListener(relay);
  createServer(listener).on("upgrade", listener.upgrade);
}

export async function ticket(secret: string, signal: AbortSignal): Promise<string> {
  const sandbox = await Sandbox.create({ name: "types", signal });
  return createTicket(sandbox, { secret, allow: ["exec"] });
}

export function traced(options: InstrumentOptions): void {
  const { onRequest, onResponse, onError } = instrument(options);
  instrument();
  void [onRequest, onResponse, onError];
}

export function shown(sandbox: Sandbox, terminal: XtermTerminal): string[] {
  const seen: string[] = [];
  const onStatus = ({ status }: SandboxAddonEvent) => void seen.push(status);
  const addon = new SandboxAddon(sandbox, { name: "main", onStatus });
  addon.activate(terminal);
  addon.onStatus(onStatus).dispose();
  addon.reconnect();
  addon.dispose();
  return seen;
}

export async function used(sandbox: Sandbox, signal: AbortSignal): Promise<ToolResult[]> {
  const lazy = lazySandbox({ key: "types", create: { name: "types" }, idle: "pause", idleMs: 1000, Sandbox });
  const approve = ({ name, input }: { name: string; input: Record<string, unknown> }) =>
    name !== "bash" || typeof input["command"] === "string";
  const input: BashInput = { command: "ls", timeout_ms: null };
  const tools: SandboxTool[] = [
    ...sandboxTools(sandbox, { include: ["bash"], root: "/app", limits: { chars: 1000 }, approve }),
    ...sandboxTools(lazy, { exclude: ["computer"], screen: true }),
  ];
  const onProgress = ({ stream, text }: { stream: "stdout" | "stderr"; text: string }) => void [stream, text];
  const results = await Promise.all(tools.map((tool) => tool.execute(input, { signal, onProgress })));
  await lazy.release();
  return results;
}

export async function load(bytes: Uint8Array, response: Response): Promise<SandboxInfo[]> {
  for (const source of [
    "/superserve.wasm",
    new URL("https://example.com/superserve.wasm"),
    bytes,
    response,
  ]) {
    await slim.init(source);
  }
  return slim.Sandbox.list();
}
