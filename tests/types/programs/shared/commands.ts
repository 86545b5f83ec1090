import {
  type CommandOptions,
  type CommandResult,
  type CommandSession,
  type CommandStdin,
  type Sandbox,
  type SpawnOptions,
} from "@superserve/sdk";

export async function run(sandbox: Sandbox, signal: AbortSignal): Promise<string> {
  const options: CommandOptions = {
    cwd: "/app",
    env: { CI: "1" },
    timeoutMs: 1000,
    onStdout: (data) => exactly<string>()(data),
    onStderr: (data) => exactly<string>()(data),
    signal,
    maxOutputBytes: 1024,
  };
  const result = await sandbox.commands.run("true", options);
  exactly<CommandResult>()(result);
  exactly<string>()(result.stdout);
  exactly<string>()(result.stderr);
  exactly<number>()(result.exitCode);
  return (await sandbox.commands.run("true")).stdout;
}

export async function spawn(sandbox: Sandbox, signal: AbortSignal): Promise<CommandResult> {
  const options: SpawnOptions = {
    cwd: "/app",
    env: { CI: "1" },
    timeoutMs: 1000,
    onStdout: (data) => exactly<string>()(data),
    onStderr: (data) => exactly<string>()(data),
    signal,
  };
  const session = await sandbox.commands.spawn("cat", options);
  exactly<CommandSession>()(session);
  exactly<CommandStdin>()(session.stdin);
  exactly<void>()(session.stdin.write("text"));
  exactly<void>()(session.stdin.write(new Uint8Array([1, 2, 3])));
  exactly<void>()(session.stdin.close());
  exactly<void>()(session.kill());
  exactly<void>()(session.kill("SIGINT"));
  exactly<CommandResult>()(await session.wait());
  exactly<void>()(await session.close());
  return (await sandbox.commands.spawn("true")).wait();
}

/** A library that takes the part it needs, as code under test does with a stand-in. */
export async function viaInterface(commands: Pick<Sandbox["commands"], "run">): Promise<number> {
  const { exitCode } = await commands.run("true");
  return exitCode;
}

export const fake: Pick<Sandbox["commands"], "run"> = {
  run: async (command) => ({ stdout: command, stderr: "", exitCode: 0, truncated: false }),
};
