//! What in a sandbox's life takes time: what a request that asks for it waits for, and how long.

use crate::protocol::error::Class;
use crate::resources::snapshot;

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

/// What a request asks for that a sandbox takes time for. It says what a 409 means, and what is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// It wakes, whatever state it is in, which rotates its access token.
    Activate,
    /// The same, only when it is paused.
    Resume,
    /// It pauses, only when it is active.
    Pause,
    /// The same, and one that is paused already is as good.
    Rest,
    /// It is deleted.
    Kill,
    /// A snapshot of it is taken.
    Capture,
}

impl Transition {
    /// Whether a new access token comes of it.
    pub fn wakes(self) -> bool {
        matches!(self, Self::Activate | Self::Resume)
    }

    /// Whether the sandbox pauses.
    pub fn pauses(self) -> bool {
        matches!(self, Self::Pause | Self::Rest)
    }
}

/// Milliseconds that a try of a request may take, unless the caller says otherwise.
pub const TRY_MS: f64 = 30_000.0;
/// Milliseconds after which a transition that is in the way is taken to stay.
pub const WAKE_MS: f64 = 30_000.0;
/// The same of a pause: it may have much to write.
pub const PAUSE_MS: f64 = 300_000.0;
/// Milliseconds after which what stands in the way of a deletion is taken to stay.
pub const CLEAR_MS: f64 = 30_000.0;

const FIRST_POLL_MS: f64 = 50.0;
const FIRST_POLLS_MS: f64 = 2_000.0;
const LATER_POLL_MS: f64 = 1_000.0;
const FIRST_CLEAR_DELAY_MS: f64 = 250.0;
const LAST_CLEAR_DELAY_MS: f64 = 5_000.0;

/// Milliseconds until the next look at a sandbox in transition, after so many of them. Most end soon.
pub fn poll_ms(elapsed: f64) -> f64 {
    if elapsed < FIRST_POLLS_MS {
        FIRST_POLL_MS
    } else {
        LATER_POLL_MS
    }
}

/// Milliseconds until a deletion is tried again that something stands in the way of, and that was begun so many ago;
/// `None` where that is taken to stay.
pub fn clear_delay_ms(attempt: u32, elapsed: f64) -> Option<f64> {
    let left = CLEAR_MS - elapsed;
    let delay = FIRST_CLEAR_DELAY_MS * f64::from(1u32 << attempt.min(5));
    (left > 0.0).then(|| delay.min(LAST_CLEAR_DELAY_MS).min(left))
}

/// Milliseconds that a try may take of a request which asks for a transition, and all that it takes.
///
/// `asked` is the caller's `timeoutMs`, `try_ms` what a try may take otherwise, and `waits` says that the end is waited for.
/// Behind a relay the one request is all: the relay waits within it, but for a snapshot, which the page looks at itself.
pub fn times(
    transition: Transition,
    waits: bool,
    asked: Option<f64>,
    try_ms: f64,
    is_relayed: bool,
) -> (f64, f64) {
    use Transition::*;
    let most = |ms| asked.unwrap_or(ms);
    match transition {
        Capture if waits => (try_ms.min(TRY_MS), most(snapshot::WAIT_MS)),
        Pause | Rest if waits && is_relayed => (most(PAUSE_MS), f64::INFINITY),
        Pause | Rest if waits => (try_ms.min(TRY_MS), most(PAUSE_MS)),
        Resume if is_relayed => (most(try_ms + PAUSE_MS), f64::INFINITY),
        Resume => (try_ms, most(f64::INFINITY)),
        Kill if is_relayed => (try_ms + CLEAR_MS, f64::INFINITY),
        _ => (try_ms, f64::INFINITY),
    }
}

/// A sandbox's status, as far as it matters to one who waits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Active,
    Paused,
    Pausing,
    /// Another transition, which passes as well.
    Passing,
    Failed,
    Deleted,
    Other,
}

impl State {
    fn of(status: &str) -> Self {
        match status {
            "active" => Self::Active,
            "paused" => Self::Paused,
            "pausing" => Self::Pausing,
            "resuming" | "migrating" => Self::Passing,
            "failed" => Self::Failed,
            "deleted" => Self::Deleted,
            _ => Self::Other,
        }
    }
}

