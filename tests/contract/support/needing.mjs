// Suites all of whose tests need something of the runtime.

/**
 * The same suite, whose tests need that entry of `runtime.features`.
 *
 * @param {string} feature
 * @param {import("./types.d.ts").Define} define
 * @returns {import("./types.d.ts").Define}
 */
export const needing = (feature, define) => (tests) =>
  define({
    /** @type {any} */
    test(/** @type {string} */ name, /** @type {any[]} */ ...rest) {
      const body = rest.pop();
      const [options = {}] = rest;
      tests.test(name, { ...options, needs: [options.needs ?? [], feature].flat() }, body);
    },
  });
