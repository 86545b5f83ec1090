// A key that a sandbox can use and never sees: it has a stand-in, which the service swaps on the way to the key's hosts.
import { Sandbox, Secret } from "@superserve/sdk";

const name = `example-${Date.now().toString(36)}`;
const secret = await Secret.create({ name, value: "sk-ant-real", provider: "anthropic" });
try {
  const sandbox = await Sandbox.create({
    name: "example-secrets",
    timeoutSeconds: 600,
    secrets: { ANTHROPIC_API_KEY: name },
  });
  try {
    const { stdout } = await sandbox.commands.run("printenv ANTHROPIC_API_KEY");
    console.log(
      `the sandbox sees the key: ${stdout.includes("sk-ant-real")}; something in its place: ${stdout.length > 1}`,
    );

    const [use] = await secret.getSandboxes();
    console.log(`used by this sandbox: ${use.sandboxId === sandbox.id}`);
    await sandbox.detachSecret("ANTHROPIC_API_KEY");
    console.log(`used by ${(await secret.getSandboxes()).length} after it is detached`);
  } finally {
    await sandbox.kill();
  }
} finally {
  await secret.delete();
}
