//! Snapshots.

use super::connection::{CONNECTION_OPTIONS, REQUEST_OPTIONS};
use crate::surface::operation::class;
use crate::surface::shape::shape;

/// TypeScript of what no table says.
#[cfg(not(target_arch = "wasm32"))]
pub const TYPES: &str = r#"
/** State of a snapshot. The service may report others: take what you do not know for a state in between. */
export type SnapshotStatus = "creating" | "ready" | "failed" | "deleting";
/** What a snapshot holds: memory and files. */
export type SnapshotKind = "mem+fs";
/** Milliseconds that a snapshot is waited for, unless an option says otherwise. */
export declare const DEFAULT_SNAPSHOT_TIMEOUT_MS = 900000;
"#;

shape! {
    /// What the sandboxes have that are made of a snapshot.
    SNAPSHOT_RESOURCES = SnapshotResources {
        /// Number of virtual CPUs.
        defaulted vcpuCount vcpu_count Int;
        /// Memory in MiB.
        defaulted memoryMib memory_mib Int;
        /// Disk in MiB.
        defaulted diskMib disk_mib Int;
    }

    /// What the service knows of a snapshot.
    SNAPSHOT_INFO = SnapshotInfo {
        /// UUID.
        required id id Text;
        /// Id of the sandbox that it was taken of.
        required sandboxId sandbox_id Text;
        /// What it holds.
        defaulted kind kind Literal("SnapshotKind");
        /// State at the time of the call.
        required status status Literal("SnapshotStatus");
        /// Size in bytes, 0 until it is ready.
        defaulted sizeBytes size_bytes Int;
        /// What the sandboxes have that are made of it.
        defaulted resources resources One(SNAPSHOT_RESOURCES);
        /// When it was begun.
        required createdAt created_at Date;
        /// UUID of the template of its sandbox.
        optional templateId template_id Text;
        /// Name.
        optional name name Text;
        /// When it was ready.
        optional readyAt ready_at Date;
    }

    /// Options of {@link Snapshot.waitUntilReady}.
    SNAPSHOT_WAIT_OPTIONS = SnapshotWaitOptions {
        /// Milliseconds the whole wait may take.
        ///
        /// @defaultValue {@link DEFAULT_SNAPSHOT_TIMEOUT_MS}
        optional timeoutMs - Millis;
        /// Milliseconds between two looks at the snapshot.
        ///
        /// @defaultValue 2000
        optional pollIntervalMs - Millis;
        /// Ends the call at once.
        optional signal - Signal;
    }

    /// Options of {@link Sandbox.snapshot}. With `wait: false` the time is that of the one request, 30000 unless you say
    /// otherwise.
    SNAPSHOT_CREATE_OPTIONS = SnapshotCreateOptions extends SNAPSHOT_WAIT_OPTIONS {
        /// Name, 1 to 64 characters.
        optional name name Text(1, 64);
        /// What it holds.
        ///
        /// @defaultValue `"mem+fs"`
        optional kind kind Literal("SnapshotKind");
        /// Names this snapshot: a further call with the same key gives the same snapshot, and takes none. 1 to 255
        /// characters.
        ///
        /// @defaultValue one that is made up for the call
        optional idempotencyKey idempotency_key Key;
        /// Whether to wait until it is ready. With `false` it may be `creating` yet: see {@link Snapshot.waitUntilReady}.
        ///
        /// @defaultValue true
        optional wait - Flag;
    }

    /// Options of {@link Sandbox.snapshots} and {@link Snapshot.list}.
    SNAPSHOT_LIST_OPTIONS = SnapshotListOptions extends CONNECTION_OPTIONS {
        /// At most so many.
        ///
        /// @defaultValue the service's
        optional limit limit Int(1, 4294967295);
        /// Pass over so many first.
        ///
        /// @defaultValue 0
        optional offset offset Int(0, 4294967295);
    }

    /// Options of {@link Snapshot.iterate}.
    SNAPSHOT_ITERATE_OPTIONS = SnapshotIterateOptions extends CONNECTION_OPTIONS {
        /// Most snapshots of a request, 2 to 1000.
        ///
        /// @defaultValue 100
        optional pageSize limit Int(2, 1000);
    }
}

