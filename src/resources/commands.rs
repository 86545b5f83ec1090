//! How long a command may take, and how its streams are told apart.

/// Most bytes of the answer of a call without callbacks, unless the caller says otherwise.
pub const DEFAULT_MAX_OUTPUT_BYTES: f64 = 10_485_760.0;
/// Milliseconds without a byte after which a stream has stalled.
pub const STREAM_IDLE_MS: f64 = 300_000.0;
/// Milliseconds that a stream may take as a whole, where the call does not say: no session of the service is longer.
pub const STREAM_LIMIT_MS: f64 = 43_200_000.0;
/// The service's own limit for a command whose call gives none.
const DEFAULT_COMMAND_MS: f64 = 30_000.0;
/// What the call waits beyond the command's limit, so that the service's own answer comes first.
pub const GRACE_MS: f64 = 5_000.0;

/// What sends all that a command has started the signal `$1`, once that is there: `$0` is what it is found by.
#[cfg(not(target_arch = "wasm32"))]
pub const SIGNAL_TEXT: &str = include_str!("commands/signal.sh");

/// Most columns, and rows, of a terminal.
pub const MAX_TERMINAL_SIDE: u64 = 1000;
/// Columns and rows of a terminal, unless the caller says otherwise.
pub const FIRST_TERMINAL_SIZE: (u32, u32) = (80, 24);

/// Milliseconds that a call waits: for the whole answer, or for the next byte of a stream.
pub fn timeout_ms_of(timeout_ms: Option<f64>, streams: bool) -> f64 {
    match timeout_ms {
        Some(ms) => ms + GRACE_MS,
        None if streams => STREAM_IDLE_MS,
        None => DEFAULT_COMMAND_MS + GRACE_MS,
    }
}

/// Channel of standard input in a session.
pub const STDIN: u8 = 0;

// The others, which a stream of events has too.
pub use superserve_stream::{EVENT, STDERR, STDOUT};

/// What is wrong with an event that does not end.
pub const TOO_LARGE: &str = "an event of the stream is too large";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_answers_before_the_call_gives_up() {
        assert_eq!(timeout_ms_of(Some(1_000.0), false), 6_000.0);
        assert_eq!(timeout_ms_of(None, false), 35_000.0);
        assert_eq!(timeout_ms_of(None, true), 300_000.0);
    }
}
