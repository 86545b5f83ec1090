import {
  Sandbox,
  SandboxError,
  resolveConfig,
  type CommandOptions,
  type CommandResult,
  type FileReadOptions,
  type PreviewAccess,
  type RequestOptions,
  type ResolvedConfig,
  type Listing,
  type SandboxCreateOptions,
  type SandboxGetOrCreateOptions,
  type SandboxInfo,
  type SandboxIterateOptions,
  type SandboxListOptions,
  type SandboxUpdateOptions,
} from "@superserve/sdk";
import { connectionWith } from "./connection.js";

/** Lists every option: one that is missing here or unknown there does not compile. */
export function everyOption(signal: AbortSignal): unknown[] {
  const request: Required<RequestOptions> = { signal, timeoutMs: 1000 };
  const connection = connectionWith(signal);
  const create: Required<SandboxCreateOptions> = {
    ...connection,
    name: "types",
    fromTemplate: "superserve/base",
    fromSnapshot: "0",
    timeoutSeconds: 60,
    autoDeleteSeconds: 0,
    metadata: {},
    envVars: {},
    secrets: {},
    network: {},
    previewAccess: "private",
    onDispose: "kill",
  };
  const update: Required<SandboxUpdateOptions> = {
    ...request,
    metadata: {},
    network: {},
    timeoutSeconds: null,
    autoDeleteSeconds: null,
    previewAccess: "public",
  };
  const list: Required<SandboxListOptions> = {
    ...connection,
    metadata: {},
    status: ["paused", "failed"],
    q: "part",
    sort: "name",
    order: "asc",
    limit: 10,
    offset: 20,
  };
  const iterate: Required<SandboxIterateOptions> = {
    ...connection,
    metadata: {},
    status: "paused",
    q: "part",
    sort: "name",
    order: "asc",
    pageSize: 10,
  };
  const getOrCreate: Required<SandboxGetOrCreateOptions> = { ...create, match: { user: "u-17" } };
  const run: Required<CommandOptions> = {
    args: [],
    cwd: "/",
    env: {},
    timeoutMs: 1000,
    onStdout: () => {},
    onStderr: () => {},
    signal,
    maxOutputBytes: 1,
  };
  const onProgress = (received: number, total?: number): void => void [received, total];
  const read: Required<FileReadOptions> = { ...request, maxBytes: 1, onProgress, offset: 1, length: 1 };
  return [create, update, list, iterate, getOrCreate, run, read];
}

export async function everyCallTakesSignalAndTimeout(sandbox: Sandbox, call: RequestOptions): Promise<void> {
  await Sandbox.create({ name: "types", ...call });
  await Sandbox.connect(sandbox.id, call);
  await Sandbox.killById(sandbox.id, call);
  await Sandbox.updateById(sandbox.id, { metadata: {} }, call);
  await Sandbox.list(call);
  await sandbox.getInfo(call);
  await sandbox.pause(call);
  await sandbox.resume(call);
  await sandbox.kill(call);
  await sandbox.update({ metadata: {}, ...call });
  await sandbox.attachSecret("TOKEN", "stored", call);
  await sandbox.detachSecret("TOKEN", call);
  await sandbox.getNetworkLog(call);
  await sandbox.files.readText("/a", { ...call, maxBytes: 10 });
}

export async function results(sandbox: Sandbox): Promise<void> {
  exactly<PreviewAccess>()(sandbox.previewAccess);
  const info = await sandbox.getInfo();
  exactly<PreviewAccess>()(info.previewAccess);
  exactly<string | undefined>()(info.snapshotId);
  const result: CommandResult = await sandbox.commands.run("true");
  exactly<boolean>()(result.truncated);
  const config: ResolvedConfig = resolveConfig({ sandboxUrl: "https://sandbox.example.com" });
  exactly<string | undefined>()(config.sandboxUrl);
}

export async function lists(sandbox: Sandbox): Promise<void> {
  const list = Sandbox.iterate({ pageSize: 10 });
  exactly<Listing<SandboxInfo>>()(list);
  for await (const info of list) exactly<SandboxInfo>()(info);
  exactly<number | undefined>()(await list.total());
  for await (const { id } of sandbox.iterateNetworkLog()) exactly<number>()(id);
  exactly<Sandbox>()(await Sandbox.get(sandbox.id));
  exactly<Sandbox>()(await Sandbox.getOrCreate({ match: { user: "u-17" } }));
}

export function errors(error: SandboxError): void {
  exactly<string | undefined>()(error.operation);
  exactly<string | undefined>()(error.sandboxId);
  exactly<string | undefined>()(error.requestId);
}

export async function mistakes(sandbox: Sandbox): Promise<void> {
  // @ts-expect-error no such option
  await sandbox.getInfo({ timeout: 1 });
  // @ts-expect-error no tags
  await Sandbox.getOrCreate({ name: "x" });
  // @ts-expect-error no such access
  await sandbox.update({ previewAccess: "secret" });
  // @ts-expect-error properties are read-only
  sandbox.commands = sandbox.commands;
}
