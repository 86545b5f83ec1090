// The tools: their declarations, and what stands before and after what each of them does.
import { unlessAborted } from "./abort.js";
import { checked } from "./check.js";
import { declarations } from "./declare.js";
import { explained } from "./failure.js";
import { editFile, readFile, writeFile } from "./files.js";
import { glob, grep, listFiles } from "./look.js";
import { outputOf, shortened } from "./output.js";
import { placesOf } from "./paths.js";
import { previewUrl, processOutput, startProcess, stopProcess } from "./processes.js";
import { providerOf } from "./provider.js";
import { computer } from "./screen.js";
import { bash, runCode } from "./shell.js";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider, SandboxTool, SandboxToolsOptions, ToolCallOptions, ToolContent, ToolDeclaration, ToolName, ToolResult } from "#tool-types" */
/** @import { Output } from "./output.js" */
/** @import { Place } from "./paths.js" */

/**
 * @typedef {Record<keyof typeof LIMITS, number>} Limits
 *
 * @typedef {object} Call What a tool works with.
 * @property {Sandbox} sandbox
 * @property {Record<string, any>} input
 * @property {AbortSignal} [signal]
 * @property {{ signal?: AbortSignal }} how options of a method of the sandbox
 * @property {Limits} limits
 * @property {(path: string | null, reads?: boolean) => Promise<Place>} find
 * @property {(path: string | null) => Promise<string | undefined>} cwd
 * @property {(stream: "stdout" | "stderr", text: string) => void} progress
 * @property {() => Output} output
 *
 * @typedef {object} Done What it has come to.
 * @property {string} text
 * @property {Record<string, unknown>} structured
 * @property {{ mimeType: string, data: string }[]} [images]
 */

const LIMITS = {
  chars: 30_000,
  lines: 2_000,
  lineChars: 2_000,
  fileBytes: 10_485_760,
  imageBytes: 3_932_160,
  outputChars: 67_108_864,
  commandMs: 120_000,
};

/** Most characters of what a model is told of a failure, which may have its own input in it. */
const FAILURE_CHARS = 2_000;

/** @type {Record<ToolName, (call: Call) => Promise<Done>>} */
const EXECUTORS = {
  bash,
  read_file: readFile,
  write_file: writeFile,
  edit_file: editFile,
  list_files: listFiles,
  glob,
  grep,
  start_process: startProcess,
  process_output: processOutput,
  stop_process: stopProcess,
  preview_url: previewUrl,
  run_code: runCode,
  computer,
};

/** @param {unknown} holds @param {string} says */
function check(holds, says) {
  if (!holds) throw new TypeError(`sandboxTools: ${says}`);
}

/**
 * @param {any} sandbox
 * @param {SandboxToolsOptions} [options]
 * @returns {SandboxTool[]}
 */
export function sandboxTools(
  sandbox,
  { include, exclude = [], screen, root, limits: given = {}, approve } = {},
) {
  const provider = providerOf(sandbox);
  const tools = declarations();
  const names = tools.map(({ name }) => name);
  for (const name of [...(include ?? []), ...exclude]) {
    check(names.includes(name), `no tool is ${name}, they are ${names.join(", ")}`);
  }
  check(root === undefined || root.startsWith("/"), "root must be an absolute path");
  const limits = { ...LIMITS };
  for (const [name, value = limits[/** @type {keyof Limits} */ (name)]] of Object.entries(given)) {
    const fits = Object.hasOwn(LIMITS, name) && Number.isSafeInteger(value) && value > 0;
    check(fits, `limits.${name} must be a limit, and above 0`);
    limits[/** @type {keyof Limits} */ (name)] = value;
  }
  /** @type {Settings} */
  const settings = {
    provider,
    places: placesOf(root),
    limits,
    approve,
  };
  return tools
    .filter(({ name }) => (include ? include.includes(name) : screen || name !== "computer"))
    .filter(({ name }) => !exclude.includes(name))
    .map((declaration) => ({
      ...declaration,
      description: declaration.description + (root ? ` Paths start at ${root}.` : ""),
      execute: (input, options) => execute(declaration, settings, input, options),
    }));
}

/** @param {string} text @returns {ToolResult} */
const failed = (text) => ({
  content: [{ type: "text", text: shortened(text, FAILURE_CHARS) }],
  isError: true,
});

/**
 * An image, unless it is so large that a provider would refuse the whole conversation.
 *
 * @param {{ mimeType: string, data: string }} image
 * @param {Limits} limits
 * @returns {ToolContent}
 */
const shown = (image, { imageBytes }) =>
  image.data.length * 0.75 > imageBytes
    ? {
        type: "text",
        text: `[An image is left out, which has more than ${imageBytes} bytes: make a smaller one.]`,
      }
    : { type: "image", ...image };

/**
 * @typedef {object} Settings
 * @property {SandboxProvider} provider
 * @property {ReturnType<typeof placesOf>} places
 * @property {Limits} limits
 * @property {SandboxToolsOptions["approve"]} approve
 */

/**
 * @param {ToolDeclaration} declaration
 * @param {Settings} settings
 * @param {unknown} given
 * @param {ToolCallOptions} [options]
 * @returns {Promise<ToolResult>}
 */
async function execute(
  { name, annotations, inputSchema },
  { provider, places, limits, approve },
  given,
  { signal, onProgress } = {},
) {
  if (signal?.aborted) throw signal.reason;
  const { value: input, wrong } = checked(inputSchema, given);
  if (wrong) return failed(wrong);
  /** What a callback threw. @type {{ error: unknown } | undefined} */
  let thrown;
  /** @type {Output[]} */
  const outputs = [];
  try {
    if (approve && !annotations.readOnlyHint) {
      const call = {
        name,
        input: structuredClone(input),
        annotations: { ...annotations },
        ...(signal && { signal }),
      };
      // Nothing is allowed by what fails.
      const asked = (async () => approve(call))().catch(() => false);
      const verdict = await unlessAborted(asked, signal);
      if (verdict !== true)
        return failed(
          typeof verdict === "string" && verdict
            ? verdict
            : `The call of ${name} was not approved: do without, or ask the user.`,
        );
    }
    /** @param {Sandbox} sandbox */
    const work = (sandbox) =>
      EXECUTORS[name]({
        sandbox,
        input,
        signal,
        how: { signal },
        limits,
        find: (path, reads) => places.find(sandbox, signal, path, reads),
        cwd: (path) => places.cwd(sandbox, signal, path),
        progress(stream, text) {
          try {
            onProgress?.({ stream, text });
          } catch (error) {
            thrown = { error };
            throw error;
          }
        },
        output() {
          const output = outputOf(sandbox, limits, signal);
          outputs.push(output);
          return output;
        },
      });
    // The sandbox stays in use until what was begun has ended; whoever gave up need not wait for that.
    const done = await unlessAborted(provider.use(work, { signal }), signal);
    const { text, structured, images = [] } = done;
    return {
      content: [{ type: "text", text }, ...images.map((image) => shown(image, limits))],
      structured,
    };
  } catch (error) {
    for (const output of outputs) output.drop();
    if (signal?.aborted) throw signal.reason;
    if (thrown) throw thrown.error;
    return failed(explained(error));
  }
}
