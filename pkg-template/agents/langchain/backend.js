// A sandbox as the backend of a deep agent: its file system and its shell, as `SandboxBackendProtocolV2` of deepagents has them.
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { sandboxTools } from "@superserve/sdk/tools";

import { lineageOf, Refusal } from "../../tools/failure.js";
import { providerOf } from "../../tools/provider.js";

/** @import { FileEntry, Sandbox } from "#types" */
/** @import { SandboxProvider, SandboxTool, ToolLimits, ToolName, ToolProgress } from "#tool-types" */

/** What is not text, by the ends of names: that is how deepagents tells. @type {Record<string, string>} */
const TYPES = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  heic: "image/heic",
  heif: "image/heif",
  mp3: "audio/mpeg",
  wav: "audio/wav",
  aiff: "audio/aiff",
  aac: "audio/aac",
  ogg: "audio/ogg",
  flac: "audio/flac",
  mp4: "video/mp4",
  webm: "video/webm",
  mpeg: "video/mpeg",
  mpg: "video/mpeg",
  mov: "video/quicktime",
  avi: "video/x-msvideo",
  flv: "video/x-flv",
  wmv: "video/x-ms-wmv",
  "3gpp": "video/3gpp",
  pdf: "application/pdf",
  ppt: "application/vnd.ms-powerpoint",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
};

/** @param {string} path */
const typeOf = (path) => TYPES[/\.(\w+)$/.exec(path)?.[1].toLowerCase() ?? ""];

/** The codes that deepagents has, by ours. @type {Record<string, string>} */
const CODES = {
  not_found: "file_not_found",
  permission_denied: "permission_denied",
  read_only: "permission_denied",
  is_directory: "is_directory",
  not_directory: "invalid_path",
  name_too_long: "invalid_path",
  too_many_links: "invalid_path",
};

/** What nobody looks for, and what is no file. */
const IGNORED = [".git", "node_modules"];
const VIRTUAL = ["dev/**", "proc/**", "run/**", "sys/**"];

/** Which of some paths lead to directories, a digit for each. */
const LEADS_TO_DIRECTORY = 'for p; do if [ -d "$p" ]; then printf 1; else printf 0; fi; done';

