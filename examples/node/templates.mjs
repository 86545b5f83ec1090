// What sandboxes start from: built once, with its log to watch. A build that fails is a BuildError, whose code says where.
import { BuildError, Sandbox, Template } from "@superserve/sdk";

const name = `example-${Date.now().toString(36)}`;
/** @param {import("@superserve/sdk").BuildLogEvent} event */
const onLog = ({ stream, text }) => console.log(`${stream}: ${text}`);

const template = await Template.create({
  name,
  from: "python:3.11",
  steps: [{ workdir: "/srv/app" }, { run: "echo packing; echo 'packed by hand' > parcel.txt" }],
});
try {
  const { status } = await template.waitUntilReady({ onLog });
  console.log(`${status}`);

  const sandbox = await Sandbox.create({
    name: "example-templates",
    fromTemplate: template,
    timeoutSeconds: 600,
  });
  try {
    console.log((await sandbox.commands.run("cat parcel.txt")).stdout.trim());
  } finally {
    await sandbox.kill();
  }
} finally {
  await template.delete();
}

const broken = await Template.create({
  name: `${name}-broken`,
  from: "python:3.11",
  steps: [{ run: "echo 'no such luck' >&2; exit 3" }],
});
try {
  await broken.waitUntilReady({ onLog });
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  console.log(`${error.name}, code ${error.code}: ${error.message}`);
} finally {
  await broken.delete();
}
