//! When to try again: a pure decision.

use crate::protocol::request::Method;

/// Attempts a call makes at most, the first included.
pub const MAX_ATTEMPTS: u32 = 3;
/// No wait before a further attempt is longer, whoever asks for it.
pub const MAX_DELAY_MS: f64 = 30_000.0;
const FIRST_DELAY_MS: f64 = 100.0;
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
/// 502, 503, 504 and failed connections. `Retry-After` beats the backoff; both are capped at 30 000 ms.
pub fn delay_ms(method: Method, attempt: u32, outcome: Outcome, random: f64) -> Option<f64> {
    let repeatable = matches!(method, Method::Get | Method::Delete);
    if !repeatable || attempt >= MAX_ATTEMPTS || !passes(&outcome) {
        return None;
    }
    let delay = match outcome {
        Outcome::Answered {
            retry_after_ms: Some(ms),
            ..
        } => ms.max(0.0),
        _ => {
            let backoff = FIRST_DELAY_MS * f64::from(1u32 << (attempt - 1));
            backoff * (1.0 - JITTER + 2.0 * JITTER * random)
        }
    };
    Some(delay.min(MAX_DELAY_MS))
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
