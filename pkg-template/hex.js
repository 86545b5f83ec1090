/**
 * The bytes that the digits, of either case, stand for.
 *
 * Hex is longer than base64 as it stands, but shorter once compressed, as files travel. And unlike
 * text of all 256 characters it survives any charset.
 *
 * @param {string} digits
 * @returns {Uint8Array}
 */
export function fromHex(digits) {
  /** @type {any} Not yet in TypeScript's library. */
  const built = Uint8Array;
  if (built.fromHex) return built.fromHex(digits);
  const { Buffer } = globalThis;
  if (Buffer) return Buffer.from(digits, "hex");
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (digit(digits.charCodeAt(2 * i)) << 4) | digit(digits.charCodeAt(2 * i + 1));
  }
  return bytes;
}

/**
 * `0`–`9` are 0x30–0x39, `A`–`F` 0x41–0x46, `a`–`f` 0x61–0x66.
 *
 * @param {number} code
 */
const digit = (code) => (code & 15) + (code >> 6) * 9;
