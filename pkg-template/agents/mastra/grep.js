// Lines that fit a regular expression of JavaScript's, looked for in the sandbox by one of POSIX's that has them all.
import { UnsupportedGrepPatternError } from "@mastra/core/workspace";

/** @import { GrepMatch, Sandbox } from "#types" */

/** So many lines are told at most; of more, those that Mastra leaves out could be all. */
const MOST = 10_000;

/** Behind so many bytes a line is cut off. */
const LINE_BYTES = 3_990;

/** A character of any kind, in bytes. */
const ANY = "(.{1,4})";

/** Pieces of an expression, and what stands for each: whatever the one fits, the other does. @type {[RegExp, (piece: string) => string][]} */
const PIECES = [
  [/\\d/y, () => "[0-9]"],
  [/\\w/y, () => "[A-Za-z0-9_]"],
  [/\\s/y, () => "([^!-~]{1,3})"],
  [/\\[DWS]/y, () => ANY],
  [/\\t/y, () => "\t"],
  // Where a word ends, JavaScript says.
  [/\\b/y, () => ""],
  [/\\[^\w\s]/y, (piece) => (/[.*+?^$|()[\]{}\\]/.test(piece[1]) ? piece : piece[1])],
  [/\[[\w ,;:./-]+\]/y, (piece) => piece],
  [/\[(?:[^\]\\]|\\.)+\]/y, () => ANY],
  [/\(\?:|\((?!\?)/y, () => "("],
  [/[*+?]\??/y, (piece) => piece[0]],
  [/\{\d+(?:,\d*)?\}\??/y, () => "*"],
  [/\./y, () => ANY],
  [/[{}]/y, (piece) => `\\${piece}`],
  [/[|)^$]/y, (piece) => piece],
  [/[ -')-Z^-~]/y, (piece) => piece],
];

/** @param {string} pattern */
function posix(pattern) {
  let at = 0;
  let expression = "";
  while (at < pattern.length) {
    const fits = PIECES.some(([piece, to]) => {
      piece.lastIndex = at;
      const found = piece.exec(pattern);
      if (!found) return false;
      at += found[0].length;
      expression += to(found[0]);
      return true;
    });
    // `(?=`, `\1`, a bracket that is left over, what is no ASCII.
    if (!fits) return undefined;
  }
  return expression;
}

/**
 * @param {Sandbox["files"]} files
 * @param {string} path
 * @param {any} options Mastra's
 */
export async function grep(files, path, options) {
  const { pattern, caseSensitive, includeHidden, contextLines = 0 } = options;
  const expression = posix(pattern);
  if (!expression) throw new UnsupportedGrepPatternError(pattern);
  const regex = new RegExp(pattern, caseSensitive ? "" : "i");
  const { matches, truncated } = await files.grep(path, expression, {
    regex: true,
    ignoreCase: !caseSensitive,
    hidden: includeHidden,
    context: contextLines,
    limit: MOST,
  });
  if (truncated) throw new UnsupportedGrepPatternError(pattern, "it fits too many lines");
  /** @type {Map<string, object[]>} */
  const results = new Map();
  let total = 0;
  for (const match of matches) {
    const column = columnOf(match, regex);
    const name = match.path.slice(path === "/" ? 1 : path.length + 1);
    const found = results.get(name) ?? [];
    const isOver = found.length >= (options.maxCountPerFile ?? MOST) || total >= (options.maxTotalMatches ?? MOST);
    if (column < 0 || isOver) continue;
    const { line, text, before, after } = match;
    found.push({ line, column, text, before, after });
    results.set(name, found);
    total += 1;
  }
  return [...results].map(([name, found]) => ({ path: name, matches: found }));
}

/** Where JavaScript finds it; of what is cut off, where the sandbox does. @param {GrepMatch} match @param {RegExp} regex */
function columnOf({ text, column }, regex) {
  const found = text.search(regex);
  return found < 0 && Buffer.byteLength(text) > LINE_BYTES ? column - 1 : found;
}
