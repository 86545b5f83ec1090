// Both packages side by side. What the TypeScript package takes is taken here, and what this package gives
// can stand where the TypeScript package's did. That fields have just the documented type, the programs in
// shared/ show.
import * as theirs from "superserve-peer";
import * as ours from "@superserve/sdk";
import type * as Theirs from "superserve-peer";
import type * as Ours from "@superserve/sdk";

/** An argument: the other package's is good here. */
type Takes<Own, Other extends Own> = Other;
/** A result: ours is good there. */
type Gives<Own extends Other, Other> = Own;
/** What is both, such as the states of a sandbox. */
type Agree<Both extends true> = Both;
/** What tells a state: the states of today are more, and open to others. */
type Open<T> = Omit<T, "status"> & { status: Ours.SandboxStatus };
type Mutual<Own, Other> = [Own, Other] extends [Other, Own] ? true : false;

export type Arguments = [
  Takes<Ours.BuildLogsOptions, Theirs.BuildLogsOptions>,
  Takes<Ours.CommandOptions, Theirs.CommandOptions>,
  Takes<Ours.ConnectionOptions, Theirs.ConnectionOptions>,
  Takes<Ours.NetworkLogOptions, Theirs.NetworkLogOptions>,
  Takes<Ours.SandboxCreateOptions, Theirs.SandboxCreateOptions>,
  Takes<Ours.SandboxListOptions, Theirs.SandboxListOptions>,
  Takes<Ours.SandboxUpdateOptions, Theirs.SandboxUpdateOptions>,
  Takes<Ours.SecretAuditOptions, Theirs.SecretAuditOptions>,
  Takes<Ours.SecretCreateOptions, Theirs.SecretCreateOptions>,
  Takes<Ours.SecretListOptions, Theirs.SecretListOptions>,
  Takes<Ours.SpawnOptions, Theirs.SpawnOptions>,
  Takes<Ours.TemplateBuildsListOptions, Theirs.TemplateBuildsListOptions>,
  Takes<Ours.TemplateCreateOptions, Theirs.TemplateCreateOptions>,
  Takes<Ours.TemplateListOptions, Theirs.TemplateListOptions>,
  Takes<Ours.WaitUntilReadyOptions, Theirs.WaitUntilReadyOptions>,
  Takes<Ours.SandboxStatus, Theirs.SandboxStatus>,
];

export type Results = [
  Gives<Ours.BuildLogEvent, Theirs.BuildLogEvent>,
  Gives<Ours.CommandResult, Theirs.CommandResult>,
  Gives<Ours.CommandSession, Theirs.CommandSession>,
  Gives<Ours.CommandStdin, Theirs.CommandStdin>,
  Gives<Ours.NetworkEvent, Theirs.NetworkEvent>,
  Gives<Ours.NetworkLogPage, Theirs.NetworkLogPage>,
  Gives<Ours.ProviderShortcut, Theirs.ProviderShortcut>,
  Gives<Ours.ProxyAuditEvent, Theirs.ProxyAuditEvent>,
  Gives<Ours.ResolvedConfig, Theirs.ResolvedConfig>,
  Gives<Ours.SandboxInfo, Open<Theirs.SandboxInfo>>,
  Gives<Ours.SandboxSecretBinding, Theirs.SandboxSecretBinding>,
  Gives<Ours.SecretInfo, Theirs.SecretInfo>,
  Gives<Ours.SecretSandboxBinding, Open<Theirs.SecretSandboxBinding>>,
  Gives<Ours.TemplateBuildInfo, Theirs.TemplateBuildInfo>,
  Gives<Ours.TemplateInfo, Theirs.TemplateInfo>,
];

