// Checks that are no test of the suite, reported in the same form.

/**
 * Runs `body`; the result says whether it threw.
 *
 * @param {string} subject
 * @param {string} name
 * @param {() => unknown} body
 */
export async function check(subject, name, body) {
  const started = Date.now();
  /** @type {(status: "passed" | "failed", reason?: string) => import("./types.js").Result} */
  const done = (status, reason) => ({
    subject,
    name,
    status,
    ms: Date.now() - started,
    ...(reason && { reason }),
  });
  try {
    await body();
    return done("passed");
  } catch (error) {
    return done("failed", String(/** @type {any} */ (error)?.stack ?? error));
  }
}
