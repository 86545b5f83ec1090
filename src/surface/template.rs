//! Templates and their builds.

use super::connection::{CONNECTION_OPTIONS, REQUEST_OPTIONS};
use crate::surface::operation::class;
use crate::surface::shape::shape;

/// TypeScript of what no table says.
#[cfg(not(target_arch = "wasm32"))]
pub const TYPES: &str = r#"
/** State of a template. The service may report others. */
export type TemplateStatus = "pending" | "building" | "ready" | "failed";
/** State of a build. The service may report others. */
export type TemplateBuildStatus = "pending" | "building" | "snapshotting" | "ready" | "failed" | "cancelled";
/** Where a line of a build log comes from. */
export type BuildLogStream = "stdout" | "stderr" | "system";
/**
 * One step of a build. `env` holds for later steps and for sandboxes; so do `workdir`, which is made if it is
 * missing, and `user`.
 */
export type BuildStep =
  | {
      /** Command, run under `/bin/sh -c`. */
      run: string;
    }
  | {
      /** Environment variable. */
      env: {
        /** Name. */
        key: string;
        /** Value. */
        value: string;
      };
    }
  | {
      /** Working directory: absolute, or relative to the one before. */
      workdir: string;
    }
  | {
      /** User that later steps and the sandboxes' commands run as. */
      user: {
        /** Name. */
        name: string;
        /** Whether it may become root. */
        sudo?: boolean | undefined;
      };
    };
"#;

