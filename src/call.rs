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

impl Request {
    /// A request to the API.
    pub fn control(method: Method, target: Target) -> Self {
        Self {
            method,
            plane: Plane::Control,
            target,
            body: Body::None,
        }
    }

    /// A request to a sandbox.
    pub fn data(method: Method, target: Target) -> Self {
        Self {
            method,
            plane: Plane::Data,
            target,
            body: Body::None,
        }
    }

    /// The same with a JSON body.
    pub fn json(mut self) -> Self {
        self.body = Body::Json;
        self
    }

    /// The same with a file's bytes as body.
    pub fn file(mut self) -> Self {
        self.body = Body::File;
        self
    }
}

/// A path and query in which every value is percent-encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    text: String,
    has_query: bool,
}

impl Target {
    /// Starts at a fixed path: `/sandboxes`.
    pub fn new(path: &'static str) -> Self {
        Self {
            text: path.to_owned(),
            has_query: false,
        }
    }

    /// Adds a path segment that a caller gave. `what` names it in the error.
    ///
    /// # Errors
    /// An empty segment, `.` and `..` are refused: no encoding keeps a URL parser from resolving them.
    pub fn id(mut self, what: &str, value: &str) -> Result<Self, Error> {
        if value.trim().is_empty() || value == "." || value == ".." {
            return Err(Error::must(what, "be a non-empty identifier"));
        }
        self.text.push('/');
        self.encode(value);
        Ok(self)
    }

    /// Adds a fixed path segment.
    pub fn segment(mut self, name: &'static str) -> Self {
        self.text.push('/');
        self.text.push_str(name);
        self
    }

    /// The path without its last segment.
    pub fn parent(&self) -> Option<Self> {
        let (text, _) = self.text.rsplit_once(['/'])?;
        Some(Self {
            text: text.to_owned(),
            has_query: false,
        })
    }

    /// Adds a query that is encoded already, if there is one.
    pub fn encoded_query(mut self, query: &str) -> Self {
        if !query.is_empty() {
            self.text.push('?');
            self.text.push_str(query);
            self.has_query = true;
        }
        self
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.text.push(if self.has_query { '&' } else { '?' });
        self.has_query = true;
        self.encode(name);
        self.text.push('=');
        self.encode(value);
        self
    }

    /// The encoded text, from the first `/`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn encode(&mut self, value: &str) {
        self.text.extend(utf8_percent_encode(value, COMPONENT));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_leave_their_place() {
        let at = |id: &str| {
            Target::new("/sandboxes")
                .id("id", id)
                .map(|t| t.as_str().to_owned())
        };
        assert_eq!(at("../secrets").unwrap(), "/sandboxes/..%2Fsecrets");
        assert_eq!(
            at("a?b#c d%2e\u{e9}").unwrap(),
            "/sandboxes/a%3Fb%23c%20d%252e%C3%A9"
        );
        for bad in ["", " ", ".", ".."] {
            assert!(at(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn queries_are_encoded_on_both_sides() {
        let target = Target::new("/sandboxes")
            .query("metadata.a&b", "c=d")
            .query("limit", "5");
        assert_eq!(target.as_str(), "/sandboxes?metadata.a%26b=c%3Dd&limit=5");
    }
}
