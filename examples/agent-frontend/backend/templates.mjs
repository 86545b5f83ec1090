// Template builds: started for a visitor, and their logs as server-sent events, which a page reads with an EventSource.
import { BuildError, Template } from "@superserve/sdk";

import { refusal } from "./refusal.mjs";

const KEEP_ALIVE_MS = 15_000;

const SAMPLE =
  "for part in 1 2 3 4 5 6; do seq $part 50000 > part-$part.txt; echo sample data, part $part of 6; sleep 0.3; done";

/**
 * What the page can have built. The steps are the backend's: a page names a recipe and no more.
 *
 * @type {Record<string, import("@superserve/sdk").BuildStep[]>}
 */
const RECIPES = {
  python: [
    { workdir: "/opt/workspace" },
    { env: { key: "TZ", value: "UTC" } },
    { run: "python3 --version" },
    { run: SAMPLE },
    { run: "gzip --keep *.txt && ls *.gz" },
  ],
  broken: [
    { workdir: "/opt/workspace" },
    { run: "python3 --version" },
    { run: "echo 'looking for a file that is not there' && cat requirements.txt" },
  ],
};

/** @param {{ apiKey: string, baseUrl?: string }} connection */
export function createTemplates(connection) {
  return {
    /**
     * Starts a build for the visitor whose sandbox this is.
     *
     * @param {string} sandboxId
     * @param {{ recipe?: string }} options
     */
    async build(sandboxId, { recipe = "" }) {
      if (!Object.hasOwn(RECIPES, recipe)) return refusal(400, "bad_recipe", "There is no such recipe.");
      const name = nameFor(sandboxId) + crypto.randomUUID().slice(0, 8);
      await Template.create({ ...connection, name, from: "python:3.11", steps: RECIPES[recipe] });
      return Response.json({ name }, { status: 201 });
    },

    /**
     * The log from its start, whoever asks again; `Last-Event-ID` says what a page has seen already.
     *
     * @param {string | undefined} sandboxId
     * @param {string} name
     * @param {Request} request
     */
    async log(sandboxId, name, request) {
      // Names begin with their visitor, so nobody reads another's log.
      if (!sandboxId || !name.startsWith(nameFor(sandboxId))) {
        return refusal(404, "not_found", "There is no such build.");
      }
      const template = await Template.connect(name, connection);
      const seen = Number(request.headers.get("last-event-id") ?? 0);
      return new Response(eventsOf(template, seen, request.signal), {
        headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
      });
    },
  };
}

/** @param {string} sandboxId */
const nameFor = (sandboxId) => `workspace-${sandboxId.slice(0, 13)}-`;

/**
 * @param {Template} template
 * @param {number} seen
 * @param {AbortSignal} requestSignal
 */
function eventsOf(template, seen, requestSignal) {
  const gone = new AbortController();
  const encoder = new TextEncoder();
  let number = 0;
  return new ReadableStream({
    async start(controller) {
      /** @param {string} text */
      const send = (text) => {
        if (!gone.signal.aborted) controller.enqueue(encoder.encode(text));
      };
      /**
       * @param {string} type
       * @param {object} data
       */
      const event = (type, data) => {
        number += 1;
        if (number > seen) send(`id: ${number}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
      };
      requestSignal?.addEventListener("abort", () => gone.abort());
      const timer = setInterval(send, KEEP_ALIVE_MS, ": still here\n\n");
      try {
        const { sizeBytes } = await template.waitUntilReady({
          onLog: ({ stream, text, finished }) => finished || event("log", { stream, text }),
          signal: gone.signal,
          pollIntervalMs: 500,
        });
        event("ready", { sizeBytes });
      } catch (error) {
        if (!gone.signal.aborted) {
          if (!BuildError.is(error)) console.error(error);
          const { code, message } = /** @type {import("@superserve/sdk").SandboxError} */ (error);
          event("failed", { code, message });
        }
      }
      clearInterval(timer);
      // The stream of a page that has gone is closed already.
      if (!gone.signal.aborted) controller.close();
    },
    cancel: () => gone.abort(),
  });
}
