/**
 * A shell of a sandbox in a terminal of xterm.js (`@xterm/xterm`, 5 or newer).
 *
 * @example
 * ```typescript
 * import { Terminal } from "@xterm/xterm"
 * import { SandboxAddon } from "@superserve/sdk/xterm"
 *
 * const terminal = new Terminal()
 * terminal.open(document.getElementById("terminal"))
 * const addon = new SandboxAddon(sandbox, { name: "main" })
 * addon.onStatus(({ status }) => (note.textContent = status))
 * terminal.loadAddon(addon)
 * ```
 *
 * @packageDocumentation
 */
import type { Sandbox } from "./index.js";

/** Options of {@link SandboxAddon}. */
export interface SandboxAddonOptions {
  /**
   * Name of the terminal in the sandbox, as `sandbox.terminal` takes it: then its shell outlives the page, and each
   * connection has the screen as it is, with what was above it.
   *
   * @defaultValue none: a connection that is lost is followed by a new shell
   */
  name?: string | undefined;
  /** Told of each change of the status, the first too. */
  onStatus?: ((event: SandboxAddonEvent) => void) | undefined;
}

/**
 * How a terminal is connected.
 *
 * - `connecting`: for the first time
 * - `connected`
 * - `reconnecting`: the connection was lost, and another is tried, after half a second to fifteen
 * - `paused`: the sandbox sleeps. What is typed resumes it, and `reconnect` does; where another does so, it goes on by itself
 * - `closed`: the shell has ended, or another attempt would not help. `reconnect` begins anew
 */
export type SandboxAddonStatus = "connecting" | "connected" | "reconnecting" | "paused" | "closed";

/** A change of the status. */
export interface SandboxAddonEvent {
  /** What it is now. */
  status: SandboxAddonStatus;
  /** Why a connection was lost, or is not tried again. */
  error?: unknown;
  /** Where it is `closed`: what the service said, `shell exited` as a rule. */
  reason?: string;
}

/** What xterm.js has to end something by. */
export interface XtermDisposable {
  /** Ends it. */
  dispose(): void;
}

/** What of a terminal of xterm.js is used, `Terminal` of `@xterm/xterm` and of `@xterm/headless` alike. */
export interface XtermTerminal {
  /** Its columns. */
  readonly cols: number;
  /** Its rows. */
  readonly rows: number;
  /** Shows what a shell says; `callback` is called once it is shown. */
  write(data: string | Uint8Array, callback?: () => void): void;
  /** Tells of what is typed. */
  onData(listener: (data: string) => void): XtermDisposable;
  /** Tells of bytes that are no text. */
  onBinary(listener: (data: string) => void): XtermDisposable;
  /** Tells of a new size. */
  onResize(listener: (size: { cols: number; rows: number }) => void): XtermDisposable;
}

/**
 * An addon that connects a terminal to a shell of a sandbox, from `terminal.loadAddon` on until either is disposed of.
 *
 * Keys, pasted text, bytes and the mouse go to the shell as they are, and its output to the terminal; the shell has the
 * terminal's size. What is typed into a terminal with a name while there is no connection is sent once there is one, up to
 * 4096 characters.
 *
 * A connection that is lost is made anew. That resumes no sandbox: one that sleeps is waited for, by `getInfo`, until it is
 * resumed or somebody types. A ticket that does not allow `info` reconnects when somebody types.
 *
 * What comes faster than the terminal can show it does not pile up: behind 4 MiB a terminal with a name is opened again once
 * the rest is shown, with the screen as it is by then; of a shell without a name what comes meanwhile is left out, which `…`
 * says.
 */
export declare class SandboxAddon {
  /** An addon for a shell of that sandbox; it begins when it is loaded. */
  constructor(sandbox: Pick<Sandbox, "terminal" | "getInfo">, options?: SandboxAddonOptions);
  /** How it is connected now; `closed` before it is loaded. */
  readonly status: SandboxAddonStatus;
  /** Tells `listener` of each change from now on. */
  onStatus(listener: (event: SandboxAddonEvent) => void): XtermDisposable;
  /** Connects now: without the pause before another attempt, although the sandbox sleeps, or with a new shell after `closed`. */
  reconnect(): void;
  /** For `terminal.loadAddon`. */
  activate(terminal: XtermTerminal): void;
  /** Ends it: a shell without a name with it. A terminal with a name goes on. */
  dispose(): void;
}
