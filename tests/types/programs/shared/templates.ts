import {
  Template,
  type BuildLogEvent,
  type BuildLogStream,
  type BuildLogsOptions,
  type BuildStep,
  type ConnectionOptions,
  type TemplateBuildInfo,
  type TemplateBuildStatus,
  type TemplateBuildsListOptions,
  type TemplateCreateOptions,
  type TemplateInfo,
  type TemplateListOptions,
  type TemplateStatus,
  type WaitUntilReadyOptions,
} from "@superserve/sdk";

export async function create(connection: ConnectionOptions): Promise<Template> {
  const steps: BuildStep[] = [
    { run: "pip install numpy" },
    { env: { key: "MODE", value: "test" } },
    { workdir: "/app" },
    { user: { name: "app" } },
    { user: { name: "root", sudo: true } },
  ];
  const options: TemplateCreateOptions = {
    ...connection,
    name: "my-python-env",
    vcpu: 2,
    memoryMib: 2048,
    diskMib: 4096,
    from: "python:3.11",
    steps,
    startCmd: "python3 -m http.server 8000",
    readyCmd: "curl -sf localhost:8000",
  };
  await Template.create({ name: "small", from: "debian" });
  return Template.create(options);
}

export async function statics(connection: ConnectionOptions): Promise<void> {
  exactly<Template>()(await Template.connect("my-python-env"));
  exactly<Template>()(await Template.connect("my-python-env", connection));
  const filter: TemplateListOptions = { ...connection, namePrefix: "my-" };
  exactly<TemplateInfo[]>()(await Template.list());
  exactly<TemplateInfo[]>()(await Template.list(filter));
  exactly<void>()(await Template.deleteById("my-python-env"));
  exactly<void>()(await Template.deleteById("my-python-env", connection));
}

export async function properties(template: Template): Promise<void> {
  const info: TemplateInfo = template;
  for (const known of [template, info, await template.getInfo()]) {
    exactly<string>()(known.id);
    exactly<string>()(known.name);
    exactly<string>()(known.teamId);
    exactly<TemplateStatus>()(known.status);
    exactly<number>()(known.vcpu);
    exactly<number>()(known.memoryMib);
    exactly<number>()(known.diskMib);
    exactly<number | undefined>()(known.sizeBytes);
    exactly<string | undefined>()(known.errorMessage);
    exactly<Date>()(known.createdAt);
    exactly<Date | undefined>()(known.builtAt);
    exactly<string | undefined>()(known.latestBuildId);
  }
}

export async function builds(template: Template): Promise<void> {
  const build = await template.rebuild();
  exactly<TemplateBuildInfo>()(build);
  exactly<string>()(build.id);
  exactly<string>()(build.templateId);
  exactly<TemplateBuildStatus>()(build.status);
  exactly<string>()(build.buildSpecHash);
  exactly<string | undefined>()(build.errorMessage);
  exactly<Date | undefined>()(build.startedAt);
  exactly<Date | undefined>()(build.finalizedAt);
  exactly<Date>()(build.createdAt);

  const newest: TemplateBuildsListOptions = { limit: 1 };
  exactly<TemplateBuildInfo[]>()(await template.listBuilds());
  exactly<TemplateBuildInfo[]>()(await template.listBuilds(newest));
  exactly<TemplateBuildInfo>()(await template.getBuild(build.id));
  exactly<void>()(await template.cancelBuild(build.id));
  exactly<void>()(await template.delete());
}

export async function logs(template: Template, signal: AbortSignal): Promise<void> {
  const onEvent = (event: BuildLogEvent): void => {
    exactly<Date>()(event.timestamp);
    exactly<BuildLogStream>()(event.stream);
    exactly<string>()(event.text);
    exactly<boolean | undefined>()(event.finished);
    exactly<"ready" | "failed" | "cancelled" | undefined>()(event.status);
  };
  const follow: BuildLogsOptions = { onEvent, buildId: "0", signal };
  exactly<void>()(await template.streamBuildLogs(follow));
  await template.streamBuildLogs({ onEvent: (event) => exactly<BuildLogEvent>()(event) });

  const wait: WaitUntilReadyOptions = { onLog: onEvent, signal, pollIntervalMs: 500 };
  exactly<TemplateInfo>()(await template.waitUntilReady());
  exactly<TemplateInfo>()(await template.waitUntilReady(wait));
}

export function isOver(status: TemplateStatus, build: TemplateBuildStatus, stream: BuildLogStream): boolean {
  exactly<"pending" | "building" | "ready" | "failed">()(status);
  exactly<"pending" | "building" | "snapshotting" | "ready" | "failed" | "cancelled">()(build);
  exactly<"stdout" | "stderr" | "system">()(stream);
  return status === "ready" || build === "cancelled" || stream === "system";
}
