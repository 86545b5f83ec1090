// Shapes that several files of the page share.
import type { FileEntry, FileEvent, Sandbox } from "@superserve/sdk";
import type { ToolInputs, ToolName, ToolOutputs } from "@superserve/sdk/tools";

import type { SandboxState } from "./sandbox/state.js";

/** The elements of index.html that are more than an `HTMLElement`, by their ids. */
export interface Elements {
  "build-bar": HTMLProgressElement;
  "build-recipe": HTMLSelectElement;
  "files-input": HTMLInputElement;
  "preview-open": HTMLAnchorElement;
}

/** What the page knows of a file or directory. */
export type Entry = Pick<FileEntry, "name" | "path" | "type" | "size">;
/** What happens to one. */
export type Change = Exclude<FileEvent, { type: "ready" }>;

/** What a directory has. */
export interface Listing {
  entries: Entry[];
  /** There is more than is listed. */
  more?: boolean;
  /** It is being read. */
  reading?: boolean;
  /** Why it could not be read. */
  problem?: string;
}

/** How something that may be done more than once is done. */
export interface Retrying {
  signal?: AbortSignal;
  onRetry?: (error: unknown, attempt: number) => void;
  /** Resolves when a try may begin. */
  ready?: () => Promise<void>;
}

/** How a transfer is done. */
export interface Transferring extends Required<Retrying> {
  onProgress: (done: number, total?: number) => void;
}

export interface Preview {
  open(port: number): Promise<void>;
  close(): void;
}

/** What the agent's steps are about. */
export interface Stage {
  sandbox: Sandbox;
  status: SandboxState;
  preview: Preview;
}

/** Something that a step has printed or said. */
export interface Piece {
  text: string;
  kind: string;
}

export interface Outcome {
  outcome?: string;
  tone?: string;
}

/** A step as the page shows it. */
export interface Step extends Outcome {
  id: string;
  title: string;
  state: "waiting" | "running" | "done" | "failed";
  output: Piece[];
  note?: string;
  error?: string;
  ms?: number;
}

/** What later steps need to know. */
export interface Memory {
  port?: number;
}

/** What a step does its work with. */
export interface Tools {
  preview: Preview;
  name: string;
  memory: Memory;
  call<Name extends ToolName>(name: Name, input: ToolInputs[Name]): Promise<ToolOutputs[Name]>;
  write(text: string, kind: string): void;
  say(text: string): void;
  type(text: string): Promise<void>;
}

/** A step as the script has it. */
export interface Scripted {
  id: string;
  title: string;
  // biome-ignore lint/suspicious/noConfusingVoidType: some steps are async functions that return nothing.
  run(on: Tools): Promise<Outcome | void>;
}

/** A build that the page follows. */
export interface Build {
  sandbox: string;
  name: string;
  began: number;
  ms?: number;
}
