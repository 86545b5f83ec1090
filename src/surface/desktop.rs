//! The screen of a sandbox.

use super::connection::REQUEST_OPTIONS;
use super::preview::PREVIEW_TOKEN_OPTIONS;
use crate::surface::operation::class;
use crate::surface::shape::shape;

/// TypeScript of what no table says.
#[cfg(not(target_arch = "wasm32"))]
pub const TYPES: &str = r#"
/** A button of the mouse. */
export type MouseButton = "left" | "right" | "middle";
/** One of {@link Desktop.actions}: `type` is the name of the method that does the same alone, with its arguments beside. */
export type DesktopAction =
  | {
      /** A click, or two. */
      type: "click" | "doubleClick";
      /** Pixels from the left. */
      x: number;
      /** Pixels from the top. */
      y: number;
      /** Which button; `left` by default. */
      button?: MouseButton | undefined;
    }
  | {
      /** A click with another button, or none. */
      type: "rightClick" | "middleClick" | "moveMouse";
      /** Pixels from the left. */
      x: number;
      /** Pixels from the top. */
      y: number;
    }
  | {
      /** With the left button. */
      type: "drag";
      /** Where it begins. */
      from: [x: number, y: number];
      /** Where it ends. */
      to: [x: number, y: number];
    }
  | {
      /** Turns of the wheel. */
      type: "scroll";
      /** To the right, or to the left where it is negative; 0 by default. */
      dx?: number | undefined;
      /** Down, or up where it is negative; 0 by default. */
      dy?: number | undefined;
    }
  | {
      /** Types a text. */
      type: "write";
      /** The text. */
      text: string;
    }
  | {
      /** Presses a key. */
      type: "press";
      /** The key, after its modifiers. */
      keys: string | string[];
    };
/** Port on which a sandbox with a screen serves it as a page: {@link Desktop.getStreamUrl}. */
export declare const DESKTOP_STREAM_PORT = 6080;
"#;

shape! {
    /// A picture of the screen.
    SCREENSHOT = Screenshot {
        /// A PNG file.
        required data image Base64;
        /// Width in pixels.
        required width width Int;
        /// Height in pixels.
        required height height Int;
    }

    /// Options of {@link Desktop.click} and the like.
    CLICK_OPTIONS = ClickOptions extends REQUEST_OPTIONS {
        /// Which button.
        ///
        /// @defaultValue `left`
        optional button button Button;
    }

    /// Options of {@link Desktop.scroll}.
    SCROLL_OPTIONS = ScrollOptions extends REQUEST_OPTIONS {
        /// Turns of the wheel to the right; to the left, where it is negative.
        ///
        /// @defaultValue 0
        optional dx dx Signed;
        /// Turns of the wheel down; up, where it is negative.
        ///
        /// @defaultValue 0
        optional dy dy Signed;
    }

    /// Options of {@link Desktop.getStreamUrl}.
    STREAM_URL_OPTIONS = StreamUrlOptions extends PREVIEW_TOKEN_OPTIONS {
        /// Whether the page only shows the screen, and takes neither mouse nor keyboard. This is the page's own
        /// courtesy: whoever has the URL can open it without.
        ///
        /// @defaultValue false
        optional viewOnly - Flag;
    }
}

