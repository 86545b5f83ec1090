// What goes wrong, and how to tell: by the class, `statusCode` and `code` of an error. Its message is for people.
import { NotFoundError, Sandbox, SandboxError, ValidationError } from "@superserve/sdk";

const sandbox = await Sandbox.create({ name: "example-errors", timeoutSeconds: 600 });
try {
  // A command that fails is a result, not an error.
  const { exitCode, stderr } = await sandbox.commands.run("ls /nowhere");
  console.log(`the command ended with ${exitCode}: ${stderr.trim()}`);

  try {
    await sandbox.files.readText("/home/user/missing.txt");
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    console.log(`${error.name}, status ${error.statusCode}`);
  }

  // Arguments are checked before anything is sent.
  const early = await sandbox.commands.run("date", { timeoutMs: -1 }).catch((error) => error);
  console.log(`${early.name}, status ${early.statusCode}: ${early.message}`);

  // `is` recognises the errors of every copy of the package, `instanceof` only this one's.
  console.log(ValidationError.is(early), SandboxError.is(early), NotFoundError.is(early));
} finally {
  await sandbox.kill();
}
