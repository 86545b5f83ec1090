// What there is: lists, names, lines.
import { refuseIf } from "./failure.js";
import { fitting, shortened } from "./output.js";

/** @import { FileEntry } from "#types" */
/** @import { Call } from "./make.js" */

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
 * @param {string} none what is told where there are none
 * @param {string} next
 */
const told = (lines, count, isMore, none, next) =>
  (lines.slice(0, count).join("\n") || none) + (isMore ? `\n\n[There is more: ${next}.]` : "");

/** @param {Call} call */
export async function listFiles({ sandbox, input, how, limits, find }) {
  const { path, shown, shownAs } = await find(input.path);
  const all = await sandbox.files.list(path, { depth: input.depth ?? 1, ...how });
  /** @param {FileEntry} entry */
  const line = ({ path, type, size, target }) =>
    shownAs(path) + (type === "directory" ? "/" : type === "symlink" ? ` -> ${target}` : `\t${size}`);
  const lines = all.map(line);
  const count = fitting(lines, limits);
  const left = all.length - count;
  const next = `${left} more; list one of the directories, or look with glob`;
  return {
    text: told(lines, count, left > 0, `(${shown} is empty)`, next),
    structured: {
      files: all.slice(0, count).map(({ path, type, size }) => ({ path: shownAs(path), type, size })),
      truncated: left > 0,
    },
  };
}

/** @param {Call} call */
export async function glob({ sandbox, input, how, limits, find }) {
  const { path, shown, shownAs } = await find(input.path);
  const pattern = input.pattern.replace(/^(?:\.?\/)+/, "");
  refuseIf(!pattern, "The pattern is empty: give one, such as **/*.ts.");
  const options = { pattern, type: /** @type {const} */ ("file"), ignore: ignored(path), ...how };
  const { entries, truncated: isCut } = await sandbox.files.find(path, options);
  const lines = entries
    .sort((one, other) => Number(other.modifiedAt) - Number(one.modifiedAt))
    .map((entry) => shownAs(entry.path));
  const count = fitting(lines, limits);
  const truncated = isCut || count < lines.length;
  const none = `No file fits ${shortened(pattern, 100)} in ${shown}.`;
  return {
    text: told(lines, count, truncated, none, "look in one of the directories, or give a narrower pattern"),
    structured: { paths: lines.slice(0, count), truncated },
  };
}

/** @param {Call} call */
export async function grep({ sandbox, input, how, limits, find }) {
  const { path, shown, shownAs } = await find(input.path, true);
  refuseIf(!input.pattern, "The pattern is empty: give one.");
  const { matches, truncated: isCut } = await sandbox.files.grep(path, input.pattern, {
    regex: true,
    glob: input.glob ?? undefined,
    ignoreCase: input.ignore_case ?? false,
    context: input.context ?? 0,
    limit: input.limit ?? FOUND,
    ignore: ignored(path),
    ...how,
  });
  const most = Math.min(LINE_CHARS, limits.lineChars);
  const found = matches.map(({ path: of, line, text: whole, before = [], after = [] }) => {
    const path = shownAs(of);
    const text = shortened(whole, most);
    /** @type {(lines: string[], first: number) => string[]} */
    const around = (lines, first) =>
      lines.map((text, at) => `${path}-${first + at}-${shortened(text, most)}`);
    const lines = [
      ...around(before, line - before.length),
      `${path}:${line}:${text}`,
      ...around(after, line + 1),
      ...(input.context ? ["--"] : []),
    ];
    return { match: { path, line, text }, lines: lines.join("\n") };
  });
  const lines = found.map(({ lines }) => lines);
  const count = fitting(lines, limits);
  const truncated = isCut || count < lines.length;
  const none = `Nothing fits ${shortened(input.pattern, 100)} in ${shown}.`;
  return {
    text: told(
      lines,
      count,
      truncated,
      none,
      "search in one of the directories, or give a narrower pattern or glob",
    ),
    structured: { matches: found.slice(0, count).map(({ match }) => match), truncated },
  };
}
