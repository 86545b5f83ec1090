// What a file's bytes are.

/** Images that models see, by what they begin with: a character for each byte, a dot for any. */
const IMAGES = [
  { mimeType: "image/png", begins: /^\x89PNG/ },
  { mimeType: "image/jpeg", begins: /^\xff\xd8\xff/ },
  { mimeType: "image/gif", begins: /^GIF8[79]a/ },
  { mimeType: "image/webp", begins: /^RIFF.{4}WEBP/s },
];

/** @param {Uint8Array} bytes */
const latin = (bytes) => String.fromCharCode(...bytes);

/** The media type of an image, if it is one. @param {Uint8Array} bytes */
export const imageType = (bytes) =>
  IMAGES.find(({ begins }) => begins.test(latin(bytes.subarray(0, 16))))?.mimeType;

/** @param {Uint8Array} bytes */
export function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += latin(bytes.subarray(at, at + 8192));
  return btoa(text);
}
