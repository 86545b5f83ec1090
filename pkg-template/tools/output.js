// Texts that may be long.
import { KEPT } from "./paths.js";

/** @import { Sandbox } from "#types" */
/** @import { Limits } from "./make.js" */

/** @param {number} count @param {string} what */
export const counted = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;

/** How many of those lines may be told. @param {string[]} lines @param {Limits} limits */
export function fitting(lines, { chars, lines: most }) {
  let count = 0;
  for (let total = 0; count < Math.min(lines.length, most); count++) {
    total += lines[count].length + 1;
    // One is always told: what is left out of it, its own limit says.
    if (total > chars && count > 0) break;
  }
  return count;
}

/** What is told of a line. @param {string} line @param {number} most */
export const shortened = (line, most) =>
  line.length > most ? `${whole(line.slice(0, most))} [${line.length - most} more characters]` : line;

/** Without the half of a character at either end. @param {string} text */
const whole = (text) => text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, "");

/** @typedef {ReturnType<typeof outputOf>} Output */

/**
 * A text that comes piece by piece: its beginning and its end, and where that is not all, the whole in a file.
 *
 * @param {Sandbox} sandbox
 * @param {Limits} limits
 * @param {AbortSignal} [signal]
 */
export function outputOf(sandbox, { chars, lines, outputChars }, signal) {
  const half = Math.ceil(chars / 2);
  let [head, tail, length, breaks] = ["", "", 0, 0];
  /** @type {WritableStreamDefaultWriter<Uint8Array> | undefined} */
  let writer;
  /** Whether the file was written. @type {Promise<boolean> | undefined} */
  let written;
  let path = "";

  function open() {
    path = `${KEPT}/${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}.txt`;
    const { readable, writable } = new TransformStream();
    writer = writable.getWriter();
    // Whoever writes hears of it, too.
    writer.closed.catch(() => {});
    written = sandbox.files.write(path, readable, { signal }).then(
      () => true,
      () => false,
    );
  }

  /** @param {string} text */
  async function write(text) {
    const bytes = new TextEncoder().encode(text);
    // Where the file cannot be written, the text ends without it.
    if (text) await Promise.race([writer?.write(bytes), written]).catch(() => {});
  }

  return {
    /** Resolves once there is room for more. @param {string} text */
    async add(text) {
      const before = length;
      length += text.length;
      breaks += text.split("\n").length - 1;
      if (!writer && (length > chars || breaks > lines)) {
        open();
        await write(head + tail);
      }
      if (writer && before < outputChars) await write(text.slice(0, outputChars - before));
      const first = text.slice(0, Math.max(0, half - head.length));
      head += first;
      tail += text.slice(first.length);
      if (tail.length > 4 * half) tail = tail.slice(-half);
    },

    /** Leaves no half of a file. */
    drop() {
      writer?.abort().catch(() => {});
    },

    /** What is told. */
    async end() {
      const all = (head + tail).replace(/\n$/, "");
      if (!writer) return { text: all, truncated: false, path: null };
      writer.close().catch(() => {});
      const isKept = await written;
      const most = Math.ceil(lines / 2);
      const top = all.slice(0, half).split("\n").slice(0, most).join("\n");
      const rest = all.slice(Math.max(top.length, all.length - half));
      const bottom = rest.split("\n").slice(-most).join("\n");
      const left = counted(length - top.length - bottom.length, "character");
      const kept = length > outputChars ? `The first ${outputChars} characters are` : "The whole is";
      const where = isKept
        ? `${kept} in ${path}: read it with read_file and offset, or search it with grep`
        : "It could not be kept in a file: ask for less, or write it to a file yourself";
      return {
        text: `${whole(top)}\n\n[${left} left out here. ${where}.]\n\n${whole(bottom)}`,
        truncated: true,
        path: isKept ? path : null,
      };
    },
  };
}
