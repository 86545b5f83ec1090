//! Secrets, and the providers that the service knows.

use super::connection::{CONNECTION_OPTIONS, REQUEST_OPTIONS};
use crate::surface::operation::class;
use crate::surface::shape::shape;

/// TypeScript of what no table says.
#[cfg(not(target_arch = "wasm32"))]
pub const TYPES: &str = r#"
/** How a secret is put into a request. The service may report others. */
export type SecretAuthType = "bearer" | "basic" | "api-key" | "custom" | "per_host";
/** How a secret is put into requests: one rule for all its hosts, or rules for each. */
export type SecretAuth = SecretAuthRule | SecretAuthPerHost;
/** Options of {@link Secret.list}. */
export type SecretListOptions = ConnectionOptions;
/** A class of HTTP statuses, or `errors` for requests that got no answer. */
export type AuditStatusFilter = "2xx" | "3xx" | "4xx" | "5xx" | "errors";
"#;

shape! {
    /// How a secret is put into a request: `bearer` as `Authorization: Bearer <value>`, `basic` as the password
    /// of HTTP Basic, `api-key` as a header of its own, `custom` as headers written out.
    AUTH_RULE = SecretAuthRule {
        /// Which of these.
        required type type Literal("\"bearer\" | \"basic\" | \"api-key\" | \"custom\"");
        /// Name of the header for `api-key`, such as `x-api-key`.
        optional header header Text(1, 256);
        /// What stands before the value for `api-key`, such as `Token `.
        optional prefix prefix Text;
        /// User name for `basic`.
        optional username username Text;
        /// Headers for `custom`; `{{ value }}` in their values stands for the secret.
        optional headers headers Map;
    }

    /// A rule, and the hosts it is for.
    HOST_RULE = SecretHostRule extends AUTH_RULE {
        /// Host names.
        required hosts hosts List;
    }

    /// Rules for each of several sets of hosts.
    PER_HOST = SecretAuthPerHost {
        /// The rules; the first whose hosts fit is taken.
        required perHost per_host Many(HOST_RULE);
    }

    /// What the service tells of a secret: all but its value.
    SECRET_INFO = SecretInfo {
        /// UUID.
        required id id Text;
        /// Name.
        required name name Text;
        /// How it is put into a request.
        required authType auth_type Literal("SecretAuthType");
        /// The rest of that: header names and such.
        defaulted authConfig auth_config Any("Record<string, unknown>");
        /// Provider it was made for, if any: `anthropic`, say.
        optional providerShortcut provider_shortcut Text;
        /// Hosts it may be sent to.
        defaulted hosts hosts List;
        /// When it was created.
        required createdAt created_at Date;
        /// When its value was last replaced; when it was created, if never.
        required updatedAt updated_at DateOr(created_at);
        /// When it was last used.
        optional lastUsedAt last_used_at Date;
    }

    /// Options of {@link Secret.create}: with `provider`, or with `auth` and `hosts`.
    SECRET_CREATE_OPTIONS = SecretCreateOptions extends CONNECTION_OPTIONS {
        /// Name.
        required name name Text(1, 128);
        /// The value to keep. It never enters a sandbox, and nothing gives it back.
        required value value Hidden(1, 65536);
        /// A provider of {@link Provider.list}, which knows how and where the secret is used.
        optional provider provider Text(1, 128);
        /// How the secret is put into requests. Needs `hosts`.
        optional auth auth Either(AUTH_RULE, PER_HOST, "SecretAuth");
        /// Hosts it may be sent to. Needs `auth`.
        optional hosts hosts List;
    }

    /// Which events of a secret's audit log are to be read. The connection is the secret's own, whatever these say of it.
    AUDIT_FILTER = SecretAuditFilter extends CONNECTION_OPTIONS {
        /// Only events with a smaller `id`: that of the last event is the cursor of the next page.
        ///
        /// @defaultValue the newest
        optional before before Int;
        /// Only events with such a status.
        optional status status Literal("AuditStatusFilter");
    }

    /// Options of {@link Secret.getAudit}.
    SECRET_AUDIT_OPTIONS = SecretAuditOptions extends AUDIT_FILTER {
        /// At most so many events.
        ///
        /// @defaultValue the service's
        optional limit limit Int(1, 4294967295);
    }

    /// Options of {@link Secret.iterateAudit}.
    AUDIT_ITERATE_OPTIONS = SecretAuditIterateOptions extends AUDIT_FILTER {
        /// Most events of a request, 2 to 1000.
        ///
        /// @defaultValue 100
        optional pageSize limit Int(2, 1000);
    }

    /// A request in which a secret was used.
    AUDIT_EVENT = ProxyAuditEvent {
        /// Number, unique in the log.
        required id id Int;
        /// When it was made.
        required ts ts Date;
        /// UUID of the sandbox that made it.
        defaulted sandboxId sandbox_id Text;
        /// Name of that sandbox, unless it is gone.
        optional sandboxName sandbox_name Text;
        /// UUID of the secret.
        optional secretId secret_id Text;
        /// HTTP method.
        defaulted method method Text;
        /// Host.
        defaulted host host Text;
        /// Path.
        defaulted path path Text;
        /// HTTP status that the sandbox got.
        defaulted status status Int;
        /// HTTP status that the host answered with.
        optional upstreamStatus upstream_status Int;
        /// Milliseconds it took.
        optional latencyMs latency_ms Int;
        /// Why there was no answer.
        optional errorCode error_code Text;
    }

    /// A sandbox that a secret is bound to.
    SANDBOX_BINDING = SecretSandboxBinding {
        /// UUID of the sandbox.
        defaulted sandboxId sandbox_id Text;
        /// Its name.
        defaulted sandboxName sandbox_name Text;
        /// Environment variable.
        defaulted envKey env_key Text;
        /// State of the sandbox.
        defaulted status status Literal("SandboxStatus");
    }

    /// A provider that the service knows how to use a secret with.
    PROVIDER = ProviderShortcut {
        /// Its name, for {@link SecretCreateOptions.provider}.
        required name name Text;
        /// Its name for people.
        defaulted display display Text;
        /// How a secret is put into its requests.
        defaulted authType auth_type Literal("SecretAuthType");
        /// The rest of that: header names and such.
        defaulted authConfig auth_config Any("Record<string, unknown>");
        /// Its hosts.
        defaulted hosts hosts List;
        /// What the stand-ins look like that sandboxes see, such as `sk-ant-api03-...`.
        defaulted tokenShape token_shape Text;
    }
}

