//! The one error type: what this crate finds wrong by itself, and the class of everything else.
//!
//! The edge turns an [`Error`] into the JavaScript class that [`Error::class`] names. What an answer with an error
//! status becomes, [`problem`](super::problem) knows.

use alloc::string::String;
use core::fmt;

use crate::protocol::text::concat;

/// What is wrong with an argument, the settings, or an answer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// An argument was refused before anything was sent.
    InvalidArgument(String),
    /// There is no API key, or one that no header can carry.
    NoApiKey(String),
    /// The ticket does not allow it.
    NotAllowed(String),
    /// The answer lacks what the surface promises.
    InvalidResponse(String),
    /// A command's event stream ended before its last event.
    StreamEnded,
    /// The relay answers requests, and no WebSocket gets there.
    NoUpgrade,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl core::error::Error for Error {}

/// The JavaScript class an error becomes. `wasm/js/errors.js` makes each of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// The base class.
    Sandbox,
    /// 401, 403, or no API key.
    Authentication,
    /// 400, or an argument refused before the request.
    Validation,
    /// 404.
    NotFound,
    /// 409.
    Conflict,
    /// No answer in time.
    Timeout,
    /// 429.
    RateLimit,
    /// 5xx.
    Server,
    /// A template's build failed.
    Build,
}

impl Class {
    /// The class of an answer with an error status.
    pub fn of_status(status: u16) -> Self {
        match status {
            400 => Self::Validation,
            401 | 403 => Self::Authentication,
            404 => Self::NotFound,
            409 => Self::Conflict,
            429 => Self::RateLimit,
            500..600 => Self::Server,
            _ => Self::Sandbox,
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Class {
    /// All of them, by number.
    pub const ALL: [Self; 9] = [
        Self::Sandbox,
        Self::Authentication,
        Self::Validation,
        Self::NotFound,
        Self::Conflict,
        Self::Timeout,
        Self::RateLimit,
        Self::Server,
        Self::Build,
    ];

    /// Its name in JavaScript.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sandbox => "SandboxError",
            Self::Authentication => "AuthenticationError",
            Self::Validation => "ValidationError",
            Self::NotFound => "NotFoundError",
            Self::Conflict => "ConflictError",
            Self::Timeout => "TimeoutError",
            Self::RateLimit => "RateLimitError",
            Self::Server => "ServerError",
            Self::Build => "BuildError",
        }
    }

    /// The `statusCode` of one that is made without; none for what is no answer.
    pub fn status(self) -> Option<u16> {
        (400..600).find(|status| self != Self::Sandbox && Self::of_status(*status) == self)
    }

    /// The name of its number in JavaScript.
    pub fn constant(self) -> &'static str {
        match self {
            Self::Sandbox => "SANDBOX",
            Self::Authentication => "AUTHENTICATION",
            Self::Validation => "VALIDATION",
            Self::NotFound => "NOT_FOUND",
            Self::Conflict => "CONFLICT",
            Self::Timeout => "TIMEOUT",
            Self::RateLimit => "RATE_LIMIT",
            Self::Server => "SERVER",
            Self::Build => "BUILD",
        }
    }
}

impl Error {
    /// An argument that is not what it must be.
    pub fn must(argument: &str, what: &str) -> Self {
        Self::InvalidArgument(concat(&[argument, " must ", what]))
    }

    /// What is wrong, in words.
    pub fn message(&self) -> String {
        match self {
            Self::InvalidArgument(message)
            | Self::NoApiKey(message)
            | Self::NotAllowed(message)
            | Self::InvalidResponse(message) => message.clone(),
            Self::StreamEnded => concat(&["the stream ended before the command finished"]),
            Self::NoUpgrade => concat(&["the relay answers, but no WebSocket reaches it"]),
        }
    }

    /// The JavaScript class of this error.
    pub fn class(&self) -> Class {
        match self {
            Self::InvalidArgument(_) => Class::Validation,
            Self::NoApiKey(_) | Self::NotAllowed(_) => Class::Authentication,
            _ => Class::Sandbox,
        }
    }

    /// The `statusCode` of this error; 0 for none. The surface's `ValidationError` and
    /// `AuthenticationError` always have one.
    pub fn status(&self) -> u16 {
        match self {
            Self::InvalidArgument(_) => 400,
            Self::NoApiKey(_) => 401,
            Self::NotAllowed(_) => 403,
            _ => 0,
        }
    }

    /// The stable `code` of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidArgument(_) => "invalid_argument",
            Self::NoApiKey(_) => "missing_api_key",
            Self::NotAllowed(_) => "not_allowed",
            Self::InvalidResponse(_) => "invalid_response",
            Self::StreamEnded => "stream_ended",
            Self::NoUpgrade => "network_error",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_is_wrong() {
        let error = Error::must("port", "be an integer");
        assert_eq!(error.to_string(), "port must be an integer");
        assert_eq!((error.class(), error.status()), (Class::Validation, 400));
        assert_eq!(error.code(), "invalid_argument");
    }
}
