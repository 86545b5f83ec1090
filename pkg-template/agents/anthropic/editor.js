// The text editor.
import { Refusal } from "../../tools/failure.js";
import { placesOf } from "../../tools/paths.js";
import { bytesOf, create, insert, replace, schemaOf, view } from "./editing.js";
import { calls } from "./runnable.js";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider } from "#tool-types" */
/** @import { TextEditorToolOptions } from "../anthropic.js" */

const COMMANDS = ["view", "create", "str_replace", "insert"];

const CHARS = 100_000;

/** How many edits of a file can be undone. */
const UNDONE = 20;

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {TextEditorToolOptions & { name: string, undoes: boolean }} options
 */
export function textEditor(sandbox, { name, undoes, root, maxCharacters = CHARS, approve }) {
  const properties = schemaOf(undoes ? [...COMMANDS, "undo_edit"] : COMMANDS);
  const places = placesOf(root);
  /** What files were before they were edited; undefined where there was none. @type {Map<string, (Uint8Array | undefined)[]>} */
  const history = new Map();

  return calls(
    sandbox,
    { name, properties, looks: ["view"], approve },
    async ({ sandbox, input, needed, signal }) => {
      const { files } = sandbox;
      const { path, shownAs } = await places.find(sandbox, signal, needed("path"));
      const shown = shownAs(path);
      const place = { files, path, shown, signal };
      const key = `${sandbox.id} ${path}`;

      /** @param {string} done @param {Uint8Array} [before] */
      const kept = (done, before) => {
        if (undoes) history.set(key, [...(history.get(key) ?? []), before].slice(-UNDONE));
        return done;
      };

      switch (input.command) {
        case "view":
          return view(place, { range: input.view_range, chars: maxCharacters });
        case "create":
          return kept(await create(place, needed("file_text")));
        case "str_replace": {
          const before = needed("old_str");
          const bytes = await bytesOf(place);
          return kept(
            await replace(place, bytes, { before, after: input.new_str ?? "", kind: "file" }),
            bytes,
          );
        }
        case "insert": {
          const line = needed("insert_line");
          // Older versions know it by the other name.
          const text = input.insert_text ?? needed(undoes ? "new_str" : "insert_text");
          const bytes = await bytesOf(place);
          return kept(await insert(place, bytes, { line, text }), bytes);
        }
        default: {
          const edits = history.get(key) ?? [];
          if (edits.length === 0) throw new Refusal(`No edit history found for ${shown}.`);
          const before = edits.at(-1);
          await (before ? files.write(path, before, { signal }) : files.remove(path, { signal }));
          history.set(key, edits.slice(0, -1));
          return `Last edit to ${shown} undone successfully.`;
        }
      }
    },
  );
}
