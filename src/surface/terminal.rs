//! Terminals that have a name, and so outlive their connections.

use super::connection::REQUEST_OPTIONS;
use crate::surface::operation::class;

class! {
    /// Terminals that have a name, as {@link Sandbox.terminal} makes them: `sandbox.terminals`.
    ///
    /// What runs in a sandbox is found by all who have its id. A paused sandbox is resumed first.
    TERMINALS = "Terminals" [part] {
        /// Lists those that run, by their names.
        ///
        /// @example
        /// ```typescript
        /// for (const { name, viewers } of await sandbox.terminals.list()) console.log(name, viewers)
        /// ```
        method list(; options?: REQUEST_OPTIONS) -> "Promise<TerminalInfo[]>" = Chain allow "terminal";

        /// Ends the terminal of that name: its shell and what runs in front get a `SIGHUP`, and the sessions of all who look
        /// at it end. Resolves once it is over. One that is gone already is no error.
        method kill(name - Text(1, 64); options?: REQUEST_OPTIONS) -> "Promise<void>" = Chain allow "terminal";

        /// Sees to it that there is what shows a terminal. Answers with the line by which a shell becomes that.
        internal open(name name Text(1, 64); options?: REQUEST_OPTIONS) -> ""
            = Request(Post "/terminals/open" Script => Script) on Data allow "terminal";

        /// A line for each: when it was made, its viewers, columns and rows, the shell's process, its name.
        internal running(; options?: REQUEST_OPTIONS) -> ""
            = Request(Post "/terminals/list" Script => Script) on Data allow "terminal";

        /// Ends it, or sends a signal to what runs in front.
        internal signal(name name Text(1, 64), signal signal Text; options?: REQUEST_OPTIONS) -> ""
            = Request(Post "/terminals/kill" Script => Script) on Data allow "terminal";
    }
}

/// TypeScript of what no table says.
#[cfg(not(target_arch = "wasm32"))]
pub const TYPES: &str = r#"
/** A terminal that has a name, as {@link Terminals.list} tells of it. */
export interface TerminalInfo {
  /** Its name. */
  name: string;
  /** When it was made. */
  createdAt: Date;
  /** How many look at it now. */
  viewers: number;
  /** Its columns. */
  cols: number;
  /** Its rows. */
  rows: number;
  /** Process id of its shell, in the sandbox. */
  pid: number;
}
"#;
