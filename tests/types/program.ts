// A program written for the documented surface. It must compile against this package and against
// the TypeScript SDK alike; it never runs.
import {
  AuthenticationError,
  ConflictError,
  MAX_PREVIEW_PORT,
  MIN_PREVIEW_PORT,
  NotFoundError,
  RateLimitError,
  Sandbox,
  SandboxError,
  ServerError,
  TimeoutError,
  ValidationError,
  previewUrl,
  resolveConfig,
  type CommandOptions,
  type CommandResult,
  type ConnectionOptions,
  type FileInput,
  type NetworkConfig,
  type ResolvedConfig,
  type SandboxCreateOptions,
  type SandboxInfo,
  type SandboxListOptions,
  type SandboxSecretBinding,
  type SandboxStatus,
  type SandboxUpdateOptions,
} from "@superserve/sdk";

/** Fails to compile unless the value has exactly this type. */
function exactly<Expected>() {
  return <Actual,>(_: Actual & (Same<Actual, Expected> extends true ? unknown : never)): void => {};
}
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

export async function lifecycle(signal: AbortSignal): Promise<void> {
  const connection: ConnectionOptions = { apiKey: "ss_live_x", baseUrl: "https://api.superserve.ai", signal };
  const network: NetworkConfig = { allowOut: ["*.example.com"], denyOut: ["10.0.0.0/8"] };
  const options: SandboxCreateOptions = {
    ...connection,
    name: "types",
    fromTemplate: "superserve/base",
    timeoutSeconds: 60,
    autoDeleteSeconds: 0,
    metadata: { env: "test" },
    envVars: { LANG: "C" },
    secrets: { TOKEN: "stored" },
    network,
  };
  const sandbox = await Sandbox.create(options);
  await Sandbox.create({ name: "types", fromTemplate: { id: "0", name: "base" }, fromSnapshot: "0" });
  exactly<Sandbox>()(sandbox);
  exactly<string>()(sandbox.id);
  exactly<string>()(sandbox.name);
  exactly<SandboxStatus>()(sandbox.status);
  exactly<Record<string, string>>()(sandbox.metadata);
  exactly<SandboxSecretBinding[] | undefined>()(sandbox.secrets);

  const info = await sandbox.getInfo();
  exactly<SandboxInfo>()(info);
  exactly<string>()(info.id);
  exactly<Date>()(info.createdAt);
  exactly<number>()(info.vcpuCount);
  exactly<number>()(info.memoryMib);
  exactly<number | undefined>()(info.timeoutSeconds);
  exactly<number | undefined>()(info.autoDeleteSeconds);
  exactly<Date | undefined>()(info.autoDeleteAt);
  exactly<NetworkConfig | undefined>()(info.network);
  exactly<Record<string, string>>()(info.metadata);

  const update: SandboxUpdateOptions = { metadata: {}, network, autoDeleteSeconds: null, timeoutSeconds: null };
  exactly<void>()(await sandbox.update(update));
  exactly<void>()(await sandbox.pause());
  exactly<void>()(await sandbox.resume());
  exactly<void>()(await sandbox.kill());

  exactly<Sandbox>()(await Sandbox.connect(sandbox.id));
  await Sandbox.connect(sandbox.id, connection);
  const filter: SandboxListOptions = { ...connection, metadata: { env: "test" } };
  exactly<SandboxInfo[]>()(await Sandbox.list());
  exactly<SandboxInfo[]>()(await Sandbox.list(filter));
  exactly<void>()(await Sandbox.killById(sandbox.id, connection));
  exactly<void>()(await Sandbox.updateById(sandbox.id, { timeoutSeconds: 5 }, connection));
}

export async function commands(sandbox: Sandbox, signal: AbortSignal): Promise<string> {
  const options: CommandOptions = {
    cwd: "/app",
    env: { CI: "1" },
    timeoutMs: 1000,
    onStdout: (data) => exactly<string>()(data),
    onStderr: (data) => exactly<string>()(data),
    signal,
    maxOutputBytes: 1024,
  };
  const result: CommandResult = await sandbox.commands.run("true", options);
  exactly<string>()(result.stdout);
  exactly<string>()(result.stderr);
  exactly<number>()(result.exitCode);
  return (await sandbox.commands.run("true")).stdout;
}

export async function files(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  const inputs: FileInput[] = ["text", new Uint8Array(1), new ArrayBuffer(1), new Blob(["text"])];
  for (const input of inputs) await sandbox.files.write("/a", input);
  exactly<void>()(await sandbox.files.write("/a", "text", { timeoutMs: 1000, signal }));
  const bytes = await sandbox.files.read("/a", { timeoutMs: 1000, signal, maxBytes: 10 });
  exactly<number>()(bytes.byteLength);
  new TextDecoder().decode(bytes);
  exactly<string>()(await sandbox.files.readText("/a", { timeoutMs: 1000, signal }));
  const zip: Uint8Array = await sandbox.files.downloadDir("/a", { timeoutMs: 1000, signal, maxBytes: 10 });
  exactly<number>()(zip.length);
}

export function errors(error: unknown): string | number | undefined {
  if (error instanceof RateLimitError || error instanceof ConflictError) return error.code;
  if (error instanceof ServerError || error instanceof AuthenticationError) return error.statusCode;
  if (error instanceof TimeoutError || error instanceof NotFoundError) return error.message;
  if (error instanceof ValidationError) return error.name;
  if (error instanceof SandboxError) {
    exactly<string | undefined>()(error.code);
    exactly<number | undefined>()(error.statusCode);
    return error.stack;
  }
  return undefined;
}

export function settings(): string {
  const config: ResolvedConfig = resolveConfig();
  exactly<string>()(config.apiKey);
  exactly<string>()(config.baseUrl);
  exactly<string>()(resolveConfig({ apiKey: "key", baseUrl: "https://api.superserve.ai" }).sandboxHost);
  const port: number = MIN_PREVIEW_PORT < MAX_PREVIEW_PORT ? 8000 : 8001;
  return previewUrl("id", config.sandboxHost, port);
}

export async function mistakes(sandbox: Sandbox): Promise<void> {
  // @ts-expect-error the name is required
  await Sandbox.create({});
  // @ts-expect-error no such option
  await Sandbox.create({ name: "types", timeout: 5 });
  // @ts-expect-error metadata values are strings
  await Sandbox.create({ name: "types", metadata: { count: 1 } });
  // @ts-expect-error a name cannot be cleared
  await sandbox.update({ name: null });
  // @ts-expect-error a command is required
  await sandbox.commands.run();
  // @ts-expect-error commands are strings
  await sandbox.commands.run(["ls"]);
  // @ts-expect-error callbacks take text
  await sandbox.commands.run("ls", { onStdout: (data: Uint8Array) => data });
  // @ts-expect-error no such result field
  (await sandbox.commands.run("ls")).exit_code;
  // @ts-expect-error content is required
  await sandbox.files.write("/a");
  // @ts-expect-error numbers are no content
  await sandbox.files.write("/a", 5);
  // @ts-expect-error sandboxes come from create and connect
  new Sandbox();
  // @ts-expect-error properties are read-only
  sandbox.id = "other";
  // @ts-expect-error a sandbox has no public token
  sandbox.accessToken;
}