/** A pattern of a whole path: its directories that are named, and the rest. */
const WHOLE = /^((?:\/[^/*?[{\\]+)*)\/+(.*)$/s;

const FILE_BYTES = 10_485_760;
const LINES = 500;
const MATCHES = 1_000;
/** Files that are sent or read at the same time. */
const AT_ONCE = 6;

/** What models are shown no file of. */
const BINARY = "application/octet-stream";

/** How all backends tell of a file with nothing in it. */
const EMPTY = "System reminder: File exists but has empty contents";

/** @typedef {{ signal?: AbortSignal }} How */

/** @param {string} base64 @param {string} path */
function bytesOf(base64, path) {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    throw new Refusal(`${path} is no text: give its content as base64`);
  }
}

/** What the run is called with that the backend is used in: its methods are not told of it. @returns {any} */
const run = () => AsyncLocalStorageProviderSingleton.getRunnableConfig() ?? {};

/** What is wrong, for a model. Errors of this package show no secrets; what others say is not known to. @param {any} error */
function said(error) {
  const { name, message } = Object(error);
  if (!lineageOf(error) && !(error instanceof Refusal))
    return `The sandbox failed (${name ?? typeof error}).`;
  return name === "TimeoutError" ? `${message}: look in one of the directories alone` : message;
}

/**
 * What deepagents says instead of an error, if that is a file's fault.
 *
 * @param {any} error
 * @param {Sandbox} sandbox
 * @param {string} path
 * @param {How} how
 */
async function codeOf({ code, name, message }, { files }, path, how) {
  if (CODES[code]) return CODES[code];
  if (/permission denied/i.test(message)) return "permission_denied";
  if (name !== "NotFoundError" && name !== "ValidationError") return undefined;
  // This says better what is wrong with a path, and whether it is the path.
  const look = files.stat(path, how).then(
    ({ type }) => (type === "directory" ? "is_directory" : undefined),
    ({ code }) => CODES[code],
  );
  return (await look) ?? (name === "ValidationError" ? "invalid_path" : undefined);
}

/** @param {string} path @param {FileEntry} entry @param {boolean} [isDirectory] */
const infoOf = (path, { size, modifiedAt }, isDirectory = false) => ({
  path: isDirectory ? `${path}/` : path,
  is_dir: isDirectory,
  size,
  modified_at: modifiedAt.toISOString(),
});

export class SuperserveBackend {
  #provider;
  #tools;
  #cwd;
  #most;

  /**
   * @param {Sandbox | SandboxProvider} sandbox
   * @param {{ id?: string, cwd?: string, limits?: ToolLimits }} [options]
   */
  constructor(sandbox, { id, cwd, limits } = {}) {
    if (cwd !== undefined && !cwd.startsWith("/")) {
      throw new TypeError("SuperserveBackend: cwd must be an absolute path");
    }
    const tools = sandboxTools(sandbox, { include: ["bash", "edit_file"], limits });
    this.#tools = /** @type {Record<ToolName, SandboxTool>} */ (
      Object.fromEntries(tools.map((tool) => [tool.name, tool]))
    );
    this.#provider = providerOf(sandbox);
    this.#cwd = cwd;
    this.#most = limits?.fileBytes ?? FILE_BYTES;
    this.id = id ?? ("use" in sandbox ? `superserve-${crypto.randomUUID()}` : sandbox.id);
  }

  /**
   * What that comes to, or what is wrong, for a model.
   *
   * @template Value
   * @param {(sandbox: Sandbox, how: How) => Promise<Value>} work
   * @param {(error: any) => string} [saying]
   */
  async #told(work, saying = said) {
    const { signal } = run();
    try {
      return await this.#provider.use((sandbox) => work(sandbox, { signal }), { signal });
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      return { error: saying(error) };
    }
  }

  /**
   * Does that with each file, and tells each one's error: what is no fault of a file is thrown.
   *
   * @template {[path: string, ...unknown[]]} File
   * @template {object} Done
   * @param {File[]} files
   * @param {Done} failed
   * @param {(file: File, sandbox: Sandbox, how: How) => Promise<Done | void>} work
   */
  async #each(files, failed, work) {
    const { signal } = run();
    /** @type {any[]} */
    const results = [];
    const waiting = files.entries();
    const turns = Array.from({ length: AT_ONCE }, async () => {
      for (const [at, file] of waiting) {
        const [path] = file;
        await this.#provider.use(
          async (sandbox) => {
            try {
              results[at] = { path, ...(await work(file, sandbox, { signal })), error: null };
            } catch (error) {
              if (signal?.aborted) throw signal.reason;
              const code = await codeOf(Object(error), sandbox, path, { signal });
              if (!code) throw error;
              results[at] = { path, ...failed, error: code };
            }
          },
          { signal },
        );
      }
    });
    await Promise.all(turns);
    return results;
  }

  /** @param {string} command */
  async execute(command) {
    const { signal, callbacks } = run();
    const { content, structured } = await this.#tools.bash.execute(
      { command, cwd: this.#cwd },
      {
        signal,
        // A tool of deepagents' own runs it: this tells who listens to that.
        onProgress: (progress) => {
          const id = callbacks?.getParentRunId?.();
          for (const handler of callbacks?.handlers ?? []) handler.handleToolEvent?.(progress, id);
        },
      },
    );
    const [said] = content;
    if (!structured) return { output: "text" in said ? said.text : "", exitCode: null, truncated: false };
    const { output, exit_code: exitCode, truncated } = /** @type {Record<string, any>} */ (structured);
    const late = "[It was ended, since its time was over. What takes longer has to run in the background.]";
    return { output: exitCode === null ? `${output}\n${late}` : output, exitCode, truncated };
  }

  /** @param {string} path */
  async ls(path) {
    return this.#told(async ({ files, commands }, how) => {
      const entries = await files.list(path, how);
      const links = entries.filter(({ type }) => type === "symlink");
      const { stdout } =
        links.length === 0
          ? { stdout: "" }
          : await commands.run("/bin/sh", {
              args: ["-c", LEADS_TO_DIRECTORY, "sh", ...links.map(({ path }) => path)],
              ...how,
            });
      const isDirectory = (/** @type {FileEntry} */ entry) =>
        entry.type === "directory" || stdout[links.indexOf(entry)] === "1";
      return { files: entries.map((entry) => infoOf(entry.path, entry, isDirectory(entry))) };
    });
  }

  /**
   * @param {string} path
   * @param {number} [offset]
   * @param {number} [limit]
   */
  async read(path, offset = 0, limit = LINES) {
    const first = Math.max(0, Math.floor(offset) || 0);
    const count = Math.max(0, Math.floor(limit) || 0);
    return this.#told(async (sandbox, how) => {
      const { content, mimeType } = await this.#content(sandbox, path, how);
      if (mimeType === BINARY) throw new Refusal(`${path} is a binary file: look at it with execute`);
      if (typeof content !== "string") return { content, mimeType };
      if (content === "") return { content: EMPTY, mimeType };
      const lines = content.split("\n");
      const totalLines = lines.length - (lines.at(-1) === "" ? 1 : 0);
      if (first >= totalLines)
        throw new Refusal(`Line offset ${first} exceeds file length (${totalLines} lines)`);
      const endLine = Math.min(first + count, totalLines);
      const window = {
        totalLines,
        startLine: first + 1,
        endLine,
        ...(endLine < totalLines && { nextOffset: endLine }),
      };
      return {
        content: lines.slice(first, first + count).join("\n"),
        mimeType,
        ...(count > 0 && window),
      };
    });
  }

  /** @param {string} path */
  async readRaw(path) {
    return this.#told(async (sandbox, how) => {
      const data = await this.#content(sandbox, path, how);
      const { modifiedAt } = await sandbox.files.stat(path, how);
      const at = modifiedAt.toISOString();
      return { data: { ...data, created_at: at, modified_at: at } };
    });
  }

  /**
   * A file as deepagents takes it.
   *
   * @param {Sandbox} sandbox
   * @param {string} path
   * @param {How} how
   */
  async #content({ files }, path, how) {
    const reading = files.read(path, { maxBytes: this.#most, ...how });
    const bytes = /** @type {Uint8Array} */ (
      await reading.catch(async (error) => {
        // This says better what is wrong with a path.
        const { type } = await files.stat(path, how);
        throw type === "directory" ? new Refusal(`${path} is a directory: look into it with ls`) : error;
      })
    );
    const mimeType = typeOf(path) ?? (bytes.includes(0) ? BINARY : undefined);
    return mimeType
      ? { content: bytes, mimeType }
      : { content: new TextDecoder().decode(bytes), mimeType: "text/plain" };
  }

  /** Where a search begins: deepagents gives the root where the model named nothing. @param {string | null} [path] */
  #start(path) {
    return path && path !== "/" ? path : (this.#cwd ?? "/");
  }

  /**
   * @param {string} pattern
   * @param {string | null} [path]
   * @param {string | null} [glob]
   * @param {number | null} [maxCount]
   */
  async grep(pattern, path, glob, maxCount) {
    const start = this.#start(path);
    return this.#told(async ({ files }, how) => {
      const { matches, truncated } = await files.grep(start, pattern, {
        glob: glob ?? undefined,
        limit: maxCount ?? MATCHES,
        ignore: ignored(start, glob ?? ""),
        ...how,
      });
      return { matches: matches.map(({ path, line, text }) => ({ path, line, text })), truncated };
    });
  }

  /**
   * @param {string} pattern
   * @param {string} [path]
   */
  async glob(pattern, path) {
    // The directories that a whole path begins with: only there is anything to look for.
    const whole = !path || path === "/" ? WHOLE.exec(pattern) : null;
    const start = whole ? whole[1] || "/" : this.#start(path);
    const relative = whole ? whole[2] : pattern.replace(/^\/+/, "");
    // One without directories is for names at the path itself; here it would be for names on any level.
    const isDeep = /\/|\*\*/.test(relative);
    return this.#told(async ({ files }, how) => {
      const { entries, truncated } = isDeep
        ? await files.find(start, {
            pattern: relative,
            type: "file",
            ignore: ignored(start, relative),
            ...how,
          })
        : { entries: await files.list(start, { pattern: relative, ...how }), truncated: false };
      const found = entries.filter(({ type }) => type === "file");
      return { files: found.map((entry) => infoOf(entry.path, entry)), truncated };
    });
  }

  /**
   * @param {string} path
   * @param {string} content
   */
  async write(path, content) {
    return this.#told(async ({ files }, how) => {
      // As it is read, so it is written.
      await files.write(path, typeOf(path) ? bytesOf(content, path) : content, how);
      return { path, filesUpdate: null };
    });
  }

  /**
   * @param {string} path
   * @param {string} before
   * @param {string} after
   * @param {boolean} [all]
   */
  async edit(path, before, after, all = false) {
    const { signal } = run();
    const { content, structured } = await this.#tools.edit_file.execute(
      { path, old_string: before, new_string: after, replace_all: all },
      { signal },
    );
    const [said] = content;
    // The tools are those of deepagents.
    if (!structured) return { error: "text" in said ? said.text.replaceAll("list_files", "ls") : "" };
    return { path, filesUpdate: null, occurrences: structured.count };
  }

  /** @param {string} path */
  async delete(path) {
    return this.#told(
      async ({ files }, how) => {
        await files.remove(path, { recursive: true, ...how });
        return { path, filesUpdate: null };
      },
      // A backend made of several goes on to the next by these words.
      (error) => (error?.code === "not_found" ? `Error: '${path}' not found` : said(error)),
    );
  }

  /** @param {[path: string, content: Uint8Array][]} files */
  async uploadFiles(files) {
    return this.#each(files, {}, ([path, content], sandbox, how) => sandbox.files.write(path, content, how));
  }

  /** @param {string[]} paths */
  async downloadFiles(paths) {
    return this.#each(
      paths.map((path) => /** @type {[string]} */ ([path])),
      { content: /** @type {Uint8Array | null} */ (null) },
      async ([path], sandbox, how) => ({ content: await sandbox.files.read(path, how) }),
    );
  }
}

/**
 * What is passed over, unless one looks in there.
 *
 * @param {string} path
 * @param {string} pattern
 */
const ignored = (path, pattern) => [
  ...IGNORED.filter((name) => !`${path}/${pattern}/`.includes(`/${name}/`)),
  ...(path === "/" ? VIRTUAL : []),
];
