//! How a sandbox is woken, and what a conflict then means.

use crate::protocol::request::{Method, Request};

/// How a sandbox is woken: both rotate its access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Whatever state it is in.
    Activate,
    /// Only when it is paused.
    Resume,
}

/// A wake-up that was answered with 409, and what has been seen of the sandbox since.
pub struct Conflict {
    wake: Wake,
    /// A transition under way was waited for.
    waited: bool,
    /// The wake-up was sent again, and nothing was waited for since.
    repeated: bool,
}

impl Conflict {
    /// One of which nothing is known yet.
    pub fn new(wake: Wake) -> Self {
        Self {
            wake,
            waited: false,
            repeated: false,
        }
    }

    /// What to do, now that the sandbox is in `status`.
    ///
    /// A transition passes. Where another caller's ends with `active`, that is what an activate wants, and what a resume
    /// wants if it saw the other at work. A sandbox that is `paused` now, was not when the wake-up was refused.
    pub fn seen(&mut self, status: &str) -> AfterConflict {
        match status {
            "pausing" | "resuming" | "migrating" => {
                (self.waited, self.repeated) = (true, false);
                AfterConflict::Wait
            }
            "paused" if !core::mem::replace(&mut self.repeated, true) => AfterConflict::Repeat,
            "active" if self.waited || self.wake == Wake::Activate => AfterConflict::Woken,
            "deleted" => AfterConflict::Gone,
            _ => AfterConflict::GiveUp,
        }
    }
}

/// See [`Conflict::seen`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterConflict {
    /// Look again shortly.
    Wait,
    /// Send the wake-up again.
    Repeat,
    /// It is active: its token is the one that was just read.
    Woken,
    /// There is no such sandbox any more.
    Gone,
    /// The conflict stands.
    GiveUp,
}

/// Milliseconds between two looks at a sandbox in transition.
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

/// What the names are made of that are made up: an adjective and a noun.
#[cfg(not(target_arch = "wasm32"))]
pub const NAME_WORDS: [&str; 2] = [
    "amber bold calm deep free kind pale swift",
    "crane fern lake moss otter reef star wind",
];

#[cfg(test)]
mod tests {
    use super::*;

    use AfterConflict::*;

    fn seen(wake: Wake, statuses: &[&str]) -> Vec<AfterConflict> {
        let mut conflict = Conflict::new(wake);
        statuses.iter().map(|one| conflict.seen(one)).collect()
    }

    #[test]
    fn a_transition_is_waited_for() {
        for wake in [Wake::Activate, Wake::Resume] {
            for status in ["pausing", "resuming", "migrating"] {
                assert_eq!(
                    seen(wake, &[status, status, "active"]),
                    [Wait, Wait, Woken],
                    "{wake:?} {status}"
                );
            }
            assert_eq!(seen(wake, &["pausing", "paused"]), [Wait, Repeat]);
            assert_eq!(seen(wake, &["pausing", "deleted"]), [Wait, Gone]);
            for status in ["failed", "starting", "something_new"] {
                assert_eq!(seen(wake, &[status]), [GiveUp], "{wake:?} {status}");
                assert_eq!(seen(wake, &["resuming", status]), [Wait, GiveUp]);
            }
        }
    }

    #[test]
    fn only_an_activate_is_done_where_the_sandbox_was_active_all_along() {
        assert_eq!(seen(Wake::Activate, &["active"]), [Woken]);
        assert_eq!(seen(Wake::Resume, &["active"]), [GiveUp]);
    }

    #[test]
    fn a_paused_sandbox_is_woken_once_more_after_each_transition() {
        let statuses = ["paused", "pausing", "paused", "paused"];
        assert_eq!(
            seen(Wake::Activate, &statuses),
            [Repeat, Wait, Repeat, GiveUp]
        );
    }
}
