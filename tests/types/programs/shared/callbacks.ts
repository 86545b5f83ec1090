import type { Sandbox, Secret, Template, TemplateBuildInfo } from "@superserve/sdk";

interface Process {
  once(event: "SIGINT", listener: (signal: "SIGINT", value: number) => void): void;
}

/** Methods without options are callbacks as they are. */
export async function callbacks(
  process: Process,
  sandbox: Sandbox,
  secret: Secret,
  template: Template,
): Promise<void> {
  process.once("SIGINT", sandbox.kill.bind(sandbox));
  process.once("SIGINT", sandbox.kill);
  exactly<TemplateBuildInfo[]>()(await Promise.all(["b-1", "b-2"].map(template.getBuild, template)));
  exactly<void[]>()(await Promise.all(["b-1"].map(template.cancelBuild, template)));
  await Promise.resolve("done").then(sandbox.pause.bind(sandbox));
  await Promise.resolve(5).then(sandbox.resume.bind(sandbox)).finally(template.delete.bind(template));
  ["A", "B"].forEach(sandbox.detachSecret, sandbox);
  new Map([["A", "a"]]).forEach(sandbox.attachSecret, sandbox);
  ["a value"].forEach(secret.rotate, secret);
  exactly<Promise<void>>()(Promise.resolve(new Date()).then(secret.delete.bind(secret)));
}
