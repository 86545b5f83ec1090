import sdk = require("@superserve/sdk");

export async function whole(): Promise<sdk.Sandbox> {
  const options: sdk.SandboxCreateOptions = { name: "types" };
  const sandbox = await sdk.Sandbox.create(options);
  exactly<sdk.CommandResult>()(await sandbox.commands.run("true"));
  return sandbox;
}

export function isOurs(error: unknown): string | undefined {
  return error instanceof sdk.SandboxError ? error.code : undefined;
}
