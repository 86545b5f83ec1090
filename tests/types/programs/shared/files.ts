import { type FileInput, type Sandbox } from "@superserve/sdk";

export async function write(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  const inputs: FileInput[] = ["text", new Uint8Array(1), new ArrayBuffer(1), new Blob(["text"])];
  for (const input of inputs) await sandbox.files.write("/a", input);
  exactly<void>()(await sandbox.files.write("/a", "text", { timeoutMs: 1000, signal }));
}

export async function read(sandbox: Sandbox, signal: AbortSignal): Promise<string> {
  let bytes: Uint8Array = await sandbox.files.read("/a", { timeoutMs: 1000, signal, maxBytes: 10 });
  bytes = await sandbox.files.read("/a");
  exactly<string>()(await sandbox.files.readText("/a"));
  exactly<string>()(await sandbox.files.readText("/a", { timeoutMs: 1000, signal }));
  bytes = await sandbox.files.downloadDir("/a");
  bytes = await sandbox.files.downloadDir("/a", { timeoutMs: 1000, signal, maxBytes: 10 });
  return new TextDecoder().decode(bytes);
}
