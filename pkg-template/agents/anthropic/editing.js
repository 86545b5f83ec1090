// What editors do with a file: the text editor's and the memory's commands.
import { base64, imageType } from "../../tools/bytes.js";
import { Refusal } from "../../tools/failure.js";
import { shortened } from "../../tools/output.js";
import { image, text } from "./blocks.js";
import { oneOf, TEXT } from "./runnable.js";

/** @import { FileEntry, Files } from "#types" */

/**
 * @typedef {object} Place
 * @property {Files} files
 * @property {string} path
 * @property {string} shown its name for the model
 * @property {AbortSignal} [signal]
 */

const FILE_BYTES = 10_485_760;
const IMAGE_BYTES = 3_932_160;
/** Lines of a snippet are to be recognised, no more. */
const LINE_CHARS = 500;

/** @param {readonly string[]} commands */
export const schemaOf = (commands) => ({
  command: oneOf(commands),
  path: TEXT,
  file_text: TEXT,
  view_range: { type: ["array", "null"], items: { type: "integer", minimum: -1 }, minItems: 2, maxItems: 2 },
  old_str: TEXT,
  new_str: TEXT,
  insert_line: { type: ["integer", "null"], minimum: 0 },
  insert_text: TEXT,
});

/** @param {Uint8Array} bytes */
const decoded = (bytes) => new TextDecoder().decode(bytes);

/** @param {string} text */
const encoded = (text) => new TextEncoder().encode(text);

/** @param {string[]} lines @param {number} first */
const numbered = (lines, first) => lines.map((line, at) => `${String(first + at).padStart(6)}\t${line}`);

/** @param {number} bytes */
function sizeOf(bytes) {
  const power = bytes > 0 ? Math.min(3, Math.floor(Math.log2(bytes) / 10)) : 0;
  const size = bytes / 1024 ** power;
  return `${Number.isInteger(size) ? size : size.toFixed(1)}${"BKMG"[power]}`;
}

/**
 * @template Value
 * @param {Promise<Value>} work
 * @param {Record<string, string>} says what the model is told of errors, by their codes
 */
const unless = (work, says) =>
  work.catch((error) => {
    throw Object.hasOwn(says, error?.code) ? new Refusal(says[error.code]) : error;
  });

/** @param {Place} place */
const entryOf = ({ files, path, shown, signal }) =>
  unless(files.stat(path, { signal }), {
    not_found: `The path ${shown} does not exist. Please provide a valid path.`,
  });

/** @param {Place} place */
export async function bytesOf(place) {
  const { files, path, shown, signal } = place;
  const { type } = await entryOf(place);
  if (type === "directory") throw new Refusal(`The path ${shown} is not a file.`);
  return files.read(path, { maxBytes: FILE_BYTES, signal });
}

/**
 * @param {Place} place
 * @param {{ range: [first: number, last: number] | null, chars: number }} how
 */
export async function view(place, { range, chars }) {
  const { files, path, shown, signal } = place;
  const { type, size } = await entryOf(place);
  if (type !== "file") {
    const entries = await files.list(path, { depth: 2, hidden: false, signal }).catch((error) => {
      // A link may lead to a file.
      if (error?.code !== "not_directory") throw error;
    });
    if (entries) return listed(place, entries, size);
  }
  const bytes = await files.read(path, { maxBytes: FILE_BYTES, signal });
  const mimeType = imageType(bytes);
  if (mimeType && bytes.length <= IMAGE_BYTES) {
    return [text(`${shown}: ${mimeType}`), image({ mimeType, data: base64(bytes) })];
  }
  if (mimeType || bytes.includes(0)) {
    throw new Refusal(`${shown} is ${mimeType ? "too large an image" : "a binary file"} to be shown.`);
  }
  const lines = decoded(bytes).split("\n");
  const [first, end] = range ?? [1, -1];
  const last = end === -1 ? lines.length : Math.min(end, lines.length);
  if (first < 1 || first > last) {
    throw new Refusal(
      `Invalid \`view_range\` parameter: ${first}, ${end}. It should be within the lines of the file: 1, ${lines.length}`,
    );
  }
  const shownLines = numbered(lines.slice(first - 1, last), first);
  let count = 0;
  for (let total = 0; count < shownLines.length; count++) {
    total += shownLines[count].length + 1;
    if (total > chars) break;
  }
  // Something of a first line that is too long is better than nothing.
  const told = count > 0 ? shownLines.slice(0, count).join("\n") : shortened(shownLines[0], chars);
  const next = first + Math.max(count, 1);
  const more =
    next <= last ? `\n[${last - next + 1} more lines: view them with view_range, from ${next} on.]` : "";
  return `Here's the content of ${shown} with line numbers:\n${told}${more}`;
}

