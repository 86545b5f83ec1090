//! What went wrong in a call, as a plain value: the edge makes an error of JavaScript's of it.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::protocol::error::{Class, Error};
use crate::protocol::request::{Method, Plane};
use crate::protocol::retry::Outcome;
use crate::protocol::secrecy;
use crate::protocol::text::concat;

/// Of a message so many characters are kept.
pub const MAX_MESSAGE_CHARS: usize = 2_000;

const FETCH_GAVE_UP: &str = "fetch gave up on a silent answer, in Node.js after 300 seconds: a command that may be silent \
    for longer is for commands.spawn";

/// What an error says.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Class of the error.
    pub class: Class,
    /// HTTP status; 0 for none.
    pub status: u16,
    /// Stable code; empty for none.
    pub code: String,
    /// What is wrong, in words.
    pub message: String,
    /// The service's id of the request; empty for none.
    pub request_id: String,
    /// What it is to those who may try again; `None` where that cannot help.
    pub outcome: Option<Outcome>,
}

impl Problem {
    /// A problem that no further attempt solves.
    pub fn new(class: Class, message: &str, status: u16, code: &str) -> Self {
        Self {
            class,
            status,
            code: code.to_owned(),
            message: message.to_owned(),
            request_id: String::new(),
            outcome: None,
        }
    }

    /// What an answer with an error status says: the message and code of its envelope, empty where there is none, and else
    /// the words of its body.
    pub fn refused(status: u16, message: &str, body: &str, code: &str) -> Self {
        let mut message = message;
        if message.is_empty() && is_prose(body) {
            message = body;
        }
        let message = beginning(message, 2 * MAX_MESSAGE_CHARS).trim_ascii();
        let class = Class::of_status(status);
        let mut problem = if message.is_empty() {
            Self::new(
                class,
                &status_message("API error (", status, ")"),
                status,
                code,
            )
        } else {
            Self::new(class, message, status, code)
        };
        problem.outcome = Some(Outcome::Answered {
            status,
            retry_after_ms: None,
        });
        problem
    }

    /// The answer said when to try again.
    pub fn retry_after(&mut self, ms: Option<f64>) {
        if let Some(Outcome::Answered { retry_after_ms, .. }) = &mut self.outcome {
            *retry_after_ms = ms;
        }
    }

    /// No answer came, or it broke off. `words` are those of whatever was thrown.
    pub fn network(words: &str) -> Self {
        let words = if words.is_empty() {
            "the request failed"
        } else {
            words
        };
        let message = concat(&["Network error: ", words]);
        Self::connection(Class::Sandbox, &message, "network_error")
    }

    /// `fetch` has waited as long as it does for a server that says nothing.
    pub fn silence() -> Self {
        Self::connection(Class::Timeout, FETCH_GAVE_UP, "timeout")
    }

    fn connection(class: Class, message: &str, code: &str) -> Self {
        let mut problem = Self::new(class, message, 0, code);
        problem.outcome = Some(Outcome::ConnectionFailed);
        problem
    }

    /// The time is over. `ms` is the number as JavaScript writes it.
    pub fn timeout(ms: &str) -> Self {
        let message = concat(&["timed out after ", ms, " ms"]);
        Self::new(Class::Timeout, &message, 0, "timeout")
    }

    /// HTTP status of the answer that a further attempt may change; 0 for none.
    pub fn answered(&self) -> u16 {
        match self.outcome {
            Some(Outcome::Answered { status, .. }) => status,
            _ => 0,
        }
    }

    /// Cuts the message to its length. Not before the secrets are out of it: a cut one is hard to find.
    pub fn shorten(&mut self) {
        self.message = beginning(&self.message, MAX_MESSAGE_CHARS).to_owned();
    }

    /// Takes the secrets out, which [`secrecy::redact`] describes.
    pub fn redact(&mut self, secrets: &str) {
        if let Some(message) = secrecy::redact(&self.message, secrets) {
            self.message = message;
        }
        if let Some(id) = secrecy::redact(&self.request_id, secrets) {
            self.request_id = id;
        }
        self.code = secrecy::redact_code(&self.code, secrets).to_owned();
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::new(
            error.class(),
            &error.message(),
            error.status(),
            error.code(),
        )
    }
}

/// Whether the service may have acted on a request that failed: was answered with that status and code, or not at all with
/// status 0. What reads does not act. An answer of 4xx is a refusal, and so is a 503 that says that the sandbox was not
/// there; of any other, and where none came, nobody can tell.
pub fn may_have_run(method: Method, plane: Plane, status: u16, code: &str) -> bool {
    let is_refusal = match status {
        400..500 => true,
        503 => plane == Plane::Data || matches!(code, "sandbox_unavailable" | SEND_AGAIN),
        _ => false,
    };
    method != Method::Get && !is_refusal
}

/// What the relay calls a 503 that says so: the sandbox is awake now.
pub const SEND_AGAIN: &str = "send_again";

/// A message with a status, which has three digits, in it.
pub fn status_message(before: &str, status: u16, after: &str) -> String {
    let mut message = String::from(before);
    for unit in [100, 10, 1] {
        message.push(char::from(b'0' + (status / unit % 10) as u8));
    }
    message.push_str(after);
    message
}

