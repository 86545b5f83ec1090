// Files: read, written, edited.
import { base64, imageType } from "./bytes.js";
import { Refusal } from "./failure.js";
import { counted, fitting, shortened } from "./output.js";

/** @import { Call } from "./make.js" */

/** As much is looked at before the rest is read. */
const BEGINNING = 65_536;
const LINES = 2_000;

/** @param {Call} call */
export async function readFile({ sandbox, input, signal, limits, places }) {
  const { path, shownAs } = await places.find(sandbox, input.path, { signal, reads: true });
  const shown = shownAs(path);
  const { files } = sandbox;
  const beginning = files.read(path, { length: BEGINNING, signal });
  let bytes = /** @type {Uint8Array} */ (
    await beginning.catch(async (error) => {
      // This says better what is wrong with a path.
      const { type } = await files.stat(path, { signal });
      throw type === "directory"
        ? new Refusal(`${shown} is a directory: look into it with list_files.`)
        : error;
    })
  );
  const mimeType = imageType(bytes);
  if (!mimeType && bytes.includes(0)) {
    throw new Refusal(
      `${shown} is a binary file, which cannot be shown: look at it with bash, by file, xxd or strings say.`,
    );
  }
  if (bytes.length === BEGINNING) {
    const most = mimeType ? limits.imageBytes : limits.fileBytes;
    const { size } = await files.stat(path, { signal });
    // A link's size is its own.
    const rest =
      size > most ? undefined : await files.read(path, { offset: BEGINNING, length: most, signal });
    if (!rest || BEGINNING + rest.length > most) {
      const next = mimeType
        ? "make a smaller one of it with bash"
        : "search it with grep, or take what is needed of it with bash, by sed, head or tail";
      throw new Refusal(`${shown} has more than ${most} bytes, which is too much to read: ${next}.`);
    }
    bytes = joined(bytes, rest);
  }
  const size = bytes.length;
  if (mimeType) {
    const text = `${shown}: ${mimeType}, ${counted(size, "byte")}`;
    return {
      text,
      structured: { path: shown, text, first_line: 0, last_line: 0, total_lines: 0, size },
      images: [{ mimeType, data: base64(bytes) }],
    };
  }
  const lines = new TextDecoder().decode(bytes).split("\n");
  if (lines.at(-1) === "") lines.pop();
  const total = lines.length;
  const first = input.offset ?? 1;
  if (first > Math.max(total, 1)) {
    throw new Refusal(
      `${shown} has ${counted(total, "line")}: give an offset of at most ${Math.max(total, 1)}.`,
    );
  }
  const asked = lines.slice(first - 1, first - 1 + (input.limit ?? LINES));
  const numbered = asked.map((line, at) => `${first + at}\t${shortened(line, limits.lineChars)}`);
  const count = fitting(numbered, limits);
  const last = first - 1 + count;
  const told = numbered.slice(0, count).join("\n");
  const more =
    last < total ? `\n\n[${shown} has ${counted(total, "line")}: go on with offset ${last + 1}.]` : "";
  return {
    text: total === 0 ? `(${shown} is empty)` : told + more,
    structured: {
      path: shown,
      text: told,
      first_line: count > 0 ? first : 0,
      last_line: last,
      total_lines: total,
      size,
    },
  };
}

/** @param {Uint8Array} one @param {Uint8Array} other */
function joined(one, other) {
  const all = new Uint8Array(one.length + other.length);
  all.set(one);
  all.set(other, one.length);
  return all;
}

/** @param {Call} call */
export async function writeFile({ sandbox, input, signal, places }) {
  const { path, shownAs } = await places.find(sandbox, input.path, { signal });
  if (input.path.endsWith("/"))
    throw new Refusal(`${input.path} is a directory's path: give that of a file.`);
  const bytes = new TextEncoder().encode(input.content);
  await sandbox.files.write(path, bytes, { signal });
  const shown = shownAs(path);
  return {
    text: `Wrote ${counted(bytes.length, "byte")} to ${shown}.`,
    structured: { path: shown, size: bytes.length },
  };
}

/** @param {Call} call */
export async function editFile({ sandbox, input, signal, places }) {
  const { old_string: before, new_string: after, replace_all: all } = input;
  const { path, shownAs } = await places.find(sandbox, input.path, { signal });
  const shown = shownAs(path);
  if (before === "")
    throw new Refusal("old_string is empty: give the text to replace, or write the file with write_file.");
  if (before === after) throw new Refusal("old_string and new_string are the same: nothing would change.");
  let count;
  try {
    ({ count } = await sandbox.files.replace(path, before, after, { count: all ? "all" : 1, signal }));
  } catch (/** @type {any} */ error) {
    if (error?.code !== "count_mismatch") throw error;
    const found = await sandbox.files.readText(path, { maxBytes: 2 ** 26, signal }).catch(() => "");
    const places = found.split(before).length - 1;
    throw new Refusal(
      places > 1
        ? `old_string is in ${shown} ${places} times: give some lines around the place that is meant, or replace_all.`
        : `old_string is not in ${shown}: read it again, and give the text exactly as it is, every space and line break included.`,
    );
  }
  return { text: `Replaced ${counted(count, "place")} in ${shown}.`, structured: { path: shown, count } };
}
