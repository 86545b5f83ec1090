//! The one error type: what this crate finds wrong by itself, and the class of everything else.
//!
//! The edge turns an [`Error`] into the JavaScript class that [`Error::class`] names, and an answer with an
//! error status into the class that [`Class::of_status`] names.

use alloc::string::String;
use core::fmt;

use crate::text::{concat, number};

/// What is wrong with an argument, the settings, or an answer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// An argument was refused before anything was sent.
    InvalidArgument(String),
    /// There is no API key, or one that no header can carry.
    NoApiKey(String),
    /// The answer lacks what the surface promises.
    InvalidResponse(String),
    /// The server redirected: a key or token is never sent on to another address.
    Redirect(u16),
    /// More bytes came than the caller allows by that option.
    TooLarge(&'static str, f64),
    /// A command's event stream ended before its last event.
    StreamEnded,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl core::error::Error for Error {}

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

impl Class {
    /// The class of an answer with an error status.
    pub fn of_status(status: u16) -> Self {
        match status {
            400 => Self::Validation,
            401 | 403 => Self::Authentication,
            404 => Self::NotFound,
            409 => Self::Conflict,
            429 => Self::RateLimit,
            500..=599 => Self::Server,
            _ => Self::Sandbox,
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
            | Self::InvalidResponse(message) => message.clone(),
            Self::Redirect(status) => {
                let status = number(u64::from(*status));
                concat(&[
                    "unexpected redirect (",
                    &status,
                    "): redirects are not followed",
                ])
            }
            Self::TooLarge(option, limit) => concat(&[
                "the answer exceeds ",
                option,
                " (",
                &number(*limit as u64),
                " bytes)",
            ]),
            Self::StreamEnded => concat(&["the stream ended before the command finished"]),
        }
    }

    /// The JavaScript class of this error.
    pub fn class(&self) -> Class {
        match self {
            Self::InvalidArgument(_) | Self::TooLarge(..) => Class::Validation,
            Self::NoApiKey(_) => Class::Authentication,
            _ => Class::Sandbox,
        }
    }

    /// The `statusCode` of this error; 0 for none. The surface's `ValidationError` always has one.
    pub fn status(&self) -> u16 {
        match self {
            Self::InvalidArgument(_) | Self::TooLarge(..) => 400,
            Self::Redirect(status) => *status,
            _ => 0,
        }
    }

    /// The stable `code` of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidArgument(_) => "invalid_argument",
            Self::NoApiKey(_) => "missing_api_key",
            Self::InvalidResponse(_) => "invalid_response",
            Self::Redirect(_) => "redirect",
            Self::TooLarge(..) => "too_large",
            Self::StreamEnded => "stream_ended",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(Class::of_status(status), class, "{status}");
        }
    }

    #[test]
    fn messages_say_what_is_wrong() {
        for (error, message) in [
            (
                Error::Redirect(302),
                "unexpected redirect (302): redirects are not followed",
            ),
            (
                Error::TooLarge("maxBytes", 10.0),
                "the answer exceeds maxBytes (10 bytes)",
            ),
            (Error::InvalidArgument("no".into()), "no"),
        ] {
            assert_eq!(error.to_string(), message);
        }
    }
}
