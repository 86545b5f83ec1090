// What the tests import from packages that have no declarations, or are installed elsewhere.

declare module "@parcel/core";
declare module "@parcel/logger";
declare module "@rollup/plugin-node-resolve";
declare module "edge-runtime";
declare module "esbuild";
declare module "miniflare";
declare module "vite";
declare module "webpack";
declare module "ws";

// By a page's addresses.
declare module "/node_modules/*";
