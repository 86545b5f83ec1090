import {
  DEFAULT_SNAPSHOT_TIMEOUT_MS,
  Sandbox,
  Snapshot,
  type SandboxPauseOptions,
  type SandboxResumeOptions,
  type SnapshotCreateOptions,
  type SnapshotInfo,
  type SnapshotKind,
  type SnapshotListOptions,
  type SnapshotResources,
  type SnapshotStatus,
  type SnapshotWaitOptions,
} from "@superserve/sdk";

/** Lists every option: one that is missing here or unknown there does not compile. */
export function everySnapshotOption(signal: AbortSignal): unknown[] {
  const wait: Required<SnapshotWaitOptions> = { signal, timeoutMs: 1000, pollIntervalMs: 100 };
  const kind: SnapshotKind = "mem+fs";
  const create: Required<SnapshotCreateOptions> = {
    ...wait,
    name: "a",
    kind,
    idempotencyKey: "k",
    wait: false,
  };
  const pause: Required<SandboxPauseOptions> = { ...wait, wait: false };
  const resume: Required<SandboxResumeOptions> = wait;
  return [create, pause, resume];
}

export async function snapshots(sandbox: Sandbox, options: SnapshotListOptions): Promise<void> {
  const snapshot = await sandbox.snapshot();
  exactly<Snapshot>()(snapshot);
  exactly<Snapshot>()(await sandbox.snapshot({ name: "a", wait: false }));
  exactly<SnapshotInfo[]>()(await sandbox.snapshots({ limit: 1, offset: 2 }));
  exactly<SnapshotInfo[]>()(await Snapshot.list(sandbox.id, options));
  exactly<Snapshot>()(await Snapshot.get(snapshot.id, { apiKey: "ss_live_x" }));
  exactly<void>()(await Snapshot.deleteById(snapshot.id));
  exactly<SnapshotInfo>()(await snapshot.getInfo());
  exactly<Snapshot>()(await snapshot.rename("b"));
  exactly<void>()(await snapshot.delete());
  const info: SnapshotInfo = await snapshot.waitUntilReady({ timeoutMs: DEFAULT_SNAPSHOT_TIMEOUT_MS });
  exactly<SnapshotStatus>()(info.status);
  exactly<SnapshotResources>()(snapshot.resources);
  const copy = await Sandbox.create({ name: "a", fromSnapshot: snapshot });
  await Sandbox.create({ name: "a", fromSnapshot: { id: snapshot.id } });
  exactly<string | undefined>()(copy.sourceSnapshotId);
  exactly<string | undefined>()((await copy.getInfo()).sourceSnapshotId);
  await sandbox.pause({ wait: false });
  await Sandbox.pauseById(sandbox.id, { wait: false, apiKey: "ss_live_x" });
  await sandbox.resume({ pollIntervalMs: 100 });
}