/// Whether a sandbox in that status is paused, or on its way to that or from it.
pub fn sleeps(status: &str) -> bool {
    matches!(
        State::of(status),
        State::Paused | State::Pausing | State::Passing
    )
}

/// How a wait begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The request was accepted.
    Accepted,
    /// It was answered with 409: nothing came of it.
    Refused,
    /// No answer came: something may have.
    Lost,
}

/// What is waited for, and what has been seen of it.
pub struct Watch {
    transition: Transition,
    start: Start,
    /// When a transition is taken to stay.
    until: f64,
    /// The same of a pause.
    patient_until: f64,
    /// A transition under way was waited for.
    waited: bool,
    /// The request was sent again, and nothing was waited for since.
    repeated: bool,
}

impl Watch {
    /// A wait that begins `now`, in which a pause has `patience_ms`.
    pub fn new(transition: Transition, start: Start, now: f64, patience_ms: f64) -> Self {
        Self {
            transition,
            start,
            until: now + WAKE_MS,
            patient_until: now + patience_ms,
            waited: false,
            repeated: false,
        }
    }

    /// What to do, now that the sandbox, or the snapshot, is in `status`; one that is gone is `deleted`.
    pub fn seen(&mut self, status: &str, now: f64) -> Seen {
        match self.transition {
            Transition::Capture => snapshot::seen(status),
            one if one.pauses() => self.seen_pausing(State::of(status)),
            _ => self.seen_waking(State::of(status), now),
        }
    }

    /// A pause that another call began is as good as one's own.
    fn seen_pausing(&mut self, state: State) -> Seen {
        let is_refused = self.start == Start::Refused;
        let begun = self.waited || self.start == Start::Accepted;
        let rests = self.transition == Transition::Rest;
        match state {
            State::Paused | State::Deleted if begun || rests || !is_refused => Seen::Done,
            State::Deleted => Seen::Failed(&Loss::GONE),
            State::Failed if begun => Seen::Failed(&Loss::PAUSE_FAILED),
            State::Active if begun => Seen::Failed(&Loss::NOT_PAUSED),
            State::Pausing => {
                self.waited = true;
                Seen::Wait
            }
            _ if begun => Seen::Wait,
            _ => Seen::GiveUp,
        }
    }

    /// A transition passes. Where another caller's ends with `active`, that is what an activate wants, and what a resume
    /// wants if it saw the other at work. A sandbox that is `paused` now, was not when the request was refused.
    fn seen_waking(&mut self, state: State, now: f64) -> Seen {
        match state {
            State::Pausing | State::Passing => {
                if state == State::Pausing {
                    self.until = self.patient_until;
                }
                (self.waited, self.repeated) = (true, false);
                if now < self.until {
                    Seen::Wait
                } else {
                    Seen::GiveUp
                }
            }
            State::Paused if !core::mem::replace(&mut self.repeated, true) => Seen::Repeat,
            State::Active if self.waited || self.transition == Transition::Activate => Seen::Done,
            State::Deleted => Seen::Failed(&Loss::GONE),
            _ => Seen::GiveUp,
        }
    }
}

/// See [`Watch::seen`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Look again shortly.
    Wait,
    /// Send the request again.
    Repeat,
    /// It is over, and what was just read is the answer.
    Done,
    /// What the request came to stands.
    GiveUp,
    /// It is over, and came to nothing.
    Failed(&'static Loss),
}

/// What is lost, as an error says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// Class of the error.
    pub class: Class,
    /// HTTP status that goes with it; 0 for none.
    pub status: u16,
    /// Stable code.
    pub code: &'static str,
    /// In words.
    pub message: &'static str,
}

impl Loss {
    const GONE: Self = Self {
        class: Class::NotFound,
        status: 404,
        code: "not_found",
        message: "the sandbox was deleted",
    };
    const PAUSE_FAILED: Self = Self {
        class: Class::Conflict,
        status: 409,
        code: "pause_failed",
        message: "the sandbox failed",
    };
    const NOT_PAUSED: Self = Self {
        class: Class::Conflict,
        status: 409,
        code: "not_paused",
        message: "the sandbox is active again",
    };
}