class! {
    /// A snapshot: a sandbox's files, memory and processes at one moment, to make further sandboxes of.
    ///
    /// Its properties are those of when the object was made; {@link Snapshot.getInfo} tells the present ones.
    ///
    /// @example
    /// ```typescript
    /// const snapshot = await sandbox.snapshot({ name: "installed" })
    /// const copy = await Sandbox.create({ name: "worker-2", fromSnapshot: snapshot })
    /// ```
    SNAPSHOT = "Snapshot" of SNAPSHOT_INFO {
        /// Finds a snapshot by its id.
        ///
        /// @throws {@link NotFoundError} when there is no such snapshot.
        static get(snapshotId - Text; options?: CONNECTION_OPTIONS) -> "Promise<Snapshot>"
            = Request(Get "/snapshots/{snapshotId}" Nothing => Snapshot(SNAPSHOT_INFO)) on Control;

        /// Lists the snapshots of a sandbox, which may be deleted, newest first.
        ///
        /// @throws {@link NotFoundError} when there is no such sandbox.
        static list(sandboxId - Text; options?: SNAPSHOT_LIST_OPTIONS) -> "Promise<SnapshotInfo[]>"
            = Request(Get "/sandboxes/{sandboxId}/snapshots" Query => Many(SNAPSHOT_INFO)) on Control;

        /// The snapshots of a sandbox, which may be deleted, newest first, read page by page as they are iterated. See
        /// {@link Sandbox.iterate}.
        ///
        /// @throws {@link NotFoundError} from the iteration, when there is no such sandbox.
        static iterate(sandboxId - Text; options?: SNAPSHOT_ITERATE_OPTIONS) -> "Listing<SnapshotInfo>"
            = ByOffset(Get "/sandboxes/{sandboxId}/snapshots" Query => Many(SNAPSHOT_INFO)) on Control preset { limit: 100 };

        /// Deletes a snapshot by its id. One that is gone already is no error.
        ///
        /// @throws {@link ConflictError} with code `snapshot_in_progress` while it is being taken.
        static deleteById(snapshotId - Text; options?: CONNECTION_OPTIONS) -> "Promise<void>"
            = Request(Delete "/snapshots/{snapshotId}" Nothing => Deleted) on Control;

        /// Reads what the service knows of this snapshot now. The properties of this object stay as they are.
        ///
        /// @throws {@link NotFoundError} when it was deleted.
        method getInfo(; options??: REQUEST_OPTIONS) -> "Promise<SnapshotInfo>"
            = Request(Get "/snapshots/{id}" Nothing => One(SNAPSHOT_INFO)) on Control allow "snapshots by id";

        /// Gives this snapshot another name, and resolves with it as it is then.
        ///
        /// @throws {@link NotFoundError} when it was deleted.
        method rename(name name Text(1, 64); options??: REQUEST_OPTIONS) -> "Promise<Snapshot>"
            = Request(Patch "/snapshots/{id}" Json => Snapshot(SNAPSHOT_INFO)) on Control allow "snapshots by id";

        /// Deletes this snapshot. One that is gone already is no error. The sandboxes that were made of it stay.
        ///
        /// @throws {@link ConflictError} with code `snapshot_in_progress` while it is being taken.
        method delete(; options??: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Delete "/snapshots/{id}" Nothing => Deleted) on Control allow "snapshots by id";

        /// Waits until this snapshot is ready, and resolves with it as it is then.
        ///
        /// @throws {@link SandboxError} with code `snapshot_failed` or `snapshot_deleted`.
        /// @throws {@link TimeoutError} after `timeoutMs`.
        method waitUntilReady(; options?: SNAPSHOT_WAIT_OPTIONS) -> "Promise<Snapshot>"
            = Request(Get "/snapshots/{id}" Nothing => Snapshot(SNAPSHOT_INFO)) on Control moves Capture;
    }
}
