import { BUILD_ENDS } from "#constants";
import { BUILD, make } from "./errors.js";
import { decode } from "./arguments.js";
import { decoder } from "./runtime.js";
import { objectsOf } from "./stream.js";

/** The error of a build that failed. */
export function buildError(code, message, buildId, templateId) {
  return Object.assign(make(BUILD, message, 0, code), { buildId, templateId });
}

/**
 * Gives the events of a message of a build log, which operation `number` follows, to `onEvent`, whose failure ends `call`.
 * Answers whether one was the last.
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
