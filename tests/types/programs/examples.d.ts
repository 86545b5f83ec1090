// What examples take for granted.
type Sdk = typeof import("@superserve/sdk");
declare const Sandbox: Sdk["Sandbox"];
declare const Template: Sdk["Template"];
declare const Secret: Sdk["Secret"];
declare const Provider: Sdk["Provider"];
declare const previewUrl: Sdk["previewUrl"];
declare const sandbox: import("@superserve/sdk").Sandbox;
declare const template: import("@superserve/sdk").Template;
declare const key: string;
declare const buffer: Uint8Array;
/** A terminal of xterm.js. */
declare const xterm: {
  cols: number;
  rows: number;
  write(data: Uint8Array): void;
  loadAddon(addon: object): void;
  onData(listener: (typed: string) => void): void;
  onResize(listener: (size: { cols: number; rows: number }) => void): void;
};
