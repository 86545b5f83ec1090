// The screen.
import { pause } from "./abort.js";
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
    await pause((input.duration ?? 1) * 1000, signal);
  }
  const { data, width, height } = await desktop.screenshot(how);
  return {
    text: `${action}: done. The screen has ${width} × ${height} pixels.`,
    structured: { width, height },
    images: [{ mimeType: "image/png", data: base64(data) }],
  };
}
