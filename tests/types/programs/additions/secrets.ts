import {
  Provider,
  Secret,
  type NetworkLogOptions,
  type RequestOptions,
  type SecretAuditOptions,
  type SecretAuthRule,
  type SecretCreateOptions,
  type SecretInfo,
  type SecretListOptions,
} from "@superserve/sdk";
import { connectionWith } from "./connection.js";

/** Lists every option: one that is missing here or unknown there does not compile. */
export function everyOption(signal: AbortSignal): unknown[] {
  const list: Required<SecretListOptions> = connectionWith(signal);
  const rule: Required<SecretAuthRule> = {
    type: "custom",
    header: "x-api-key",
    prefix: "Token ",
    username: "me",
    headers: {},
  };
  const create: Required<SecretCreateOptions> = {
    ...list,
    name: "types",
    value: "x",
    provider: "anthropic",
    auth: rule,
    hosts: [],
  };
  const audit: Required<SecretAuditOptions> = { ...list, limit: 1, before: 1, status: "errors" };
  const log: Required<NetworkLogOptions> = { ...list, limit: 1, before: "", since: "", verdict: "failed" };
  return [create, audit, log];
}

export async function everyCallTakesSignalAndTimeout(secret: Secret, call: RequestOptions): Promise<void> {
  await Secret.create({ name: "types", value: "x", provider: "anthropic", ...call });
  await Secret.get("types", call);
  await Secret.list(call);
  await Secret.deleteByName("types", call);
  exactly<SecretInfo>()(await secret.getInfo(call));
  exactly<Secret>()(await secret.rotate("new", call));
  await secret.delete(call);
  await secret.getAudit({ limit: 1, ...call });
  await secret.getSandboxes(call);
  await Provider.list(call);
}
