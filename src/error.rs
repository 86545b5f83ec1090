//! The one error type: what went wrong, independent of any runtime.
//!
//! The edge turns an [`Error`] into the JavaScript class that [`Error::class`] names. A message never
//! holds a key or a token: [`Error::redact`] is applied to whatever text a server sent.

use crate::json;

/// Longest message taken from a server's answer, in bytes.
const MAX_MESSAGE_BYTES: usize = 2_000;

/// Everything that can go wrong, before, during and after a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An argument was refused before anything was sent.
    #[error("{0}")]
    InvalidArgument(String),
    /// There is no API key, or one that no header can carry.
    #[error("{0}")]
    NoApiKey(&'static str),
    /// The service answered with an error status.
    #[error("{message}")]
    Api {
        /// HTTP status.
        status: u16,
        /// Stable code of the error envelope, where the answer has one.
        code: Option<String>,
        /// The server's own words, or `API error (<status>)`.
        message: String,
    },
    /// No answer, or no further byte of a stream, within the time allowed.
    #[error("timed out after {after_ms} ms")]
    Timeout {
        /// The time allowed, in milliseconds.
        after_ms: u32,
    },
    /// The request did not reach the server, or the connection broke.
    #[error("Network error: {0}")]
    Network(String),
    /// The caller's signal ended the operation.
    #[error("the operation was aborted")]
    Aborted,
    /// The server redirected: a key or token is never sent on to another address.
    #[error("unexpected redirect ({0}): redirects are not followed")]
    Redirect(u16),
    /// The answer lacks what the surface promises.
    #[error("{0}")]
    InvalidResponse(String),
    /// More bytes came than the caller allows.
    #[error("the response exceeds {option} ({limit} bytes)")]
    TooLarge {
        /// The option that sets the limit.
        option: &'static str,
        /// The limit, in bytes.
        limit: u64,
    },
    /// A command's event stream ended before its last event.
    #[error("the stream ended before the command finished")]
    StreamEnded,
}

/// The JavaScript class an error becomes. The numbers are shared with `wasm/js/errors.js`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// The base class.
    Sandbox = 0,
    /// 401, 403, or no API key.
    Authentication = 1,
    /// 400, or an argument refused before the request.
    Validation = 2,
    /// 404.
    NotFound = 3,
    /// 409.
    Conflict = 4,
    /// Time ran out on this side.
    Timeout = 5,
    /// 429.
    RateLimit = 6,
    /// 5xx.
    Server = 7,
}

impl Error {
    /// Refuses an argument.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::InvalidArgument(message.into())
    }

    /// The error an answer with an error status stands for.
    ///
    /// `body` may be the service's envelope, other JSON, plain text, HTML or nothing.
    pub fn from_answer(status: u16, body: &str) -> Self {
        let told = json::error_envelope(body.trim().as_bytes());
        let text = told.message.unwrap_or_else(|| plain_text(body));
        let message =
            if text.is_empty() { ["API error (", &status.to_string(), ")"].concat() } else { text };
        Self::Api { status, code: told.code, message }
    }

    /// The JavaScript class of this error.
    pub fn class(&self) -> Class {
        match self {
            Self::InvalidArgument(_) | Self::TooLarge { .. } => Class::Validation,
            Self::NoApiKey(_) => Class::Authentication,
            Self::Timeout { .. } => Class::Timeout,
            Self::Api { status, .. } => match status {
                400 => Class::Validation,
                401 | 403 => Class::Authentication,
                404 => Class::NotFound,
                409 => Class::Conflict,
                429 => Class::RateLimit,
                500..=599 => Class::Server,
                _ => Class::Sandbox,
            },
            _ => Class::Sandbox,
        }
    }

    /// HTTP status, where the error is an answer's.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Api { status, .. } | Self::Redirect(status) => Some(*status),
            _ => None,
        }
    }

    /// Stable code: the service's own, or this SDK's for what it found itself.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Api { code, .. } => code.as_deref(),
            Self::InvalidArgument(_) => Some("invalid_argument"),
            Self::NoApiKey(_) => Some("missing_api_key"),
            Self::Timeout { .. } => Some("timeout"),
            Self::Network(_) => Some("network_error"),
            Self::Aborted => Some("aborted"),
            Self::Redirect(_) => Some("redirect"),
            Self::InvalidResponse(_) => Some("invalid_response"),
            Self::TooLarge { .. } => Some("too_large"),
            Self::StreamEnded => Some("stream_ended"),
        }
    }

    /// The same error with every occurrence of `secret` taken out of its message.
    pub fn redact(self, secret: &str) -> Self {
        let clean = |text: String| {
            if secret.is_empty() || !text.contains(secret) {
                text
            } else {
                text.replace(secret, "[redacted]")
            }
        };
        match self {
            Self::Api { status, code, message } => {
                Self::Api { status, code: code.map(clean), message: clean(message) }
            }
            Self::Network(message) => Self::Network(clean(message)),
            other => other,
        }
    }
}

/// A body as a message: its text when it is text, nothing when it is markup or other JSON.
fn plain_text(body: &str) -> String {
    let text = body.trim();
    if text.starts_with(['<', '{', '[']) {
        return String::new();
    }
    let mut end = text.len().min(MAX_MESSAGE_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(status: u16, body: &str) -> (Class, Option<String>, String) {
        let error = Error::from_answer(status, body);
        (error.class(), error.code().map(str::to_owned), error.to_string())
    }

    #[test]
    fn the_envelope_gives_code_and_message() {
        let body = r#"{"error":{"code":"too_many_sandboxes","message":"limit \"5\" reached"}}"#;
        assert_eq!(
            api(429, body),
            (Class::RateLimit, Some("too_many_sandboxes".into()), "limit \"5\" reached".into())
        );
    }

    #[test]
    fn other_bodies_are_kept_when_they_are_text() {
        assert_eq!(api(502, "sandbox unreachable\n").2, "sandbox unreachable");
        assert_eq!(api(404, "").2, "API error (404)");
        assert_eq!(api(503, "<html><body>oops</body></html>").2, "API error (503)");
        assert_eq!(api(500, r#"["no"]"#).2, "API error (500)");
        assert_eq!(api(500, r#"{"message":"other form"}"#).2, "other form");
        assert_eq!(api(500, r#"{"error":"a string"}"#).2, "a string");
        assert_eq!(api(500, r#"{"error":{"message":"cut off"#).2, "API error (500)");
    }

    #[test]
    fn a_huge_body_is_cut_at_a_character() {
        let message = api(500, &"é".repeat(5_000)).2;
        assert_eq!(message.len(), MAX_MESSAGE_BYTES);
    }

    #[test]
    fn every_status_has_its_class() {
        for (status, class) in [
            (400, Class::Validation),
            (401, Class::Authentication),
            (403, Class::Authentication),
            (404, Class::NotFound),
            (409, Class::Conflict),
            (418, Class::Sandbox),
            (429, Class::RateLimit),
            (500, Class::Server),
            (504, Class::Server),
        ] {
            assert_eq!(Error::from_answer(status, "").class(), class, "{status}");
        }
    }

    #[test]
    fn a_secret_is_taken_out() {
        let error = Error::from_answer(401, "key ss_live_abc is unknown").redact("ss_live_abc");
        assert_eq!(error.to_string(), "key [redacted] is unknown");
    }
}
