// What the tools have in common that Anthropic has defined.
import { checked } from "../../tools/check.js";
import { lineageOf, Refusal } from "../../tools/failure.js";
import { providerOf } from "../../tools/provider.js";
import { unlessAborted } from "../../tools/abort.js";
import { wellFormed } from "./blocks.js";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider } from "#tool-types" */

/**
 * @typedef {{ signal?: AbortSignal | null }} Context What a runner says of a call.
 *
 * @typedef {{ name: string, input: Record<string, any>, signal?: AbortSignal }} Asked A call that is to be approved.
 *
 * @typedef {object} Call What a tool works with.
 * @property {Sandbox} sandbox
 * @property {Record<string, any>} input
 * @property {(name: string) => any} needed a member of the input, which has to be there
 * @property {AbortSignal} [signal]
 *
 * @typedef {object} Work
 * @property {string} name
 * @property {Record<string, object>} properties schemas of the input's members
 * @property {string[]} looks values of the first of those with which nothing is changed
 * @property {(call: Asked) => boolean | string | Promise<boolean | string>} [approve]
 */

export const TEXT = { type: ["string", "null"] };

/** @param {readonly string[]} values */
export const oneOf = (values) => ({ type: "string", enum: values });

/**
 * How calls of a tool are done: one after the other, as a model means them that asks for several at once. What fails is an error
 * with words for the model.
 *
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {Work} tool
 * @param {(call: Call) => Promise<any>} work
 */
export function calls(sandbox, { name, properties, looks, approve }, work) {
  const provider = providerOf(sandbox);
  const schema = /** @type {any} */ ({ properties });
  const [first] = Object.keys(properties);
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();

  /** @param {unknown} raw @param {AbortSignal} [signal] */
  async function call(raw, signal) {
    try {
      signal?.throwIfAborted();
      const found = checked(schema, raw);
      if (found.wrong) throw new Refusal(found.wrong);
      const input = found.value;
      if (approve && !looks.includes(input[first])) {
        const asked = async () => approve({ name, input: structuredClone(input), ...(signal && { signal }) });
        const verdict = await unlessAborted(
          asked().catch(() => false),
          signal,
        );
        if (verdict !== true) {
          throw new Refusal(verdict || "This was not approved: do without, or ask the user.");
        }
      }
      const needed = (/** @type {string} */ member) => {
        if (input[member] === null) {
          throw new Refusal(`Parameter \`${member}\` is required for ${first}: ${input[first]}`);
        }
        return input[member];
      };
      const result = await provider.use((sandbox) => work({ sandbox, input, needed, signal }), { signal });
      return typeof result === "string" ? wellFormed(result) : result;
    } catch (error) {
      throw signal?.aborted ? signal.reason : new Error(wellFormed(explained(error)));
    }
  }

  /** @param {unknown} input @param {Context} [context] @returns {Promise<any>} */
  return (input, context) => {
    const mine = last.then(() => call(input, context?.signal ?? undefined));
    last = mine.catch(() => {});
    return mine;
  };
}

/** The errors of this package show no secrets; what others say is not known to. @param {any} error */
function explained(error) {
  const isKnown = error instanceof Refusal || lineageOf(error);
  return isKnown ? error.message : `The tool failed (${Object(error).name ?? typeof error}).`;
}
