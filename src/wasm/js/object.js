// What JavaScript sees of the exported classes and their objects.

const keep = (object, name, value) => {
  const descriptor = { value, writable: true, configurable: true, enumerable: false };
  if (Object.isExtensible(object)) Object.defineProperty(object, name, descriptor);
  return value;
};

/** Gives an object the fields that people see, and hides the pointer that they should not. */
export function show(object, fields) {
  keep(object, "__wbg_ptr", object.__wbg_ptr);
  Object.assign(object, fields);
}

/**
 * Completes the exported classes. A getter of theirs makes a new object at each access: the first is kept,
 * so that what is set on it, a test's spy say, stays. And `free`, which wasm-bindgen gives every class,
 * would take an object from under a call that still runs.
 */
export function complete(Sandbox, ...parts) {
  for (const name of ["commands", "files"]) {
    const { get } = Object.getOwnPropertyDescriptor(Sandbox.prototype, name);
    Object.defineProperty(Sandbox.prototype, name, {
      configurable: true,
      get() {
        // The prototype itself is looked at too, by those who show or mock it.
        if (!this?.__wbg_ptr) return undefined;
        const part = get.call(this);
        keep(part, "__wbg_ptr", part.__wbg_ptr);
        return keep(this, name, part);
      },
      set(value) {
        keep(this, name, value);
      },
    });
  }
  for (const { prototype } of [Sandbox, ...parts]) {
    delete prototype.free;
    delete prototype[Symbol.dispose];
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (typeof value === "function" && name !== "constructor") keep(prototype, name, guarded(value));
    }
  }
}

/** A method that refuses an object without a pointer: in the module it would be an exception that never unwinds. */
function guarded(method) {
  return function (...given) {
    if (this?.__wbg_ptr) return method.apply(this, given);
    return Promise.reject(new TypeError("this object was not made by the SDK: use the static methods"));
  };
}

/** The plain object of `resolveConfig`. */
export const config = (apiKey, baseUrl, sandboxHost, sandboxUrl) =>
  sandboxUrl === undefined ? { apiKey, baseUrl, sandboxHost } : { apiKey, baseUrl, sandboxHost, sandboxUrl };