shape! {
    /// An environment variable of a build.
    STEP_ENV = BuildStepEnv [internal] {
        /// Name.
        required key key Text(1, 256);
        /// Value.
        required value value Text;
    }

    /// A user of a build.
    STEP_USER = BuildStepUser [internal] {
        /// Name.
        required name name Text(1, 32);
        /// Whether it may become root.
        optional sudo sudo Flag;
    }

    /// A step: exactly one of these.
    STEP = BuildStep [internal] {
        /// Command, run under `/bin/sh -c`.
        optional run run Literal("string");
        /// Environment variable.
        optional env env One(STEP_ENV);
        /// Working directory.
        optional workdir workdir Text(1, 4096);
        /// User.
        optional user user One(STEP_USER);
    }

    /// What the service knows of a template.
    TEMPLATE_INFO = TemplateInfo {
        /// UUID.
        required id id Text;
        /// Name.
        required name name Text;
        /// UUID of the team.
        required teamId team_id Text;
        /// State at the time of the call.
        required status status Literal("TemplateStatus");
        /// Number of virtual CPUs of its sandboxes.
        defaulted vcpu vcpu Int;
        /// Memory of its sandboxes in MiB.
        defaulted memoryMib memory_mib Int;
        /// Disk of its sandboxes in MiB.
        defaulted diskMib disk_mib Int;
        /// Size of what was built, in bytes.
        optional sizeBytes size_bytes Int;
        /// Why the last build failed: `<code>: <detail>`.
        optional errorMessage error_message Text;
        /// When it was created.
        required createdAt created_at Date;
        /// When it was last built.
        optional builtAt built_at Date;
        /// UUID of the newest build.
        optional latestBuildId latest_build_id Text;
    }

    /// What the service knows of a build.
    BUILD_INFO = TemplateBuildInfo {
        /// UUID.
        required id id Text;
        /// UUID of the template.
        required templateId template_id Text;
        /// State at the time of the call.
        required status status Literal("TemplateBuildStatus");
        /// Hash of what is built: the same for the same definition.
        required buildSpecHash build_spec_hash Text;
        /// Why it failed: `<code>: <detail>`.
        optional errorMessage error_message Text;
        /// When it began.
        optional startedAt started_at Date;
        /// When it ended.
        optional finalizedAt finalized_at Date;
        /// When it was asked for.
        required createdAt created_at Date;
    }

    /// A line of a build log.
    LOG_EVENT = BuildLogEvent {
        /// When it was written; when it was received, where the service does not say.
        defaulted timestamp timestamp Date;
        /// Where it comes from.
        defaulted stream stream Literal("BuildLogStream");
        /// The line.
        defaulted text text Text;
        /// True for the last event.
        optional finished finished Flag;
        /// How the build ended; only with `finished`.
        optional status status Literal("\"ready\" | \"failed\" | \"cancelled\"");
    }

    /// Options of {@link Template.create}.
    TEMPLATE_CREATE_OPTIONS = TemplateCreateOptions extends CONNECTION_OPTIONS {
        /// Name: lower-case letters, digits, and `.` `_` `/` `-` between them.
        required name name Text(1, 128);
        /// Number of virtual CPUs of its sandboxes, 1 to 4.
        ///
        /// @defaultValue 1
        optional vcpu vcpu Int(1, 4);
        /// Memory of its sandboxes in MiB, 256 to 4096.
        ///
        /// @defaultValue 1024
        optional memoryMib memory_mib Int(256, 4096);
        /// Disk of its sandboxes in MiB, 1024 to 8192.
        ///
        /// @defaultValue 4096
        optional diskMib disk_mib Int(1024, 8192);
        /// Container image to build on, such as `python:3.11`.
        required from build_spec__from Literal("string");
        /// What to do to it, in turn.
        optional steps build_spec__steps Choices(STEP);
        /// Command that is started after the build and runs in every sandbox.
        optional startCmd build_spec__start_cmd Literal("string");
        /// Command that is tried every two seconds, for ten minutes at most, until it exits with 0: then what
        /// `startCmd` started is ready.
        optional readyCmd build_spec__ready_cmd Literal("string");
    }

    /// Which templates {@link Template.list} and {@link Template.iterate} are to find, and in what order.
    TEMPLATE_FILTER = TemplateFilter extends CONNECTION_OPTIONS {
        /// Only templates whose names start like this.
        optional namePrefix name_prefix Text;
        /// Only templates whose name has this in it.
        optional q q Text;
        /// Only templates of this owner, such as `system` or `team`.
        optional owner owner Literal("string");
        /// What they are sorted by.
        ///
        /// @defaultValue the service's, `created_at`
        optional sort sort Literal("\"created_at\" | \"name\" | (string & {})");
        /// Which way they are sorted.
        ///
        /// @defaultValue the service's: the newest first, names from A to Z
        optional order order Literal("\"asc\" | \"desc\"");
    }

    /// Options of {@link Template.list}.
    TEMPLATE_LIST_OPTIONS = TemplateListOptions extends TEMPLATE_FILTER {
        /// At most so many.
        ///
        /// @defaultValue the service's
        optional limit limit Int(1, 4294967295);
        /// Pass over so many first.
        ///
        /// @defaultValue 0
        optional offset offset Int(0, 4294967295);
    }

    /// Options of {@link Template.iterate}.
    TEMPLATE_ITERATE_OPTIONS = TemplateIterateOptions extends TEMPLATE_FILTER {
        /// Most templates of a request, 2 to 1000.
        ///
        /// @defaultValue 100
        optional pageSize limit Int(2, 1000);
    }

    /// Options of {@link Template.listBuilds}. The connection is the template's own, whatever these say of it.
    BUILDS_LIST_OPTIONS = TemplateBuildsListOptions extends CONNECTION_OPTIONS {
        /// At most so many.
        ///
        /// @defaultValue the service's
        optional limit limit Int(1, 4294967295);
    }

    /// Options of {@link Template.streamBuildLogs}.
    BUILD_LOGS_OPTIONS = BuildLogsOptions {
        /// Called with each event, once and in order. If it throws, the call rejects with what it threw.
        required onEvent - Callback("(ev: BuildLogEvent) => void");
        /// UUID of the build.
        ///
        /// @defaultValue the one that this object began, else the newest of when it was made
        optional buildId - Text;
        /// Ends the call at once.
        optional signal - Signal;
        /// Milliseconds the whole stream may take.
        ///
        /// @defaultValue 3600000
        optional timeoutMs - Millis;
    }

    /// Options of {@link Template.waitUntilReady}.
    WAIT_OPTIONS = WaitUntilReadyOptions {
        /// Called with each event of the build log, once and in order. If it throws, the call rejects with
        /// what it threw; a log that cannot be read does not fail the wait.
        optional onLog - Callback("(ev: BuildLogEvent) => void");
        /// Ends the wait at once. The build goes on.
        optional signal - Signal;
        /// Milliseconds between two looks at the build.
        ///
        /// @defaultValue 2000
        optional pollIntervalMs - Millis;
        /// Milliseconds the whole wait may take.
        ///
        /// @defaultValue 86400000
        optional timeoutMs - Millis;
    }
}

