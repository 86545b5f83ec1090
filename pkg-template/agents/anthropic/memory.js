// The memory: a folder of the sandbox, which the model knows as /memories.
import { Refusal } from "../../tools/failure.js";
import { placesOf } from "../../tools/paths.js";
import { bytesOf, create, insert, replace, schemaOf, view } from "./editing.js";
import { calls, TEXT } from "./runnable.js";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider } from "#tool-types" */
/** @import { MemoryToolOptions } from "../anthropic.js" */

const COMMANDS = ["view", "create", "str_replace", "insert", "delete", "rename"];

const ROOT = "/memories";

const CHARS = 100_000;

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {MemoryToolOptions & { directory: string }} options
 */
export function memory(sandbox, { directory, approve }) {
  const places = placesOf(directory);
  const properties = { ...schemaOf(COMMANDS), old_path: TEXT, new_path: TEXT };

  return calls(
    sandbox,
    { name: "memory", properties, looks: ["view"], approve },
    async ({ sandbox, input, needed, signal }) => {
      const { files } = sandbox;

      /** @param {string} member @param {string} [forbidden] what is not to be done with the whole */
      async function placeOf(member, forbidden) {
        const shown = needed(member);
        if (!/^\/memories(\/|$)/.test(shown)) {
          throw new Refusal(`Path must start with ${ROOT}, got: ${shown.slice(0, 200)}`);
        }
        const { path } = await places
          .find(sandbox, signal, `${directory}/${shown.slice(ROOT.length)}`)
          .catch((error) => {
            // It says where the folder is.
            throw String(error.message).includes("leads out of")
              ? new Refusal(`Path ${shown} would escape ${ROOT} directory`)
              : error;
          });
        if (forbidden && path === (await places.find(sandbox, signal, null)).path) {
          throw new Refusal(`Cannot ${forbidden} the ${ROOT} directory itself`);
        }
        return { files, path, shown, signal };
      }

      switch (input.command) {
        case "view":
          return view(await placeOf("path"), { range: input.view_range, chars: CHARS });
        case "create":
          return create(await placeOf("path"), needed("file_text"));
        case "str_replace": {
          const place = await placeOf("path");
          const how = { before: needed("old_str"), after: needed("new_str"), kind: "memory file" };
          return replace(place, await bytesOf(place), how);
        }
        case "insert": {
          const place = await placeOf("path");
          const what = { line: needed("insert_line"), text: needed("insert_text") };
          return insert(place, await bytesOf(place), what);
        }
        case "delete": {
          const { path, shown } = await placeOf("path", "delete");
          await missing(files.remove(path, { recursive: true, signal }), shown);
          return `Successfully deleted ${shown}`;
        }
        default: {
          const from = await placeOf("old_path", "rename");
          const to = await placeOf("new_path");
          if (await files.exists(to.path, { signal })) {
            throw new Refusal(`The destination ${to.shown} already exists`);
          }
          await files.mkdir(to.path.replace(/\/[^/]*$/, "") || "/", { recursive: true, signal });
          await missing(files.rename(from.path, to.path, { signal }), from.shown);
          return `Successfully renamed ${from.shown} to ${to.shown}`;
        }
      }
    },
  );
}

/** @param {Promise<unknown>} work @param {string} shown */
const missing = (work, shown) =>
  work.catch((error) => {
    throw error?.code === "not_found" ? new Refusal(`The path ${shown} does not exist`) : error;
  });
