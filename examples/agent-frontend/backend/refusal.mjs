/**
 * An error as the relay answers it too, so that the page reads all of them alike.
 *
 * @param {number} status
 * @param {string} code
 * @param {string} message
 */
export function refusal(status, code, message) {
  return Response.json({ error: { code, message } }, { status });
}
