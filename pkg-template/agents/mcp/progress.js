// What a command writes, as it comes.

/** A client is told at most so often. */
const EVERY_MS = 100;
/** Of a text so many characters are told, its last ones. */
const CHARS = 1000;

/** @typedef {(notification: any) => Promise<void>} Send */

/**
 * @param {string | number | undefined} progressToken that of a client that wants to know
 * @param {Send} send
 */
export function progressTo(progressToken, send) {
  let progress = 0;
  let text = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  function tell() {
    const message = text;
    text = "";
    timer = setTimeout(() => {
      timer = undefined;
      if (text) tell();
    }, EVERY_MS);
    const params = { progressToken, progress, message };
    // A client that has gone hears nothing.
    send({ method: "notifications/progress", params }).catch(() => {});
  }
  /** @param {{ text: string }} piece */
  function onProgress(piece) {
    progress += piece.text.length;
    text = (text + piece.text).slice(-CHARS);
    if (timer === undefined) tell();
  }
  return {
    onProgress: progressToken === undefined ? undefined : onProgress,
    end: () => clearTimeout(timer),
  };
}
