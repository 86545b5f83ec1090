//! Sandboxes.

use super::command::TERMINAL_OPTIONS;
use super::connection::{CONNECTION_OPTIONS, REQUEST_OPTIONS};
use super::network::{NETWORK_ITERATE_OPTIONS, NETWORK_LOG_OPTIONS, NETWORK_LOG_PAGE};
use super::preview::{
    PREVIEW_PORT, PREVIEW_PORTS, PREVIEW_TOKEN, PREVIEW_TOKEN_OPTIONS, PUBLISH_OPTIONS,
};
use super::process::WAIT_FOR_PORT_OPTIONS;
use super::relay::TICKET_OPTIONS;
use super::snapshot::{SNAPSHOT_CREATE_OPTIONS, SNAPSHOT_INFO, SNAPSHOT_LIST_OPTIONS};
use crate::resources::ticket::TICKET_LENGTH;
use crate::surface::operation::class;
use crate::surface::shape::shape;

/// TypeScript of what no table says.
#[cfg(not(target_arch = "wasm32"))]
pub const TYPES: &str = r#"
/** State of a sandbox. The service may report others: take what you do not know for a state in between. */
export type SandboxStatus =
  | "starting"
  | "active"
  | "pausing"
  | "paused"
  | "resuming"
  | "migrating"
  | "failed"
  | "deleted"
  | (string & {});
"#;