/// What the names are made of that are made up: an adjective and a noun.
#[cfg(not(target_arch = "wasm32"))]
pub const NAME_WORDS: [&str; 2] = ["amber calm kind swift", "crane fern otter star"];

#[cfg(test)]
mod tests {
    use super::*;

    use Seen::*;
    use Start::*;
    use Transition::{Activate, Capture, Kill, Pause, Rest, Resume};

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

    #[test]
    fn what_sleeps() {
        for status in ["paused", "pausing", "resuming", "migrating"] {
            assert!(sleeps(status), "{status}");
        }
        for status in ["active", "failed", "deleted", "something_new", ""] {
            assert!(!sleeps(status), "{status}");
        }
    }

    fn seen(transition: Transition, start: Start, statuses: &[&str]) -> Vec<Seen> {
        let mut watch = Watch::new(transition, start, 0.0, PAUSE_MS);
        statuses.iter().map(|one| watch.seen(one, 0.0)).collect()
    }

    #[test]
    fn a_transition_is_waited_for() {
        for wake in [Activate, Resume] {
            let seen = |statuses: &[&str]| seen(wake, Refused, statuses);
            for status in ["pausing", "resuming", "migrating"] {
                assert_eq!(
                    seen(&[status, status, "active"]),
                    [Wait, Wait, Done],
                    "{wake:?} {status}"
                );
            }
            assert_eq!(seen(&["pausing", "paused"]), [Wait, Repeat]);
            assert_eq!(seen(&["pausing", "deleted"]), [Wait, Failed(&Loss::GONE)]);
            for status in ["failed", "starting", "something_new"] {
                assert_eq!(seen(&[status]), [GiveUp], "{wake:?} {status}");
                assert_eq!(seen(&["resuming", status]), [Wait, GiveUp]);
            }
        }
    }

    #[test]
    fn only_an_activate_is_done_where_the_sandbox_was_active_all_along() {
        assert_eq!(seen(Activate, Refused, &["active"]), [Done]);
        assert_eq!(seen(Resume, Refused, &["active"]), [GiveUp]);
    }

    #[test]
    fn a_paused_sandbox_is_woken_once_more_after_each_transition() {
        let statuses = ["paused", "pausing", "paused", "paused"];
        assert_eq!(
            seen(Activate, Refused, &statuses),
            [Repeat, Wait, Repeat, GiveUp]
        );
    }

    #[test]
    fn a_pause_has_more_time_than_other_transitions() {
        for (patience, statuses, ends) in [
            (PAUSE_MS, &["resuming"][..], WAKE_MS),
            (PAUSE_MS, &["migrating"], WAKE_MS),
            (PAUSE_MS, &["pausing"], PAUSE_MS),
            (PAUSE_MS, &["pausing", "migrating"], PAUSE_MS),
            (WAKE_MS, &["pausing"], WAKE_MS),
        ] {
            let mut watch = Watch::new(Activate, Refused, 1_000.0, patience);
            for status in statuses {
                assert_eq!(watch.seen(status, 1_000.0), Wait, "{statuses:?}");
            }
            let last = statuses.last().unwrap();
            assert_eq!(watch.seen(last, 999.0 + ends), Wait, "{statuses:?}");
            assert_eq!(watch.seen(last, 1_000.0 + ends), GiveUp, "{statuses:?}");
        }
    }

    #[test]
    fn a_pause_that_was_accepted_ends_with_what_becomes_of_the_sandbox() {
        let seen = |status| {
            let all = seen(Pause, Accepted, &[status]);
            *all.first().unwrap()
        };
        for status in ["pausing", "migrating", "resuming", "something_new"] {
            assert_eq!(seen(status), Wait, "{status}");
        }
        assert_eq!(seen("paused"), Done);
        assert_eq!(seen("deleted"), Done, "its auto-delete is 0");
        assert_eq!(seen("failed"), Failed(&Loss::PAUSE_FAILED));
        assert_eq!(seen("active"), Failed(&Loss::NOT_PAUSED));
    }

