// What a model is shown, in the form of Anthropic's API.

/**
 * Half characters, which names of files may have, make a request invalid.
 *
 * @param {string} text
 */
export const wellFormed = (text) => text.replace(/\p{Surrogate}/gu, "\ufffd");

/** @param {string} content */
export const text = (content) => ({ type: /** @type {const} */ ("text"), text: wellFormed(content) });

/** @param {{ mimeType: string, data: string }} image */
export const image = ({ mimeType, data }) => ({
  type: /** @type {const} */ ("image"),
  source: { type: /** @type {const} */ ("base64"), media_type: mimeType, data },
});
