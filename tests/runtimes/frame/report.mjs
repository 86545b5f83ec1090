// What a run tells: the table for people, and plain JSON.

import { count } from "../../contract/runner.mjs";

/** @import { Entry, Outcome } from "./types.js" */

/**
 * The JSON of one entry; `filter` is that of the run.
 *
 * @param {{ entry: Entry, outcome: Outcome, faults: string[], ms: number }} told
 * @param {string} filter
 */
export function report({ entry, outcome, faults, ms }, filter) {
  const { version, coldStartMs, bundle, results = [] } = outcome;
  return {
    name: entry.name,
    label: entry.label,
    version,
    status: faults.length === 0 ? "passed" : "failed",
    ...(filter && { filter }),
    ...count(results),
    lacks: entry.lacks ?? {},
    coldStartMs,
    bundle,
    ms,
    faults,
  };
}

/**
 * A Markdown table of entries, given by their JSON, and why some tests are not applicable.
 *
 * @param {ReturnType<typeof report>[]} reports
 */
export function table(reports) {
  const rows = reports.map((one) => {
    const { label, version, status, passed, failed, notApplicable, coldStartMs, bundle } = one;
    const other = passed > 0 ? "see above" : "did not run";
    return [
      label,
      version ?? "",
      passed,
      status === "passed" ? 0 : failed || other,
      notApplicable,
      coldStartMs === undefined ? "" : `${coldStartMs.toFixed(coldStartMs < 10 ? 1 : 0)} ms`,
      bundle === undefined ? "" : `${kilobytes(bundle.bytes)} / ${kilobytes(bundle.brotliBytes)}`,
    ];
  });
  const head = ["where", "version", "passed", "failed", "not applicable", "cold start", "bundle KB / brotli"];
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);

  /** @type {Map<string, string[]>} */
  const lacking = new Map();
  for (const { label, lacks } of reports) {
    const reasons = Object.values(lacks).join("; ");
    if (reasons) lacking.set(reasons, [...(lacking.get(reasons) ?? []), label]);
  }
  const notes = [...lacking].map(([reasons, labels]) => `- ${reasons}: ${labels.join("; ")}`);
  return [...lines, ...(notes.length > 0 ? ["", "Not applicable:", "", ...notes] : []), ""].join("\n");
}

const kilobytes = (/** @type {number} */ bytes) => (bytes / 1000).toFixed(1);
