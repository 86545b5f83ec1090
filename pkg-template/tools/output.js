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

/** A text that comes piece by piece: its beginning and its end, and where that is not all, the whole in a file. */
export class Output {
  #head = "";
  #tail = "";
  #length = 0;
  #breaks = 0;
  /** @type {WritableStreamDefaultWriter<Uint8Array> | undefined} */
  #writer;
  /** @type {Promise<boolean> | undefined} Whether the file was written. */
  #written;
  #path = "";
  #sandbox;
  #limits;
  #signal;

  /**
   * @param {Sandbox} sandbox
   * @param {Limits} limits
   * @param {AbortSignal} [signal]
   */
  constructor(sandbox, limits, signal) {
    this.#sandbox = sandbox;
    this.#limits = limits;
    this.#signal = signal;
  }

  /** Resolves once there is room for more. @param {string} text */
  async add(text) {
    const { chars, lines, outputChars } = this.#limits;
    const before = this.#length;
    this.#length += text.length;
    this.#breaks += text.split("\n").length - 1;
    const isLong = this.#length > chars || this.#breaks > lines;
    if (isLong && !this.#writer) {
      this.#open();
      await this.#write(this.#head + this.#tail);
    }
    if (this.#writer && before < outputChars) await this.#write(text.slice(0, outputChars - before));
    const half = Math.ceil(chars / 2);
    const first = text.slice(0, Math.max(0, half - this.#head.length));
    this.#head += first;
    this.#tail += text.slice(first.length);
    if (this.#tail.length > 4 * half) this.#tail = this.#tail.slice(-half);
  }

  #open() {
    const unique = Date.now().toString(36) + Math.random().toString(36).slice(2, 8);
    this.#path = `${KEPT}/${unique}.txt`;
    const { readable, writable } = new TransformStream();
    this.#writer = writable.getWriter();
    // Whoever writes hears of it, too.
    this.#writer.closed.catch(() => {});
    const file = this.#sandbox.files.write(this.#path, readable, { signal: this.#signal });
    this.#written = file.then(
      () => true,
      () => false,
    );
  }

  /** @param {string} text */
  async #write(text) {
    const bytes = new TextEncoder().encode(text);
    // Where the file cannot be written, the text ends without it.
    if (bytes.length > 0) await Promise.race([this.#writer?.write(bytes), this.#written]).catch(() => {});
  }

  /** Leaves no half of a file. */
  drop() {
    this.#writer?.abort().catch(() => {});
  }

  /** What is told. */
  async end() {
    const { chars, lines, outputChars } = this.#limits;
    const all = this.#head + this.#tail;
    if (!this.#writer) return { text: all.replace(/\n$/, ""), truncated: false, path: null };
    this.#writer.close().catch(() => {});
    const isKept = await this.#written;
    const half = Math.ceil(chars / 2);
    const most = Math.ceil(lines / 2);
    const top = all.slice(0, half).split("\n").slice(0, most).join("\n");
    const bottom = all
      .slice(Math.max(top.length, all.length - half))
      .replace(/\n$/, "")
      .split("\n")
      .slice(-most)
      .join("\n");
    const left = this.#length - top.length - bottom.length;
    const where = isKept
      ? `${this.#length > outputChars ? `The first ${outputChars} characters are` : "The whole is"} in ${this.#path}: read it with read_file and offset, or search it with grep`
      : "It could not be kept in a file: ask for less, or write it to a file yourself";
    return {
      text: `${whole(top)}\n\n[${counted(left, "character")} left out here. ${where}.]\n\n${whole(bottom)}`,
      truncated: true,
      path: isKept ? this.#path : null,
    };
  }
}
