// Ending a call early: every method takes a `signal`. The server sees the connection go, and ends the command.
import { Sandbox, SandboxError } from "@superserve/sdk";

const sandbox = await Sandbox.create({ name: "example-abort", timeoutSeconds: 600 });
try {
  const controller = new AbortController();
  try {
    await sandbox.commands.run("echo begun; sleep 60", {
      signal: controller.signal,
      // Somebody pressed a button, say.
      onStdout: () => controller.abort(new Error("no longer wanted")),
    });
  } catch (error) {
    if (!(error instanceof SandboxError) || error.cause !== controller.signal.reason) throw error;
    console.log(`aborted: ${controller.signal.reason.message}`);
  }

  // A time that several calls share. (A command's own `timeoutMs` ends the command instead, and that is a result.)
  const signal = AbortSignal.timeout(500);
  const error = await sandbox.commands.run("sleep 60", { signal }).catch((error) => error);
  console.log(`aborted: ${error.cause.name}`);
} finally {
  await sandbox.kill();
}