class! {
    /// A secret: a credential that the service keeps, and puts into requests that leave a sandbox.
    ///
    /// The value never enters a sandbox. Its processes see a stand-in in an environment variable; in requests to
    /// the secret's hosts the value takes its place. The properties are those of when the object was made;
    /// {@link Secret.getInfo} tells the present ones.
    ///
    /// @example
    /// ```typescript
    /// import { Sandbox, Secret } from "@superserve/sdk"
    ///
    /// await Secret.create({ name: "anthropic-prod", value: key, provider: "anthropic" })
    /// const sandbox = await Sandbox.create({
    ///   name: "agent-1",
    ///   secrets: { ANTHROPIC_API_KEY: "anthropic-prod" },
    /// })
    /// ```
    SECRET = "Secret" of SECRET_INFO {
        /// Creates a secret.
        ///
        /// @throws {@link ValidationError} unless it has `provider`, or `auth` and `hosts`, before any request.
        /// @throws {@link ConflictError} when the name is taken.
        ///
        /// @example
        /// ```typescript
        /// await Secret.create({
        ///   name: "search",
        ///   value: key,
        ///   auth: { type: "api-key", header: "x-api-key" },
        ///   hosts: ["api.search.example"],
        /// })
        /// ```
        static create(; options: SECRET_CREATE_OPTIONS) -> "Promise<Secret>"
            = Request(Post "/secrets" NewSecret => Secret(SECRET_INFO)) on Control undo ["/secrets/{name}"];

        /// Finds a secret by its name.
        ///
        /// @throws {@link NotFoundError} when there is no such secret.
        static get(name - Text; options?: CONNECTION_OPTIONS) -> "Promise<Secret>"
            = Request(Get "/secrets/{name}" Nothing => Secret(SECRET_INFO)) on Control;

        /// Lists the team's secrets.
        ///
        /// @throws {@link AuthenticationError} when the key is not valid.
        static list(; options?: CONNECTION_OPTIONS as SecretListOptions) -> "Promise<SecretInfo[]>"
            = Request(Get "/secrets" Nothing => Many(SECRET_INFO)) on Control;

        /// Deletes a secret by its name. One that is gone already is no error.
        ///
        /// @throws {@link AuthenticationError} when the key is not valid.
        static deleteByName(name - Text; options?: CONNECTION_OPTIONS) -> "Promise<void>"
            = Request(Delete "/secrets/{name}" Nothing => Deleted) on Control;

        /// Reads what the service tells of this secret now. The properties of this object stay as they are.
        ///
        /// @throws {@link NotFoundError} when it was deleted.
        method getInfo(; options??: REQUEST_OPTIONS) -> "Promise<SecretInfo>"
            = Request(Get "/secrets/{id}" Nothing => One(SECRET_INFO)) on Control;

        /// Replaces the value. Sandboxes keep their stand-ins; requests from now on carry the new value.
        ///
        /// @throws {@link NotFoundError} when it was deleted.
        method rotate(value value Hidden(1, 65536); options??: REQUEST_OPTIONS) -> "Promise<Secret>"
            = Request(Patch "/secrets/{id}" Json => Secret(SECRET_INFO)) on Control;

        /// Deletes this secret. One that is gone already is no error.
        ///
        /// @throws {@link AuthenticationError} when the key is not valid.
        method delete(; options??: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Delete "/secrets/{id}" Nothing => Deleted) on Control;

        /// Lists the requests in which this secret was used, in all sandboxes, newest first.
        ///
        /// @throws {@link NotFoundError} when the secret was deleted.
        method getAudit(; options?: SECRET_AUDIT_OPTIONS) -> "Promise<ProxyAuditEvent[]>"
            = Request(Get "/secrets/{id}/audit" Query => Many(AUDIT_EVENT)) on Control;

        /// The requests in which this secret was used, newest first, read page by page as they are iterated.
        ///
        /// @throws {@link NotFoundError} from the iteration, when the secret was deleted.
        method iterateAudit(; options?: AUDIT_ITERATE_OPTIONS) -> "Listing<ProxyAuditEvent>"
            = ByCursor(Get "/secrets/{id}/audit" Query => Many(AUDIT_EVENT)) on Control preset { limit: 100 };

        /// Lists the sandboxes that this secret is bound to.
        ///
        /// @throws {@link NotFoundError} when the secret was deleted.
        method getSandboxes(; options??: REQUEST_OPTIONS) -> "Promise<SecretSandboxBinding[]>"
            = Request(Get "/secrets/{id}/sandboxes" Nothing => Many(SANDBOX_BINDING)) on Control;
    }

    /// The catalogue of providers: services that a secret needs only a name and a value for.
    PROVIDERS = "Provider" {
        /// Lists the providers.
        ///
        /// @throws {@link AuthenticationError} when the key is not valid.
        ///
        /// @example
        /// ```typescript
        /// const names = (await Provider.list()).map((provider) => provider.name)
        /// ```
        static list(; options?: CONNECTION_OPTIONS) -> "Promise<ProviderShortcut[]>"
            = Request(Get "/providers" Nothing => Many(PROVIDER)) on Control;
    }
}
