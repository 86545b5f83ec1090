// The browsers: Debian's packages, how each starts without a screen, and what it lacks.

import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";

import { bidiSession } from "./bidi.mjs";
import { freePort, webdriverSession } from "./webdriver.mjs";

const START_MS = 30_000;

export const engines = [
  {
    name: "chromium",
    label: "Chromium",
    programs: { "/usr/bin/chromium": "chromium", "/usr/bin/chromedriver": "chromium-driver" },
    async start(ctx, flags = []) {
      const port = await freePort();
      launch(ctx, "chromedriver", [`--port=${port}`], { HOME: ctx.scratch });
      const args = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        `--user-data-dir=${join(ctx.scratch, "profile")}`,
        ...flags,
      ];
      return webdriverSession(`http://127.0.0.1:${port}`, {
        "goog:chromeOptions": { binary: "/usr/bin/chromium", args },
      });
    },
  },
  {
    name: "firefox",
    label: "Firefox",
    programs: { "/usr/bin/firefox-esr": "firefox-esr" },
    // Its service workers are classic scripts.
    classicServiceWorker: true,
    async start(ctx) {
      const profile = join(ctx.scratch, "profile");
      const args = [
        "--headless",
        "--no-remote",
        "--profile",
        profile,
        "--remote-debugging-port",
        "0",
        "about:blank",
      ];
      await mkdir(profile);
      const { stderr } = launch(ctx, "firefox-esr", args, {
        HOME: ctx.scratch,
        MOZ_CRASHREPORTER_DISABLE: "1",
      });
      const [, url] = await said(stderr, /WebDriver BiDi listening on (ws:\S+)/);
      return bidiSession(url);
    },
  },
  {
    name: "webkit",
    label: "WebKit",
    programs: { "/usr/bin/WebKitWebDriver": "webkit2gtk-driver", "/usr/bin/Xvfb": "xvfb" },
    async start(ctx) {
      // It draws on a display, if nobody looks at it.
      const screen = launch(ctx, "Xvfb", ["-displayfd", "1", "-nolisten", "tcp"]);
      const [, display] = await said(screen.stdout, /(\d+)\n/);
      const port = await freePort();
      launch(ctx, "WebKitWebDriver", [`--port=${port}`], {
        DISPLAY: `:${display}`,
        HOME: ctx.scratch,
        XDG_RUNTIME_DIR: ctx.scratch,
        NO_AT_BRIDGE: "1",
      });
      return webdriverSession(`http://127.0.0.1:${port}`, {});
    },
  },
];

/** Starts a program whose output goes to the log. */
function launch(ctx, command, args, env = {}) {
  const program = ctx.spawn(command, args, { env });
  for (const stream of [program.stdout, program.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => ctx.log(text.trimEnd()));
  }
  return program;
}

/** Installs what is missing of an engine from Debian's packages. */
export async function installEngine(ctx, { label, programs }) {
  const missing = [];
  for (const [program, debianPackage] of Object.entries(programs)) {
    await access(program).catch(() => missing.push(debianPackage));
  }
  if (missing.length === 0) return;
  if (process.getuid() !== 0) throw new Error(`${label}: as root, apt-get install ${missing.join(" ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await ctx.exec("apt-get", ["update"], { env });
  await ctx.exec("apt-get", ["install", "-y", "--no-install-recommends", ...missing], {
    env,
    timeoutMs: 900_000,
  });
}

/** The first match of `pattern` in what a program prints. */
function said(stream, pattern) {
  return new Promise((resolve, reject) => {
    let text = "";
    const timer = setTimeout(
      () => reject(new Error(`no ${pattern} within ${START_MS} ms: ${text}`)),
      START_MS,
    );
    stream.on("data", (piece) => {
      text += piece;
      const found = pattern.exec(text);
      if (!found) return;
      clearTimeout(timer);
      resolve(found);
    });
  });
}
