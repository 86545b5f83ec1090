import { Sandbox } from "@superserve/sdk";

export async function scope(): Promise<void> {
  await using sandbox = await Sandbox.create({ name: "types" });
  await using other = await Sandbox.connect(sandbox.id, { onDispose: "pause" });
  exactly<void>()(await other[Symbol.asyncDispose]());
}

export async function scoped(sandbox: Sandbox): Promise<void> {
  await using terminal = await sandbox.terminal();
  exactly<void>()(await terminal[Symbol.asyncDispose]());
  const disposable: AsyncDisposable = terminal;
  terminal.write("exit\r");
  await terminal.closed;
  await disposable[Symbol.asyncDispose]();
}
