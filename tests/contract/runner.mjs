// A test runner small enough to run wherever the package runs. It uses web-standard globals only and
// returns plain JSON, so a page, a worker or an isolate can hand its results to whoever started it.

import * as assert from "./support/assert.mjs";

// Tests patch the timers; the runner must not notice.
const { setTimeout, clearTimeout } = globalThis;
const now = Date.now.bind(Date);

/** For what hangs. It is far more than a test needs on a busy machine, where it would go on beside those after it. */
const DEFAULT_TIMEOUT_MS = 45_000;

/** @typedef {import("./support/types.d.ts").Define} Define */
/** @typedef {import("./support/types.d.ts").Environment} Environment */
/** @typedef {import("./support/types.d.ts").Result} Result */
/** @typedef {import("./support/types.d.ts").Test} Test */
/** @typedef {(listener: (reason: unknown) => void) => () => void} WatchUnhandled */

/**
 * Collects the tests of `subjects`, an object of `name: (t) => void`.
 *
 * @param {Record<string, Define>} subjects
 */
export function collect(subjects) {
  /** @type {Test[]} */
  const tests = [];
  for (const [subject, define] of Object.entries(subjects)) {
    define({
      /**
       * @param {string} name
       * @param {[body: Test["body"]] | [options: Test["options"], body: Test["body"]]} rest
       */
      test(name, ...rest) {
        const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
        if (typeof body !== "function") throw new TypeError(`${subject}: ${name} has no body`);
        tests.push({ subject, name, options, body });
      },
    });
  }
  return tests;
}

/**
 * Runs the tests one after another and returns one result each:
 * `{ subject, name, status: "passed" | "failed" | "not applicable", ms, reason? }`.
 *
 * `environment` is what every test's `ctx` holds. `environment.runtime.features` says what this
 * place can do; a test whose `needs` it lacks is reported as not applicable, with the reason.
 * `watchUnhandled(listener)` reports promise rejections that nobody handles and returns a function
 * that ends the watch.
 *
 * @param {{
 *   subjects: Record<string, Define>,
 *   environment: Environment,
 *   filter?: string,
 *   watchUnhandled?: WatchUnhandled,
 *   onResult?: (result: Result) => void,
 * }} how
 */
export async function run({ subjects, environment, filter = "", watchUnhandled, onResult }) {
  /** @type {Result[]} */
  const results = [];
  for (const test of collect(subjects)) {
    if (!`${test.subject}: ${test.name}`.includes(filter)) continue;
    const result = await runOne(test, environment, watchUnhandled);
    results.push(result);
    onResult?.(result);
  }
  return results;
}

/** @param {Result[]} results */
export function count(results) {
  /** @param {Result["status"]} status */
  const of = (status) => results.filter((result) => result.status === status).length;
  return { passed: of("passed"), failed: of("failed"), notApplicable: of("not applicable") };
}

/**
 * @param {Test} test
 * @param {Environment} environment
 * @param {WatchUnhandled} [watchUnhandled]
 * @returns {Promise<Result>}
 */
async function runOne({ subject, name, options, body }, environment, watchUnhandled) {
  const missing = [options.needs ?? []].flat().filter((need) => !environment.runtime.features[need]);
  if (missing.length > 0) {
    const reason = `${environment.runtime.name} has no ${missing.join(", ")}`;
    return { subject, name, status: "not applicable", ms: 0, reason };
  }

  /** @type {string[]} */
  const failures = [];
  /** @type {(() => unknown)[]} */
  const cleanups = [];
  const stopWatching = watchUnhandled?.((reason) => {
    failures.push(`unhandled rejection: ${describe(reason)}`);
  });
  /** @type {import("./support/types.d.ts").Ctx} */
  const ctx = { ...environment, assert, defer: (cleanup) => cleanups.push(cleanup) };
  const started = now();
  try {
    await limited(() => body(ctx), options.timeoutMs ?? DEFAULT_TIMEOUT_MS, "the test");
  } catch (error) {
    failures.push(describe(error));
  }
  for (const cleanup of cleanups.reverse()) {
    try {
      await limited(cleanup, DEFAULT_TIMEOUT_MS, "a clean-up");
    } catch (error) {
      failures.push(`in a clean-up: ${describe(error)}`);
    }
  }
  if (stopWatching) {
    // Rejections are reported a turn after they happen.
    await new Promise((resolve) => setTimeout(resolve, 0));
    stopWatching();
  }
  const ms = now() - started;
  return failures.length === 0
    ? { subject, name, status: "passed", ms }
    : { subject, name, status: "failed", ms, reason: failures.join("\n") };
}

/**
 * @param {() => unknown} work
 * @param {number} ms
 * @param {string} what
 */
function limited(work, ms, what) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what} did not end within ${ms} ms`)), ms);
    Promise.resolve()
      .then(work)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

/** @param {unknown} error */
function describe(error) {
  if (!(error instanceof Error)) return `not an error: ${assert.show(error)}`;
  const text = error.stack?.includes(error.message) ? error.stack : `${error}\n${error.stack ?? ""}`;
  return error.cause === undefined ? text : `${text}\n  cause: ${assert.show(error.cause)}`;
}
