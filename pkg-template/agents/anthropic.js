// The tools of a sandbox for the tool runner of Anthropic's SDK. What is thrown becomes a result that has failed there: of that
// SDK nothing is imported.
import { sandboxTools as toolsOf } from "@superserve/sdk/tools";

import { image, text } from "./anthropic/blocks.js";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider, SandboxToolsOptions, ToolName } from "#tool-types" */
/** @import { BashToolOptions, ComputerToolOptions, MemoryToolOptions, TextEditorToolOptions } from "./anthropic.js" */
/** @import { Context } from "./anthropic/runnable.js" */

/** What the schemas of strict tools may not have. The tools check it themselves. */
const NOT_STRICT = ["minimum", "maximum", "minItems", "maxItems"];

/** @param {object} schema */
const strictly = (schema) =>
  JSON.parse(JSON.stringify(schema, (key, value) => (NOT_STRICT.includes(key) ? undefined : value)));

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {SandboxToolsOptions & { strict?: readonly ToolName[] }} [options]
 */
export function sandboxTools(sandbox, { strict = [], ...options } = {}) {
  return toolsOf(sandbox, options).map(({ name, description, inputSchema, execute }) => ({
    type: /** @type {const} */ ("custom"),
    name,
    description,
    ...(strict.includes(name)
      ? { strict: true, input_schema: strictly(inputSchema) }
      : { input_schema: inputSchema }),
    parse: (/** @type {unknown} */ input) => input,
    /** @param {unknown} input @param {Context} [context] */
    async run(input, context) {
      const { content, isError } = await execute(input, { signal: context?.signal ?? undefined });
      const blocks = content.map((one) => (one.type === "image" ? image(one) : text(one.text)));
      if (isError) throw new Error(blocks.map((one) => ("text" in one ? one.text : "")).join("\n"));
      return blocks;
    },
  }));
}

/** How calls are done of the tools that Anthropic has defined: it is loaded with the first. */
const apart = () => import("./anthropic/apart.js");

/** @typedef {(input: unknown, context?: Context) => Promise<any>} Run */

/**
 * @param {string} name
 * @param {any} sandbox
 * @param {{ versions: readonly string[], version: string }} version
 * @param {() => Promise<Run>} make
 */
function defined(name, sandbox, { versions, version }, make) {
  if (typeof sandbox?.use !== "function" && !(sandbox?.commands && sandbox.files)) {
    throw new TypeError(`${name}: the first argument must be a Sandbox or a provider`);
  }
  if (!versions.includes(version)) {
    throw new TypeError(`${name}: there is no version ${version}: there are ${versions.join(", ")}`);
  }
  /** @type {Promise<Run> | undefined} */
  let made;
  return {
    parse: (/** @type {unknown} */ input) => input,
    /** @type {Run} */
    async run(input, context) {
      made ??= make();
      return (await made)(input, context);
    },
  };
}

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {BashToolOptions} [options]
 */
export function bashTool(sandbox, options = {}) {
  const { version = "20250124" } = options;
  /** @type {(() => Promise<void>) | undefined} */
  let close;
  const versions = ["20250124", "20241022"];
  const rest = defined("bashTool", sandbox, { versions, version }, async () => {
    const made = (await apart()).bash(sandbox, options);
    close = made.close;
    return made.run;
  });
  return { type: `bash_${version}`, name: "bash", ...rest, close: async () => close?.() };
}

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {TextEditorToolOptions} [options]
 */
export function textEditorTool(sandbox, options = {}) {
  const { version = "20250728", maxCharacters } = options;
  const undoes = version < "20250429";
  const name = undoes ? "str_replace_editor" : "str_replace_based_edit_tool";
  const versions = ["20250728", "20250429", "20250124", "20241022"];
  return {
    type: `text_editor_${version}`,
    name,
    ...(maxCharacters !== undefined && version === "20250728" && { max_characters: maxCharacters }),
    ...defined("textEditorTool", sandbox, { versions, version }, async () =>
      (await apart()).textEditor(sandbox, { ...options, name, undoes }),
    ),
  };
}

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {MemoryToolOptions} [options]
 */
export function memoryTool(sandbox, options = {}) {
  const { version = "20250818", directory = "/home/user/memories" } = options;
  if (!directory.startsWith("/")) throw new TypeError("memoryTool: directory must be an absolute path");
  return {
    type: `memory_${version}`,
    name: "memory",
    ...defined("memoryTool", sandbox, { versions: ["20250818"], version }, async () =>
      (await apart()).memory(sandbox, { ...options, directory }),
    ),
  };
}

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {ComputerToolOptions} [options]
 */
export function computerTool(sandbox, options = {}) {
  const { version = "20251124", width = 1280, height = 800 } = options;
  const versions = ["20260801", "20251124", "20250124", "20241022"];
  const { parse, run } = defined("computerTool", sandbox, { versions, version }, async () =>
    (await apart()).computer(sandbox, { ...options, version, width, height }),
  );
  if (version === "20260801") {
    return {
      type: `computer_toolset_${version}`,
      configs: { hold_key: { enabled: false }, zoom: { enabled: false } },
      /** @param {Context} context @param {{ name: string, input: object }} call */
      run: (context, { name, input }) => run({ ...input, action: name }, context),
    };
  }
  const screen = { display_width_px: width, display_height_px: height };
  return { type: `computer_${version}`, name: "computer", ...screen, parse, run };
}
