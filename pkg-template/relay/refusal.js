/** Why a request is not answered as asked: an error of the service's form, which may be shown to the page. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string | undefined} code
   * @param {string} message
   * @param {{ headers?: Record<string, string>, cause?: unknown }} [more]
   */
  constructor(status, code, message, { headers, cause } = {}) {
    super(message, { cause });
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  toResponse() {
    const { status, code, message } = this;
    return Response.json({ error: { code, message } }, { status, headers: { ...SAFE, ...this.headers } });
  }
}

/**
 * What every answer says: it holds what a sandbox made, on the application's own origin. No cache may keep it, no
 * proxy may collect or recompress it, and a browser that is led there by a link may run nothing of it.
 */
export const SAFE = {
  "cache-control": "no-store, no-transform",
  "content-security-policy": "sandbox; default-src 'none'",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
};

const WITHIN_MS = 30_000;

/**
 * Aborts what takes too long; `who` is to blame for that.
 *
 * @template T
 * @param {AbortController} controller
 * @param {(signal: AbortSignal) => T | Promise<T>} work
 * @param {string} [who]
 */
export async function inTime(controller, work, who = "the service") {
  const late = () => controller.abort(new Refusal(504, "timeout", `${who} did not answer in time`));
  const timer = setTimeout(late, WITHIN_MS);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}