shape! {
    /// Rules for a sandbox's outbound connections.
    NETWORK_CONFIG = NetworkConfig {
        /// CIDRs or domains (`*.github.com`) that may be reached.
        optional allowOut allow_out List;
        /// CIDRs that may not be reached.
        optional denyOut deny_out List;
    }

    /// A secret bound to an environment variable of a sandbox.
    SECRET_BINDING = SandboxSecretBinding {
        /// Environment variable.
        defaulted envKey env_key Text;
        /// Name of the secret.
        defaulted secretName secret_name Text;
        /// True once the secret was deleted, so that its stand-in no longer works.
        optional revoked revoked Flag;
    }

    /// What the service knows of a sandbox.
    SANDBOX_INFO = SandboxInfo {
        /// UUID.
        required id id Text;
        /// Name.
        defaulted name name Text;
        /// State at the time of the call.
        required status status Literal("SandboxStatus");
        /// Number of virtual CPUs.
        defaulted vcpuCount vcpu_count Int;
        /// Memory in MiB.
        defaulted memoryMib memory_mib Int;
        /// When it was created.
        required createdAt created_at Date;
        /// Seconds of active time after which it is paused.
        optional timeoutSeconds timeout_seconds Int;
        /// Seconds of continuous pause after which it is deleted.
        optional autoDeleteSeconds auto_delete_seconds Int;
        /// When it will be deleted; only while it is paused and `autoDeleteSeconds` is set.
        optional autoDeleteAt auto_delete_at Date;
        /// Snapshot it was made from.
        optional snapshotId snapshot_id Text;
        /// UUID of the {@link Snapshot} it was made from.
        optional sourceSnapshotId source_snapshot_id Text;
        /// Rules for outbound connections.
        optional network network One(NETWORK_CONFIG);
        /// Your own tags.
        defaulted metadata metadata Map;
        /// Who may open preview URLs.
        defaulted previewAccess preview_access Access;
        /// Secrets bound to environment variables.
        optional secrets secrets Many(SECRET_BINDING);
    }

    /// The properties of the class.
    INSTANCE = Sandbox [internal] {
        /// UUID.
        required/readonly id id Text;
        /// Name.
        defaulted/readonly name name Text;
        /// State when this object was made; {@link Sandbox.getInfo} tells the present one.
        required/readonly status status Literal("SandboxStatus");
        /// Tags when this object was made.
        defaulted/readonly metadata metadata Map;
        /// Who may open preview URLs, as it was when this object was made.
        defaulted/readonly previewAccess preview_access Access;
        /// Secrets bound to environment variables when this object was made.
        optional/readonly secrets secrets Many(SECRET_BINDING);
        /// UUID of the {@link Snapshot} it was made from.
        optional/readonly sourceSnapshotId source_snapshot_id Text;
        /// What every answer about a sandbox has.
        checked createdAt created_at Date;
        /// Runs commands.
        required/readonly commands - Literal("Commands");
        /// Moves files.
        required/readonly files - Literal("Files");
        /// Its processes.
        required/readonly processes - Literal("Processes");
        /// Runs code, and keeps its state.
        required/readonly code - Literal("Code");
        /// Lists and ends terminals that have a name.
        required/readonly terminals - Literal("Terminals");
        /// Looks at and uses its screen, where it has one.
        required/readonly desktop - Literal("Desktop");
    }

    /// Options of {@link Sandbox.connect}, and of whatever else gives a `Sandbox`.
    SANDBOX_OPTIONS = SandboxConnectOptions extends CONNECTION_OPTIONS {
        /// What becomes of the sandbox at the end of the scope of an `await using`: it is deleted, or paused.
        ///
        /// @defaultValue `"kill"`
        optional onDispose - Disposal;
    }

    /// Options of {@link Sandbox.pause}.
    PAUSE_OPTIONS = SandboxPauseOptions {
        /// Whether to wait until it is paused. With `false` the call resolves once the service has accepted the pause.
        ///
        /// @defaultValue true
        optional wait - Flag;
        /// Milliseconds the whole wait may take; with `wait: false` the one request, and then 30000 unless you say
        /// otherwise. The pause itself goes on when it is over.
        ///
        /// @defaultValue 300000
        optional timeoutMs - Millis;
        /// Milliseconds between two looks at the sandbox.
        ///
        /// @defaultValue 50 for the first two seconds, then 1000
        optional pollIntervalMs - Millis;
        /// Ends the call at once; the pause itself goes on.
        optional signal - Signal;
    }

    /// Options of {@link Sandbox.resume}.
    RESUME_OPTIONS = SandboxResumeOptions {
        /// Milliseconds the whole call may take, a pause that is waited out included.
        ///
        /// @defaultValue 30000 for the request, and 300000 for the wait
        optional timeoutMs - Millis;
        /// Milliseconds between two looks at a sandbox that is in transition.
        ///
        /// @defaultValue 50 for the first two seconds, then 1000
        optional pollIntervalMs - Millis;
        /// Ends the call at once.
        optional signal - Signal;
    }

    /// Options of {@link Sandbox.resumeById}. `timeoutMs` is for the whole call, as in {@link SandboxResumeOptions}.
    RESUME_BY_ID_OPTIONS = SandboxResumeByIdOptions extends CONNECTION_OPTIONS {
        /// Milliseconds between two looks at a sandbox that is in transition.
        ///
        /// @defaultValue 50 for the first two seconds, then 1000
        optional pollIntervalMs - Millis;
    }

    /// Options of {@link Sandbox.pauseById}. `timeoutMs` is for the whole wait, as in {@link SandboxPauseOptions}.
    PAUSE_BY_ID_OPTIONS = SandboxPauseByIdOptions extends RESUME_BY_ID_OPTIONS {
        /// Whether to wait until it is paused. With `false` the call resolves once the service has accepted the pause.
        ///
        /// @defaultValue true
        optional wait - Flag;
    }

    /// Options of {@link Sandbox.create}.
    CREATE_OPTIONS = SandboxCreateOptions extends SANDBOX_OPTIONS {
        /// Name, 1 to 64 characters.
        ///
        /// @defaultValue one is made up, such as `amber-otter-7k3f`
        optional name name Text(1, 64);
        /// Template to start from: its name, its UUID, or a `Template`.
        ///
        /// @defaultValue `superserve/base`
        optional fromTemplate from_template Template;
        /// Snapshot to start from: its id, or a {@link Snapshot}. The sandbox has its CPUs, memory, disk and processes.
        optional fromSnapshot from_snapshot Snapshot;
        /// Seconds of active time (1 to 604800) after which the sandbox is paused.
        ///
        /// @defaultValue never
        optional timeoutSeconds timeout_seconds Int(1, 604800);
        /// Seconds of continuous pause (0 to 2592000) after which the sandbox is deleted; 0 deletes it as
        /// soon as it is paused.
        ///
        /// @defaultValue never
        optional autoDeleteSeconds auto_delete_seconds Int(0, 2592000);
        /// Your own tags: up to 64 keys of 256 bytes with values of 2048 bytes, 16384 bytes in all. Keys
        /// that start with `superserve.` are the service's.
        optional metadata metadata Map;
        /// Environment variables of every command: up to 64, values of up to 8192 bytes.
        optional envVars env_vars Map;
        /// Secrets to bind, as `{ ENV_VAR: secretName }`. The sandbox sees a stand-in under the variable;
        /// the value takes its place in requests that leave for the secret's hosts.
        optional secrets secrets Map;
        /// Rules for outbound connections.
        optional network network One(NETWORK_CONFIG);
        /// Who may open preview URLs.
        optional previewAccess preview_access Literal("\"public\" | \"private\"");
    }

    /// Which sandboxes {@link Sandbox.list} and {@link Sandbox.iterate} are to find, and in what order.
    SANDBOX_FILTER = SandboxFilter extends CONNECTION_OPTIONS {
        /// Only sandboxes that carry all of these tags.
        optional metadata metadata Map;
        /// Only sandboxes in this state, or in one of these.
        optional status status Several("SandboxStatus");
        /// Only sandboxes whose name has this in it.
        optional q q Text;
        /// What they are sorted by.
        ///
        /// @defaultValue the service's, `created_at`
        optional sort sort Literal("\"created_at\" | \"name\" | (string & {})");
        /// Which way they are sorted.
        ///
        /// @defaultValue the service's: the newest first, names from A to Z
        optional order order Literal("\"asc\" | \"desc\"");
    }

    /// Options of {@link Sandbox.list}.
    LIST_OPTIONS = SandboxListOptions extends SANDBOX_FILTER {
        /// At most so many.
        ///
        /// @defaultValue the service's
        optional limit limit Int(1, 4294967295);
        /// Pass over so many first.
        ///
        /// @defaultValue 0
        optional offset offset Int(0, 4294967295);
    }

    /// Options of {@link Sandbox.iterate}.
    ITERATE_OPTIONS = SandboxIterateOptions extends SANDBOX_FILTER {
        /// Most sandboxes of a request, 2 to 1000.
        ///
        /// @defaultValue 100
        optional pageSize limit Int(2, 1000);
    }

    /// Options of {@link Sandbox.getOrCreate}: which sandbox it is to find, and what a new one is to be.
    GET_OR_CREATE_OPTIONS = SandboxGetOrCreateOptions extends CREATE_OPTIONS {
        /// The tags, one at least, that the sandbox has to have. A new one gets them too.
        required match - Map;
    }

    /// Options of {@link Sandbox.update}. What is left out stays as it is.
    UPDATE_OPTIONS = SandboxUpdateOptions extends REQUEST_OPTIONS {
        /// Replaces all tags.
        optional metadata metadata Map;
        /// Replaces all rules for outbound connections. The sandbox has to be active.
        optional network network One(NETWORK_CONFIG);
        /// Seconds of continuous pause (0 to 2592000) after which the sandbox is deleted, counted from now
        /// when it is paused already; `null` for never.
        optional autoDeleteSeconds auto_delete_seconds IntOrNull(0, 2592000);
        /// Seconds of active time (1 to 604800) after which the sandbox is paused; `null` for never.
        optional timeoutSeconds timeout_seconds IntOrNull(1, 604800);
        /// Who may open preview URLs.
        optional previewAccess preview_access Literal("\"public\" | \"private\"");
    }
}

