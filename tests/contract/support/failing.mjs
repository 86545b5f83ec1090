// Rejections by what their errors say.

/**
 * The error that a promise rejects with, whose members are those.
 *
 * @param {import("./types.d.ts").Ctx} ctx
 * @param {Promise<unknown>} promise
 * @param {Record<string, unknown>} members
 * @param {string} [message]
 */
export async function failing({ assert, sdk }, promise, members, message) {
  const error = await assert.rejects(promise, undefined, message);
  assert.ok(error instanceof sdk.SandboxError, `${message ?? ""} ${error}`);
  const found = Object.fromEntries(Object.keys(members).map((name) => [name, error[name]]));
  assert.deepEqual(found, members, `${message ?? ""} ${error.message}`);
  return error;
}