/// The first of two texts that is not empty: an answer may have its words in several places.
pub fn or(first: String, second: String) -> String {
    if first.is_empty() { second } else { first }
}

/// Whether a body is words to show: markup and JSON are not, `[proxy] gone` is.
fn is_prose(body: &str) -> bool {
    let mut start = body.trim_ascii_start().bytes();
    match start.next() {
        Some(b'<' | b'{') => false,
        Some(b'[') => start
            .next()
            .is_none_or(|b| b.is_ascii_alphanumeric() || b == b'_'),
        _ => true,
    }
}

/// So many characters of a text at most.
fn beginning(text: &str, chars: usize) -> &str {
    let end = text.char_indices().nth(chars).map(|(at, _)| at);
    end.and_then(|at| text.get(..at)).unwrap_or(text)
}

/// A `Retry-After` in milliseconds from now; `None` where it says nothing. `ms_until` reads a date.
pub fn retry_after_ms(value: &str, ms_until: impl FnOnce(&str) -> f64) -> Option<f64> {
    let value = value.trim_ascii();
    if let Some(seconds) = seconds(value) {
        return Some(seconds * 1000.0);
    }
    // What is no number and has no letters is no date, whatever an engine makes of it.
    if !value.bytes().any(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    Some(ms_until(value)).filter(|ms| !ms.is_nan())
}

/// A number written in digits, with or without a fraction.
fn seconds(text: &str) -> Option<f64> {
    let mut seconds = 0.0;
    let mut unit = 0.0;
    let mut digits = 0;
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => {
                let digit = f64::from(byte - b'0');
                digits += 1;
                if unit == 0.0 {
                    seconds = seconds * 10.0 + digit;
                } else {
                    unit /= 10.0;
                    seconds += digit * unit;
                }
            }
            b'.' if unit == 0.0 && digits > 0 => {
                unit = 1.0;
                digits = 0;
            }
            _ => return None,
        }
    }
    (digits > 0).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &str, message: &str) -> Problem {
        Problem::refused(409, message, body, "busy")
    }

    #[test]
    fn what_was_refused_or_only_read_has_not_run() {
        use Plane::{Control, Data};
        for method in Method::ALL {
            let acts = method != Method::Get;
            for plane in [Control, Data] {
                let ran = |status, code| may_have_run(method, plane, status, code);
                for status in 400..500 {
                    assert!(!ran(status, ""), "{method:?} {status}");
                }
                for status in [0, 302, 500, 501, 502, 504, 507, 599] {
                    assert_eq!(ran(status, "c"), acts, "{method:?} {plane:?} {status}");
                }
                assert_eq!(
                    ran(503, ""),
                    acts && plane == Control,
                    "{method:?} {plane:?}"
                );
                assert!(!ran(503, "sandbox_unavailable"));
                assert!(!ran(503, SEND_AGAIN));
            }
        }
    }

    #[test]
    fn the_services_words_are_those_of_its_envelope() {
        let problem = refused("{\"error\":…", " not now ");
        assert_eq!(problem.message, "not now");
        assert_eq!((problem.class, &*problem.code), (Class::Conflict, "busy"));
        assert_eq!(or("first".into(), "second".into()), "first");
        assert_eq!(or(String::new(), "second".into()), "second");
    }

    #[test]
    fn plain_words_are_shown_and_markup_is_not() {
        for (body, expected) in [
            ("upstream gone", "upstream gone"),
            ("[proxy] gone", "[proxy] gone"),
            (" <html>", "API error (409)"),
            ("{\"cut", "API error (409)"),
            ("[{", "API error (409)"),
            ("", "API error (409)"),
        ] {
            assert_eq!(refused(body, "").message, expected, "{body}");
        }
    }

    #[test]
    fn a_message_is_bounded_and_has_no_secret() {
        let long = "\u{e9}".repeat(5_000) + "token-1234567";
        let mut problem = Problem::refused(409, "", &long, "token-1234567");
        problem.redact("token-1234567");
        problem.shorten();
        assert_eq!(problem.message.chars().count(), MAX_MESSAGE_CHARS);
        assert_eq!(problem.code, "");
        let mut problem = Problem::network("connect token-1234567 refused");
        problem.redact("key\0token-1234567");
        assert_eq!(problem.message, "Network error: connect [redacted] refused");
    }

    #[test]
    fn either_form_of_retry_after_is_read() {
        let date = |_: &str| 1_500.0;
        for (value, expected) in [
            ("2", Some(2_000.0)),
            (" 0.25 ", Some(250.0)),
            ("Sat, 28 Nov 2026 17:00:00 GMT", Some(1_500.0)),
            ("", None),
            ("-1", None),
            ("1.", None),
            (".5", None),
            ("1.2.3", None),
            ("2026-11-28", None),
        ] {
            assert_eq!(retry_after_ms(value, date), expected, "{value}");
        }
        assert_eq!(retry_after_ms("soon", |_| f64::NAN), None);
    }
}