class! {
    /// Looks at and uses the screen of a sandbox: `sandbox.desktop`.
    ///
    /// The sandbox has to be made from a template with a screen, such as `superserve/desktop`; of another the service says
    /// that it has none, which is a {@link SandboxError}. Coordinates are whole pixels from the upper left corner. A paused
    /// sandbox is resumed first.
    ///
    /// @example
    /// ```typescript
    /// const sandbox = await Sandbox.create({ fromTemplate: "superserve/desktop" })
    /// await sandbox.desktop.click(200, 120)
    /// await sandbox.desktop.write("hello")
    /// await sandbox.desktop.press("ctrl+s")
    /// const { data, width, height } = await sandbox.desktop.screenshot()
    /// ```
    DESKTOP = "Desktop" [part] {
        /// Takes a picture of the screen.
        ///
        /// @throws {@link SandboxError} for a sandbox without a screen.
        method screenshot(; options??: REQUEST_OPTIONS) -> "Promise<Screenshot>"
            = Request(Post "/superserve.boxd.v1.DesktopService/Screenshot" Json => One(SCREENSHOT)) on Data allow "desktop";

        /// Moves the mouse to a place and clicks there.
        ///
        /// @throws {@link ValidationError} for a coordinate that is no integer from 0 on, before any request.
        method click(x x Int, y y Int; options?: CLICK_OPTIONS) -> "Promise<void>"
            = Request(Post "/superserve.boxd.v1.DesktopService/SendPointer" Json => Nothing) on Data allow "desktop"
                batch "pointer" preset { action: "POINTER_ACTION_CLICK" };

        /// The same, twice.
        ///
        /// @throws As {@link Desktop.click}.
        method doubleClick(x x Int, y y Int; options?: CLICK_OPTIONS) -> "Promise<void>"
            = Request(Post "/superserve.boxd.v1.DesktopService/SendPointer" Json => Nothing) on Data allow "desktop"
                batch "pointer" preset { action: "POINTER_ACTION_DOUBLE_CLICK" };

        /// The same, with the right button.
        ///
        /// @throws As {@link Desktop.click}.
        method rightClick(x x Int, y y Int; options?: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Post "/superserve.boxd.v1.DesktopService/SendPointer" Json => Nothing) on Data allow "desktop"
                batch "pointer" preset { action: "POINTER_ACTION_CLICK", button: "POINTER_BUTTON_RIGHT" };

        /// The same, with the middle button.
        ///
        /// @throws As {@link Desktop.click}.
        method middleClick(x x Int, y y Int; options?: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Post "/superserve.boxd.v1.DesktopService/SendPointer" Json => Nothing) on Data allow "desktop"
                batch "pointer" preset { action: "POINTER_ACTION_CLICK", button: "POINTER_BUTTON_MIDDLE" };

        /// Moves the mouse.
        ///
        /// @throws As {@link Desktop.click}.
        method moveMouse(x x Int, y y Int; options?: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Post "/superserve.boxd.v1.DesktopService/SendPointer" Json => Nothing) on Data allow "desktop"
                batch "pointer" preset { action: "POINTER_ACTION_MOVE" };

        /// Drags with the left button from one place, `[x, y]`, to another, in one request.
        ///
        /// @throws As {@link Desktop.click}.
        method drag(from actions Point("\"DOWN\""), to actions Point("\"MOVE\", \"UP\""); options?: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Post "/superserve.boxd.v1.DesktopService/SendActions" Json => Nothing) on Data allow "desktop"
                batch "actions";

        /// Turns the wheel, where the mouse is.
        ///
        /// @throws {@link ValidationError} for turns that are no integers, before any request.
        ///
        /// @example
        /// ```typescript
        /// await sandbox.desktop.moveMouse(400, 300)
        /// await sandbox.desktop.scroll({ dy: 5 })
        /// ```
        method scroll(; options: SCROLL_OPTIONS) -> "Promise<void>"
            = Request(Post "/superserve.boxd.v1.DesktopService/Scroll" Json => Nothing) on Data allow "desktop"
                batch "scroll";

        /// Types a text.
        ///
        /// @throws {@link SandboxError} for a sandbox without a screen.
        method write(text text Text; options?: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Post "/superserve.boxd.v1.DesktopService/SendKey" Json => Nothing) on Data allow "desktop"
                batch "key";

        /// Presses a key, with the modifiers before it held: `"enter"`, `"ctrl+c"`, or `["ctrl", "shift", "t"]`.
        ///
        /// Modifiers are `ctrl`, `alt`, `shift` and `super` (or `cmd`). Keys are named as people do, in either case
        /// (`enter`, `esc`, `tab`, `backspace`, `delete`, `pageup`, `up`, `space`, `cmd`, …); every other name is X's own, such
        /// as `F5`, `a`, `A` or `eacute`.
        ///
        /// @throws {@link ValidationError} for what is no modifier before the key, before any request.
        method press(keys key Keys; options?: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Post "/superserve.boxd.v1.DesktopService/SendKey" Json => Nothing) on Data allow "desktop"
                batch "key";

        /// Does several things in one request. The service checks them as a whole, then does one after another, and stops
        /// at the first that fails.
        ///
        /// @throws {@link ValidationError} for an action that is none, before any request.
        ///
        /// @example
        /// ```typescript
        /// await sandbox.desktop.actions([
        ///   { type: "click", x: 300, y: 80 },
        ///   { type: "write", text: "superserve.ai" },
        ///   { type: "press", keys: "enter" },
        /// ])
        /// ```
        method actions(actions actions Actions; options?: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Post "/superserve.boxd.v1.DesktopService/SendActions" Json => Nothing) on Data allow "desktop";

        /// Gives the screen another size: a width of 320 to 8192 that is a multiple of 8, a height of 200 to 8192.
        ///
        /// @throws {@link ValidationError} for another size, before any request.
        method resize(width width Multiple(320, 8192, 8), height height Int(200, 8192); options?: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Post "/superserve.boxd.v1.DesktopService/Resize" Json => Nothing) on Data allow "desktop";

        /// Gets the URL of a page that shows the screen, and lets whoever opens it use it. The sandbox is resumed if it is
        /// paused, and {@link DESKTOP_STREAM_PORT} is published as by {@link Sandbox.publishPreviewPort}.
        ///
        /// Where previews are private the URL has a token in it, good for a minute unless `expiresInSeconds` says
        /// otherwise; else anybody can open it. A page's ticket has to allow `preview`, since this publishes a port.
        ///
        /// @throws {@link NotFoundError} when the sandbox was deleted.
        ///
        /// @example
        /// ```typescript
        /// const url = await sandbox.desktop.getStreamUrl({ viewOnly: true })
        /// ```
        method getStreamUrl(; options?: STREAM_URL_OPTIONS) -> "Promise<string>"
            = Request(Post "/sandboxes/{id}/activate" Nothing => Token) on Control moves Activate allow "preview"
                preset { expires_in_seconds: 60 };

        /// What it does next.
        internal publishStream() -> ""
            = Request(Post "/sandboxes/{id}/preview-ports" Json => StreamUrl) on Control allow "preview";

        /// And then, where the port is private.
        internal signStream() -> ""
            = Request(Post "/sandboxes/{id}/preview-ports/6080/token" Json => StreamUrl) on Control allow "preview";
    }
}
