// The contract suite for a runtime that is not the one that reports: what happens goes out as messages, plain JSON
// each. Web-standard globals only.

import { collect, run } from "../contract/runner.mjs";
import { suite } from "../contract/suite/index.mjs";
import { faultClient } from "../contract/support/fault-client.mjs";

// Tests patch the timers.
const { setTimeout } = globalThis;

/**
 * Runs the suite and tells `report` each message: `{ result }` for a test, and `{ end }` when all have run.
 *
 * `tools` is what `@superserve/sdk/tools` exports, `settings` what `ctx.servers()` made, `runtime` what `webRuntime` found. `subjects` are further ones, and
 * `environment` what they need in their `ctx`. `tests` are for entries that run others than the suite. `measured`
 * goes into the outcome.
 */
export async function runSuite({
  sdk,
  tools,
  settings,
  filter = "",
  runtime,
  tests = suite,
  subjects = {},
  environment = {},
  measured = {},
  report,
}) {
  const all = { ...tests, ...subjects };
  for (const { subject, name, options } of collect(all)) {
    for (const need of [options.needs ?? []].flat()) {
      if (!(need in runtime.features))
        throw new Error(`${subject}: ${name} needs ${need}, which nobody looks for`);
    }
  }
  const watch = watchUnhandled();
  report({ result: await seesUnhandled(watch) });
  const { fault, ...servers } = settings;
  await run({
    subjects: all,
    environment: { sdk, tools, ...servers, fault: faultClient(fault), runtime, ...environment },
    filter,
    watchUnhandled: watch.begin,
    onResult: (result) => report({ result }),
  });
  report({ end: { ...measured, features: runtime.features, strays: watch.strays } });
}

/** The messages of `runSuite` as a stream of JSON lines. */
export function streamSuite(options) {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async start(controller) {
      const report = (message) => controller.enqueue(encoder.encode(`${JSON.stringify(message)}\n`));
      await runSuite({ ...options, report }).catch((error) =>
        report({ error: String(error?.stack ?? error) }),
      );
      controller.close();
    },
  });
}

/**
 * What this place has. `more` adds what cannot be found by looking: `browser: true`, a Node module's
 * `AsyncLocalStorage`, and `inspect`, which shows a value as the console does.
 *
 * @param {string} name
 * @param {{ browser?: boolean, AsyncLocalStorage?: any, inspect?: (value: unknown) => string }} [more]
 */
export function webRuntime(
  name,
  { browser = false, AsyncLocalStorage = globalThis.AsyncLocalStorage, inspect } = {},
) {
  const env = environmentVariables();
  return {
    name,
    browser,
    features: {
      env: env !== undefined,
      process: typeof globalThis.process === "object",
      asyncLocalStorage: AsyncLocalStorage !== undefined,
      inspect: inspect !== undefined,
      websocket: typeof globalThis.WebSocket === "function",
      // Workers of Cloudflare are service workers by name alone.
      import: typeof globalThis.skipWaiting !== "function",
    },
    env,
    AsyncLocalStorage,
    inspect,
  };
}

/** Access to environment variables that keep what is put into them. */
function environmentVariables() {
  const name = "SUPERSERVE_API_KEY";
  const kinds = [
    () => ({
      get: (name) => globalThis.process.env[name],
      set(name, value) {
        if (value === undefined) delete globalThis.process.env[name];
        else globalThis.process.env[name] = value;
      },
    }),
    () => ({
      get: (name) => globalThis.Deno.env.get(name),
      set(name, value) {
        if (value === undefined) globalThis.Deno.env.delete(name);
        else globalThis.Deno.env.set(name, value);
      },
    }),
  ];
  for (const kind of kinds) {
    try {
      const env = kind();
      env.set(name, "probe");
      const kept = env.get(name) === "probe";
      env.set(name, undefined);
      if (kept) return env;
    } catch {
      // No such object, or no permission.
    }
  }
  return undefined;
}

/** Rejections and errors that nobody handles: those of the test that runs, and the strays outside of any. */
function watchUnhandled() {
  const strays = [];
  const stray = (reason) => strays.push(String(reason?.stack ?? reason));
  let listener = stray;
  const onEvent = (event) => {
    event.preventDefault?.();
    listener(event.reason ?? event.error ?? event.message);
  };
  if (globalThis.addEventListener) {
    for (const type of ["unhandledrejection", "error"]) globalThis.addEventListener(type, onEvent);
  }
  if (globalThis.process?.on) {
    for (const type of ["unhandledRejection", "uncaughtException"]) {
      globalThis.process.on(type, (reason) => listener(reason));
    }
  }
  return {
    strays,
    begin(watcher) {
      listener = watcher;
      return () => {
        listener = stray;
      };
    },
  };
}

/** Shows that the watch is not blind here. */
async function seesUnhandled(watch) {
  const seen = [];
  const stop = watch.begin((reason) => seen.push(reason));
  const reason = new Error("nobody handles this");
  Promise.reject(reason);
  for (let waited = 0; waited < 1000 && seen.length === 0; waited += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  stop();
  const found = seen.includes(reason);
  return {
    subject: "runtime",
    name: "a rejection that nobody handles is seen",
    status: found ? "passed" : "failed",
    ms: 0,
    ...(found ? {} : { reason: "neither unhandledrejection nor unhandledRejection told of it" }),
  };
}