export type Exchanged = [
  Agree<Mutual<Ours.AuditStatusFilter, Theirs.AuditStatusFilter>>,
  Agree<Mutual<Ours.BuildLogStream, Theirs.BuildLogStream>>,
  Agree<Mutual<Ours.BuildStep, Theirs.BuildStep>>,
  Agree<Mutual<Ours.FileInput, Theirs.FileInput>>,
  Agree<Mutual<Ours.NetworkConfig, Theirs.NetworkConfig>>,
  Agree<Mutual<Ours.NetworkVerdict, Theirs.NetworkVerdict>>,
  Agree<Mutual<Ours.SecretAuth, Theirs.SecretAuth>>,
  Agree<Mutual<Ours.SecretAuthPerHost, Theirs.SecretAuthPerHost>>,
  Agree<Mutual<Ours.SecretAuthRule, Theirs.SecretAuthRule>>,
  Agree<Mutual<Ours.SecretAuthType, Theirs.SecretAuthType>>,
  Agree<Mutual<Ours.TemplateBuildStatus, Theirs.TemplateBuildStatus>>,
  Agree<Mutual<Ours.TemplateStatus, Theirs.TemplateStatus>>,
];

// Instances are compared by their methods: what these take and what they give. A method that makes
// an instance is compared by what it takes; its result is compared as an instance.
type Instances =
  | Theirs.Sandbox
  | Theirs.Secret
  | Theirs.Template
  | Theirs.Sandbox["commands"]
  | Theirs.Sandbox["files"];
type Stated = Theirs.SandboxInfo | Theirs.SecretSandboxBinding;
type Made<T> = T extends Stated
  ? Open<T>
  : T extends Stated[]
    ? Open<T[number]>[]
    : T extends Instances
      ? unknown
      : T extends Promise<infer R>
        ? Promise<Made<R>>
        : T;
type Shape<T> = {
  [Name in keyof T]: T[Name] extends (...args: infer A) => infer R ? (...args: A) => Made<R> : Made<T[Name]>;
};

export type Classes = [
  Gives<Ours.Sandbox, Open<Shape<Theirs.Sandbox>>>,
  Gives<Ours.Sandbox["commands"], Shape<Theirs.Sandbox["commands"]>>,
  Gives<Ours.Sandbox["files"], Shape<Theirs.Sandbox["files"]>>,
  Gives<Ours.Secret, Shape<Theirs.Secret>>,
  Gives<Ours.Template, Shape<Theirs.Template>>,
  Gives<typeof ours.Provider, Omit<Shape<typeof theirs.Provider>, "prototype">>,
  Gives<typeof ours.Sandbox, Omit<Shape<typeof theirs.Sandbox>, "prototype">>,
  Gives<typeof ours.Secret, Omit<Shape<typeof theirs.Secret>, "prototype">>,
  Gives<typeof ours.Template, Omit<Shape<typeof theirs.Template>, "prototype">>,
];

export type Errors = [
  Gives<typeof ours.AuthenticationError, typeof theirs.AuthenticationError>,
  Gives<typeof ours.BuildError, typeof theirs.BuildError>,
  Gives<typeof ours.ConflictError, typeof theirs.ConflictError>,
  Gives<typeof ours.NotFoundError, typeof theirs.NotFoundError>,
  Gives<typeof ours.RateLimitError, typeof theirs.RateLimitError>,
  Gives<typeof ours.SandboxError, typeof theirs.SandboxError>,
  Gives<typeof ours.ServerError, typeof theirs.ServerError>,
  Gives<typeof ours.TimeoutError, typeof theirs.TimeoutError>,
  Gives<typeof ours.ValidationError, typeof theirs.ValidationError>,
];

export type Values = [
  Gives<typeof ours.MAX_PREVIEW_PORT, typeof theirs.MAX_PREVIEW_PORT>,
  Gives<typeof ours.MIN_PREVIEW_PORT, typeof theirs.MIN_PREVIEW_PORT>,
  Gives<typeof ours.previewUrl, typeof theirs.previewUrl>,
  Gives<typeof ours.resolveConfig, typeof theirs.resolveConfig>,
];
