// A model's input against a tool's schema: of JSON Schema what these schemas have.

/** @import { ToolSchema } from "#tool-types" */

const MOST_NAMED = 60;

/** @param {string} name */
const named = (name) => `\`${name.slice(0, MOST_NAMED)}\``;

/**
 * The input with all its members, or what is wrong with it in words for a model.
 *
 * @param {ToolSchema} schema
 * @param {unknown} input
 * @returns {{ value: Record<string, any>, wrong?: string }}
 */
export function checked({ properties }, input) {
  /** @type {string[]} */
  const wrong = [];
  /** @type {Record<string, unknown>} */
  const value = {};
  try {
    if (typeof input === "string") input = JSON.parse(input);
    if (typeof input !== "object" || input === null || Array.isArray(input)) {
      wrong.push("The input has to be an object.");
    } else {
      const given = /** @type {Record<string, unknown>} */ (input);
      const unknown = Object.keys(given).filter((name) => !Object.hasOwn(properties, name));
      wrong.push(...unknown.slice(0, 3).map((name) => `There is no ${named(name)}.`));
      for (const [name, schema] of Object.entries(properties)) {
        value[name] = (Object.hasOwn(given, name) ? given[name] : undefined) ?? null;
        const fault = faultOf(schema, value[name]);
        if (fault) wrong.push(`${named(name)} ${fault}.`);
      }
    }
  } catch {
    wrong.push("The input is not complete JSON: send all of it.");
  }
  if (wrong.length === 0) return { value };
  return { value, wrong: `${wrong.join(" ")} It takes ${Object.keys(properties).map(named).join(", ")}.` };
}

/**
 * What is wrong with a value, as the end of a sentence.
 *
 * @param {Record<string, any>} schema
 * @param {any} value
 * @returns {string | undefined}
 */
function faultOf({ type, enum: words, minimum, maximum, items, maxItems }, value) {
  const [name, or] = [type].flat();
  if (value === null) return or ? undefined : "is missing";
  /** @type {[fits: boolean, kind: string]} */
  let [fits, kind] = [typeof value === name, name === "boolean" ? "true or false" : "a string"];
  if (words) [fits, kind] = [words.includes(value), `one of ${words.filter(Boolean).join(", ")}`];
  if (minimum !== undefined) {
    fits =
      (name === "integer" ? Number.isSafeInteger(value) : fits) && value >= minimum && !(value > maximum);
    kind = `a${name[0] === "i" ? "n" : ""} ${name}, ${minimum} or more${maximum ? `, ${maximum} at most` : ""}`;
  }
  if (name === "array") {
    fits = Array.isArray(value) && value.length === maxItems && !value.some((one) => faultOf(items, one));
    kind = `an array of ${maxItems} integers`;
  }
  return fits ? undefined : `has to be ${kind}`;
}
