// A shell of a sandbox in a terminal of xterm.js.

/** @import { Sandbox, TerminalSession } from "#types" */
/** @import { SandboxAddonOptions, SandboxAddonStatus, SandboxAddonEvent, XtermTerminal } from "./xterm.js" */

/** Bytes that wait to be shown: above the one no more are taken, below the other they are again. */
const HIGH = 4_194_304;
const LOW = 262_144;
/** Before another attempt: doubled each time, up to that. */
const FIRST_MS = 500;
const MOST_MS = 15_000;
/** A session that lived as long was a good one: the next failure is the first. */
const LIVED_MS = 5_000;
/** Between two looks at a sandbox that sleeps. */
const LOOK_MS = 2_000;
/** Most of what is typed is kept until there is a connection. */
const MOST_TYPED = 4_096;

const EXITED = "shell exited";
/** What xterm.js says by itself, and nobody has typed: answers to questions, the focus, the mouse. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about.
const UNTYPED = /^\x1b(?:[\]P]|\[(?:[IO]$|[<M?>]|\d+;\d+R|[\d;]+[tn]))/;
/** After a shell that was lost another begins, for which its programs have left nothing behind. */
const RENEW = "\x18\x1b[?1049l\x1b[!p\x1b[?9;1000;1002;1003;1004;1006;2004l\r\n";
/** Where something is missing. */
const LEFT_OUT = "\x18\x1b[m\r\n…\r\n";

/** Errors that another attempt does not help. @param {any} error */
function isFinal({ name, code, statusCode }) {
  return (
    /^(Authentication|NotFound|Validation)Error$/.test(name) ||
    statusCode === 501 ||
    code === "no_websocket" ||
    code === "websocket_refused"
  );
}

export class SandboxAddon {
  /** @type {SandboxAddonStatus} */
  #status = "closed";
  /** @type {Set<(event: SandboxAddonEvent) => void>} */
  #listeners = new Set();
  /** @type {{ dispose(): void }[]} */
  #held = [];
  /** @type {XtermTerminal | undefined} */
  #terminal;
  /** @type {TerminalSession | undefined} */
  #session;
  /** Ends what is under way. @type {AbortController | undefined} */
  #run;
  /** Ends a pause of this side's. @type {(() => void) | undefined} */
  #goOn;
  /** Whether somebody wants it, so that a sandbox may be resumed. */
  #isWanted = false;
  #typed = "";
  #waiting = 0;
  #sandbox;
  #name;

  /**
   * @param {Pick<Sandbox, "terminal" | "getInfo">} sandbox
   * @param {SandboxAddonOptions} [options]
   */
  constructor(sandbox, { name, onStatus } = {}) {
    this.#sandbox = sandbox;
    this.#name = name;
    if (onStatus) this.#listeners.add(onStatus);
  }

  get status() {
    return this.#status;
  }

