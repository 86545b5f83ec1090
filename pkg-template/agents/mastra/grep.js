// Lines that fit a regular expression, looked for in the sandbox.
import { UnsupportedGrepPatternError } from "@mastra/core/workspace";

/** @import { Sandbox } from "#types" */

/** So many lines are told at most: of more, those that Mastra leaves out could be all. */
const MOST = 10_000;

/** What JavaScript's expressions and those of POSIX say alike. */
const ALIKE = /^(?:[\w |,:;/"'=<>@#%&!~`-]|\\[.()[\]{}*+?^$|\\]|\.\*)+$/;

/**
 * @param {Sandbox["files"]} files
 * @param {string} path
 * @param {any} options Mastra's, which looks for the rest by itself
 */
export async function grep(files, path, options) {
  const {
    pattern,
    caseSensitive,
    includeHidden: hidden,
    contextLines: context,
    maxCountPerFile = MOST,
  } = options;
  const unsupported = new UnsupportedGrepPatternError(pattern);
  if (!ALIKE.test(pattern)) throw unsupported;
  const how = { regex: true, ignoreCase: !caseSensitive, hidden, context, limit: MOST };
  const { matches, truncated } = await files.grep(path, pattern, how);
  if (truncated) throw unsupported;
  /** @type {Record<string, object[]>} */
  const results = {};
  for (const { path: file, column, ...match } of matches) {
    results[file] ??= [];
    if (results[file].length < maxCountPerFile) results[file].push({ ...match, column: column - 1 });
  }
  return Object.entries(results).map(([file, found]) => ({
    path: file.slice(path === "/" ? 1 : path.length + 1),
    matches: found,
  }));
}
