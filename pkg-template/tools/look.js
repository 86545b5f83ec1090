// What there is: lists, names, lines.
import { Refusal } from "./failure.js";
import { fitting, shortened } from "./output.js";

/** @import { FileEntry } from "#types" */
/** @import { Call, Limits } from "./make.js" */

/** What is full of what nobody looks for. */
const IGNORED = [".git", "node_modules"];

const FOUND = 200;
/** A line that was found is to be recognised, no more. */
const LINE_CHARS = 500;

/** What is not ignored where one looks in there. @param {string} path */
const ignored = (path) => IGNORED.filter((name) => !`${path}/`.includes(`/${name}/`));

/**
 * As many lines as may be told, and what to do for the rest.
 *
 * @param {string[]} lines
 * @param {number} count
 * @param {boolean} isMore whether there are more than these
 * @param {string} next
 */
const told = (lines, count, isMore, next) =>
  [
    ...lines.slice(0, count),
    ...(isMore || count < lines.length ? ["", `[There is more: ${next}.]`] : []),
  ].join("\n");

/** @param {Call} call */
export async function listFiles({ sandbox, input, signal, limits, places }) {
  const { path, shownAs } = await places.find(sandbox, input.path, { signal });
  const all = await sandbox.files.list(path, { depth: input.depth ?? 1, signal });
  /** @param {FileEntry} entry */
  const line = ({ path, type, size, target }) =>
    `${shownAs(path)}${type === "directory" ? "/" : type === "symlink" ? ` -> ${target}` : `\t${size}`}`;
  const lines = all.map(line);
  const count = fitting(lines, limits);
  const next = `${all.length - count} more; list one of the directories, or look with glob`;
  return {
    text: all.length === 0 ? `(${shownAs(path)} is empty)` : told(lines, count, false, next),
    structured: {
      files: all.slice(0, count).map(({ path, type, size }) => ({ path: shownAs(path), type, size })),
      truncated: count < all.length,
    },
  };
}

/** @param {Call} call */
export async function glob({ sandbox, input, signal, limits, places }) {
  const { path, shownAs } = await places.find(sandbox, input.path, { signal });
  const pattern = input.pattern.replace(/^(?:\.?\/)+/, "");
  if (pattern === "") throw new Refusal("The pattern is empty: give one, such as **/*.ts.");
  const { entries, truncated } = await sandbox.files.find(path, {
    pattern,
    type: "file",
    ignore: ignored(path),
    signal,
  });
  const lines = entries
    .sort((one, other) => other.modifiedAt.getTime() - one.modifiedAt.getTime())
    .map((entry) => shownAs(entry.path));
  const count = fitting(lines, limits);
  return {
    text:
      lines.length === 0
        ? `No file fits ${input.pattern} in ${shownAs(path)}.`
        : told(lines, count, truncated, "look in one of the directories, or give a narrower pattern"),
    structured: { paths: lines.slice(0, count), truncated: truncated || count < lines.length },
  };
}

/** @param {Call} call */
export async function grep({ sandbox, input, signal, limits, places }) {
  const { path, shownAs } = await places.find(sandbox, input.path, { signal, reads: true });
  if (input.pattern === "") throw new Refusal("The pattern is empty: give one.");
  const context = input.context ?? 0;
  const { matches, truncated } = await sandbox.files.grep(path, input.pattern, {
    regex: true,
    glob: input.glob ?? undefined,
    ignoreCase: input.ignore_case ?? false,
    context,
    limit: input.limit ?? FOUND,
    ignore: ignored(path),
    signal,
  });
  const most = Math.min(LINE_CHARS, limits.lineChars);
  const found = matches.map(({ path, line, text, before = [], after = [] }) => {
    const shown = shownAs(path);
    /** @type {(lines: string[], first: number) => string[]} */
    const around = (lines, first) =>
      lines.map((text, at) => `${shown}-${first + at}-${shortened(text, most)}`);
    const lines = [
      ...around(before, line - before.length),
      `${shown}:${line}:${shortened(text, most)}`,
      ...around(after, line + 1),
      ...(context > 0 ? ["--"] : []),
    ];
    return { match: { path: shown, line, text: shortened(text, most) }, lines: lines.join("\n") };
  });
  const lines = found.map(({ lines }) => lines);
  const count = fitting(lines, limits);
  return {
    text:
      found.length === 0
        ? `Nothing fits ${shortened(input.pattern, 100)} in ${shownAs(path)}.`
        : told(
            lines,
            count,
            truncated,
            "search in one of the directories, or give a narrower pattern or glob",
          ),
    structured: {
      matches: found.slice(0, count).map(({ match }) => match),
      truncated: truncated || count < found.length,
    },
  };
}
