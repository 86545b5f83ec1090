// The screen.
import { base64 } from "./bytes.js";
import { Refusal } from "./failure.js";

/** @import { Sandbox } from "#types" */
/** @import { Call } from "./make.js" */

/** @typedef {[x: number, y: number]} Point */
/** @typedef {{ desktop: Sandbox["desktop"], input: Record<string, any>, at: (name: string) => Point, signal?: AbortSignal }} Screen */

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
export async function computer({ sandbox: { desktop }, input, signal }) {
  const at = (/** @type {string} */ name) => /** @type {Point} */ (needed(input, name));
  await ACTIONS[input.action]({ desktop, input, at, signal });
  const { data, width, height } = await desktop.screenshot({ signal });
  return {
    text: `${input.action}: done. The screen has ${width} × ${height} pixels.`,
    structured: { width, height },
    images: [{ mimeType: "image/png", data: base64(data) }],
  };
}
