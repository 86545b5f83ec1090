// TypeScript tells bytes in memory of their own from others since 5.7, and its types of the DOM ask for them since 5.9.
import { type Bytes, type Sandbox, type TerminalOptions } from "@superserve/sdk";

export async function bytes(sandbox: Sandbox): Promise<Response> {
  const file = await sandbox.files.read("/a");
  const archive = await sandbox.files.downloadDir("/d");
  exactly<Bytes>()(file);
  exactly<Bytes>()(archive);
  exactly<ArrayBuffer>()(await new Blob([file, archive]).arrayBuffer());
  await crypto.subtle.digest("SHA-256", file);
  await sandbox.terminal({ onData: (data) => new Blob([data]) });
  const any: Uint8Array = file;
  const options: TerminalOptions = { onData: (data: Uint8Array) => data.length + any.length };
  await sandbox.terminal(options);
  return new Response(file);
}
