/** Gives a sandbox the fields that people see, and hides the pointer that they should not. */
export function dress(sandbox, shown, commands, files) {
  const hidden = { __wbg_ptr: sandbox.__wbg_ptr, commands, files };
  Object.assign(sandbox, shown);
  for (const name in hidden) hide(sandbox, name, hidden[name]);
  for (const part of [commands, files]) hide(part, "__wbg_ptr", part.__wbg_ptr);
}

const hide = (object, name, value) => Object.defineProperty(object, name, { value, writable: true, configurable: true, enumerable: false });

/** The plain object of `resolveConfig`. */
export const config = (apiKey, baseUrl, sandboxHost, sandboxUrl) =>
  sandboxUrl === undefined ? { apiKey, baseUrl, sandboxHost } : { apiKey, baseUrl, sandboxHost, sandboxUrl };
