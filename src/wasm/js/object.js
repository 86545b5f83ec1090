// The classes of the surface. Their methods are those of the generated tables, and all call the module's one function.
import { classes, operations, parts } from "#tables";
import { Arguments } from "./arguments.js";
import { module, protect } from "./module.js";
import { component } from "./shape.js";
import { enter, thrown } from "./task.js";

/** Where there is none, what objects stand for stays until the program ends. */
const registry =
  typeof FinalizationRegistry === "function"
    ? new FinalizationRegistry((handle) => module.release(handle))
    : undefined;

/** Holds what says which resource an object stands for. A property, so that it is found through a proxy too. */
const HANDLE = Symbol("handle");

const hide = (object, name, value) => {
  const descriptor = { value, writable: true, configurable: true, enumerable: false };
  if (Object.isExtensible(object)) Object.defineProperty(object, name, descriptor);
  return value;
};

/** A getter of `Sandbox`. What is set on its object, a test's spy say, stays, since the first object is kept. */
function part(name, className) {
  Object.defineProperty(Sandbox.prototype, name, {
    configurable: true,
    get() {
      // The prototype itself is looked at too, by those who show or mock it.
      if (!this?.[HANDLE]) return undefined;
      const object = new classes[className]();
      hide(object, HANDLE, this[HANDLE]);
      return hide(this, name, object);
    },
    set(value) {
      hide(this, name, value);
    },
  });
}

export const { Sandbox, Template, Secret, Provider } = classes;
for (const [name, className] of Object.entries(parts)) part(name, className);

/** The functions of the surface, which belong to no class. */
export const functions = {};

/** Makes the error of a call that comes before the module is loaded. */
let notReady;

/** Makes calls fail with that error until the function that is returned is called. */
export function beforeInit(error) {
  notReady = error;
  return () => (notReady = undefined);
}

/** Makes the method of an operation. */
function define({ className, name, isStatic }, number) {
  const holder = className ? classes[className] : functions;
  const made = {
    [name](first, second, third) {
      if (notReady) throw notReady();
      const { number: handle = 0, refresh } = (!isStatic && this?.[HANDLE]) || {};
      const outer = enter(made[name]);
      try {
        return protect(() => module.invoke(number, handle, new Arguments(number, [first, second, third]), refresh));
      } catch (error) {
        throw thrown(error);
      } finally {
        enter(outer);
      }
    },
  };
  hide(isStatic ? holder : holder.prototype, name, made[name]);
}

operations.forEach((operation, number) => operation.name && define(operation, number));

/** An object of the class that an operation belongs to, with the fields that people see. */
export function create(operation, number, fields) {
  const object = Object.assign(new classes[operations[operation].className](), fields);
  const handle = { number };
  hide(object, HANDLE, handle);
  registry?.register(handle, number);
  return object;
}

/** The number by which the module knows what an object stands for. */
export const numberOf = (object) => object[HANDLE].number;

/** Keeps the way to an object's next ticket with it. */
export const hold = (object, refresh) => (object[HANDLE].refresh = refresh);

export const notOurs = () => new TypeError("this object was not made by the SDK: use the static methods");

/** A preview URL with a token in it. */
export const signed = (url, { queryParam, token }) => `${url}/?${component(queryParam)}=${component(token)}`;

/** Notes in a template's fields the build that an answer began. Answers with the newest that is known. */
export function noteBuild(fields, build) {
  if (build) fields.latestBuildId = build;
  return fields.latestBuildId ?? "";
}

/** The plain object of `resolveConfig`. */
export const config = (apiKey, baseUrl, sandboxHost, sandboxUrl) =>
  sandboxUrl === undefined ? { apiKey, baseUrl, sandboxHost } : { apiKey, baseUrl, sandboxHost, sandboxUrl };
