// Snapshots as the service sends them.

import { ID } from "./fixtures.mjs";

export const SNAPSHOT_ID = "5b0c9f14-2f7e-4a55-8f3c-7d1e6a9b2c03";

/** A snapshot on the wire; a field given as `undefined` is left out. */
export const wireSnapshot = (fields = {}) => ({
  id: SNAPSHOT_ID,
  sandbox_id: ID,
  template_id: "8d0c2f0e-6a0b-4f6e-9b44-5f1f4f6d9a01",
  kind: "mem+fs",
  status: "ready",
  name: "fixture",
  size_bytes: 1_048_576,
  resources: { vcpu_count: 2, memory_mib: 1024, disk_mib: 4096 },
  created_at: "2026-09-01T12:00:00Z",
  ready_at: "2026-09-01T12:00:01Z",
  ...fields,
});
