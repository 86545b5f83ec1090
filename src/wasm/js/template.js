// Builds of templates: their errors and logs.
import { BUILD_ENDS } from "#constants";
import { BUILD, make } from "./errors.js";
import { decode } from "./arguments.js";
import { decoder } from "./runtime.js";
import { objectsOf } from "./stream.js";

/**
 * The error of a build that failed.
 *
 * @param {string} code
 * @param {string} message
 * @param {string} buildId
 * @param {string} templateId
 */
export function buildError(code, message, buildId, templateId) {
  return Object.assign(make(BUILD, message, 0, code), { buildId, templateId });
}

/**
 * Gives the events of a message of a build log, which operation `number` follows, to `onEvent`, whose failure ends `call`.
 * Answers whether one was the last.
 *
 * @param {Uint8Array} data
 * @param {number} number
 * @param {Function} onEvent
 * @param {import("./call.js").Call} call
 */
export function deliver(data, number, onEvent, call) {
  return objectsOf(decoder().decode(data)).some((raw) => {
    if (call.ended) return false;
    // Before the end the service sends an empty status, which is none.
    const event = decode(number, { ...raw, status: raw.status || undefined });
    call.give(onEvent, event);
    return event.finished ?? BUILD_ENDS.includes(event.status);
  });
}
