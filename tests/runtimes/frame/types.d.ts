// What the entries of the runtimes and their frame hand to each other.
import type { ChildProcessWithoutNullStreams } from "node:child_process";

import type { Result } from "../../contract/support/types.js";

export type { Result };

export type Log = (text: string) => void;

export interface Options {
  cwd?: string;
  env?: Record<string, string>;
}

export interface ExecOptions extends Options {
  input?: string;
  timeoutMs?: number;
}

/** A program under way. */
export interface Program extends Pick<ChildProcessWithoutNullStreams, "stdin" | "stdout" | "stderr" | "pid"> {
  /** Resolves to the exit code, or the signal's name. */
  exited: Promise<number | string | null>;
  stop(): Promise<void>;
}

export type Exec = (
  command: string,
  args?: string[],
  options?: ExecOptions,
) => Promise<{ stdout: string; stderr: string }>;

export interface Connection {
  baseUrl: string;
  apiKey: string;
}

/** The servers of a run: a fast one, a slow one, and the origin of one that does wrong. */
export interface Servers extends Connection {
  slow: Connection;
  fault: string;
}

/** What is the same for all entries of a run. */
export interface Shared {
  tarball: string;
  server: string;
  filter: string;
  installTarball(directory: string): Promise<void>;
}

/** What an entry gets. */
export interface Context extends Shared {
  scratch: string;
  servers(options?: { args?: string[] }): Promise<Servers>;
  npmCi(directory: string): Promise<void>;
  spawn(command: string, args?: string[], options?: Options): Program;
  exec: Exec;
  defer(cleanup: () => unknown): void;
  log: Log;
}

/** What an entry measures. */
export interface Measured {
  version?: string;
  coldStartMs?: number;
  bundle?: { bytes: number; brotliBytes: number };
}

/** What an entry reports. */
export interface Outcome extends Measured {
  results?: Result[];
  features?: Record<string, boolean>;
  strays?: unknown[];
}

export interface Entry {
  name: string;
  label: string;
  /** Why it has not a feature, by the feature's name. */
  lacks?: Record<string, string>;
  suite?: Parameters<typeof import("../../contract/runner.mjs").collect>[0];
  wholeSuite?: boolean;
}

/** What is kept of an entry's run. */
export type Report = ReturnType<typeof import("./report.mjs").report>;
