import { type Sandbox } from "@superserve/sdk";

export async function scoped(sandbox: Sandbox): Promise<void> {
  await using terminal = await sandbox.terminal();
  exactly<void>()(await terminal[Symbol.asyncDispose]());
  const disposable: AsyncDisposable = terminal;
  terminal.write("exit\r");
  await terminal.closed;
  await disposable[Symbol.asyncDispose]();
}
