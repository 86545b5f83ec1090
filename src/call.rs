//! A request as a plain value: what to send, and nothing of how.

use alloc::borrow::ToOwned;
use alloc::string::String;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::Error;

/// What `encodeURIComponent` leaves as it is.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

// The numbers of these three are shared with `wasm/js/http.js`.

/// HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, or acts.
    Post,
    /// Changes a part.
    Patch,
    /// Removes.
    Delete,
}

/// Which of the two origins a request goes to, and so which secret it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Plane {
    /// The API, with the key.
    Control,
    /// The sandbox itself, with its access token.
    Data,
}

/// What a request carries.
///
/// The content itself stays with the edge: neither a file nor a long command passes through this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Body {
    /// Nothing.
    None,
    /// A JSON document.
    Json,
    /// A file's bytes.
    File,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// Origin and secret.
    pub plane: Plane,
    /// Encoded path and query.
    pub target: Target,
    /// Body.
    pub body: Body,
}

/// A path and query in which every value is percent-encoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    text: String,
}

impl Target {
    /// Adds text that is encoded already.
    pub fn push(&mut self, encoded: &str) {
        self.text.push_str(encoded);
    }

    /// Adds a path segment that a caller gave. `what` names it in the error.
    ///
    /// # Errors
    /// An empty segment, `.` and `..` are refused: no encoding keeps a URL parser from resolving them.
    pub fn id(&mut self, what: &str, value: &str) -> Result<(), Error> {
        if value.trim().is_empty() || value == "." || value == ".." {
            return Err(Error::must(what, "be a non-empty identifier"));
        }
        self.value(value);
        Ok(())
    }

    /// Adds a value of the query.
    pub fn value(&mut self, value: &str) {
        self.text.extend(utf8_percent_encode(value, COMPONENT));
    }

    /// Adds a whole query that is encoded already, if there is one.
    pub fn query(&mut self, encoded: &str) {
        if !encoded.is_empty() {
            self.text.push('?');
            self.text.push_str(encoded);
        }
    }

    /// The path without its last segment.
    pub fn parent(&self) -> Option<Self> {
        let (text, _) = self.text.rsplit_once(['/'])?;
        Some(Self {
            text: text.to_owned(),
        })
    }

    /// The encoded text, from the first `/`.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}
