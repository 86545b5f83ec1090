// The same for snapshots, pauses and resumes.
import {
  DEFAULT_SNAPSHOT_TIMEOUT_MS,
  Sandbox,
  Snapshot,
  type SnapshotCreateOptions,
  type SnapshotInfo,
  type SnapshotKind,
  type SnapshotListOptions,
  type SnapshotResources,
  type SnapshotStatus,
  type SnapshotWaitOptions,
} from "@superserve/sdk";

export async function forked(sandbox: Sandbox, signal: AbortSignal): Promise<string[]> {
  const kind: SnapshotKind = "mem+fs";
  const options: SnapshotCreateOptions = { name: "installed", kind, idempotencyKey: "once", wait: false };
  const snapshot: Snapshot = await sandbox.snapshot(options);
  const waiting: SnapshotWaitOptions = {
    timeoutMs: DEFAULT_SNAPSHOT_TIMEOUT_MS,
    pollIntervalMs: 2000,
    signal,
  };
  await snapshot.waitUntilReady(waiting);
  const fork = await Sandbox.create({ name: "fork", fromSnapshot: snapshot });
  const other = await Sandbox.create({ name: "other", fromSnapshot: snapshot.id });
  return [fork.id, other.id];
}

export async function kept(sandbox: Sandbox): Promise<SnapshotStatus[]> {
  const page: SnapshotListOptions = { limit: 10, offset: 0 };
  const all: SnapshotInfo[] = await sandbox.snapshots(page);
  const same = await Snapshot.list(sandbox.id, page);
  for (const { id } of same) await Snapshot.deleteById(id);
  const renamed: Snapshot = await (await Snapshot.get(sandbox.id)).rename("kept");
  const { vcpuCount, memoryMib, diskMib }: SnapshotResources = (await renamed.getInfo()).resources;
  exactly<number>()(vcpuCount + memoryMib + diskMib);
  await renamed.delete();
  return all.map(({ status }) => status);
}

export async function rests(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  await sandbox.pause({ wait: true, timeoutMs: 60_000, pollIntervalMs: 1000, signal });
  await sandbox.resume({ timeoutMs: 60_000, pollIntervalMs: 1000, signal });
}