class! {
    /// A template: what a sandbox starts from, built in steps on a container image.
    ///
    /// Its properties are those of when the object was made; {@link Template.getInfo} tells the present ones.
    ///
    /// @example
    /// ```typescript
    /// import { Sandbox, Template } from "@superserve/sdk"
    ///
    /// const template = await Template.create({
    ///   name: "my-python-env",
    ///   from: "python:3.11",
    ///   steps: [{ run: "pip install numpy" }],
    /// })
    /// await template.waitUntilReady({ onLog: (ev) => console.log(ev.text) })
    /// const sandbox = await Sandbox.create({ name: "run-1", fromTemplate: template })
    /// ```
    TEMPLATE = "Template" of TEMPLATE_INFO {
        /// Creates a template and begins its first build. {@link Template.waitUntilReady} tells when it can be
        /// used.
        ///
        /// @throws {@link ValidationError} for options that are not as documented, before any request.
        /// @throws {@link RateLimitError} with code `too_many_builds` or `too_many_templates`;
        /// {@link ConflictError} when the name is taken.
        static create(; options: TEMPLATE_CREATE_OPTIONS) -> "Promise<Template>"
            = Request(Post "/templates" Json => NewTemplate(TEMPLATE_INFO)) on Control
                undo ["/templates/{id}/builds/{build_id}", "/templates/{id}"];

        /// Finds a template by its name or id.
        ///
        /// @throws {@link NotFoundError} when there is no such template.
        static connect(nameOrId - Text; options?: CONNECTION_OPTIONS) -> "Promise<Template>"
            = Request(Get "/templates/{nameOrId}" Nothing => Template(TEMPLATE_INFO)) on Control;

        /// Lists the team's templates and those of the service.
        ///
        /// @throws {@link AuthenticationError} when the key is not valid.
        static list(; options?: TEMPLATE_LIST_OPTIONS) -> "Promise<TemplateInfo[]>"
            = Request(Get "/templates" Query => Many(TEMPLATE_INFO)) on Control;

        /// The team's templates and those of the service, read page by page as they are iterated. See
        /// {@link Sandbox.iterate}.
        ///
        /// @throws {@link AuthenticationError} from the iteration, when the key is not valid.
        static iterate(; options?: TEMPLATE_ITERATE_OPTIONS) -> "Listing<TemplateInfo>"
            = ByOffset(Get "/templates" Query => Many(TEMPLATE_INFO)) on Control preset { limit: 100 };

        /// Deletes a template by its name or id. One that is gone already is no error.
        ///
        /// @throws {@link ConflictError} while a sandbox uses it or a build is under way.
        static deleteById(nameOrId - Text; options?: CONNECTION_OPTIONS) -> "Promise<void>"
            = Request(Delete "/templates/{nameOrId}" Nothing => Deleted) on Control;

        /// Reads what the service knows of this template now. The properties of this object stay as they are.
        ///
        /// @throws {@link NotFoundError} when it was deleted.
        method getInfo(; options??: REQUEST_OPTIONS) -> "Promise<TemplateInfo>"
            = Request(Get "/templates/{id}" Nothing => One(TEMPLATE_INFO)) on Control;

        /// Deletes this template. One that is gone already is no error.
        ///
        /// @throws {@link ConflictError} while a sandbox uses it or a build is under way.
        method delete(; options??: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Delete "/templates/{id}" Nothing => Deleted) on Control;

        /// Builds this template anew. While a build of the same definition is under way, that one is returned.
        ///
        /// @throws {@link RateLimitError} with code `too_many_builds`.
        method rebuild(; options??: REQUEST_OPTIONS) -> "Promise<TemplateBuildInfo>"
            = Request(Post "/templates/{id}/builds" Nothing => NewBuild(BUILD_INFO)) on Control;

        /// Lists the builds of this template, newest first.
        ///
        /// @throws {@link NotFoundError} when the template was deleted.
        method listBuilds(; options?: BUILDS_LIST_OPTIONS) -> "Promise<TemplateBuildInfo[]>"
            = Request(Get "/templates/{id}/builds" Query => Many(BUILD_INFO)) on Control;

        /// Reads a build.
        ///
        /// @throws {@link NotFoundError} when there is no such build.
        method getBuild(buildId - Text; options??: REQUEST_OPTIONS) -> "Promise<TemplateBuildInfo>"
            = Request(Get "/templates/{id}/builds/{buildId}" Nothing => One(BUILD_INFO)) on Control;

        /// Cancels a build. One that has ended already is no error.
        ///
        /// @throws {@link AuthenticationError} when the key is not valid.
        method cancelBuild(buildId - Text; options??: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Delete "/templates/{id}/builds/{buildId}" Nothing => Deleted) on Control;

        /// Follows the log of a build from its start to its last event.
        ///
        /// A connection that breaks is made again; each event is still delivered once and in order.
        ///
        /// @throws {@link SandboxError} when the log cannot be read, or the template has no build.
        method streamBuildLogs(; options: BUILD_LOGS_OPTIONS) -> "Promise<void>"
            = BuildLog(Get "/templates/{id}/builds/{buildId}/logs" Nothing => One(LOG_EVENT)) on Control;

        /// Waits until a build has ended, and resolves with the template as it is then: the build that this object
        /// began, else the newest of when it was made. Where there is none, as with the service's own templates,
        /// the template itself tells whether it is ready.
        ///
        /// @throws {@link BuildError} when the build failed: its `code` says in which stage.
        /// @throws {@link ConflictError} with code `cancelled` when somebody cancelled it.
        /// @throws {@link TimeoutError} after `timeoutMs`.
        method waitUntilReady(; options?: WAIT_OPTIONS) -> "Promise<TemplateInfo>"
            = BuildEnd;
    }
}
