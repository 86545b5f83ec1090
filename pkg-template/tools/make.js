// The tools: their declarations, and what stands before and after what each of them does.
import { TOOLS } from "#tools";

import { checked } from "./check.js";
import { explained } from "./failure.js";
import { editFile, readFile, writeFile } from "./files.js";
import { glob, grep, listFiles } from "./look.js";
import { Output } from "./output.js";
import { Places } from "./paths.js";
import { previewUrl, processOutput, startProcess, stopProcess } from "./processes.js";
import { computer } from "./screen.js";
import { bash, runCode } from "./shell.js";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider, SandboxTool, SandboxToolsOptions, ToolCallOptions, ToolDeclaration, ToolName, ToolResult } from "#tool-types" */

/**
 * @typedef {Record<keyof typeof LIMITS, number>} Limits
 *
 * @typedef {object} Call What a tool works with.
 * @property {Sandbox} sandbox
 * @property {Record<string, any>} input
 * @property {AbortSignal} [signal]
 * @property {Limits} limits
 * @property {Places} places
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
  if (!holds) throw new TypeError(says);
}

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {SandboxToolsOptions} [options]
 * @returns {SandboxTool[]}
 */
export function sandboxTools(sandbox, { include, exclude = [], screen, root, limits = {}, approve } = {}) {
  const provider = providerOf(sandbox);
  const names = TOOLS.map(({ name }) => name);
  for (const name of [...(include ?? []), ...exclude]) {
    check(names.includes(name), `sandboxTools: there is no tool ${name}: there are ${names.join(", ")}`);
  }
  check(root === undefined || root.startsWith("/"), "sandboxTools: root must be an absolute path");
  for (const [name, value] of Object.entries(limits)) {
    const fits =
      Object.hasOwn(LIMITS, name) && (value === undefined || (Number.isSafeInteger(value) && value > 0));
    check(fits, `sandboxTools: limits.${name} must be a limit's name, and a number above 0`);
  }
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  const settings = {
    provider,
    places: new Places(root),
    limits: { ...LIMITS, ...Object.fromEntries(given) },
    approve,
  };
  return TOOLS.filter(({ name }) => (include ? include.includes(name) : screen || name !== "computer"))
    .filter(({ name }) => !exclude.includes(name))
    .map((declaration) => ({
      ...declaration,
      description: root ? `${declaration.description} Paths start at ${root}.` : declaration.description,
      execute: (input, options) => execute(declaration, settings, input, options),
    }));
}

/**
 * @param {any} sandbox
 * @returns {SandboxProvider}
 */
function providerOf(sandbox) {
  if (typeof sandbox?.use === "function") return sandbox;
  check(
    sandbox?.commands && sandbox.files,
    "sandboxTools: the first argument must be a Sandbox or a provider",
  );
  return { use: async (work) => work(sandbox) };
}

/** @param {string} text @returns {ToolResult} */
const failed = (text) => ({ content: [{ type: "text", text }], isError: true });

/**
 * @param {ToolDeclaration} declaration
 * @param {{ provider: SandboxProvider, places: Places, limits: Limits, approve: SandboxToolsOptions["approve"] }} settings
 * @param {unknown} given
 * @param {ToolCallOptions} [options]
 * @returns {Promise<ToolResult>}
 */
async function execute(
  declaration,
  { provider, places, limits, approve },
  given,
  { signal, onProgress } = {},
) {
  const { name, annotations, inputSchema } = declaration;
  if (signal?.aborted) throw signal.reason;
  const found = checked(inputSchema, given);
  if ("wrong" in found) return failed(found.wrong);
  const input = found.value;
  /** What a callback threw. @type {{ thrown: unknown } | undefined} */
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
      const verdict = await unlessAborted(asked(approve, call), signal);
      if (verdict !== true)
        return failed(verdict || `The call of ${name} was not approved: do without, or ask the user.`);
    }
    const {
      text,
      structured,
      images = [],
    } = await provider.use(
      (sandbox) =>
        EXECUTORS[name]({
          sandbox,
          input,
          signal,
          limits,
          places,
          progress(stream, text) {
            try {
              onProgress?.({ stream, text });
            } catch (error) {
              thrown = { thrown: error };
              throw error;
            }
          },
          output() {
            const output = new Output(sandbox, limits, signal);
            outputs.push(output);
            return output;
          },
        }),
      { signal },
    );
    return {
      content: [
        { type: "text", text },
        ...images.map((image) => ({ type: /** @type {const} */ ("image"), ...image })),
      ],
      structured,
    };
  } catch (error) {
    for (const output of outputs) output.drop();
    if (signal?.aborted) throw signal.reason;
    if (thrown) throw thrown.thrown;
    return failed(explained(error));
  }
}

/**
 * What was said to a call; nothing, where that failed.
 *
 * @param {NonNullable<SandboxToolsOptions["approve"]>} approve
 * @param {Parameters<NonNullable<SandboxToolsOptions["approve"]>>[0]} call
 */
async function asked(approve, call) {
  try {
    return await approve(call);
  } catch {
    return false;
  }
}

/**
 * @template Value
 * @param {Promise<Value>} work
 * @param {AbortSignal} [signal]
 * @returns {Promise<Value>}
 */
export function unlessAborted(work, signal) {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
