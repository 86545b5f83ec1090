import { Sandbox } from "@superserve/sdk";

/** What a command says, and whether the sandbox is listed while it is there and afterwards: no answer may be a cached one. */
export async function facts(name) {
  const listed = async () => (await Sandbox.list()).some((one) => one.name === name);
  const sandbox = await Sandbox.create({ name });
  const { stdout } = await sandbox.commands.run("echo $((6 * 7))");
  const during = await listed();
  await sandbox.kill();
  return `said ${stdout.trim()}, listed ${during} then ${await listed()}`;
}
