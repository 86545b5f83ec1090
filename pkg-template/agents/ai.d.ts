/**
 * A sandbox for the AI SDK (`ai`, 6 and 7): its tools, its sandbox session, and the sandboxes of `@ai-sdk/harness` and
 * `bash-tool`.
 *
 * @example
 * ```typescript
 * import { generateText, isStepCount } from "ai"
 * import { Sandbox } from "@superserve/sdk"
 * import { sandboxTools } from "@superserve/sdk/ai"
 *
 * const sandbox = await Sandbox.create({ name: "agent-1" })
 * const { text } = await generateText({
 *   model: "anthropic/claude-sonnet-4.5",
 *   prompt: "Which tests of /home/user/project fail, and why?",
 *   tools: sandboxTools(sandbox),
 *   stopWhen: isStepCount(20),
 * })
 * ```
 *
 * @packageDocumentation
 */
// What is not there is `any` here: neither of the packages has to be, and version 6 of `ai` has no sandboxes.
// @ts-ignore
import type { HarnessV1NetworkSandboxSession, HarnessV1SandboxProvider } from "@ai-sdk/harness";
import type { ToolSet } from "ai";
// @ts-ignore
import type { Experimental_SandboxSession } from "ai";
// @ts-ignore
import type { Sandbox as BashToolSandbox } from "bash-tool";
import type { Sandbox, SandboxCreateOptions } from "./index.js";
import type { SandboxToolsOptions as Options, SandboxProvider, ToolCall } from "./tools.js";

/**
 * The tools of a sandbox, by their names, as `generateText`, `streamText` and `ToolLoopAgent` take them.
 *
 * The output of each is what `execute` of `@superserve/sdk/tools` resolves with: `content`, `structured` and `isError`. The model is
 * told its text and images, or its error as such. Tools do not throw but when the call is aborted, which ends what they have begun
 * in the sandbox.
 *
 * @throws `TypeError` for options that are not as documented.
 *
 * @example With a person who is asked before anything is changed, and what commands write shown as it comes.
 * ```typescript
 * const result = streamText({
 *   model,
 *   messages: await convertToModelMessages(messages, { tools }),
 *   tools: sandboxTools(lazySandbox({ key: chatId }), { needsApproval: true, preliminary: true }),
 * })
 * ```
 */
export declare function sandboxTools(
  sandbox: Sandbox | SandboxProvider,
  options?: SandboxToolsOptions,
): ToolSet;

/** Options of {@link sandboxTools}: those of `@superserve/sdk/tools`, and what the AI SDK has for tools. */
export interface SandboxToolsOptions extends Options {
  /**
   * Whether the SDK asks for an approval before each call of a tool that changes something (whose `annotations.readOnlyHint` is
   * false): the run then ends with a request for it. A function gets the call as the model wrote it, unchecked.
   *
   * @defaultValue none is needed
   */
  needsApproval?: boolean | ((call: ToolCall) => boolean | PromiseLike<boolean>) | undefined;
  /**
   * Whether `bash` and `run_code` have preliminary results: the end of what they have written so far, as it comes.
   *
   * @defaultValue false
   */
  preliminary?: boolean | undefined;
  /**
   * What each tool's `strict` is. The schemas follow the rules of OpenAI's strict mode; other providers have limits to the number of
   * such tools.
   *
   * @defaultValue the provider's
   */
  strict?: boolean | undefined;
}

/**
 * A sandbox as the session that `experimental_sandbox` of `generateText`, `streamText` and `ToolLoopAgent` takes (`ai` 7), and
 * `createSession` of a harness.
 *
 * Commands are run by `bash`, or by `sh` where the sandbox has no bash, and an abort ends all that they have started. One that is
 * silent for five minutes is for `spawn`. What `spawn` starts lives on when the program ends that called it, and what it writes comes
 * as UTF-8: what is not valid is U+FFFD.
 *
 * @throws `TypeError` for options that are not as documented.
 *
 * @example
 * ```typescript
 * const experimental_sandbox = sandboxSession(sandbox, { workingDirectory: "/home/user/project" })
 * const { text } = await generateText({ model, tools: { shell }, prompt: "Run the tests.", experimental_sandbox })
 * ```
 */
