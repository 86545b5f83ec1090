// How results are printed and judged.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** @typedef {{ name: string, unit: string, ours: number, peer: number, ratio: number }} Result */

const { ratios, growth } = JSON.parse(readFileSync(new URL("budget.json", import.meta.url), "utf8"));

/** A cost of a unit may become so many times as much. */
export const GROWTH = growth;

/**
 * The modules of either side: the file that `import` loads of our package, whose directory BENCH_PACKAGE names, and that of the
 * peer.
 */
export function bothSides() {
  const directory = process.env.BENCH_PACKAGE ?? "";
  const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  return {
    ours: pathToFileURL(join(directory, manifest.exports["."].import.default)).href,
    peer: import.meta.resolve("superserve-peer"),
  };
}

/** @param {number} value @param {string} unit */
export const figure = (value, unit) => `${value.toFixed(value < 100 ? 2 : 0)} ${unit}`.padStart(12);

/** Prints a result beside its goal; tells whether it misses it. @param {Result} result */
export function report({ name, unit, ours, peer, ratio }) {
  const goal = ratios[name];
  const met = goal === undefined || ratio <= goal;
  const verdict = goal === undefined ? "" : `${met ? "meets" : "MISSES"} <= ${goal}`;
  const beside = `ours${figure(ours, unit)}  peer${figure(peer, unit)}  ratio ${ratio.toFixed(2)}`;
  console.log(`${name.padEnd(20)} ${beside}  ${verdict}`);
  return !met;
}
