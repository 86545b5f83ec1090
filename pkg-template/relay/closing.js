import { Transform } from "node:stream";

const CLOSE = 8;
const CODE_BYTES = 2;
/** What a closing frame may hold, by the protocol. */
const MAX_CLOSING_BYTES = 125;
const PROTOCOL_ERROR = 1002;

/**
 * Passes a server's WebSocket frames on as they come, but for the last: why it closes is the service's own word, and
 * `clear` says what of it the page may read.
 *
 * @param {(reason: string) => string} clear
 */
export function clearedClose(clear) {
  /**
   * The beginning of a frame's head, or of a frame that closes.
   *
   * @type {Buffer}
   */
  let kept = Buffer.alloc(0);
  /** How much is still to come of the content of a frame that passes. */
  let left = 0;
  let closed = false;

  /** @param {Buffer} chunk */
  function passed(chunk) {
    const bytes = kept.length > 0 ? Buffer.concat([kept, chunk]) : chunk;
    let end = Math.min(left, bytes.length);
    left -= end;
    while (left === 0) {
      const frame = frameAt(bytes.subarray(end));
      if (!frame) break;
      const { closes, length } = frame;
      if (closes) {
        closed = true;
        return Buffer.concat([bytes.subarray(0, end), closing(frame, clear)]);
      }
      left = Math.max(0, end + length - bytes.length);
      end = Math.min(bytes.length, end + length);
    }
    kept = bytes.subarray(end);
    return bytes.subarray(0, end);
  }

  return new Transform({
    transform(chunk, _, done) {
      done(null, closed ? undefined : passed(chunk));
    },
  });
}

/** @typedef {{ closes?: boolean, content?: Buffer, length: number }} Frame */

/**
 * The frame that begins here: how long it is, or all of one that closes; undefined as long as that cannot be seen.
 *
 * @param {Buffer} bytes
 * @returns {Frame | undefined}
 */
function frameAt(bytes) {
  if (bytes.length < 2) return undefined;
  const short = bytes[1] & 127;
  const masked = bytes[1] > 127;
  const more = short === 127 ? 8 : short === 126 ? 2 : 0;
  const head = 2 + more + (masked ? 4 : 0);
  if ((bytes[0] & 15) === CLOSE) {
    // No server sends such.
    if (masked || short > MAX_CLOSING_BYTES) return { closes: true, length: 0 };
    const whole = bytes.length >= head + short;
    return whole ? { closes: true, length: 0, content: bytes.subarray(head, head + short) } : undefined;
  }
  if (bytes.length < 2 + more) return undefined;
  const length = more === 8 ? Number(bytes.readBigUInt64BE(2)) : more === 2 ? bytes.readUInt16BE(2) : short;
  return { length: head + length };
}

/**
 * The frame anew, its content being a code and a reason, or nothing.
 *
 * @param {{ content?: Buffer }} frame
 * @param {(reason: string) => string} clear
 */
function closing({ content = Buffer.from([PROTOCOL_ERROR >> 8, PROTOCOL_ERROR & 255]) }, clear) {
  const reason = Buffer.from(clear(content.subarray(CODE_BYTES).toString()));
  const code = content.subarray(0, CODE_BYTES);
  return Buffer.concat([Buffer.from([128 | CLOSE, code.length + reason.length]), code, reason]);
}
