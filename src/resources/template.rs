//! What the answers about builds mean.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::protocol::text::split_once;

/// Milliseconds that a build may be waited for, unless the caller says otherwise.
pub const LIMIT_MS: f64 = 86_400_000.0;
/// Milliseconds between two looks at a build, unless the caller says otherwise.
pub const POLL_MS: f64 = 2_000.0;
/// Looks at a build that may fail one after another, each with its own retries.
pub const MAX_FAILED_LOOKS: u32 = 5;
/// Milliseconds that the last events of a build's log may take once the build has ended.
pub const LAST_EVENTS_MS: f64 = 3_000.0;

/// How a build can end, as its log and its state say.
pub const ENDS: [&str; 3] = ["ready", "failed", "cancelled"];

/// What the state of a build means to one who waits for it.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress {
    /// It goes on. States that this crate does not know are states in between.
    UnderWay,
    /// The template can be used.
    Ready,
    /// It ended for good: code and message of the error.
    Failed(String, String),
    /// Somebody cancelled it.
    Cancelled,
}

/// Reads a build's state; `error_message` is `<code>: <detail>` for one that failed.
pub fn progress(status: &str, error_message: &str) -> Progress {
    match status {
        "ready" => Progress::Ready,
        "cancelled" => Progress::Cancelled,
        "failed" => {
            let (code, message) = failure(error_message);
            Progress::Failed(code.to_owned(), message.to_owned())
        }
        _ => Progress::UnderWay,
    }
}

fn failure(error_message: &str) -> (&str, &str) {
    let text = error_message.trim_ascii();
    if text.is_empty() {
        return ("build_failed", "Template build failed");
    }
    if let Some((code, detail)) = split_once(text, b':') {
        let detail = detail.trim_ascii();
        let is_word = code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !code.is_empty() && is_word && !detail.is_empty() {
            return (code, detail);
        }
    }
    ("build_failed", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_build_says_in_which_stage() {
        for (message, expected) in [
            (
                "step_failed: step 2/3 failed after 1s: exited with code 1",
                (
                    "step_failed",
                    "step 2/3 failed after 1s: exited with code 1",
                ),
            ),
            ("boot_failed:x", ("boot_failed", "x")),
            ("no colon", ("build_failed", "no colon")),
            (
                "docker.io/library/foo:latest not found",
                ("build_failed", "docker.io/library/foo:latest not found"),
            ),
            ("a-b: c", ("build_failed", "a-b: c")),
            ("two words: x", ("build_failed", "two words: x")),
            ("code:  ", ("build_failed", "code:")),
            (": x", ("build_failed", ": x")),
            ("", ("build_failed", "Template build failed")),
        ] {
            assert_eq!(failure(message), expected, "{message:?}");
        }
    }

    #[test]
    fn only_known_ends_are_ends() {
        assert_eq!(progress("ready", ""), Progress::Ready);
        assert_eq!(progress("cancelled", ""), Progress::Cancelled);
        assert!(
            ENDS.iter()
                .all(|end| progress(end, "x") != Progress::UnderWay)
        );
        for status in ["pending", "building", "snapshotting", "something new", ""] {
            assert_eq!(progress(status, "x"), Progress::UnderWay, "{status}");
        }
    }
}
