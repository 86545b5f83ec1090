// A call's arguments and options, checked by the generated tables, and its answer, made by them.
import {
  SCRIPT_SEPARATOR,
  SENDS_CHANGE,
  SENDS_FILE,
  SENDS_QUERY,
  SENDS_SCRIPT,
  SENDS_STREAM,
} from "#constants";
import { PRELUDE, STOP } from "#scripts";
import { operations } from "#tables";
import { invalid, refusal } from "./errors.js";
import { joined, linkOf } from "./link.js";
import { decoder, settings } from "./runtime.js";
import { scripts, shell } from "./script.js";
import { component, encode, encodeField, isObject, isRecord } from "./shape.js";
import { Sink } from "./stream.js";

/** @import { Lines } from "./script.js" */

/** An instance has no member that is not its own, as an object without a prototype; but engines make those slow ones. */
function Locals() {}
Locals.prototype = Object.create(null);

/** What a method was called with: nothing of it is looked at before `read`. */
export class Arguments {
  /** What goes over the wire. @type {Record<string, any>} */
  wire = {};
  /** What stays on this side, by the name of the argument or option. @type {any} */
  locals = new /** @type {any} */ (Locals)();
  /** What a page of a list is asked for by, over what the options say. @type {object | undefined} */
  page;
  /** A value that no error may show. @type {string | undefined} */
  secret;
  /** The key of a call whose options name the connection. @type {string | undefined} */
  key;
  /** How many requests were sent. */
  sent = 0;
  /** Whether the service may have acted on one of them. */
  mayHaveRun = false;
  /** The last answer. @type {Response | undefined} */
  answer;
  /** What those who are told of its requests know the call by. @type {number | undefined} */
  callId;
  /** The last dial, if anybody was told of it. @type {import("./call.js").Told} */
  dial;
  /** The operation that it is a step of, if that is another. @type {number | undefined} */
  method;
  #values;

  /**
   * What the operation of that number was called with. `of` is what is known of the object, or of the connection whose
   * class it was called on.
   *
   * @param {number} number
   * @param {unknown[]} values
   * @param {{ link?: import("./link.js").Link, sandboxId?: string }} [of]
   */
  constructor(number, values, { link, sandboxId } = {}) {
    this.number = number;
    this.#values = values;
    this.link = link;
    this.ownId = sandboxId;
  }

  /**
   * Checks arguments and options; answers with what the request carries. `connects` says that the options name the
   * connection too.
   *
   * @param {boolean} connects
   */
  read(connects) {
    const { wire, locals } = this;
    const { isStatic, args, options, maybe, loose, connection, content, presets } = operations[this.number];
    let at = 0;
    const next = () => this.#values[at++];
    if (args) for (const field of args) encodeField(field, next(), field.name, wire, this);
    const fields = options ?? maybe ?? loose;
    if (fields) {
      const value = next();
      if (loose ? isRecord(value) : options || !isLeftOut(value)) encode(fields, value, "", wire, this);
    }
    if (connection) {
      const value = next();
      if (!isLeftOut(value)) encode(connection, value, "", wire, this);
    }
    // Those that are made up are not, where the caller has said one.
    for (const name in presets) wire[name] ??= presets[name];
    if (this.page) Object.assign(wire, this.page);
    if (isStatic) {
      const all = joined(locals, this.link);
      if (connects) this.key = settings(all);
      this.link = linkOf(all, this.link);
    }
    if (!content) return undefined;
    const { match } = locals;
    if (match) {
      if (Object.keys(match).length === 0) throw refusal("match", "have a tag");
      // The newest may not be on another page.
      return this.query({ metadata: match, sort: "created_at", order: "desc" });
    }
    if (content === SENDS_QUERY) return this.query(wire);
    if (content >= SENDS_FILE && content <= SENDS_STREAM) return locals.content;
    if (content === SENDS_CHANGE && Object.keys(wire).length === 0)
      throw refusal("an update", "change something");
    if (content !== SENDS_SCRIPT) return this.body();
    // The service's own limit is not to be in the way of one that the caller has set.
    const ms = this.timeoutMs ?? this.usualTimeoutMs;
    if (ms) wire.timeout_s ??= Math.ceil(ms / 1000);
    return values(this.number, wire);
  }

  /** What takes a command's output piece by piece, if the caller wants it so. */
  sink() {
    const { onStdout, onStderr, onOutput } = this.locals;
    if (!(onStdout || onStderr || onOutput)) return undefined;
    const sink = new Sink(onStdout, onStderr, onOutput);
    // What a script tells may have no end.
    sink.keeps = operations[this.number].content !== SENDS_SCRIPT;
    return sink;
  }

  /** Whether that goes over the wire. @param {string} name */
  has(name) {
    return this.wire[name] !== undefined;
  }

  /** The request's JSON. Half a character is U+FFFD, as in the bytes of a file or an input. */
  body() {
    const json = JSON.stringify(this.wire);
    return json.includes("\\ud")
      ? json.replace(/\\(ud...|.)/g, (found, { length }) => (length > 1 ? "\ufffd" : found))
      : json;
  }

  /** The request's query; the members of a map are `name.key`, each item of a list has the name. */
  query(/** @type {object} */ wire) {
    /** @type {(name: string, value: unknown) => string} */
    const pair = (name, value) => `${component(name)}=${component(value)}`;
    return Object.entries(wire)
      .flatMap(([name, value]) =>
        isObject(value)
          ? Object.entries(value).map(([key, inner]) => pair(`${name}.${key}`, inner))
          : [value].flat().map((one) => pair(name, one)),
      )
      .join("&");
  }

