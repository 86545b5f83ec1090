// The screen.
import { unlessAborted } from "./abort.js";
import { base64 } from "./bytes.js";
import { refuseIf } from "./failure.js";

/** @import { Call } from "./make.js" */

/** What is done at a point. */
const POINTED = /** @type {const} */ ({
  left_click: "click",
  right_click: "rightClick",
  middle_click: "middleClick",
  double_click: "doubleClick",
  mouse_move: "moveMouse",
});

/** @type {Record<string, [x: number, y: number]>} */
const DIRECTIONS = { up: [0, -1], down: [0, 1], left: [-1, 0], right: [1, 0] };

/** @param {Record<string, any>} input @param {string} name */
function needed(input, name) {
  if (input[name] === null) throw new Refusal(`${input.action} takes ${name}: give it.`);
  return input[name];
}

/** What each action does. @type {Record<string, (screen: Screen) => Promise<unknown> | undefined>} */
const ACTIONS = {
  screenshot: () => undefined,
  left_click: ({ desktop, at, signal }) => desktop.click(...at("coordinate"), { signal }),
  right_click: ({ desktop, at, signal }) => desktop.rightClick(...at("coordinate"), { signal }),
  middle_click: ({ desktop, at, signal }) => desktop.middleClick(...at("coordinate"), { signal }),
  double_click: ({ desktop, at, signal }) => desktop.doubleClick(...at("coordinate"), { signal }),
  mouse_move: ({ desktop, at, signal }) => desktop.moveMouse(...at("coordinate"), { signal }),
  left_click_drag: ({ desktop, at, signal }) =>
    desktop.drag(at("start_coordinate"), at("coordinate"), { signal }),
  async scroll({ desktop, input, at, signal }) {
    const [dx, dy] = DIRECTIONS[needed(input, "scroll_direction")];
    const amount = input.scroll_amount ?? 3;
    if (input.coordinate) await desktop.moveMouse(...at("coordinate"), { signal });
    await desktop.scroll({ dx: dx * amount, dy: dy * amount, signal });
  },
  type: ({ desktop, input, signal }) => desktop.write(needed(input, "text"), { signal }),
  key: ({ desktop, input, signal }) => desktop.press(needed(input, "text"), { signal }),
  wait: ({ input, signal }) => pause((input.duration ?? 1) * 1000, signal),
};

/** @param {number} ms @param {AbortSignal} [signal] */
export function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      if (signal?.aborted) reject(signal.reason);
      else resolve(undefined);
    }
  });
}

/** @param {Call} call */
export async function computer({ sandbox: { desktop }, input, signal, how }) {
  const { action, coordinate } = input;
  const method = POINTED[/** @type {keyof typeof POINTED} */ (action)];
  /** @param {string} name */
  const needed = (name) => {
    refuseIf(input[name] === null, `${action} takes ${name}: give it.`);
    return input[name];
  };
  if (method) {
    const [x, y] = needed("coordinate");
    await desktop[method](x, y, how);
  } else if (action === "left_click_drag") {
    await desktop.drag(needed("start_coordinate"), needed("coordinate"), how);
  } else if (action === "scroll") {
    const [dx, dy] = DIRECTIONS[needed("scroll_direction")];
    const turns = input.scroll_amount ?? 3;
    if (coordinate) await desktop.moveMouse(coordinate[0], coordinate[1], how);
    await desktop.scroll({ dx: dx * turns, dy: dy * turns, ...how });
  } else if (action === "type") {
    await desktop.write(needed("text"), how);
  } else if (action === "key") {
    await desktop.press(needed("text"), how);
  } else if (action === "wait") {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const time = new Promise((resolve) => {
      timer = setTimeout(resolve, (input.duration ?? 1) * 1000);
    });
    await unlessAborted(time, signal).finally(() => clearTimeout(timer));
  }
  const { data, width, height } = await desktop.screenshot(how);
  return {
    text: `${action}: done. The screen has ${width} × ${height} pixels.`,
    structured: { width, height },
    images: [{ mimeType: "image/png", data: base64(data) }],
  };
}
