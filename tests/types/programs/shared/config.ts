import { resolveConfig, type ResolvedConfig } from "@superserve/sdk";

export function settings(): string {
  const config = resolveConfig();
  exactly<ResolvedConfig>()(config);
  exactly<string>()(config.apiKey);
  exactly<string>()(config.baseUrl);
  exactly<string>()(config.sandboxHost);
  return resolveConfig({ apiKey: "key", baseUrl: "https://api.superserve.ai" }).sandboxHost;
}
