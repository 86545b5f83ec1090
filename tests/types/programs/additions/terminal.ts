import {
  type Bytes,
  type Sandbox,
  type TerminalEnd,
  type TerminalInfo,
  type TerminalOptions,
  type TerminalSession,
} from "@superserve/sdk";

export async function terminal(sandbox: Sandbox, signal: AbortSignal): Promise<TerminalEnd> {
  const options: Required<TerminalOptions> = {
    name: "main",
    cols: 120,
    rows: 40,
    onData: (data) => exactly<Bytes>()(data),
    signal,
  };
  const session = await sandbox.terminal(options);
  exactly<TerminalSession>()(session);
  exactly<void>()(session.write("ls\r"));
  exactly<void>()(session.write(new Uint8Array([3])));
  exactly<void>()(session.resize(80, 24));
  exactly<void>()(session.kill());
  exactly<void>()(session.kill("SIGINT"));
  exactly<TerminalEnd>()(await session.closed);
  exactly<void>()(await session.close());
  const all = await sandbox.terminals.list({ signal });
  exactly<TerminalInfo[]>()(all);
  for (const { name, createdAt, viewers, cols, rows, pid } of all) {
    exactly<string>()(name);
    exactly<Date>()(createdAt);
    exactly<number>()(viewers + cols + rows + pid);
    exactly<void>()(await sandbox.terminals.kill(name, { signal, timeoutMs: 1 }));
  }
  const end = await session.wait();
  exactly<number>()(end.code);
  exactly<string>()(end.reason);
  return (await sandbox.terminal()).wait();
}

export async function mistakes(sandbox: Sandbox, session: TerminalSession): Promise<void> {
  // @ts-expect-error no such option
  await sandbox.terminal({ command: "bash" });
  // @ts-expect-error names are texts
  await sandbox.terminals.kill(5);
  // @ts-expect-error terminals give bytes
  await sandbox.terminal({ onData: (data: string) => data });
  // @ts-expect-error sizes are numbers
  await sandbox.terminal({ cols: "80" });
  // @ts-expect-error both are required
  session.resize(80);
  // @ts-expect-error text or bytes
  session.write(3);
  // @ts-expect-error properties are read-only
  session.closed = session.closed;
  // @ts-expect-error signals have names
  session.kill(2);
}
