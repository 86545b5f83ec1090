// What the methods of `sandbox.desktop` take.
import { KEYS, STREAM_PAGE } from "#constants";
import { array, arrayOf, check, component, encode, int, someText } from "./shape.js";

/** @import { Kind, Operation } from "./shape.js" */

/** @type {Kind} */
export function button(value, at) {
  check(["left", "right", "middle"].includes(value), at, "be left, right or middle");
  return `POINTER_BUTTON_${value.toUpperCase()}`;
}

/** All names of a key, X's first: its own alone, where it is not a known one. @type {(name: string) => string[]} */
function namesOf(name) {
  const isName = (/** @type {string} */ one) => one.toLowerCase() === name.toLowerCase();
  return KEYS.find((names) => names.some(isName)) ?? [name];
}

/** A key, and beside it in `wire` the modifiers before it. @type {Kind} */
export function keys(value, at, _given, wire) {
  const given = Array.isArray(value) ? value : someText(value, at).match(/\+$|[^+]+/g);
  const chord = array(given, at, "keys").map((name) => namesOf(someText(name, at).trim()));
  const key = chord.pop();
  check(key, at, "name a key");
  wire.modifiers = chord.map(([keysym, modifier]) => {
    check(modifier && keysym.endsWith("_L"), at, "have ctrl, alt, shift or super before the key");
    return modifier;
  });
  return key[0];
}

const coordinate = int(0);

/** The steps of a drag: those that are there, and these at a further place. @type {(...steps: string[]) => Kind} */
export const point =
  (...steps) =>
  (value, at, _given, { actions = [] }) => {
    const [x, y, ...rest] = array(value, at, "two integers").map((one) => coordinate(one, at));
    check(y !== undefined && rest.length === 0, at, "be [x, y]");
    return actions.concat(steps.map((step) => ({ pointer: { x, y, action: `POINTER_ACTION_${step}` } })));
  };

/** Each is what a method does, and named and checked as that. @type {(operations: () => Operation[]) => Kind} */
export const actions = (operations) => {
  const all = arrayOf((value, at) => {
    const entry = operations().find(({ batch, name }) => batch && name === value?.type);
    check(entry, `${at}.type`, "be the name of an action");
    const { args = [], maybe = [], options = maybe, presets, batch } = entry;
    const wire = { ...presets };
    encode(args.concat(options.filter((field) => field.wire !== null)), value, at, wire);
    return wire.actions ?? { [/** @type {string} */ (batch)]: wire };
  });
  return (value, at) => all(value, at).flat();
};

/**
 * The URL of the page that shows a screen, of that preview, with the token that an answer may have.
 *
 * @param {string} url
 * @param {import("./arguments.js").Arguments} given
 * @param {{ query_param?: string, token?: string }} answer
 */
export function streamPage(url, { locals }, { query_param: name, token }) {
  const page = url + STREAM_PAGE + (locals.viewOnly ? "&view_only=1" : "");
  return token ? `${page}&${component(name)}=${component(token)}` : page;
}
