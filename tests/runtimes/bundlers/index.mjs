// Bundlers, and what their bundles do.

import { nextEntry } from "./next.mjs";
import { bundlerEntry } from "./page-bundles.mjs";
import { inDevServer } from "./vite-dev.mjs";

export const entries = [
  bundlerEntry("vite", "Vite", { more: inDevServer }),
  bundlerEntry("webpack", "webpack"),
  bundlerEntry("esbuild", "esbuild", { workers: false, own: false }),
  bundlerEntry("rollup", "Rollup", { workers: false }),
  bundlerEntry("parcel", "Parcel"),
  nextEntry({ name: "next", label: "Next.js, Turbopack" }),
  // Next.js 16.4 itself fails to build a route handler on the edge runtime with webpack, whatever is in it.
  nextEntry({ name: "next-webpack", label: "Next.js, webpack", flags: ["--webpack"], edgeRoute: false }),
];