class! {
    /// A sandbox: a virtual machine of your own, to run commands and keep files in.
    ///
    /// @example
    /// ```typescript
    /// import { Sandbox } from "@superserve/sdk"
    ///
    /// const sandbox = await Sandbox.create({ name: "my-sandbox" })
    /// const { stdout } = await sandbox.commands.run("echo hello")
    /// await sandbox.kill()
    /// ```
    ///
    /// @example It may end with its scope.
    /// ```typescript
    /// await using sandbox = await Sandbox.create({ name: "my-sandbox" })
    /// ```
    SANDBOX = "Sandbox" of INSTANCE {
        /// Creates a sandbox. It is active once the promise resolves.
        ///
        /// @throws {@link ValidationError} for options that are not as documented, before any request.
        /// @throws {@link NotFoundError} when there is no such template; {@link ConflictError} when it is not
        /// ready; {@link RateLimitError} with code `too_many_sandboxes`.
        ///
        /// A call that is aborted or times out rejects at once, and deletes what its answer still brings within 30
        /// seconds. Where no answer comes, a sandbox may be left: give it a tag of its own in `metadata` to find it by
        /// {@link Sandbox.list}.
        ///
        /// @example
        /// ```typescript
        /// const sandbox = await Sandbox.create({
        ///   name: "worker-1",
        ///   timeoutSeconds: 600,
        ///   metadata: { team: "search" },
        ///   envVars: { MODE: "test" },
        /// })
        /// ```
        static create(; options?: CREATE_OPTIONS) -> "Promise<Sandbox>"
            = Request(Post "/sandboxes" Json => Sandbox(INSTANCE)) on Control preset { name: someName } undo ["/sandboxes/{id}"];

        /// Connects to a sandbox by its id, and resumes it if it is paused.
        ///
        /// Where another caller is resuming it just then, this waits for that (30 seconds at most), and where it is being
        /// paused, until it is paused (five minutes at most).
        ///
        /// @throws {@link NotFoundError} when there is no such sandbox.
        static connect(sandboxId - Text; options?: SANDBOX_OPTIONS) -> "Promise<Sandbox>"
            = Request(Post "/sandboxes/{sandboxId}/activate" Nothing => Sandbox(INSTANCE)) on Control moves Activate;

        /// Finds a sandbox by its id, and leaves it as it is: one that is paused stays so until the first command, file
        /// or terminal wakes it. `status` tells which it is.
        ///
        /// @throws {@link NotFoundError} when there is no such sandbox.
        static get(sandboxId - Text; options?: SANDBOX_OPTIONS) -> "Promise<Sandbox>"
            = Request(Get "/sandboxes/{sandboxId}" Nothing => Seen(INSTANCE)) on Control;

        /// Lists the team's sandboxes.
        ///
        /// @throws {@link AuthenticationError} when the key is not valid.
        ///
        /// @example
        /// ```typescript
        /// const active = await Sandbox.list({ metadata: { team: "search" }, status: "active", limit: 50 })
        /// const others = await Sandbox.list({ status: ["pausing", "paused"], sort: "name" })
        /// ```
        static list(; options?: LIST_OPTIONS) -> "Promise<SandboxInfo[]>"
            = Request(Get "/sandboxes" Query => Many(SANDBOX_INFO)) on Control;

        /// The team's sandboxes, read page by page as they are iterated.
        ///
        /// A list that changes under way is read so that nothing is told twice and nothing that stays is missed. What is
        /// created meanwhile may come or not.
        ///
        /// @throws {@link AuthenticationError} from the iteration, when the key is not valid.
        ///
        /// @example
        /// ```typescript
        /// for await (const { id, name } of Sandbox.iterate({ status: "paused", sort: "name" })) {
        ///   console.log(id, name)
        /// }
        /// ```
        static iterate(; options?: ITERATE_OPTIONS) -> "Listing<SandboxInfo>"
            = ByOffset(Get "/sandboxes" Query => Many(SANDBOX_INFO)) on Control preset { limit: 100 };

        /// The newest sandbox that has some tags, awake; or a new one, if there is none that lives.
        ///
        /// Callers that find none at the same time end with one sandbox: each looks again once it has created its own,
        /// and all take the oldest of those that were created within 30 seconds of each other, and delete theirs. They
        /// end with several where they cannot know of each other: where the service took longer than that for one of
        /// them, or did not list yet what another had created. Whoever makes sandboxes with these tags in another way may
        /// see one of them taken by this.
        ///
        /// @throws As {@link Sandbox.create} and {@link Sandbox.connect}.
        ///
        /// A call that is aborted or times out leaves no sandbox of its own, as {@link Sandbox.create}.
        ///
        /// @example
        /// ```typescript
        /// const sandbox = await Sandbox.getOrCreate({ match: { user: "u-17" }, timeoutSeconds: 600 })
        /// ```
        static getOrCreate(; options: GET_OR_CREATE_OPTIONS) -> "Promise<Sandbox>"
            = GetOrCreate(Get "/sandboxes" Query => Many(SANDBOX_INFO)) on Control;

        /// Pauses a sandbox by its id. See {@link Sandbox.pause}.
        ///
        /// @throws As {@link Sandbox.pause}, and {@link NotFoundError} when there is no such sandbox.
        static pauseById(sandboxId - Text; options?: PAUSE_BY_ID_OPTIONS) -> "Promise<void>"
            = Request(Post "/sandboxes/{sandboxId}/pause" Nothing => Nothing) on Control moves Pause;

        /// Resumes a sandbox by its id. Objects that stand for it find out by themselves.
        ///
        /// @throws As {@link Sandbox.resume}, and {@link NotFoundError} when there is no such sandbox.
        static resumeById(sandboxId - Text; options?: RESUME_BY_ID_OPTIONS) -> "Promise<void>"
            = Request(Post "/sandboxes/{sandboxId}/resume" Nothing => Nothing) on Control moves Resume;

        /// Reads a page of a sandbox's network log by its id. See {@link Sandbox.getNetworkLog}.
        ///
        /// @throws {@link NotFoundError} when there is no such sandbox.
        static getNetworkLog(sandboxId - Text; options?: NETWORK_LOG_OPTIONS) -> "Promise<NetworkLogPage>"
            = Request(Get "/sandboxes/{sandboxId}/network" Query => One(NETWORK_LOG_PAGE)) on Control;

        /// Deletes a sandbox by its id. One that is gone already is no error.
        ///
        /// @throws As {@link Sandbox.kill}.
        static killById(sandboxId - Text; options?: CONNECTION_OPTIONS) -> "Promise<void>"
            = Request(Delete "/sandboxes/{sandboxId}" Nothing => Deleted) on Control moves Kill;

        /// Changes a sandbox by its id, and leaves it paused if it is. See {@link Sandbox.update}.
        ///
        /// @throws As {@link Sandbox.update}, and {@link NotFoundError} when there is no such sandbox.
        static updateById(
            sandboxId - Text; options: UPDATE_OPTIONS; connection: CONNECTION_OPTIONS
        ) -> "Promise<void>"
            = Request(Patch "/sandboxes/{sandboxId}" Change => Nothing) on Control;

        /// A sandbox as a web page has it: through the relay of the application's backend
        /// (`@superserve/sdk/relay`), with a ticket in place of an API key, and without a request.
        ///
        /// Its methods work as everywhere, as far as the ticket allows; what it does not allow rejects with an
        /// {@link AuthenticationError} with code `not_allowed` before any request. The relay wakes a paused sandbox within
        /// the request, so `timeoutMs` is for both, but for that of a command. `status` is what the ticket's maker knew
        /// (`active` for a ticket made of an id) and `metadata` empty: {@link Sandbox.getInfo} tells them.
        ///
        /// @throws {@link ValidationError} for a ticket that `createTicket` did not make, or a `relayUrl` that is none.
        ///
        /// @example
        /// ```typescript
        /// const newTicket = async () => {
        ///   const response = await fetch("/api/ticket", { method: "POST" })
        ///   if (!response.ok) throw new Error("please sign in again")
        ///   return response.text()
        /// }
        ///
        /// const sandbox = Sandbox.fromTicket(await newTicket(), {
        ///   relayUrl: "/api/sandbox",
        ///   refreshTicket: newTicket,
        /// })
        /// const { stdout } = await sandbox.commands.run("ls -l")
        /// ```
        static fromTicket(ticket - Text(1, TICKET_LENGTH); options: TICKET_OPTIONS) -> "Sandbox"
            = Relayed;

        /// Reads what the service knows of this sandbox now. The properties of this object stay as they are.
        ///
        /// @throws {@link NotFoundError} when it was deleted.
        method getInfo(; options??: REQUEST_OPTIONS) -> "Promise<SandboxInfo>"
            = Request(Get "/sandboxes/{id}" Nothing => One(SANDBOX_INFO)) on Control allow "info";

        /// Pauses this sandbox. Its memory, processes and files are kept; they go on when it is resumed.
        ///
        /// Resolves once it is paused, or deleted where `autoDeleteSeconds` is 0. A pause that another call has begun is
        /// waited for likewise. The request is sent once: where its answer is lost, a look at the sandbox tells whether
        /// it arrived.
        ///
        /// @throws {@link ConflictError} unless it is active or pausing; with code `not_paused` when it is active again, with
        /// code `pause_failed` when it fails meanwhile.
        /// @throws {@link TimeoutError} after `timeoutMs`.
        method pause(; options??: PAUSE_OPTIONS) -> "Promise<void>"
            = Request(Post "/sandboxes/{id}/pause" Nothing => Nothing) on Control moves Pause allow "lifecycle";

        /// Resumes this sandbox. Commands, files and terminals do that by themselves when they find it paused.
        ///
        /// A pause under way is waited out first, five minutes at most, and another caller's resume, 30 seconds at most.
        ///
        /// @throws {@link ConflictError} unless it is paused, or becomes so in that time.
        /// @throws {@link TimeoutError} after `timeoutMs`.
        method resume(; options??: RESUME_OPTIONS) -> "Promise<void>"
            = Request(Post "/sandboxes/{id}/resume" Nothing => Token) on Control moves Resume allow "lifecycle";

        /// Deletes this sandbox and all that is in it. One that is gone already is no error.
        ///
        /// One that is pausing, resuming, starting or migrating cannot be deleted just then: this tries again, for 30
        /// seconds at most.
        ///
        /// @throws {@link ConflictError} when it is in transition for longer.
        method kill(; options??: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Delete "/sandboxes/{id}" Nothing => Deleted) on Control moves Kill allow "lifecycle";

        /// Ends the use of this sandbox as `onDispose` says, which {@link Sandbox.create} and others take: deletes it, or
        /// pauses it. One that is gone already is no error, nor one that is to be paused and is.
        ///
        /// @example
        /// ```typescript
        /// await using sandbox = await Sandbox.create({ name: "scratch", onDispose: "pause" })
        /// ```
        method asyncDispose() -> "Promise<void>"
            = Dispose on Control allow "lifecycle";

        /// Takes a snapshot of this sandbox: its files, memory and processes. A running sandbox stands still meanwhile,
        /// mostly for less than a second. The snapshot outlives the sandbox.
        ///
        /// Resolves once the snapshot is ready. The request may be sent again where its answer is lost: its
        /// `idempotencyKey` keeps the service from taking two.
        ///
        /// A call that is aborted or times out deletes what it has begun, unless `idempotencyKey` is given: with the same
        /// key a further call waits for the same snapshot.
        ///
        /// @throws {@link RateLimitError} with code `too_many_snapshots` or `too_many_snapshots_in_flight`;
        /// {@link ConflictError} with code `snapshot_in_progress`, or unless the sandbox is active or paused.
        /// @throws {@link SandboxError} with code `snapshot_failed` or `snapshot_deleted`.
        /// @throws {@link TimeoutError} after `timeoutMs`.
        ///
        /// @example
        /// ```typescript
        /// const snapshot = await sandbox.snapshot({ name: "installed" })
        /// const copy = await Sandbox.create({ name: "worker-2", fromSnapshot: snapshot })
        /// ```
        method snapshot(; options?: SNAPSHOT_CREATE_OPTIONS) -> "Promise<Snapshot>"
            = Request(Post "/sandboxes/{id}/snapshot" Json => Snapshot(SNAPSHOT_INFO)) on Control moves Capture
                allow "snapshots" preset { kind: "mem+fs", idempotency_key: fresh } undo ["/snapshots/{id}"];

        /// Lists the snapshots of this sandbox, newest first.
        ///
        /// @throws {@link NotFoundError} when there is no such sandbox.
        method snapshots(; options?: SNAPSHOT_LIST_OPTIONS) -> "Promise<SnapshotInfo[]>"
            = Request(Get "/sandboxes/{id}/snapshots" Query => Many(SNAPSHOT_INFO)) on Control allow "snapshots";

        /// Changes this sandbox. What the options leave out stays as it is; `null` clears a number.
        ///
        /// @throws {@link ValidationError} when nothing is to be changed.
        /// @throws {@link ConflictError} for `network` unless the sandbox is active.
        method update(; options: UPDATE_OPTIONS) -> "Promise<void>"
            = Request(Patch "/sandboxes/{id}" Change => Nothing) on Control allow "lifecycle";

        /// Opens a terminal: a shell (`/bin/bash`) that a person can type into, such as through xterm.js.
        ///
        /// A paused sandbox is resumed first. The service closes a terminal after ten minutes without input or
        /// output, and after four hours.
        ///
        /// With a `name` the shell outlives its connection, this program, and a pause of the sandbox, until it ends or is
        /// killed by its name. Several may look at it at once, and it has the size of whoever opened it, typed or resized
        /// last. It is held by a script of 14 KB for `python3` (3.6 or newer), which this package puts below
        /// `~/.superserve/terminals` once; where there is no `python3`, by `tmux` (3.1 or newer). Closing it leaves it
        /// running; `kill` is a request of its own then.
        ///
        /// @throws As {@link Commands.spawn}.
        /// @throws {@link SandboxError} with code `tool_missing` for a `name` in a sandbox that has neither tool,
        /// `terminal_failed` where the shell ended before it showed that terminal.
        ///
        /// @example
        /// ```typescript
        /// const terminal = await sandbox.terminal({
        ///   cols: xterm.cols,
        ///   rows: xterm.rows,
        ///   onData: (data) => xterm.write(data),
        /// })
        /// xterm.onData((typed) => terminal.write(typed))
        /// xterm.onResize(({ cols, rows }) => terminal.resize(cols, rows))
        /// await terminal.closed
        ///
        /// // Another page, or this one after a reload, goes on where it was.
        /// const same = await sandbox.terminal({ name: "build", onData: (data) => xterm.write(data) })
        /// ```
        method terminal(; options?: TERMINAL_OPTIONS) -> "Promise<TerminalSession>"
            = Chain on Data allow "terminal";

        /// Opens a shell on a terminal.
        internal shell(; options?: TERMINAL_OPTIONS) -> "Promise<TerminalSession>"
            = Terminal(Get "/terminal" Nothing) on Data speaks "superserve.terminal.v1" allow "terminal";

        /// Resolves once something listens at that port of the sandbox, or answers there. The request waits inside the sandbox, and
        /// goes on over a pause, as {@link Process.follow} does. A paused sandbox is resumed first.
        ///
        /// @throws {@link TimeoutError} when nothing did in time.
        ///
        /// @example
        /// ```typescript
        /// await sandbox.waitForPort(8080, { path: "/health", status: 200, timeoutMs: 30_000 })
        /// ```
        method waitForPort(port - Int(1, 65535); options?: WAIT_FOR_PORT_OPTIONS) -> "Promise<void>" = Chain allow "processes";

        /// Lists the TCP ports at which something listens, in order. A paused sandbox is resumed first.
        ///
        /// @example
        /// ```typescript
        /// for (const { port, pid, command } of await sandbox.ports()) console.log(port, pid, command)
        /// ```
        method ports(; options?: REQUEST_OPTIONS) -> "Promise<ListeningPort[]>" = Chain allow "processes";

        /// Binds a secret to an environment variable of this sandbox. The sandbox sees a stand-in; the value
        /// takes its place in requests that leave for the secret's hosts. Processes that start from now on see
        /// it; a paused sandbox does once it is resumed.
        ///
        /// @throws {@link NotFoundError} when there is no such secret.
        method attachSecret(
            envKey env_key Text(1, 256), secretName secret_name Text(1, 256); options??: REQUEST_OPTIONS
        ) -> "Promise<void>"
            = Request(Post "/sandboxes/{id}/secrets" Json => Nothing) on Control allow "secrets";

        /// Unbinds the secret of an environment variable. Requests with its stand-in are refused from then on,
        /// within about a minute for processes that run already.
        ///
        /// @throws {@link NotFoundError} when nothing is bound to the variable.
        method detachSecret(envKey - Text; options??: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Delete "/sandboxes/{id}/secrets/{envKey}" Nothing => Nothing) on Control allow "secrets";

        /// Reads a page of this sandbox's network log, newest first: its outbound connections, and the requests
        /// in which a secret was used.
        ///
        /// @throws {@link NotFoundError} when the sandbox was deleted.
        ///
        /// @example
        /// ```typescript
        /// let page = await sandbox.getNetworkLog({ verdict: "blocked" })
        /// while (page.hasMore) page = await sandbox.getNetworkLog({ verdict: "blocked", before: page.nextCursor })
        /// ```
        method getNetworkLog(; options?: NETWORK_LOG_OPTIONS) -> "Promise<NetworkLogPage>"
            = Request(Get "/sandboxes/{id}/network" Query => One(NETWORK_LOG_PAGE)) on Control allow "info";

        /// This sandbox's network log, newest first, read page by page as it is iterated.
        ///
        /// @throws {@link NotFoundError} from the iteration, when the sandbox was deleted.
        ///
        /// @example
        /// ```typescript
        /// for await (const { host } of sandbox.iterateNetworkLog({ verdict: "blocked" })) console.log(host)
        /// ```
        method iterateNetworkLog(; options?: NETWORK_ITERATE_OPTIONS) -> "Listing<NetworkEvent>"
            = ByCursor(Get "/sandboxes/{id}/network" Query => One(NETWORK_LOG_PAGE)) on Control allow "info" preset { limit: 100 };

        /// The URL under which a port of this sandbox can be opened, without a request.
        ///
        /// The sandbox has to be active with a server on the port for the URL to answer. Where previews are
        /// private, {@link Sandbox.getSignedPreviewUrl} makes one that opens.
        ///
        /// @throws {@link ValidationError} unless `port` is an integer from 1024 to 65535, and not 49983.
        method getPreviewUrl(port - Port) -> "string"
            = PreviewUrl;

        /// Lists the ports of this sandbox that are published.
        ///
        /// @throws {@link NotFoundError} when the sandbox was deleted.
        method listPreviewPorts(; options?: REQUEST_OPTIONS) -> "Promise<PreviewPorts>"
            = Request(Get "/sandboxes/{id}/preview-ports" Nothing => One(PREVIEW_PORTS)) on Control allow "preview";

        /// Publishes a port of this sandbox, so that its preview URL answers, or changes who may open it.
        ///
        /// @throws {@link ValidationError} unless `port` is an integer from 1024 to 65535, and not 49983.
        method publishPreviewPort(port port Port; options?: PUBLISH_OPTIONS) -> "Promise<PreviewPort>"
            = Request(Post "/sandboxes/{id}/preview-ports" Json => One(PREVIEW_PORT)) on Control allow "preview";

        /// Takes a port back. One that is not published is no error.
        ///
        /// @throws {@link ValidationError} unless `port` is an integer from 1024 to 65535, and not 49983.
        method unpublishPreviewPort(port - Port; options?: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Delete "/sandboxes/{id}/preview-ports/{port}" Nothing => Deleted) on Control allow "preview";

        /// Gets a token that opens the private preview of a port, as a header or a query parameter.
        ///
        /// @throws {@link NotFoundError} when the port is not published.
        method getPreviewToken(port - Port; options?: PREVIEW_TOKEN_OPTIONS) -> "Promise<PreviewToken>"
            = Request(Post "/sandboxes/{id}/preview-ports/{port}/token" Json => One(PREVIEW_TOKEN)) on Control allow "preview";

        /// Gets a preview URL with a token in it: whoever has the URL can open the preview, for a minute unless
        /// `expiresInSeconds` says otherwise.
        ///
        /// @throws {@link NotFoundError} when the port is not published.
        method getSignedPreviewUrl(port - Port; options?: PREVIEW_TOKEN_OPTIONS) -> "Promise<string>"
            = Request(Post "/sandboxes/{id}/preview-ports/{port}/token" Json => SignedUrl(PREVIEW_TOKEN)) on Control allow "preview"
                preset { expires_in_seconds: 60 };

        /// Voids all tokens of a port, and gets a new one.
        ///
        /// @throws {@link NotFoundError} when the port is not published.
        method rotatePreviewToken(port - Port; options?: PREVIEW_TOKEN_OPTIONS) -> "Promise<PreviewToken>"
            = Request(Post "/sandboxes/{id}/preview-ports/{port}/token/rotate" Json => One(PREVIEW_TOKEN)) on Control allow "preview";
    }
}
