import { Refusal } from "./refusal.js";

const REDACTED = "[redacted]";
/** So many characters of a secret give it away. */
const BLOCK = 12;
/** Of access tokens, which change, the last used are known. */
const KEPT = 10_000;
const SEPARATOR = /[\s"'`]/;
const WORDS = /[^\s"'`]+/g;
const ESCAPES =
  /%([\da-f]{2})|\\u\{?([\da-f]{4})\}?|\\x([\da-f]{2})|&#x([\da-f]{1,6});|&#(\d{1,7});|&(amp|lt|gt|quot|apos);|\\(.)/gi;
/** @type {Record<string, string>} */
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
/** An escape may be escaped again by whoever quotes it. */
const TIMES_ESCAPED = 3;
/** A close frame holds no more. */
const MAX_REASON_BYTES = 123;
const BASE64 = /[\w+/-]{16,}/g;

/**
 * What no page may see, found in what the service says: as it is, in pieces, escaped, and in base64.
 *
 * A page has a say in what the service says: an error names the path that was asked for. So it could guess at a secret
 * and see in the answer whether it was right. Therefore a piece counts from a whole block on, whose place in the secret is
 * fixed, and takes the whole word with it: half of one tells nothing, and no guess can go on from what is known.
 */
export class Secrets {
  /** @type {Set<string>} */
  #tokens = new Set();
  /**
   * For each block, in small letters, the secrets that it is of.
   *
   * @type {Map<string, string[]>}
   */
  #blocks = new Map();
  /**
   * Those that are too short for blocks.
   *
   * @type {Set<string>}
   */
  #short = new Set();
  /** Finds pieces of those that are no single word. */
  #phrases;

  /** @param {string[]} lasting */
  constructor(lasting) {
    for (const secret of lasting) this.add(secret);
    const phrases = lasting
      .filter((secret) => SEPARATOR.test(secret))
      .flatMap((secret) => [...blocksOf(secret)]);
    const plain = phrases.map((piece) => piece.replace(/[^\w\s]/g, "\\$&"));
    this.#phrases = plain.length > 0 ? new RegExp(plain.join("|"), "gi") : /$^/;
  }

  /** @param {string} token */
  addToken(token) {
    if (!this.#tokens.delete(token)) this.add(token);
    this.#tokens.add(token);
    if (this.#tokens.size <= KEPT) return;
    const [oldest] = this.#tokens;
    this.#tokens.delete(oldest);
    this.forget(oldest);
  }

  /** @param {string} secret */
  add(secret) {
    const small = secret.toLowerCase();
    const blocks = [...blocksOf(small)];
    if (blocks.length === 0) this.#short.add(secret);
    for (const block of blocks) {
      const known = this.#blocks.get(block);
      if (known) known.push(small);
      else this.#blocks.set(block, [small]);
    }
  }

  /** @param {string} secret */
  forget(secret) {
    const small = secret.toLowerCase();
    this.#short.delete(secret);
    for (const block of blocksOf(small)) {
      const left = this.#blocks.get(block)?.filter((one) => one !== small) ?? [];
      if (left.length > 0) this.#blocks.set(block, left);
      else this.#blocks.delete(block);
    }
  }

  /**
   * Words of the service, an error's, without a trace of any.
   *
   * @param {string} text
   */
  cleared(text) {
    let left = text;
    for (const secret of this.#short) left = left.replaceAll(secret, REDACTED);
    return this.clearedValue(left);
  }

  /**
   * What is a code, or an id: a few letters of it are no secret.
   *
   * @param {string} text
   */
  clearedValue(text, half = false) {
    const words = text.replace(this.#phrases, REDACTED);
    return words.replace(WORDS, (word) => (this.#shows(word, half) ? REDACTED : word));
  }

  /**
   * Those of the headers that show none.
   *
   * @param {string[]} names
   * @param {Headers} headers
   * @returns {Record<string, string>}
   */
  clearedHeaders(names, headers) {
    const passed = names.filter((name) => headers.has(name));
    const given = passed.map((name) => [name, `${headers.get(name)}`]);
    return Object.fromEntries(given.filter(([, value = ""]) => this.clearedValue(value) === value));
  }

  /**
   * Why the service closes a WebSocket.
   *
   * @param {string} reason
   */
  clearedReason(reason) {
    const left = this.cleared(reason);
    return new TextEncoder().encode(left).length > MAX_REASON_BYTES ? "" : left;
  }

  /**
   * What `fetch` threw. It may quote the answer, and keep the bytes that it failed on.
   *
   * @param {unknown} error
   * @returns {unknown}
   */
  clearedError(error, depth = 2) {
    if (!(error instanceof Error) || error instanceof Refusal) return error;
    const { name, message, code, cause } = /** @type {Error & { code?: unknown }} */ (error);
    const inner = cause && depth > 0 ? { cause: this.clearedError(cause, depth - 1) } : {};
    return Object.assign(
      new Error(this.cleared(message), inner),
      { name },
      typeof code === "string" && { code },
    );
  }

  /**
   * What the service tells in JSON, without its members that are access tokens or routing hints. It tells of other things too, which a
   * secret may have a piece of, as an access token may hold the sandbox's id: here half of a secret counts.
   *
   * @param {unknown} value
   * @returns {unknown}
   */
  clearedJson(value) {
    if (typeof value === "string") return this.clearedValue(value, true);
    if (Array.isArray(value)) return value.map((one) => this.clearedJson(one));
    if (typeof value !== "object" || value === null) return value;
    const members = Object.entries(value).filter(([key]) => key !== "access_token" && key !== "routing_hint");
    return Object.fromEntries(members.map((member) => member.map((one) => this.clearedJson(one))));
  }

  /**
   * @param {string} word
   * @param {boolean} half
   */
  #shows(word, half) {
    return word.length >= BLOCK && formsOf(word).some((form) => this.#stands(form.toLowerCase(), half));
  }

  /**
   * @param {string} text
   * @param {boolean} half
   */
  #stands(text, half) {
    for (let at = 0; at + BLOCK <= text.length; at++) {
      const secrets = this.#blocks.get(text.slice(at, at + BLOCK));
      if (secrets && (!half || secrets.some((secret) => isHalfOf(secret, text)))) return true;
    }
    return false;
  }
}

/**
 * From its end on, so that a beginning that all keys have in common is a block with as little else as can be.
 *
 * @param {string} secret
 */
function* blocksOf(secret) {
  for (let end = secret.length; end >= BLOCK; end -= BLOCK) yield secret.slice(end - BLOCK, end);
  // One block alone would be cut by whoever cuts off the last character.
  if (secret.length >= BLOCK && secret.length < 2 * BLOCK) yield secret.slice(0, BLOCK);
}

/**
 * @param {string} secret
 * @param {string} text
 */
function isHalfOf(secret, text) {
  const blocks = [...blocksOf(secret)];
  return blocks.filter((block) => text.includes(block)).length * 2 >= blocks.length;
}

/**
 * The word, and what it says to who unescapes it or takes it for base64.
 *
 * @param {string} word
 */
function formsOf(word) {
  const forms = [word];
  for (let last = word; forms.length <= TIMES_ESCAPED; ) {
    const form = last.replace(ESCAPES, unescaped);
    if (form === last) break;
    forms.push((last = form));
  }
  return forms.flatMap((form) => [form, ...(form.match(BASE64) ?? []).flatMap(decoded)]);
}

/**
 * @param {string} _
 * @param {(string | undefined)[]} groups
 */
function unescaped(_, ...groups) {
  const [percent, u, x, entityX, entity, name, char = ""] = groups;
  const hex = percent ?? u ?? x ?? entityX;
  if (hex ?? entity) return String.fromCharCode(hex ? parseInt(hex, 16) : Number(entity));
  return name ? (ENTITIES[name.toLowerCase()] ?? "") : char;
}

/**
 * What may be a piece of base64 does not tell where in it a group of four begins.
 *
 * @param {string} text
 */
function decoded(text) {
  const standard = text.replace(/-/g, "+").replace(/_/g, "/");
  return [0, 1, 2, 3].map((start) => {
    const groups = standard.slice(start);
    return atob(groups.length % 4 === 1 ? groups.slice(0, -1) : groups);
  });
}
