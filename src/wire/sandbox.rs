//! Sandboxes.

use super::connection::{CONNECTION_OPTIONS, REQUEST_OPTIONS};
use crate::shape::shape;

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
        /// Rules for outbound connections.
        optional network network One(NETWORK_CONFIG: NetworkConfig);
        /// Your own tags.
        defaulted metadata metadata Map;
        /// Who may open preview URLs.
        optional previewAccess preview_access Literal("PreviewAccess");
        /// Secrets bound to environment variables.
        optional secrets secrets Many(SECRET_BINDING: SandboxSecretBinding);
    }

    // The properties of the class: the interface merges with it.
    /// A sandbox: a virtual machine of your own, to run commands and keep files in.
    INSTANCE = Sandbox {
        /// UUID.
        required/readonly id id Text;
        /// Name.
        defaulted/readonly name name Text;
        /// State when this object was made; {@link Sandbox.getInfo} tells the present one.
        required/readonly status status Literal("SandboxStatus");
        /// Tags when this object was made.
        defaulted/readonly metadata metadata Map;
        /// Who may open preview URLs, as it was when this object was made.
        optional/readonly previewAccess preview_access Literal("PreviewAccess");
        /// Secrets bound to environment variables when this object was made.
        optional/readonly secrets secrets Many(SECRET_BINDING: SandboxSecretBinding);
        /// Runs commands.
        required/readonly commands - Literal("Commands");
        /// Moves files.
        required/readonly files - Literal("Files");
    }

    /// Options of {@link Sandbox.create}.
    CREATE_OPTIONS = SandboxCreateOptions extends CONNECTION_OPTIONS: ConnectionOptions {
        /// Name, 1 to 64 characters.
        required name name Text(1, 64);
        /// Template to start from: its name, its UUID, or a `Template`.
        ///
        /// @defaultValue `superserve/base`
        optional fromTemplate from_template Template;
        /// UUID of a snapshot to start from.
        optional fromSnapshot from_snapshot Text(1, 64);
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
        optional network network One(NETWORK_CONFIG: NetworkConfig);
        /// Who may open preview URLs.
        optional previewAccess preview_access Literal("PreviewAccess");
    }

    /// Options of {@link Sandbox.list}.
    LIST_OPTIONS = SandboxListOptions extends CONNECTION_OPTIONS: ConnectionOptions {
        /// Only sandboxes that carry all of these tags.
        optional metadata metadata Map;
        /// Only sandboxes in this state.
        optional status status Literal("SandboxStatus");
        /// At most so many.
        optional limit limit Int(1, 4294967295);
        /// Pass over so many first.
        optional offset offset Int(0, 4294967295);
    }

    /// Options of {@link Sandbox.update}. What is left out stays as it is.
    UPDATE_OPTIONS = SandboxUpdateOptions extends REQUEST_OPTIONS: RequestOptions {
        /// Replaces all tags.
        optional metadata metadata Map;
        /// Replaces all rules for outbound connections. The sandbox has to be active.
        optional network network One(NETWORK_CONFIG: NetworkConfig);
        /// Seconds of continuous pause (0 to 2592000) after which the sandbox is deleted, counted from now
        /// when it is paused already; `null` for never.
        optional autoDeleteSeconds auto_delete_seconds IntOrNull(0, 2592000);
        /// Seconds of active time (1 to 604800) after which the sandbox is paused; `null` for never.
        optional timeoutSeconds timeout_seconds IntOrNull(1, 604800);
        /// Who may open preview URLs.
        optional previewAccess preview_access Literal("PreviewAccess");
    }
}
