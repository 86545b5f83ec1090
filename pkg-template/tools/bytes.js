// What a file's bytes are.

/** Images that models see, by what they begin with: a character for each byte, a dot for any. */
const IMAGES = {
  png: /^\x89PNG/,
  jpeg: /^\xff\xd8\xff/,
  gif: /^GIF8[79]a/,
  webp: /^RIFF.{4}WEBP/s,
};

/** @param {Uint8Array} bytes */
const latin = (bytes) => String.fromCharCode(...bytes);

/** The media type of an image, if it is one. @param {Uint8Array} bytes */
export function imageType(bytes) {
  const beginning = latin(bytes.subarray(0, 16));
  const [type] = Object.entries(IMAGES).find(([, begins]) => begins.test(beginning)) ?? [];
  return type && `image/${type}`;
}

/** @param {Uint8Array} bytes */
export function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += latin(bytes.subarray(at, at + 8192));
  return btoa(text);
}
