// Output as it comes: with a callback a command's output is streamed. What the callback throws ends the command.
import { Sandbox } from "@superserve/sdk";

const sandbox = await Sandbox.create({ name: "example-streams", timeoutSeconds: 600 });
try {
  const build = "for i in 1 2 3; do echo step $i; sleep 0.2; done; echo 'one warning' >&2";
  const { exitCode, stdout } = await sandbox.commands.run(build, {
    // Pieces of text, cut anywhere, though never within a character.
    onStdout: (text) => process.stdout.write(text),
    onStderr: (text) => process.stdout.write(`! ${text}`),
  });
  console.log(`ended with ${exitCode}; the result has all ${stdout.length} characters too`);

  // Files are streams of bytes or whole, as you like. A download tells its progress.
  await sandbox.files.write("/home/user/big.bin", new Uint8Array(3_000_000));
  let seen = 0;
  const bytes = await sandbox.files.read("/home/user/big.bin", {
    onProgress: (received) => (seen = received),
  });
  console.log(`downloaded ${bytes.length} bytes, told of ${seen}`);
} finally {
  await sandbox.kill();
}
