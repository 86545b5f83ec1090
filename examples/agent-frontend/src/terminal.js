// The terminal: xterm.js on one side, a shell in the sandbox on the other.
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";

import { $ } from "./dom.js";
import { inWords } from "./errors.js";
import { sleep, waitBefore } from "./retry.js";
import { leaveSection } from "./sections.js";

const DARK = matchMedia("(prefers-color-scheme: dark)");
const RESIZE_SETTLES_MS = 60;
/** A shell that lived as long was a good one: the next failure is the first. */
const LIVED_MS = 5000;

/**
 * @param {import("@superserve/sdk").Sandbox} sandbox
 * @param {import("./sandbox/state.js").SandboxState} status
 */
export function startTerminal(sandbox, status) {
  const screen = $("terminal-screen");
  const xterm = new Terminal({
    cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    fontFamily: getComputedStyle(screen).fontFamily,
    fontSize: 13,
    lineHeight: 1.25,
    scrollback: 5000,
    screenReaderMode: true,
    theme: themeNow(),
  });
  const fit = new FitAddon();
  xterm.loadAddon(fit);
  xterm.open(screen);
  xterm.textarea.setAttribute("aria-describedby", "terminal-hint");
  /** @type {import("@superserve/sdk").TerminalSession | undefined} */
  let session;

  xterm.onData((typed) => session?.write(typed));
  xterm.onResize(({ cols, rows }) => session?.resize(cols, rows));
  xterm.attachCustomKeyEventHandler((event) => {
    // The shell takes Tab, so there has to be another way out.
    if (event.key !== "F6") return true;
    if (event.type === "keydown") {
      event.preventDefault();
      leaveSection(event.shiftKey);
    }
    return false;
  });
  DARK.addEventListener("change", () => (xterm.options.theme = themeNow()));

  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  new ResizeObserver(() => {
    clearTimeout(timer);
    // A section that is not shown has no size.
    timer = setTimeout(() => screen.clientHeight > 0 && fit.fit(), RESIZE_SETTLES_MS);
  }).observe(screen);

  const restart = $("terminal-restart");
  /** @param {string} text */
  const say = (text) => ($("terminal-note").textContent = text);
  /** @param {string} text */
  const line = (text) => xterm.write(`\r\n\x1b[2m${text}\x1b[0m\r\n`);

  /** A shell until it ends; one whose connection was lost is followed by another. */
  async function run() {
    restart.hidden = true;
    let failures = 0;
    for (;;) {
      say(status.active ? "Connecting" : "Waiting for the sandbox");
      // A terminal would wake a paused sandbox, which is for the person to decide.
      await status.whenActive();
      const began = performance.now();
      try {
        if (screen.clientHeight > 0) fit.fit();
        session = await sandbox.terminal({
          cols: xterm.cols,
          rows: xterm.rows,
          onData: (data) => xterm.write(data),
        });
        // It may have been resized while it was opened.
        session.resize(xterm.cols, xterm.rows);
        describe();
        const { reason } = await session.wait();
        line(
          reason === "shell exited" || !reason
            ? "The shell has ended."
            : `The terminal was closed: ${reason}`,
        );
        break;
      } catch (error) {
        if (session) line(`${inWords(error)} A new shell is on its way.`);
        if (performance.now() - began > LIVED_MS) failures = 0;
        failures += 1;
        session = undefined;
        say(`${inWords(error)} Trying again.`);
        await sleep(waitBefore(failures));
      }
    }
    session = undefined;
    say("Ended");
    restart.hidden = false;
  }

  function describe() {
    xterm.options.disableStdin = !status.active;
    if (session) say(status.active ? "Connected" : "Paused");
  }

  restart.onclick = () => {
    run();
    xterm.focus();
  };
  status.addEventListener("change", describe);
  run();
}

function themeNow() {
  const colors = getComputedStyle(document.documentElement);
  /** @param {string} name */
  const of = (name) => colors.getPropertyValue(name).trim();
  return {
    background: of("--screen"),
    foreground: of("--screen-text"),
    cursor: of("--accent"),
    cursorAccent: of("--screen"),
    selectionBackground: of("--selection"),
    ...(DARK.matches ? {} : LIGHT_ANSI),
  };
}

/** The usual colours are made for black. */
const LIGHT_ANSI = {
  black: "#24292f",
  red: "#b3261e",
  green: "#1a6b3c",
  yellow: "#7a5200",
  blue: "#2457c5",
  magenta: "#8a3aa8",
  cyan: "#0b6a78",
  white: "#5c6066",
  brightBlack: "#5c6066",
  brightRed: "#a01b14",
  brightGreen: "#12592f",
  brightYellow: "#664400",
  brightBlue: "#1c489f",
  brightMagenta: "#732d8e",
  brightCyan: "#08535e",
  brightWhite: "#24292f",
};
