// Errors as the protocol has them.

export const INVALID_PARAMS = -32602;
const INTERNAL = -32603;
export const NO_RESOURCE = -32002;
export const NO_SESSION = -32001;
export const REFUSED = -32000;

/**
 * What the protocol's server answers with this code and message. That of its package has the code in its text too, as the client
 * puts it there once more.
 *
 * @param {string} message
 * @param {number} [code]
 */
export const failure = (message, code = INTERNAL) => Object.assign(new Error(message), { code });
