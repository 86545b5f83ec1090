import { BUILD, make } from "./errors.js";
import { decoder } from "./runtime.js";
import { objectsOf } from "./stream.js";

/** How a build can end. */
const ENDS = ["ready", "failed", "cancelled"];
/** The error of a build that failed. */
export function buildError(code, message, buildId, templateId) {
  return Object.assign(make(BUILD, message, 0, code), { buildId, templateId });
}

/** Gives the events of a message of a build log to `onEvent`, whose failure ends `call`. Answers whether one was the last. */
export function deliver(data, shape, onEvent, call) {
  return objectsOf(decoder().decode(data)).some((raw) => {
    if (call.ended) return false;
    // Before the end the service sends an empty status, which is none.
    const event = shape.decode({ ...raw, status: raw.status || undefined });
    call.give(onEvent, event);
    return event.finished ?? ENDS.includes(event.status);
  });
}