  /** @param {(event: SandboxAddonEvent) => void} listener */
  onStatus(listener) {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  /** @param {XtermTerminal} terminal */
  activate(terminal) {
    this.#terminal = terminal;
    const retry = () => this.#goOn?.();
    globalThis.addEventListener?.("online", retry);
    this.#held = [
      terminal.onData((typed) => this.#type(typed)),
      terminal.onBinary((bytes) => {
        this.#session?.write(Uint8Array.from(bytes, (one) => one.charCodeAt(0)));
      }),
      terminal.onResize(({ cols, rows }) => this.#session?.resize(cols, rows)),
      { dispose: () => globalThis.removeEventListener?.("online", retry) },
    ];
    this.#begin();
  }

  dispose() {
    for (const one of this.#held.splice(0)) one.dispose();
    this.#terminal = undefined;
    this.#run?.abort();
    this.#goOn?.();
    this.#tell("closed");
    this.#listeners.clear();
  }

  reconnect() {
    if (this.#session) return;
    this.#isWanted = true;
    if (this.#run) this.#goOn?.();
    else if (this.#terminal) this.#begin();
  }

  /** @type {(status: SandboxAddonStatus, more?: Omit<SandboxAddonEvent, "status">) => void} */
  #tell(status, more) {
    if (status === this.#status) return;
    this.#status = status;
    for (const listener of [...this.#listeners]) listener({ status, ...more });
  }

  /** @param {string} typed */
  #type(typed) {
    if (this.#session) this.#session.write(typed);
    else if (this.#run && !UNTYPED.test(typed)) {
      // What was meant for one shell is not for another.
      const isFor = this.#name !== undefined || this.#status === "connecting";
      if (isFor && this.#typed.length < MOST_TYPED) this.#typed += typed;
      if (this.#status === "paused") this.reconnect();
    }
  }

  /** @param {number} ms */
  #pause(ms) {
    return new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#goOn = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #begin() {
    const own = new AbortController();
    this.#run = own;
    this.#tell("connecting");
    this.#follow(own.signal).then((more) => {
      if (own.signal.aborted) return;
      this.#run = undefined;
      this.#tell("closed", more);
    });
  }

  /**
   * Shows a shell until it ends, over as many connections as it takes. Answers with why it is over.
   *
   * @param {AbortSignal} signal
   * @returns {Promise<Omit<SandboxAddonEvent, "status"> | undefined>}
   */
  async #follow(signal) {
    for (let failures = 0, isFirst = true; ; isFirst = false) {
      let [began, error] = [Infinity, /** @type {unknown} */ (undefined)];
      try {
        await this.#awake(signal, isFirst);
        if (!isFirst && this.#name === undefined) this.#terminal?.write(RENEW);
        const session = await this.#open(signal);
        began = performance.now();
        const { reason } = await session.wait();
        if (reason === EXITED || this.#name === undefined) return { reason };
      } catch (thrown) {
        if (isFinal(thrown)) return { error: thrown };
        error = thrown;
      } finally {
        this.#session = undefined;
      }
      // It may have been let go of, since there was too much of it.
      const isBehind = this.#waiting > LOW;
      while (this.#waiting > LOW && !signal.aborted) await this.#pause(LOOK_MS);
      if (signal.aborted) return undefined;
      if (isBehind) continue;
      if (performance.now() - began > LIVED_MS) failures = 0;
      this.#tell("reconnecting", { error });
      await this.#pause(Math.min(FIRST_MS * 2 ** failures++, MOST_MS) * (0.5 + Math.random() / 2));
      if (signal.aborted) return undefined;
    }
  }

  /**
   * Until the sandbox is awake, or somebody wants it: this resumes none by itself. Where a ticket does not allow to look, only
   * the first connection is made without being asked for.
   *
   * @param {AbortSignal} signal
   * @param {boolean} isFirst
   */
  async #awake(signal, isFirst) {
    for (let times = 1; !signal.aborted && !this.#isWanted; times++) {
      try {
        const { status } = await this.#sandbox.getInfo({ signal });
        if (status !== "paused" && status !== "pausing") break;
      } catch (/** @type {any} */ error) {
        if (error.code !== "not_allowed") throw error;
        if (isFirst) break;
      }
      this.#tell("paused");
      await this.#pause(LOOK_MS * Math.min(times, 10));
    }
    if (this.#status === "paused") this.#tell(isFirst ? "connecting" : "reconnecting");
    this.#isWanted = false;
  }

  /** @param {AbortSignal} signal */
  async #open(signal) {
    const terminal = /** @type {XtermTerminal} */ (this.#terminal);
    const { cols, rows } = terminal;
    const name = this.#name;
    let isFull = false;
    const session = await this.#sandbox.terminal({
      ...(name === undefined ? {} : { name }),
      cols,
      rows,
      signal,
      onData: (data) => {
        if (isFull) return;
        this.#waiting += data.length;
        terminal.write(data, () => {
          this.#waiting -= data.length;
          if (this.#waiting > LOW) return;
          if (isFull && name === undefined) terminal.write(LEFT_OUT);
          isFull &&= name !== undefined;
          this.#goOn?.();
        });
        // No WebSocket can be told to wait. A terminal with a name is let go of, and opened again as it is by then.
        isFull = this.#waiting > HIGH;
        if (isFull && name !== undefined) this.#session?.close();
      },
    });
    this.#session = session;
    // It may have been resized while it was opened.
    if (terminal.cols !== cols || terminal.rows !== rows) session.resize(terminal.cols, terminal.rows);
    if (this.#typed) session.write(this.#typed);
    this.#typed = "";
    if (isFull && name !== undefined) session.close();
    this.#tell("connected");
    return session;
  }
}
