//! How a sandbox is woken, and what a conflict then means.

use crate::call::{Method, Request};

/// How a sandbox is woken: both rotate its access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Whatever state it is in.
    Activate,
    /// Only when it is paused.
    Resume,
}

impl Wake {
    /// What a 409 means, now that the sandbox is in `status`.
    ///
    /// `resuming` passes: another caller wakes it. Once that is done the sandbox is `active`, which is
    /// what an activate wants, and what a resume wants if it saw the other at work.
    pub fn after_conflict(self, status: &str, saw_resuming: bool) -> AfterConflict {
        match status {
            "resuming" => AfterConflict::Wait,
            "active" if saw_resuming || self == Self::Activate => AfterConflict::Woken,
            _ => AfterConflict::GiveUp,
        }
    }
}

/// See [`Wake::after_conflict`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterConflict {
    /// Look again shortly.
    Wait,
    /// It is active: its token is the one that was just read.
    Woken,
    /// The conflict stands.
    GiveUp,
}

/// Milliseconds between two looks at a sandbox that another caller wakes.
pub const WAKE_POLL_MS: f64 = 250.0;
/// Milliseconds after which the conflict stands.
pub const WAKE_MS: f64 = 30_000.0;

/// Milliseconds after which what stands in the way of a deletion is taken to stay.
pub const CLEAR_MS: f64 = 30_000.0;

/// The request that reads the sandbox which `request` would have woken.
pub fn look_after(request: &Request) -> Option<Request> {
    Some(Request {
        method: Method::Get,
        target: request.target.parent()?,
        ..request.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_passes_only_while_another_wakes_the_sandbox() {
        use AfterConflict::*;
        for (how, status, saw_resuming, expected) in [
            (Wake::Activate, "resuming", false, Wait),
            (Wake::Activate, "active", false, Woken),
            (Wake::Activate, "pausing", true, GiveUp),
            (Wake::Activate, "failed", true, GiveUp),
            (Wake::Resume, "resuming", false, Wait),
            (Wake::Resume, "active", true, Woken),
            (Wake::Resume, "active", false, GiveUp),
        ] {
            assert_eq!(
                how.after_conflict(status, saw_resuming),
                expected,
                "{how:?} {status}"
            );
        }
    }
}
