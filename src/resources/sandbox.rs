//! How a sandbox is woken, and what a conflict then means.

use crate::protocol::request::{Method, Request};

/// Whether a refusal of the data plane's says that the sandbox has to be activated first: it sleeps, its token is old, or
/// the way to it has changed. Nothing has run then.
///
/// To a request that `is_hinted`, that carried a routing hint, only a 503 with a code of its own says so.
pub fn asks_to_activate(status: u16, code: &str, is_hinted: bool) -> bool {
    match status {
        401 | 403 => true,
        404 => code == "sandbox_route_stale",
        503 => !is_hinted || code == "sandbox_unavailable",
        _ => false,
    }
}

/// Most characters of a routing hint.
const HINT_LENGTH: usize = 4096;

/// Whether a routing hint can be sent: to WebSockets it is a part of a subprotocol, which has fewer characters than a
/// header.
pub fn is_fit(hint: &str) -> bool {
    let is_sent = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    hint.len() <= HINT_LENGTH && hint.bytes().all(is_sent)
}

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

    #[test]
    fn what_asks_to_activate() {
        let asks =
            |status, code| [false, true].map(|is_hinted| asks_to_activate(status, code, is_hinted));
        for code in [
            "",
            "not_found",
            "sandbox_unavailable",
            "sandbox_route_stale",
        ] {
            assert_eq!(asks(401, code), [true, true], "{code}");
            assert_eq!(asks(403, code), [true, true], "{code}");
            assert_eq!(
                asks(404, code),
                [code == "sandbox_route_stale"; 2],
                "{code}"
            );
            assert_eq!(
                asks(503, code),
                [true, code == "sandbox_unavailable"],
                "{code}"
            );
            for status in [0, 400, 409, 429, 500, 502, 504] {
                assert_eq!(asks(status, code), [false, false], "{status} {code}");
            }
        }
    }

    #[test]
    fn a_hint_is_fit_for_a_subprotocol() {
        for hint in ["", "v1.eyJlIjoxfQ.c2VhbA", "~!a"] {
            assert!(is_fit(hint), "{hint}");
        }
        for hint in ["a b", "a,b", "a=", "a/b", "a\n", "a\0", "ä", "\"", "a:b"] {
            assert!(!is_fit(hint), "{hint:?}");
        }
        assert!(is_fit(&"a".repeat(4096)) && !is_fit(&"a".repeat(4097)));
    }

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
