import {
  Provider,
  Secret,
  type AuditStatusFilter,
  type ConnectionOptions,
  type ProviderShortcut,
  type ProxyAuditEvent,
  type SandboxStatus,
  type SecretAuditOptions,
  type SecretAuth,
  type SecretAuthPerHost,
  type SecretAuthRule,
  type SecretAuthType,
  type SecretCreateOptions,
  type SecretInfo,
  type SecretListOptions,
  type SecretSandboxBinding,
} from "@superserve/sdk";

export async function create(connection: ConnectionOptions): Promise<Secret> {
  const shortcut: SecretCreateOptions = {
    ...connection,
    name: "anthropic-prod",
    value: "sk-ant-x",
    provider: "anthropic",
  };
  await Secret.create(shortcut);
  const rules: SecretAuthRule[] = [
    { type: "bearer" },
    { type: "basic", username: "me" },
    { type: "api-key", header: "x-api-key", prefix: "Token " },
    { type: "custom", headers: { "x-auth": "v1 {{ value }}" } },
  ];
  for (const auth of rules) {
    await Secret.create({ name: "custom", value: "x", auth, hosts: ["api.example.com"] });
  }
  const perHost: SecretAuthPerHost = {
    perHost: rules.map((rule) => ({ ...rule, hosts: ["api.example.com"] })),
  };
  const auth: SecretAuth = perHost;
  return Secret.create({ name: "per-host", value: "x", auth, hosts: ["api.example.com"] });
}

export async function statics(connection: ConnectionOptions): Promise<void> {
  exactly<Secret>()(await Secret.get("stored"));
  exactly<Secret>()(await Secret.get("stored", connection));
  const all: SecretListOptions = connection;
  exactly<SecretInfo[]>()(await Secret.list());
  exactly<SecretInfo[]>()(await Secret.list(all));
  exactly<void>()(await Secret.deleteByName("stored"));
  exactly<void>()(await Secret.deleteByName("stored", connection));
}

export async function instance(secret: Secret): Promise<void> {
  const info: SecretInfo = secret;
  for (const known of [secret, info, await secret.getInfo()]) {
    exactly<string>()(known.id);
    exactly<string>()(known.name);
    exactly<SecretAuthType>()(known.authType);
    exactly<Record<string, unknown>>()(known.authConfig);
    exactly<string | undefined>()(known.providerShortcut);
    exactly<string[]>()(known.hosts);
    exactly<Date>()(known.createdAt);
    exactly<Date>()(known.updatedAt);
    exactly<Date | undefined>()(known.lastUsedAt);
  }
  exactly<SecretInfo>()(await secret.getInfo());
  exactly<Secret>()(await secret.rotate("new"));
  exactly<void>()(await secret.delete());
  exactly<"bearer" | "basic" | "api-key" | "custom" | "per_host">()(secret.authType);
}

export async function uses(secret: Secret): Promise<void> {
  const status: AuditStatusFilter = "5xx";
  exactly<"2xx" | "3xx" | "4xx" | "5xx" | "errors">()(status as AuditStatusFilter);
  const page: SecretAuditOptions = { limit: 10, before: 100, status };
  exactly<ProxyAuditEvent[]>()(await secret.getAudit());
  for (const event of await secret.getAudit(page)) {
    exactly<number>()(event.id);
    exactly<Date>()(event.ts);
    exactly<string>()(event.sandboxId);
    exactly<string | undefined>()(event.sandboxName);
    exactly<string | undefined>()(event.secretId);
    exactly<string>()(event.method);
    exactly<string>()(event.host);
    exactly<string>()(event.path);
    exactly<number>()(event.status);
    exactly<number | undefined>()(event.upstreamStatus);
    exactly<number | undefined>()(event.latencyMs);
    exactly<string | undefined>()(event.errorCode);
  }
  const bindings = await secret.getSandboxes();
  exactly<SecretSandboxBinding[]>()(bindings);
  for (const binding of bindings) {
    exactly<string>()(binding.sandboxId);
    exactly<string>()(binding.sandboxName);
    exactly<string>()(binding.envKey);
    exactly<SandboxStatus>()(binding.status);
  }
}

export async function providers(connection: ConnectionOptions): Promise<void> {
  exactly<ProviderShortcut[]>()(await Provider.list(connection));
  for (const provider of await Provider.list()) {
    exactly<string>()(provider.name);
    exactly<string>()(provider.display);
    exactly<SecretAuthType>()(provider.authType);
    exactly<Record<string, unknown>>()(provider.authConfig);
    exactly<string[]>()(provider.hosts);
    exactly<string>()(provider.tokenShape);
  }
}
