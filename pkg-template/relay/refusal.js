/** Why a request is not answered as asked: an error of the service's form, which may be shown to the page. */
export class Refusal extends Error {
  constructor(status, code, message, { retryAfter, cause } = {}) {
    super(message, { cause });
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  toResponse() {
    const headers = new Headers(SAFE);
    headers.set("content-type", "application/json");
    if (this.retryAfter) headers.set("retry-after", this.retryAfter);
    const error = { code: this.code, message: this.message };
    return new Response(JSON.stringify({ error }), { status: this.status, headers });
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
