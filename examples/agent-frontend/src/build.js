// A template build: its log as it is written, and how far it is. The log is a stream of server-sent events of the backend.
import { $, announce, appendTo, enable, make } from "./dom.js";
import { inWords } from "./errors.js";
import { duration } from "./format.js";
import { waitBefore } from "./retry.js";
import { startBuild } from "./sandbox/session.js";
import { markSection } from "./sections.js";
import { stored, store } from "./storage.js";

const KEY = "build";
const TRIES = 5;
const STEP = /^step (\d+)\/(\d+)/i;

/** @param {import("@superserve/sdk").Sandbox} sandbox */
export function startBuilds(sandbox) {
  const start = $("build-start");
  const bar = $("build-bar");
  const log = $("build-log");
  /** @type {EventSource | undefined} */
  let source;

  /** @param {string} text */
  const say = (text, tone = "") => {
    $("build-state").textContent = text;
    $("build-state").dataset.tone = tone;
  };

  $("build-form").onsubmit = async (event) => {
    event.preventDefault();
    enable(start, false);
    clear("Asking for a build");
    try {
      const name = await startBuild($("build-recipe").value);
      follow({ sandbox: sandbox.id, name, began: Date.now() });
    } catch (error) {
      end(`The build could not be started. ${inWords(error)}`, "error");
    }
  };

  /** @param {string} text */
  function clear(text) {
    source?.close();
    log.replaceChildren();
    bar.removeAttribute("value");
    bar.hidden = false;
    $("build-note").textContent = "";
    $("build-empty").hidden = true;
    $("build-result").hidden = false;
    say(text);
  }

  /**
   * Reads the log from its start, which the backend still has after a reload of the page.
   *
   * @param {import("./types.d.ts").Build} build
   */
  function follow(build, tries = 0) {
    const { name, began } = build;
    store(KEY, build);
    clear("Waiting for the first line");
    enable(start, false);
    $("build-note").textContent = name;
    const events = new EventSource(`/api/templates/${name}/log`);
    source = events;

    events.addEventListener("log", ({ data }) => {
      tries = 0;
      const { stream, text } = JSON.parse(data);
      const [, number, total] = (stream === "system" && STEP.exec(text)) || [];
      if (number) {
        bar.max = Number(total);
        bar.value = Number(number) - 1;
        say(`Step ${number} of ${total}`);
      }
      appendTo(log, make("span", { className: `from-${stream}` }, `${text}\n`));
    });
    events.addEventListener("ready", () => {
      bar.value = bar.max;
      // After a reload the log comes once more, from its start.
      build.ms ??= Date.now() - began;
      store(KEY, build);
      end(`Ready after ${duration(build.ms)}. New sandboxes can start from it.`, "good");
    });
    events.addEventListener("failed", ({ data }) => {
      const { code, message } = JSON.parse(data);
      const stage = code === "step_failed" ? "A step of the build failed" : "The build failed";
      end(`${stage}: ${message.replace(`${code}: `, "")}`, "error");
    });
    events.onerror = () => {
      say("The connection was lost. Connecting again.");
      // Most browsers do so by themselves, unless the server is not there at all.
      if (events.readyState !== EventSource.CLOSED) return;
      if (tries === TRIES) return end("The build's log cannot be read.", "error");
      setTimeout(() => follow(build, tries + 1), waitBefore(tries + 1));
    };
  }

  /**
   * @param {string} text
   * @param {string} tone
   */
  function end(text, tone) {
    source?.close();
    bar.hidden = tone === "error";
    enable(start);
    say(text, tone);
    announce(text);
    markSection("build");
  }

  enable(start);
  const before = stored(KEY);
  if (before?.sandbox === sandbox.id) follow(before);
}
