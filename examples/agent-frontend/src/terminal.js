// The terminal: xterm.js on one side, a shell in the sandbox on the other.
import { SandboxAddon } from "@superserve/sdk/xterm";
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";

import { $ } from "./dom.js";
import { inWords } from "./errors.js";
import { leaveSection } from "./sections.js";

const DARK = matchMedia("(prefers-color-scheme: dark)");
const RESIZE_SETTLES_MS = 60;
/** The shell outlives the page: a reload, or another tab, goes on with it. */
const NAME = "page";

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
  /** @type {SandboxAddon} */
  let addon;
  /** @param {string} text */
  const say = (text) => ($("terminal-note").textContent = text);
  /** @param {string} text */
  const line = (text) => xterm.write(`\r\n\x1b[2m${text}\x1b[0m\r\n`);

  /** @param {string} [name] */
  function connect(name) {
    addon = new SandboxAddon(sandbox, { name, onStatus: follow });
    xterm.loadAddon(addon);
  }

  /** @param {import("@superserve/sdk/xterm").SandboxAddonEvent} event */
  function follow({ status: now, error, reason }) {
    const { code } = /** @type {{ code?: string }} */ (error ?? {});
    if (code === "tool_missing") {
      // Such a template has only shells that end with their connection.
      addon.dispose();
      connect();
      return;
    }
    restart.hidden = now !== "closed";
    if (now === "closed") {
      const ended =
        reason === "shell exited" || !reason ? "The shell has ended." : `It was closed: ${reason}`;
      line(error ? inWords(error) : ended);
      say("Ended");
    } else if (now === "reconnecting") say(error ? `${inWords(error)} Trying again.` : "Connecting");
    else describe();
  }

  function describe() {
    xterm.options.disableStdin = !status.active;
    if (addon.status === "paused") say("Waiting for the sandbox");
    else if (addon.status === "connecting") say("Connecting");
    else if (addon.status === "connected") say(status.active ? "Connected" : "Paused");
  }

  restart.onclick = () => {
    addon.reconnect();
    xterm.focus();
  };
  status.addEventListener("change", () => {
    // It resumes no sandbox, and looks ever more seldom whether somebody else has.
    if (addon.status === "paused" && status.active && !status.problem) addon.reconnect();
    describe();
  });
  if (screen.clientHeight > 0) fit.fit();
  connect(NAME);
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