  /** `Sandbox.create`; a function has no class. */
  get operation() {
    const { className, name } = operations[this.method ?? this.number];
    return className ? `${className}.${name}` : name;
  }

  /** The sandbox that it is about, as far as that is known. @type {string | undefined} */
  get sandboxId() {
    return this.ownId ?? this.locals.sandboxId;
  }

  /** What no error may show, with a NUL between one and the next. */
  get hidden() {
    return [this.secret, this.key, ...Object.values(this.link?.headers ?? {})].join("\0");
  }

  get timeoutMs() {
    return this.locals.timeoutMs;
  }

  get maxOutputBytes() {
    return this.locals.maxOutputBytes;
  }

  /** That of the connection. */
  get usualTimeoutMs() {
    return this.link?.timeoutMs;
  }

  /** Whether the sandbox that this makes is paused at its end. */
  get rests() {
    return Boolean(this.locals.onDispose);
  }

  get signal() {
    return this.locals.signal;
  }
}

/**
 * The request that runs the script of a call. A page's has, by its relay, what keeps it within a folder, and the script where
 * that loads apart.
 *
 * @param {{ wire: { timeout_s?: number }, number: number, entry?: number, guard?: Lines[], script?: Lines }} given
 * @param {string} words
 * @param {string} call
 */
export function exec({ wire, number, entry = number, guard = [], script }, words, call) {
  const own = script ?? scripts[operations[entry].script ?? ""];
  return JSON.stringify({ ...shell([PRELUDE, ...guard, own], words, call), timeout_s: wire.timeout_s });
}

/** The request that ends all that a call has started. @param {string} call */
export const stopping = (call) => JSON.stringify(shell([STOP], call, ""));

/** The fields of an operation that go over the wire, by their names there. @param {number} number */
function sent(number) {
  const { args = [], maybe = [] } = operations[number];
  return [...args, ...maybe].flatMap((field) =>
    field.wire === null ? [] : { ...field, name: field.wire ?? field.name },
  );
}

/** What a script is given, in the order of the entry's fields. @type {(number: number, wire: any) => string} */
const values = (number, wire) =>
  sent(number)
    .flatMap(({ name }) => wire[name] ?? "")
    .map((value) => (typeof value === "boolean" ? +value : value))
    .join(SCRIPT_SEPARATOR);

/** The same of what a page says, which is checked as a caller's is. @type {(number: number, page: object) => string} */
export function pageValues(number, page) {
  const wire = {};
  encode(sent(number), page, "", wire);
  for (const name in page) if (!Object.hasOwn(wire, name)) throw refusal(name, "be known");
  return values(number, wire);
}

/** What this package does by itself, on the connection of others. @type {(given: Arguments, number: number) => Arguments} */
export const about = (given, number) => new Arguments(number, [], given);

/** @param {unknown} value */
const isLeftOut = (value) => value === undefined || value === null;

/** What stays on this side by that name. @type {(given: Arguments, name: string) => unknown} */
export const local = ({ locals }, name) => locals[name];

/** The same as text, empty where there is none. @type {(given: Arguments, name: string) => string} */
export const localText = ({ locals }, name) => `${locals[name] ?? ""}`;

/** What the surface promises for an answer to that operation. @type {(number: number, raw: unknown) => any} */
export const decode = (number, raw) => operations[number].decode?.(raw);

/** The same of what a script told, as JSON. @type {(number: number, json: Uint8Array) => any} */
export function decodeTold(number, json) {
  const raw = JSON.parse(decoder().decode(json));
  return operations[number].decode ? decode(number, raw) : raw;
}

/** A string that an answer has to have. @type {(raw: any, name: string) => string} */
export function member(raw, name) {
  const value = raw?.[name];
  if (typeof value !== "string") throw invalid(`lacks ${name}`);
  return value;
}

// These have the name in them, since a name takes time to cross.
export const idOf = (/** @type {unknown} */ raw) => member(raw, "id");
export const tokenOf = (/** @type {unknown} */ raw) => member(raw, "access_token");

/** A string that an answer may have; empty where it has none. @type {(raw: any, name: string) => string} */
export const textOf = (raw, name) => (typeof raw?.[name] === "string" ? raw[name] : "");

export const hintOf = (/** @type {unknown} */ raw) => textOf(raw, "routing_hint");

/** A member of what may be an object, or undefined. @type {(value: unknown, name: string) => unknown} */
export const memberOf = (value, name) => (isObject(value) ? value[name] : undefined);

/** A member of a value of this package's own. @type {(object: any, name: string) => unknown} */
export const property = (object, name) => object[name];

/** The same as text, empty where there is none. @type {(object: any, name: string) => string} */
export const propertyText = (object, name) => `${object[name] ?? ""}`;

/** The item of a list that has that id, or undefined; what is no list, as it is. @type {(raw: unknown, id: string) => unknown} */
export const ofList = (raw, id) => (Array.isArray(raw) ? raw.find((item) => item?.id === id) : raw);

/** The first item of a list, or undefined. */
export const first = (/** @type {unknown} */ raw) => (Array.isArray(raw) ? raw[0] : undefined);
