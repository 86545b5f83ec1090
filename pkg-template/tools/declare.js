// The declarations, from the short form in which they ship.
import { DECLARED } from "#tools";

/** @import { ToolDeclaration, ToolSchema } from "#tool-types" */

/** @typedef {{ [name: string]: string | Members }} Members Of an object, by their names. */

/** @param {Members} members @returns {ToolSchema} */
const object = (members) => ({
  type: "object",
  properties: Object.fromEntries(Object.entries(members).map(([name, what]) => [name, schema(what)])),
  required: Object.keys(members),
  additionalProperties: false,
});

/**
 * The schema of a member: an array of objects, or a type's name, `1-` or `1-10`, some words with `|` between them, `*` and what
 * each item is, `2*` where there are two; then `?` if it may be null, and what is told of it.
 *
 * @param {string | Members} what
 * @returns {Record<string, unknown>}
 */
function schema(what) {
  if (typeof what !== "string") return { type: "array", items: object(what) };
  const [, least, most, count, item, name, isNullable, description] =
    /^(?:(\d+)-(\d*)|(\d*)\*([^ ?]+)|([^ ?]+))(\?)?(?: (.+))?$/.exec(what) ?? [];
  const made = (/** @type {string} */ type, /** @type {object} */ more) => ({
    type: isNullable ? [type, "null"] : type,
    ...more,
    ...(description && { description }),
  });
  if (least) return made("integer", { minimum: +least, ...(most && { maximum: +most }) });
  if (item)
    return made("array", { items: schema(item), ...(count && { minItems: +count, maxItems: +count }) });
  const words = name.split("|");
  return words[1] ? made("string", { enum: isNullable ? [...words, null] : words }) : made(name, {});
}

/** All of them, made anew: whoever has them may change them. @returns {ToolDeclaration[]} */
export const declarations = () =>
  DECLARED.map(({ name, title, description, hints, input, output }) => {
    const has = (/** @type {number} */ bit) => (hints & bit) > 0;
    return {
      name: /** @type {ToolDeclaration["name"]} */ (name),
      title,
      description,
      inputSchema: object(input),
      outputSchema: object(output),
      annotations: {
        readOnlyHint: has(1),
        destructiveHint: has(2),
        idempotentHint: has(4),
        openWorldHint: has(8),
      },
    };
  });
