import {
  Sandbox,
  type ConnectionOptions,
  type NetworkConfig,
  type SandboxCreateOptions,
  type SandboxInfo,
  type SandboxListOptions,
  type SandboxSecretBinding,
  type SandboxStatus,
  type SandboxUpdateOptions,
  type Template,
} from "@superserve/sdk";

export async function create(signal: AbortSignal, template: Template): Promise<Sandbox> {
  const connection: ConnectionOptions = { apiKey: "ss_live_x", baseUrl: "https://api.superserve.ai", signal };
  const network: NetworkConfig = { allowOut: ["*.example.com"], denyOut: ["10.0.0.0/8"] };
  const options: SandboxCreateOptions = {
    ...connection,
    name: "types",
    fromTemplate: "superserve/base",
    fromSnapshot: "7b0e3f2c-0000-4000-8000-000000000000",
    timeoutSeconds: 60,
    autoDeleteSeconds: 0,
    metadata: { env: "test" },
    envVars: { LANG: "C" },
    secrets: { TOKEN: "stored" },
    network,
  };
  await Sandbox.create({ name: "types", fromTemplate: template });
  await Sandbox.create({ name: "types", fromTemplate: { id: "0", name: "base" } });
  return Sandbox.create(options);
}

export async function properties(sandbox: Sandbox): Promise<void> {
  exactly<string>()(sandbox.id);
  exactly<string>()(sandbox.name);
  exactly<SandboxStatus>()(sandbox.status);
  exactly<Record<string, string>>()(sandbox.metadata);
  exactly<SandboxSecretBinding[] | undefined>()(sandbox.secrets);

  const info = await sandbox.getInfo();
  exactly<SandboxInfo>()(info);
  exactly<string>()(info.id);
  exactly<string>()(info.name);
  exactly<SandboxStatus>()(info.status);
  exactly<number>()(info.vcpuCount);
  exactly<number>()(info.memoryMib);
  exactly<Date>()(info.createdAt);
  exactly<number | undefined>()(info.timeoutSeconds);
  exactly<number | undefined>()(info.autoDeleteSeconds);
  exactly<Date | undefined>()(info.autoDeleteAt);
  exactly<NetworkConfig | undefined>()(info.network);
  exactly<string[] | undefined>()(info.network?.allowOut);
  exactly<string[] | undefined>()(info.network?.denyOut);
  exactly<Record<string, string>>()(info.metadata);
  for (const binding of info.secrets ?? []) {
    exactly<SandboxSecretBinding>()(binding);
    exactly<string>()(binding.envKey);
    exactly<string>()(binding.secretName);
    exactly<boolean | undefined>()(binding.revoked);
  }
}

export async function lifecycle(sandbox: Sandbox): Promise<void> {
  const update: SandboxUpdateOptions = {
    metadata: {},
    network: { allowOut: [] },
    autoDeleteSeconds: null,
    timeoutSeconds: null,
  };
  exactly<void>()(await sandbox.update(update));
  exactly<void>()(await sandbox.update({ timeoutSeconds: 5, autoDeleteSeconds: 5 }));
  exactly<void>()(await sandbox.pause());
  exactly<void>()(await sandbox.resume());
  exactly<void>()(await sandbox.attachSecret("TOKEN", "stored"));
  exactly<void>()(await sandbox.detachSecret("TOKEN"));
  exactly<void>()(await sandbox.kill());
}

export async function byId(id: string, connection: ConnectionOptions): Promise<void> {
  exactly<Sandbox>()(await Sandbox.connect(id));
  exactly<Sandbox>()(await Sandbox.connect(id, connection));
  const filter: SandboxListOptions = { ...connection, metadata: { env: "test" } };
  exactly<SandboxInfo[]>()(await Sandbox.list());
  exactly<SandboxInfo[]>()(await Sandbox.list(filter));
  exactly<void>()(await Sandbox.killById(id));
  exactly<void>()(await Sandbox.killById(id, connection));
  exactly<void>()(await Sandbox.updateById(id, { timeoutSeconds: 5 }));
  exactly<void>()(await Sandbox.updateById(id, { metadata: {} }, connection));
}

export function describe(status: SandboxStatus): string {
  switch (status) {
    case "active":
    case "resuming":
      return "up";
    case "paused":
    case "failed":
      return "down";
    default:
      // The service may report others, as it always did; the type says so since.
      return status;
  }
}
