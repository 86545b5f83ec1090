// Programs that must not compile.
import * as sdk from "@superserve/sdk";
import {
  Provider,
  Sandbox,
  Secret,
  Template,
  type CommandSession,
  type SandboxStatus,
} from "@superserve/sdk";

export async function sandboxes(sandbox: Sandbox): Promise<void> {
  // @ts-expect-error no such option
  await Sandbox.create({ name: "types", timeout: 5 });
  // @ts-expect-error the wire's spelling
  await Sandbox.create({ name: "types", from_template: "superserve/base" });
  // @ts-expect-error metadata values are strings
  await Sandbox.create({ name: "types", metadata: { count: 1 } });
  // @ts-expect-error a number of seconds
  await Sandbox.create({ name: "types", timeoutSeconds: "60" });
  // @ts-expect-error null clears in an update only
  await Sandbox.create({ name: "types", timeoutSeconds: null });
  // @ts-expect-error network rules are lists
  await Sandbox.create({ name: "types", network: { allowOut: "*" } });
  // @ts-expect-error no such option
  await Sandbox.connect(sandbox.id, { key: "x" });
  // @ts-expect-error an id is required
  await Sandbox.connect();
  // @ts-expect-error tags are an object
  await Sandbox.list({ metadata: "env=test" });
  // @ts-expect-error what to change is required
  await Sandbox.updateById(sandbox.id);
  // @ts-expect-error a name cannot be cleared
  await sandbox.update({ name: null });
  // @ts-expect-error metadata is replaced, not cleared
  await sandbox.update({ metadata: null });
  // @ts-expect-error sandboxes come from create and connect
  new Sandbox();
  // @ts-expect-error properties are read-only
  sandbox.id = "other";
  // @ts-expect-error a sandbox has no public token
  sandbox.accessToken;
  // @ts-expect-error a sandbox may have no secrets
  sandbox.secrets.length;
  // @ts-expect-error a status is a text
  const status: SandboxStatus = 5;
  // @ts-expect-error a promise, not yet the info
  sandbox.getInfo().status;
  // @ts-expect-error both names are required
  await sandbox.attachSecret("TOKEN");
  // @ts-expect-error the variable's name is required
  await sandbox.detachSecret();
}

export async function commands(sandbox: Sandbox, session: CommandSession): Promise<void> {
  // @ts-expect-error a command is required
  await sandbox.commands.run();
  // @ts-expect-error commands are strings
  await sandbox.commands.run(["ls"]);
  // @ts-expect-error callbacks take text
  await sandbox.commands.run("ls", { onStdout: (data: Uint8Array) => data });
  // @ts-expect-error milliseconds are a number
  await sandbox.commands.run("ls", { timeoutMs: "1s" });
  // @ts-expect-error no such option
  await sandbox.commands.run("ls", { timeout: 5 });
  // @ts-expect-error no such result field
  (await sandbox.commands.run("ls")).exit_code;
  // @ts-expect-error a command is required
  await sandbox.commands.spawn();
  // @ts-expect-error sessions stream: nothing is buffered
  await sandbox.commands.spawn("cat", { maxOutputBytes: 1 });
  // @ts-expect-error no such option
  await sandbox.commands.spawn("cat", { stdin: "text" });
  // @ts-expect-error text or bytes
  session.stdin.write(5);
  // @ts-expect-error text or bytes
  session.stdin.write();
  // @ts-expect-error signals have names
  session.kill(9);
  // @ts-expect-error properties are read-only
  session.stdin = session.stdin;
  // @ts-expect-error a promise, not yet the result
  session.wait().exitCode;
  // @ts-expect-error no such member
  session.pid;
}