    #[test]
    fn a_pause_that_is_refused_joins_another_that_is_under_way() {
        let seen = |statuses: &[&str]| seen(Pause, Refused, statuses);
        assert_eq!(seen(&["pausing", "paused"]), [Wait, Done]);
        assert_eq!(seen(&["pausing", "deleted"]), [Wait, Done]);
        assert_eq!(
            seen(&["pausing", "active"]),
            [Wait, Failed(&Loss::NOT_PAUSED)]
        );
        for status in ["paused", "resuming", "migrating", "failed", "active"] {
            assert_eq!(seen(&[status]), [GiveUp], "{status}");
        }
        assert_eq!(seen(&["deleted"]), [Failed(&Loss::GONE)]);
    }

    #[test]
    fn a_pause_whose_answer_is_lost_may_have_landed() {
        let seen = |statuses: &[&str]| seen(Pause, Lost, statuses);
        assert_eq!(seen(&["pausing", "paused"]), [Wait, Done]);
        assert_eq!(seen(&["paused"]), [Done]);
        assert_eq!(seen(&["deleted"]), [Done]);
        for status in ["active", "failed", "resuming"] {
            assert_eq!(seen(&[status]), [GiveUp], "{status}");
        }
    }

    #[test]
    fn one_that_is_to_rest_may_be_paused_or_gone_already() {
        for status in ["paused", "deleted"] {
            assert_eq!(seen(Rest, Refused, &[status]), [Done], "{status}");
        }
        assert_eq!(seen(Rest, Refused, &["resuming"]), [GiveUp]);
    }

    #[test]
    fn looks_are_close_together_at_first() {
        assert_eq!([0.0, 1_999.0].map(poll_ms), [50.0, 50.0]);
        assert_eq!([2_000.0, 200_000.0].map(poll_ms), [1_000.0, 1_000.0]);
    }

    #[test]
    fn a_deletion_backs_off_and_has_half_a_minute() {
        let (mut elapsed, mut delays) = (0.0, Vec::new());
        while let Some(ms) = clear_delay_ms(delays.len() as u32, elapsed) {
            delays.push(ms);
            elapsed += ms;
        }
        let expected = [
            250.0, 500.0, 1_000.0, 2_000.0, 4_000.0, 5_000.0, 5_000.0, 5_000.0, 5_000.0, 2_250.0,
        ];
        assert_eq!(delays, expected);
        assert_eq!(elapsed, CLEAR_MS);
    }

    #[test]
    fn each_transition_has_its_times() {
        const ANY: f64 = f64::INFINITY;
        for (asked, own) in [
            (None, TRY_MS),
            (None, 90_000.0),
            (Some(7_000.0), 7_000.0),
            (Some(600_000.0), 600_000.0),
        ] {
            let direct = |one, waits| times(one, waits, asked, own, false);
            let relayed = |one, waits| times(one, waits, asked, own, true);
            let or = |ms| asked.unwrap_or(ms);
            let try_ms = own.min(TRY_MS);
            assert_eq!(direct(Pause, true), (try_ms, or(PAUSE_MS)));
            assert_eq!(relayed(Pause, true), (or(PAUSE_MS), ANY));
            for all in [direct(Capture, true), relayed(Capture, true)] {
                assert_eq!(all, (try_ms, or(snapshot::WAIT_MS)));
            }
            for one in [Pause, Capture] {
                assert_eq!(direct(one, false), (own, ANY));
                assert_eq!(relayed(one, false), (own, ANY));
            }
            assert_eq!(direct(Resume, true), (own, or(ANY)));
            assert_eq!(relayed(Resume, true), (or(own + PAUSE_MS), ANY));
            assert_eq!(direct(Kill, true), (own, ANY));
            assert_eq!(relayed(Kill, true), (own + CLEAR_MS, ANY));
            assert_eq!(direct(Activate, true), (own, ANY));
        }
    }
}
