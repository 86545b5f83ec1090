// Files: read, written, edited.
import { base64, imageType } from "./bytes.js";
import { Refusal, refuseIf } from "./failure.js";
import { counted, fitting, shortened } from "./output.js";

/** @import { Call } from "./make.js" */

/** As much is looked at before the rest is read. */
const BEGINNING = 65_536;
const LINES = 2_000;

/** @param {Call} call */
export async function readFile({ sandbox: { files }, input, how, limits, find }) {
  const { path, shown } = await find(input.path, true);
  const beginning = files.read(path, { length: BEGINNING, ...how });
  let bytes = /** @type {Uint8Array} */ (
    await beginning.catch(async (error) => {
      // This says better what is wrong with a path.
      const { type } = await files.stat(path, how);
      refuseIf(type === "directory", `${shown} is a directory: look into it with list_files.`);
      throw error;
    })
  );
  const mimeType = imageType(bytes);
  refuseIf(
    !mimeType && bytes.includes(0),
    `${shown} is a binary file: look at it with bash, by file, xxd or strings.`,
  );
  if (bytes.length === BEGINNING) {
    const most = mimeType ? limits.imageBytes : limits.fileBytes;
    const { size } = await files.stat(path, how);
    // A link's size is its own.
    const rest =
      size > most ? undefined : await files.read(path, { offset: BEGINNING, length: most, ...how });
    const next = mimeType
      ? "make a smaller one with bash"
      : "search it with grep, or take a part with bash, by sed, head or tail";
    refuseIf(!rest || BEGINNING + rest.length > most, `${shown} has more than ${most} bytes: ${next}.`);
    bytes = new Uint8Array(await new Blob(/** @type {any[]} */ ([bytes, rest])).arrayBuffer());
  }
  const size = bytes.length;
  const structured = { path: shown, text: "", first_line: 0, last_line: 0, total_lines: 0, size };
  if (mimeType) {
    const text = `${shown}: ${mimeType}, ${counted(size, "byte")}`;
    return { text, structured: { ...structured, text }, images: [{ mimeType, data: base64(bytes) }] };
  }
  const lines = new TextDecoder().decode(bytes).split("\n");
  if (lines.at(-1) === "") lines.pop();
  const total = lines.length;
  if (total === 0) return { text: `(${shown} is empty)`, structured };
  const first = input.offset ?? 1;
  const has = `${shown} has ${counted(total, "line")}`;
  refuseIf(first > total, `${has}: give an offset of at most ${total}.`);
  const asked = lines.slice(first - 1, first - 1 + (input.limit ?? LINES));
  const numbered = asked.map((line, at) => `${first + at}\t${shortened(line, limits.lineChars)}`);
  const count = fitting(numbered, limits);
  const last = first - 1 + count;
  const text = numbered.slice(0, count).join("\n");
  return {
    text: text + (last < total ? `\n\n[${has}: go on with offset ${last + 1}.]` : ""),
    structured: { ...structured, text, first_line: first, last_line: last, total_lines: total },
  };
}

/** @param {Call} call */
export async function writeFile({ sandbox, input, how, find }) {
  const { path, shown } = await find(input.path);
  refuseIf(input.path.endsWith("/"), `${input.path} is a directory's path: give that of a file.`);
  const bytes = new TextEncoder().encode(input.content);
  await sandbox.files.write(path, bytes, how);
  const size = bytes.length;
  return { text: `Wrote ${counted(size, "byte")} to ${shown}.`, structured: { path: shown, size } };
}

/** @param {Call} call */
export async function editFile({ sandbox: { files }, input, how, find }) {
  const { old_string: before, new_string: after, replace_all: all } = input;
  const { path, shown } = await find(input.path);
  refuseIf(!before, "old_string is empty: give the text to replace, or write the file with write_file.");
  refuseIf(before === after, "old_string and new_string are the same: nothing would change.");
  const replacing = files.replace(path, before, after, { count: all ? "all" : 1, ...how });
  const { count } = await replacing.catch(async (error) => {
    if (error?.code !== "count_mismatch") throw error;
    const found = await files.readText(path, { maxBytes: 2 ** 26, ...how }).catch(() => "");
    const places = found.split(before).length - 1;
    throw new Refusal(
      places > 1
        ? `old_string is in ${shown} ${places} times: give some lines around it, or replace_all.`
        : `old_string is not in ${shown}: read it again, and give the text exactly as it is, every space and line break included.`,
    );
  });
  return { text: `Replaced ${counted(count, "place")} in ${shown}.`, structured: { path: shown, count } };
}
