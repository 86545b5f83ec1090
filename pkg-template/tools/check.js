// A model's input against a tool's schema: of JSON Schema what these schemas have.

/** @import { ToolSchema } from "#tool-types" */

/** @typedef {Record<string, any>} Schema */

const MOST_NAMED = 60;

/** @param {string} name */
const named = (name) => `\`${name.slice(0, MOST_NAMED)}\``;

/**
 * The input with all its members, or what is wrong with it in words for a model.
 *
 * @param {ToolSchema} schema
 * @param {unknown} input
 * @returns {{ value: Record<string, any> } | { wrong: string }}
 */
export function checked(schema, input) {
  const names = Object.keys(schema.properties);
  const takes = `It takes ${names.map(named).join(", ")}.`;
  if (typeof input === "string") {
    try {
      input = JSON.parse(input);
    } catch {
      return { wrong: `The input is not complete JSON: send the whole object once more. ${takes}` };
    }
  }
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    return { wrong: `The input has to be an object. ${takes}` };
  }
  const given = /** @type {Record<string, unknown>} */ (input);
  const unknown = Object.keys(given).filter((name) => !names.includes(name));
  const wrong = unknown.slice(0, 3).map((name) => `There is no ${named(name)}.`);
  const value = Object.fromEntries(
    names.map((name) => {
      const one = (Object.hasOwn(given, name) ? given[name] : undefined) ?? null;
      const fault = faultOf(schema.properties[name], one);
      if (fault) wrong.push(`${named(name)} ${one === null ? "is missing" : fault}.`);
      return [name, one];
    }),
  );
  return wrong.length > 0 ? { wrong: `${wrong.join(" ")} ${takes}` } : { value };
}

/**
 * What is wrong with a value, as the end of a sentence.
 *
 * @param {Schema} schema
 * @param {any} value
 * @returns {string | undefined}
 */
function faultOf(schema, value) {
  const types = [schema.type].flat();
  if (value === null) return types.includes("null") ? undefined : "must not be null";
  const { minimum = -Infinity, maximum = Infinity, minItems = 0, maxItems = Infinity } = schema;
  switch (types[0]) {
    case "string":
      if (typeof value !== "string") return "has to be a string";
      return schema.enum?.includes(value) === false
        ? `has to be one of ${schema.enum.filter(Boolean).join(", ")}`
        : undefined;
    case "number":
    case "integer":
      if (!(types[0] === "integer" ? Number.isSafeInteger(value) : Number.isFinite(value))) {
        return `has to be ${types[0] === "integer" ? "an integer" : "a number"}`;
      }
      if (value < minimum) return `has to be ${minimum} or more`;
      return value > maximum ? `has to be ${maximum} or less` : undefined;
    case "boolean":
      return typeof value === "boolean" ? undefined : "has to be true or false";
    default:
      if (!Array.isArray(value)) return "has to be an array";
      if (value.length < minItems || value.length > maxItems) return `has to have ${maxItems} items`;
      return value.some((one) => faultOf(schema.items, one)) ? "has an item that it cannot have" : undefined;
  }
}
