// The classes of the surface. Their methods are what Rust lists (operation.rs), and all call its one function.
import { component } from "./shape.js";
import { enter, protect, thrown } from "./task.js";

let invoke;
let registry;

/** Told once how to call the module. */
export function connect(exports) {
  ({ invoke } = exports);
  // Where there is no registry, what objects stand for stays until the program ends.
  if (typeof FinalizationRegistry === "function") registry = new FinalizationRegistry(exports.release);
}

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

const classes = {
  Sandbox: class {},
  Commands: class {},
  Files: class {},
  Template: class {},
  Secret: class {},
  Provider: class {},
};
export const { Sandbox, Template, Secret, Provider } = classes;
part("commands", "Commands");
part("files", "Files");

/** The functions of the surface, which belong to no class. */
export const functions = {};

/** Makes calls fail with that error until the function that is returned is called. */
export function beforeInit(error) {
  const get = (target, name, receiver) => {
    if (name in target || typeof name === "symbol" || name === "then")
      return Reflect.get(target, name, receiver);
    throw error();
  };
  const holders = [functions, ...Object.values(classes)];
  const prototypes = holders.map(Object.getPrototypeOf);
  for (const [i, holder] of holders.entries())
    Object.setPrototypeOf(holder, new Proxy(prototypes[i], { get }));
  return () => holders.forEach((holder, i) => Object.setPrototypeOf(holder, prototypes[i]));
}

/** Makes a method of an operation. */
export function define(classIndex, index, name, isStatic) {
  const at = name.indexOf(".");
  const method = name.slice(at + 1);
  const holder = at < 0 ? functions : classes[name.slice(0, at)];
  const made = {
    [method](first, second, third) {
      const { number = 0, refresh } = (!isStatic && this?.[HANDLE]) || {};
      const outer = enter(made[method]);
      try {
        return protect(() => invoke(classIndex, index, number, first, second, third, refresh));
      } catch (error) {
        throw thrown(error);
      } finally {
        enter(outer);
      }
    },
  };
  hide(isStatic ? holder : holder.prototype, method, made[method]);
}

/** An object of a class, with the fields that people see. */
export function create(className, number, fields) {
  const object = Object.assign(new classes[className](), fields);
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
export function adopt(fields, build) {
  if (build) fields.latestBuildId = build;
  return fields.latestBuildId ?? "";
}

/** The plain object of `resolveConfig`. */
export const config = (apiKey, baseUrl, sandboxHost, sandboxUrl) =>
  sandboxUrl === undefined ? { apiKey, baseUrl, sandboxHost } : { apiKey, baseUrl, sandboxHost, sandboxUrl };