export declare function sandboxSession(
  sandbox: Sandbox | SandboxProvider,
  options?: SandboxSessionOptions,
): Experimental_SandboxSession;

/** Options of {@link sandboxSession}. */
export interface SandboxSessionOptions {
  /**
   * Directory at which commands and relative paths start, an absolute path. It is made if it is not there.
   *
   * @defaultValue the template's, else `/home/user`
   */
  workingDirectory?: string | undefined;
  /**
   * What a model may be told of the sandbox.
   *
   * @defaultValue one that names the working directory
   */
  description?: string | undefined;
}

/**
 * A sandbox as the session of a harness of `@ai-sdk/harness`, for `createSession({ sandboxSession })`.
 *
 * Its `stop` pauses the sandbox, and `destroy` deletes it. A port that the harness asks for is published, open to whoever has
 * the token that goes with its URL. Of network policies, `deniedCIDRs` are refused: what is allowed wins over them in this service.
 *
 * @throws `TypeError` for options that are not as documented.
 *
 * @example
 * ```typescript
 * const sandboxSession = await networkSandboxSession(sandbox)
 * const session = await agent.createSession({ sandboxSession })
 * ```
 */
export declare function networkSandboxSession(
  sandbox: Sandbox,
  options?: NetworkSandboxSessionOptions,
): Promise<HarnessV1NetworkSandboxSession>;

/** Options of {@link networkSandboxSession}. */
export interface NetworkSandboxSessionOptions extends SandboxSessionOptions {
  /**
   * Ports that the harness may use, from 1024 to 65535, and not 49983: most take the first.
   *
   * @defaultValue `[4000]`
   */
  ports?: readonly number[] | undefined;
  /** Ends the call, not the session. */
  signal?: AbortSignal | undefined;
}

/**
 * Makes a sandbox for each session of a `HarnessAgent`, and finds it again by the session's id, which is a tag of it
 * (`harness_session`). When the session is stopped it is paused, when it is destroyed it is deleted.
 *
 * What a harness sets up is set up in each new sandbox: make them `fromSnapshot` or `fromTemplate` where that takes long.
 *
 * @example
 * ```typescript
 * const agent = new HarnessAgent({
 *   harness: createClaudeCode(),
 *   sandbox: harnessSandboxProvider({ create: { fromTemplate: "coding", timeoutSeconds: 3600 } }),
 * })
 * ```
 */
export declare function harnessSandboxProvider(
  options?: HarnessSandboxProviderOptions,
): HarnessV1SandboxProvider;

/** Options of {@link harnessSandboxProvider}. */
export interface HarnessSandboxProviderOptions extends Omit<NetworkSandboxSessionOptions, "signal"> {
  /** How sandboxes are made: options of `Sandbox.create`. */
  create?: SandboxCreateOptions | undefined;
  /**
   * The class whose `create`, `list` and `connect` are called: that of `@superserve/sdk/slim`, or a client's.
   *
   * @defaultValue that of `@superserve/sdk`, which is imported when it is needed
   */
  Sandbox?: Pick<typeof Sandbox, "create" | "list" | "connect"> | undefined;
}

/**
 * A sandbox for `createBashTool` of the package `bash-tool`.
 *
 * @throws `TypeError` for options that are not as documented.
 *
 * @example
 * ```typescript
 * const { tools } = await createBashTool({ sandbox: bashToolSandbox(sandbox), destination: "/home/user/project" })
 * ```
 */
export declare function bashToolSandbox(
  sandbox: Sandbox | SandboxProvider,
  options?: BashToolSandboxOptions,
): BashToolSandbox;

/** Options of {@link bashToolSandbox}. */
export interface BashToolSandboxOptions {
  /**
   * Directory at which relative paths start, an absolute path. It is made if it is not there. The tools start at
   * their `destination`.
   *
   * @defaultValue the template's, else `/home/user`
   */
  workingDirectory?: string | undefined;
  /**
   * Milliseconds that a command may take: one that takes longer is ended, with exit code 124.
   *
   * @defaultValue 120000
   */
  timeoutMs?: number | undefined;
  /** Ends what is under way, and keeps more from being begun: the tools hand on no signal of their own. */
  signal?: AbortSignal | undefined;
}