export async function files(sandbox: Sandbox): Promise<void> {
  // @ts-expect-error content is required
  await sandbox.files.write("/a");
  // @ts-expect-error numbers are no content
  await sandbox.files.write("/a", 5);
  // @ts-expect-error no such option
  await sandbox.files.write("/a", "text", { owner: "me" });
  // @ts-expect-error a path is required
  await sandbox.files.read();
  // @ts-expect-error no such option
  await sandbox.files.read("/a", { encoding: "utf8" });
  // @ts-expect-error bytes are no text
  const text: string = await sandbox.files.read("/a");
  // @ts-expect-error no such method
  await sandbox.files.glob("/");
}

export async function templates(template: Template): Promise<void> {
  // @ts-expect-error an image is required
  await Template.create({ name: "types" });
  // @ts-expect-error a name is required
  await Template.create({ from: "debian" });
  // @ts-expect-error no such step
  await Template.create({ name: "types", from: "debian", steps: [{ copy: "." }] });
  // @ts-expect-error a step has one key and a value
  await Template.create({ name: "types", from: "debian", steps: [{ env: { MODE: "test" } }] });
  // @ts-expect-error a user has a name
  await Template.create({ name: "types", from: "debian", steps: [{ user: "root" }] });
  // @ts-expect-error templates come from create and connect
  new Template();
  // @ts-expect-error properties are read-only
  template.status = "ready";
  // @ts-expect-error a callback is required
  await template.streamBuildLogs({});
  // @ts-expect-error options are required
  await template.streamBuildLogs();
  // @ts-expect-error no such option
  await template.waitUntilReady({ onEvent: () => {} });
  // @ts-expect-error the build's id is required
  await template.getBuild();
  // @ts-expect-error the build's id is required
  await template.cancelBuild();
}

export async function secrets(secret: Secret): Promise<void> {
  // @ts-expect-error a value is required
  await Secret.create({ name: "types", provider: "anthropic" });
  // @ts-expect-error no such kind of auth
  await Secret.create({ name: "types", value: "x", auth: { type: "digest" }, hosts: [] });
  // @ts-expect-error hosts are a list
  await Secret.create({ name: "types", value: "x", auth: { type: "bearer" }, hosts: "api.example.com" });
  // @ts-expect-error each rule names its hosts
  await Secret.create({ name: "types", value: "x", auth: { perHost: [{ type: "bearer" }] } });
  // @ts-expect-error values never come back
  secret.value;
  // @ts-expect-error secrets come from create and get
  new Secret();
  // @ts-expect-error the new value is required
  await secret.rotate();
  // @ts-expect-error no such filter
  await secret.getAudit({ status: "1xx" });
  // @ts-expect-error the cursor is an event's id
  await secret.getAudit({ before: "2026-01-01" });
  // @ts-expect-error no such field
  (await Provider.list())[0]!.id;
}

export async function network(sandbox: Sandbox): Promise<void> {
  // @ts-expect-error no such verdict
  await sandbox.getNetworkLog({ verdict: "denied" });
  // @ts-expect-error times are text
  await sandbox.getNetworkLog({ since: new Date() });
  // @ts-expect-error pages hold events
  (await sandbox.getNetworkLog()).data;
  // @ts-expect-error ports are numbers
  sandbox.getPreviewUrl("8000");
  // @ts-expect-error a port is required
  sdk.previewUrl(sandbox.id, "sandbox.superserve.ai");
  // @ts-expect-error no such option
  sdk.resolveConfig({ region: "use" });
}

export function names(): void {
  // @ts-expect-error no such export
  sdk.Client;
  // @ts-expect-error a class whose instances come with a sandbox
  new sdk.Commands();
  // @ts-expect-error a class whose instances come with a sandbox
  new sdk.Files();
  // @ts-expect-error a type, not a value
  sdk.CommandSession;
  // @ts-expect-error a message is required
  new sdk.SandboxError();
  // @ts-expect-error a build's error says which build
  new sdk.BuildError("message", { code: "step_failed" });
  // @ts-expect-error properties are read-only
  new sdk.SandboxError("message").code = "other";
}
