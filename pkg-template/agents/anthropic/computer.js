// `computer`: the sandbox's screen.
import { base64 } from "../../tools/bytes.js";
import { Refusal } from "../../tools/failure.js";
import { pause } from "../../tools/abort.js";
import { image, text } from "./blocks.js";
import { calls, oneOf, TEXT } from "./runnable.js";

/** @import { Desktop, Sandbox } from "#types" */
/** @import { SandboxProvider } from "#tool-types" */
/** @import { ComputerToolOptions } from "../anthropic.js" */
/** @import { Call } from "./runnable.js" */

/**
 * @typedef {[x: number, y: number]} Point
 *
 * @typedef {object} Screen What is known of a screen.
 * @property {string} [sandboxId]
 * @property {Point} [pointer] where the mouse was put last
 * @property {Point} [held] where its button was pressed that is not released yet
 *
 * @typedef {Call & { desktop: Desktop, screen: Screen, at: (member?: string) => Point }} Action
 */

const COUNT = { type: ["integer", "null"], minimum: 0, maximum: 100 };
const POINT = { type: ["array", "null"], items: { type: "integer", minimum: 0 }, minItems: 2, maxItems: 2 };
const DIRECTIONS = { up: [0, -1], down: [0, 1], left: [-1, 0], right: [1, 0] };

/** @param {keyof Desktop & ("click" | "rightClick" | "middleClick" | "doubleClick" | "moveMouse")} method */
const pointed =
  (method) =>
  (/** @type {Action} */ { desktop, at, signal }) =>
    desktop[method](...at(), { signal });

/** @param {Action} action */
const nothing = async ({ at }) => void at();

/**
 * What each action does, and what is told of it. That none of them holds a key is the screen's limit.
 *
 * @type {Record<string, [says: string, does: (action: Action) => Promise<unknown>]>}
 */
const FIRST = {
  key: [
    "Pressed {text}.",
    ({ desktop, input, needed, signal }) => {
      const press = { type: /** @type {const} */ ("press"), keys: needed("text") };
      return desktop.actions(Array(input.repeat ?? 1).fill(press), { signal });
    },
  ],
  type: ["Typed.", ({ desktop, needed, signal }) => desktop.write(needed("text"), { signal })],
  mouse_move: [
    "Moved the mouse.",
    async ({ desktop, screen, needed, at, signal }) => {
      needed("coordinate");
      const place = at();
      // A button that is held drags at once, when it is released.
      if (!screen.held) await desktop.moveMouse(...place, { signal });
    },
  ],
  left_click: ["Clicked.", pointed("click")],
  left_click_drag: [
    "Dragged.",
    ({ desktop, needed, at, signal }) => {
      needed("coordinate");
      return desktop.drag(at("start_coordinate"), at(), { signal });
    },
  ],
  right_click: ["Right-clicked.", pointed("rightClick")],
  middle_click: ["Middle-clicked.", pointed("middleClick")],
  double_click: ["Double-clicked.", pointed("doubleClick")],
  screenshot: ["Took a screenshot.", async () => {}],
  cursor_position: ["", nothing],
};

/** @type {typeof FIRST} */
const LATER = {
  triple_click: [
    "Triple-clicked.",
    ({ desktop, at, signal }) => {
      const [x, y] = at();
      return desktop.actions(Array(3).fill({ type: "click", x, y }), { signal });
    },
  ],
  left_mouse_down: [
    "Left mouse button pressed.",
    async ({ screen, at }) => {
      screen.held = at();
    },
  ],
  left_mouse_up: [
    "Left mouse button released.",
    async ({ desktop, screen, at, signal }) => {
      const { held } = screen;
      if (!held) throw new Refusal("The left mouse button is not pressed.");
      screen.held = undefined;
      await desktop.drag(held, at(), { signal });
    },
  ],
  scroll: [
    "Scrolled {scroll_direction}.",
    async ({ desktop, input, needed, at, signal }) => {
      const [dx, dy] = DIRECTIONS[/** @type {keyof typeof DIRECTIONS} */ (needed("scroll_direction"))];
      const amount = needed("scroll_amount");
      if (input.coordinate) await desktop.moveMouse(...at(), { signal });
      await desktop.scroll({ dx: dx * amount, dy: dy * amount, signal });
    },
  ],
  wait: ["Waited {duration}s.", ({ needed, signal }) => pause(needed("duration") * 1000, signal)],
};

/** Actions that end with nothing changed. */
const LOOKS = ["screenshot", "cursor_position", "wait"];

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {ComputerToolOptions & { width: number, height: number }} options
 */
export function computer(sandbox, { version, width, height, approve }) {
  const isToolset = version === "20260801";
  const actions = version === "20241022" ? FIRST : { ...FIRST, ...LATER };
  /** @type {Screen} */
  let screen = {};
  const properties = {
    action: oneOf(Object.keys(actions)),
    coordinate: POINT,
    start_coordinate: POINT,
    text: TEXT,
    repeat: COUNT,
    duration: { ...COUNT, type: ["number", "null"] },
    scroll_direction: { type: ["string", "null"], enum: Object.keys(DIRECTIONS) },
    scroll_amount: COUNT,
  };

  return calls(sandbox, { name: "computer", properties, looks: LOOKS, approve }, async (call) => {
    const { sandbox, input, signal } = call;
    const { desktop } = sandbox;
    if (screen.sandboxId !== sandbox.id) {
      const shot = await desktop.screenshot({ signal });
      if (shot.width !== width || shot.height !== height) await desktop.resize(width, height, { signal });
      screen = { sandboxId: sandbox.id };
    }
    if (input.text !== null && input.action !== "key" && input.action !== "type") {
      throw new Refusal(`This screen holds no keys meanwhile: do without text, or use key before.`);
    }
    /** @type {Point | undefined} */
    let pointer;
    const at = (member = "coordinate") => {
      const point = input[member] ?? screen.pointer;
      if (!point) throw new Refusal("Where the mouse is is not known yet: give a coordinate.");
      if (member === "coordinate") pointer = point;
      return point;
    };
    const [says, does] = actions[input.action];
    await does({ ...call, desktop, screen, at });
    screen.pointer = pointer ?? screen.pointer;
    const told = text(says.replace(/\{(\w+)\}/, (_, member) => input[member]));
    if (input.action === "cursor_position") {
      const [x, y] = at();
      return [text(`X=${x},Y=${y}`)];
    }
    if (isToolset && input.action !== "screenshot") return [told];
    const { data } = await desktop.screenshot({ signal });
    const picture = image({ mimeType: "image/png", data: base64(data) });
    return isToolset ? [picture] : [told, picture];
  });
}