/** @param {Place} place @param {FileEntry[]} entries @param {number} size */
function listed({ path, shown }, entries, size) {
  const start = path === "/" ? 0 : path.length;
  const base = shown.replace(/\/+$/, "");
  const lines = entries
    .map(({ path, type, size }) => ({ name: path.slice(start) + (type === "directory" ? "/" : ""), size }))
    .filter(({ name }) => !`${name}/`.includes("/node_modules/"))
    .map(({ name, size }) => `${sizeOf(size)}\t${base}${name}`);
  return [
    `Here're the files and directories up to 2 levels deep in ${shown}, excluding hidden items and node_modules:`,
    `${sizeOf(size)}\t${shown}`,
    ...lines,
  ].join("\n");
}

/** @param {Place} place @param {string} content */
export async function create({ files, path, shown, signal }, content) {
  await unless(files.write(path, encoded(content), { createNew: true, signal }), {
    already_exists: `File ${shown} already exists: change it with str_replace or insert.`,
    is_directory: `${shown} is a directory: give the path of a file.`,
  });
  return `File created successfully at: ${shown}`;
}

/**
 * @param {Place} place
 * @param {Uint8Array} bytes what it is now
 * @param {{ before: string, after: string, kind: string }} how
 */
export async function replace({ files, path, shown, signal }, bytes, { before, after, kind }) {
  if (before === "") throw new Refusal("No replacement was performed, old_str is empty.");
  const content = decoded(bytes);
  const parts = content.split(before);
  const named = shortened(before, LINE_CHARS);
  if (parts.length === 1) {
    throw new Refusal(
      `No replacement was performed, old_str \`${named}\` did not appear verbatim in ${shown}.`,
    );
  }
  let line = 1;
  const found = parts.slice(0, -1).map((part) => {
    line += part.split("\n").length - 1;
    const at = line;
    line += before.split("\n").length - 1;
    return at;
  });
  if (found.length > 1) {
    throw new Refusal(
      `No replacement was performed. Multiple occurrences of old_str \`${named}\` in lines: ${found.slice(0, 50).join(", ")}. Please ensure it is unique`,
    );
  }
  await unless(files.replace(path, before, after, { signal }), {
    count_mismatch: `No replacement was performed: ${shown} has changed meanwhile. View it again.`,
  });
  const [at] = found;
  const first = Math.max(1, at - 2);
  const lines = parts
    .join(after)
    .split("\n")
    .slice(first - 1, at + 2);
  const snippet = numbered(
    lines.map((line) => shortened(line, LINE_CHARS)),
    first,
  );
  return `The ${kind} has been edited. Here is the snippet showing the change (with line numbers):\n${snippet.join("\n")}`;
}

/**
 * Lines of whatever bytes.
 *
 * @param {Place} place
 * @param {Uint8Array} bytes what it is now
 * @param {{ line: number, text: string }} what
 */
export async function insert({ files, path, shown, signal }, bytes, { line, text }) {
  /** Where each line ends. */
  const ends = [0];
  bytes.forEach((byte, at) => byte === 10 && ends.push(at + 1));
  if (line > ends.length) {
    throw new Refusal(
      `Invalid \`insert_line\` parameter: ${line}. It should be within the range of lines of the file: [0, ${ends.length}]`,
    );
  }
  const own = text.replace(/\n$/, "");
  const at = ends[line] ?? bytes.length;
  const added = encoded(line < ends.length ? `${own}\n` : `\n${own}`);
  const all = new Uint8Array(bytes.length + added.length);
  all.set(bytes.subarray(0, at));
  all.set(added, at);
  all.set(bytes.subarray(at), at + added.length);
  await files.write(path, all, { signal });
  return `The file ${shown} has been edited.`;
}
