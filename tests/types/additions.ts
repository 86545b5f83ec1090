// What this package offers beyond the TypeScript SDK; it never runs.
import { Sandbox, resolveConfig } from "@superserve/sdk";

export async function everyCallTakesSignalAndTimeout(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  const call = { signal, timeoutMs: 1000 };
  await Sandbox.create({ name: "types", ...call });
  await Sandbox.connect(sandbox.id, call);
  await Sandbox.killById(sandbox.id, call);
  await Sandbox.updateById(sandbox.id, { metadata: {} }, call);
  await Sandbox.list({ status: "paused", limit: 10, offset: 20, ...call });
  await sandbox.getInfo(call);
  await sandbox.pause(call);
  await sandbox.resume(call);
  await sandbox.kill(call);
  await sandbox.update({ previewAccess: "private", ...call });
}

export async function results(sandbox: Sandbox): Promise<void> {
  const access: string | undefined = sandbox.previewAccess;
  const truncated: boolean = (await sandbox.commands.run("true")).truncated ?? false;
  const own = resolveConfig({ apiKey: "key", sandboxUrl: "https://sandbox.example.com" });
  await Sandbox.create({ name: `${access}${truncated}`, sandboxUrl: own.sandboxUrl, previewAccess: "private" });
}
