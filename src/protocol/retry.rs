//! When to try again: a pure decision.

use crate::protocol::request::Method;

const FIRST_DELAY_MS: f64 = 100.0;
/// The wait grows no further after so many attempts.
const MAX_DOUBLINGS: u32 = 20;

/// What a caller may say of further attempts.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// Attempts of a request at most, the first included.
    pub attempts: f64,
    /// No wait before a further attempt is longer, whoever asks for it.
    pub max_delay_ms: f64,
    /// Whether the caller's own list of statuses has that of the answer; `None` where there is no list.
    pub is_listed: Option<bool>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            attempts: 3.0,
            max_delay_ms: 30_000.0,
            is_listed: None,
        }
    }
}
const JITTER: f64 = 0.2;

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// An answer came: its status, and its `Retry-After` in milliseconds from now.
    Answered {
        /// HTTP status.
        status: u16,
        /// `Retry-After`, either form, as milliseconds from now.
        retry_after_ms: Option<f64>,
    },
    /// The connection failed before an answer, or while it was read.
    ConnectionFailed,
}

/// Whether a failure of this kind may pass by itself.
pub fn passes(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::ConnectionFailed
            | Outcome::Answered {
                status: 429 | 502..=504,
                ..
            }
    )
}

/// Milliseconds to wait before the next try, or `None` to give up.
///
/// `attempt` counts from 1; `random` is in `0.0..1.0`. Only GET and DELETE are tried again, on 429,
/// 502, 503, 504 and failed connections; a caller's list stands in place of these statuses. `Retry-After` beats the
/// backoff; both are capped.
pub fn delay_ms(
    policy: &Policy,
    method: Method,
    attempt: u32,
    outcome: Outcome,
    random: f64,
) -> Option<f64> {
    let repeatable = matches!(method, Method::Get | Method::Delete);
    let may_pass = match (outcome, policy.is_listed) {
        (Outcome::Answered { .. }, Some(is_listed)) => is_listed,
        _ => passes(&outcome),
    };
    if !repeatable || f64::from(attempt) >= policy.attempts || !may_pass {
        return None;
    }
    let delay = match outcome {
        Outcome::Answered {
            retry_after_ms: Some(ms),
            ..
        } => ms.max(0.0),
        _ => {
            let backoff = FIRST_DELAY_MS * f64::from(1u32 << (attempt - 1).min(MAX_DOUBLINGS));
            backoff * (1.0 - JITTER + 2.0 * JITTER * random)
        }
    };
    Some(delay.min(policy.max_delay_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, retry_after_ms: Option<f64>) -> Outcome {
        Outcome::Answered {
            status,
            retry_after_ms,
        }
    }

    fn delay_ms(method: Method, attempt: u32, outcome: Outcome, random: f64) -> Option<f64> {
        super::delay_ms(&Policy::default(), method, attempt, outcome, random)
    }

    #[test]
    fn a_caller_says_how_often_how_long_and_on_what() {
        let at = |policy: &Policy, attempt, status| {
            let outcome = answered(status, Some(5_000.0));
            super::delay_ms(policy, Method::Get, attempt, outcome, 0.5)
        };
        let policy = Policy {
            attempts: 5.0,
            max_delay_ms: 1_000.0,
            ..Policy::default()
        };
        assert_eq!(at(&policy, 4, 503), Some(1_000.0));
        assert_eq!(at(&policy, 5, 503), None);
        let never = Policy {
            attempts: 1.0,
            ..Policy::default()
        };
        assert_eq!(at(&never, 1, 503), None);
        for (is_listed, status, expected) in [
            (Some(true), 500, Some(5_000.0)),
            (Some(false), 503, None),
            (None, 500, None),
        ] {
            let policy = Policy {
                is_listed,
                ..Policy::default()
            };
            assert_eq!(at(&policy, 1, status), expected, "{is_listed:?} {status}");
            let broken = super::delay_ms(&policy, Method::Get, 1, Outcome::ConnectionFailed, 0.5);
            assert_eq!(broken, Some(100.0), "a list is of statuses");
            let post = super::delay_ms(&policy, Method::Post, 1, answered(status, None), 0.5);
            assert_eq!(post, None, "a list makes no POST repeatable");
        }
        let many = Policy {
            attempts: f64::INFINITY,
            ..Policy::default()
        };
        let late = super::delay_ms(&many, Method::Get, 4_000, Outcome::ConnectionFailed, 0.5);
        assert_eq!(late, Some(30_000.0));
    }

    #[test]
    fn only_get_and_delete_are_tried_again() {
        for (method, expected) in [
            (Method::Get, Some(100.0)),
            (Method::Delete, Some(100.0)),
            (Method::Post, None),
            (Method::Patch, None),
        ] {
            assert_eq!(
                delay_ms(method, 1, answered(503, None), 0.5),
                expected,
                "{method:?}"
            );
            assert_eq!(
                delay_ms(method, 1, Outcome::ConnectionFailed, 0.5),
                expected,
                "{method:?}"
            );
        }
    }

    #[test]
    fn only_passing_failures_are_tried_again() {
        for status in 100..600 {
            let again = delay_ms(Method::Get, 1, answered(status, None), 0.5).is_some();
            assert_eq!(again, matches!(status, 429 | 502 | 503 | 504), "{status}");
        }
    }

    #[test]
    fn three_attempts_and_a_doubling_wait_with_jitter() {
        let at = |attempt, random| {
            delay_ms(Method::Get, attempt, Outcome::ConnectionFailed, random).map(f64::round)
        };
        assert_eq!(at(1, 0.0), Some(80.0));
        assert_eq!(at(1, 1.0), Some(120.0));
        assert_eq!(at(2, 0.5), Some(200.0));
        assert_eq!(at(3, 0.5), None);
    }

    #[test]
    fn retry_after_wins_and_is_capped() {
        let at = |ms| delay_ms(Method::Get, 1, answered(429, Some(ms)), 0.5);
        assert_eq!(at(2_000.0), Some(2_000.0));
        assert_eq!(at(0.0), Some(0.0));
        assert_eq!(at(-5_000.0), Some(0.0), "a date that has passed");
        assert_eq!(at(3_600_000.0), Some(30_000.0));
    }
}
