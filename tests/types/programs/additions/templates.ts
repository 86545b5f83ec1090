import {
  Template,
  type BuildLogsOptions,
  type RequestOptions,
  type TemplateBuildsListOptions,
  type TemplateCreateOptions,
  type TemplateListOptions,
  type WaitUntilReadyOptions,
} from "@superserve/sdk";
import { connectionWith } from "./connection.js";

/** Lists every option: one that is missing here or unknown there does not compile. */
export function everyOption(signal: AbortSignal): unknown[] {
  const connection = connectionWith(signal);
  const create: Required<TemplateCreateOptions> = {
    ...connection,
    name: "types",
    vcpu: 1,
    memoryMib: 1024,
    diskMib: 4096,
    from: "debian",
    steps: [],
    startCmd: "true",
    readyCmd: "true",
  };
  const list: Required<TemplateListOptions> = {
    ...connection,
    namePrefix: "my-",
    q: "part",
    owner: "team",
    sort: "name",
    order: "desc",
    limit: 10,
    offset: 20,
  };
  const builds: Required<TemplateBuildsListOptions> = { ...connection, limit: 1 };
  const logs: Required<BuildLogsOptions> = { onEvent: () => {}, buildId: "0", signal, timeoutMs: 1000 };
  const wait: Required<WaitUntilReadyOptions> = {
    onLog: () => {},
    signal,
    pollIntervalMs: 500,
    timeoutMs: 1000,
  };
  return [create, list, builds, logs, wait];
}

export async function everyCallTakesSignalAndTimeout(
  template: Template,
  call: RequestOptions,
): Promise<void> {
  await Template.create({ name: "types", from: "debian", ...call });
  await Template.connect(template.id, call);
  await Template.list(call);
  await Template.deleteById(template.id, call);
  await template.getInfo(call);
  await template.rebuild(call);
  await template.listBuilds({ limit: 1, ...call });
  await template.getBuild("0", call);
  await template.cancelBuild("0", call);
  await template.streamBuildLogs({ onEvent: () => {}, ...call });
  await template.waitUntilReady(call);
  await template.delete(call);
}
