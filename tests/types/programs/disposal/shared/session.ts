import { type Sandbox } from "@superserve/sdk";

export async function scoped(sandbox: Sandbox): Promise<number> {
  await using session = await sandbox.commands.spawn("cat");
  exactly<void>()(await session[Symbol.asyncDispose]());
  const disposable: AsyncDisposable = session;
  await using stack = new AsyncDisposableStack();
  stack.use(disposable);
  return (await session.wait()).exitCode;
}

export async function mistakes(sandbox: Sandbox): Promise<void> {
  // @ts-expect-error closing takes an await
  using session = await sandbox.commands.spawn("cat");
}
