// The classes of the surface. Their methods are those of the generated tables, and all call the module's one function.
import { classes, connection, operations, parts } from "#tables";
import { Arguments } from "./arguments.js";
import { chains } from "./chains.js";
import { module, protect } from "./module.js";
import { listing } from "./pages.js";
import { asyncDispose } from "./runtime.js";
import { component, encode } from "./shape.js";
import { enter, thrown } from "./task.js";

/** What objects stand for stays until the program ends where the runtime has no such registry. */
const registry =
  typeof FinalizationRegistry === "function"
    ? new FinalizationRegistry((handle) => module.release(handle))
    : undefined;

/**
 * Holds what says which resource an object stands for. It is a property, so that it is found through a proxy too.
 *
 * @type {unique symbol}
 */
const HANDLE = Symbol("handle");

/**
 * What a handle holds: the number by which the module knows the resource, the connection, and which sandbox it is, if any.
 * A class of a {@link Superserve} has the connection's defaults in its own.
 *
 * @typedef {{ number?: number, link?: import("./link.js").Link, sandboxId?: string }} Handle
 * @typedef {{ [HANDLE]: Handle }} Held An object of the surface.
 */

/** @typedef {Record<string, new () => object>} Constructors The classes by their names. */

/**
 * Gives an object a member that nobody lists, unless it takes none. Answers with the member's value.
 *
 * @template T
 * @param {object} object
 * @param {PropertyKey} name
 * @param {T} value
 */
const hide = (object, name, value) => {
  const descriptor = { value, writable: true, configurable: true, enumerable: false };
  if (Object.isExtensible(object)) Object.defineProperty(object, name, descriptor);
  return value;
};

/**
 * Makes a getter of `Sandbox`. What is set on its object, such as a test's spy, stays, since the first object is kept.
 *
 * @param {string} name
 * @param {string} className
 */
function part(name, className) {
  Object.defineProperty(Sandbox.prototype, name, {
    configurable: true,
    /** @this {Held | undefined} */
    get() {
      // Those who show or mock the prototype read this of the prototype itself.
      if (!this?.[HANDLE]) return undefined;
      const object = new /** @type {Constructors} */ (classes)[className]();
      hide(object, HANDLE, this[HANDLE]);
      return hide(this, name, object);
    },
    set(value) {
      hide(this, name, value);
    },
  });
}

export const { Sandbox, Snapshot, Template, Secret, Provider } = classes;
for (const [name, className] of Object.entries(parts)) part(name, className);

/** @typedef {(...values: any[]) => unknown} Method */

/** The functions of the surface, which belong to no class. */
/** @type {Record<string, Method>} */
export const functions = {};

/** @type {(() => unknown) | undefined} Makes the error of a call that comes before the module is loaded. */
let notReady;

/** Makes calls fail with that error until the function that is returned is called. @param {() => unknown} error */
export function beforeInit(error) {
  notReady = error;
  return () => (notReady = undefined);
}

/**
 * Calls an operation. An error of its begins at `method`.
 *
 * @param {Function} method
 * @param {number} number
 * @param {number} handle
 * @param {Arguments} given
 */
function invoke(method, number, handle, given) {
  const outer = enter(method);
  try {
    return protect(() => module.invoke(number, handle, given));
  } catch (error) {
    throw thrown(error);
  } finally {
    enter(outer);
  }
}

/**
 * Makes the method of an operation.
 *
 * @param {import("./shape.js").Operation} operation
 * @param {number} number
 */
function define({ className, name, isStatic, pages }, number) {
  /** @type {any} */
  const holder = className ? /** @type {Constructors} */ (classes)[className] : functions;
  const key = name === "asyncDispose" ? asyncDispose : name;
  const chain = chains[`${className}.${name}`];
  /** @type {Record<PropertyKey, Method>} */
  const made = {
    /** @type {(this: Held | undefined, ...values: any[]) => unknown} */
    [key](first, second, third, fourth) {
      if (notReady) throw notReady();
      const of = this?.[HANDLE];
      const handle = (!isStatic && of?.number) || 0;
      const values = [first, second, third, fourth];
      if (pages) {
        return listing(
          number,
          () => new Arguments(number, values, of),
          function read(given) {
            return invoke(read, number, handle, given);
          },
        );
      }
      if (chain) {
        return chain(
          function call(step, values, isOwn) {
            const given = new Arguments(step, values, of);
            if (!isOwn) given.method = number;
            return invoke(call, step, handle, given);
          },
          number,
          values,
        );
      }
      return invoke(made[key], number, handle, new Arguments(number, values, of));
    },
  };
  hide(isStatic ? holder : holder.prototype, key, made[key]);
}

operations.forEach((operation, number) => operation.isInternal || define(operation, number));

/**
 * An object of the class that an operation belongs to, with the fields that people see.
 *
 * @param {number} operation
 * @param {number} number
 * @param {{ id?: string } | undefined} fields
 * @param {Arguments} given
 */
export function create(operation, number, fields, { link }) {
  const { className } = operations[operation];
  const object = Object.assign(new /** @type {any} */ (classes)[className](), fields);
  const handle = { number, link, sandboxId: className === "Sandbox" ? fields?.id : undefined };
  hide(object, HANDLE, handle);
  registry?.register(handle, number);
  return object;
}

/** The number by which the module knows what an object stands for. */
export const numberOf = (/** @type {Held} */ object) => /** @type {number} */ (object[HANDLE].number);

/** The classes on a connection of their own. */
export class Superserve {
  /** @param {object} [options] */
  constructor(options) {
    /** @type {any} */
    const locals = {};
    encode(connection, options ?? {}, "", {}, { locals });
    // It would end calls of a later time.
    delete locals.signal;
    for (const [name, base] of Object.entries(classes)) {
      if (!Object.values(parts).includes(name))
        /** @type {any} */ (this)[name] = bound(base, { link: locals });
    }
  }
}

/**
 * A class whose calls start from that connection, and whose objects are those of `base`. Its methods need no `this`, since
 * programs hand them over as callbacks.
 *
 * @param {any} base
 * @param {Handle} of
 */
function bound(base, of) {
  const own = base.bind();
  hide(own, HANDLE, of);
  for (const name of Reflect.ownKeys(base)) {
    hide(own, name, typeof base[name] === "function" ? base[name].bind(own) : base[name]);
  }
  return own;
}

/** The error of a method that was called on an object that has no handle. */
export const notOurs = () => new TypeError("this object was not made by the SDK: use the static methods");

/** A preview URL with a token in it. @type {(url: string, token: { queryParam: string, token: string }) => string} */
export const signed = (url, { queryParam, token }) => `${url}/?${component(queryParam)}=${component(token)}`;

/**
 * Notes in a template's fields the build that an answer began. Answers with the newest that is known.
 *
 * @param {{ latestBuildId?: string }} fields
 * @param {string} build
 */
export function noteBuild(fields, build) {
  if (build) fields.latestBuildId = build;
  return fields.latestBuildId ?? "";
}

/**
 * The plain object of `resolveConfig`.
 *
 * @param {string} apiKey
 * @param {string} baseUrl
 * @param {string} sandboxHost
 * @param {string | undefined} sandboxUrl
 */
export const config = (apiKey, baseUrl, sandboxHost, sandboxUrl) =>
  sandboxUrl === undefined ? { apiKey, baseUrl, sandboxHost } : { apiKey, baseUrl, sandboxHost, sandboxUrl };
