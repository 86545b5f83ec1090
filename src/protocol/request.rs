//! A request as a plain value: what to send, and nothing of how.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::protocol::error::Error;
use crate::protocol::text::{rsplit_once, split_once};

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

#[cfg(not(target_arch = "wasm32"))]
impl Method {
    /// All of them, by number.
    pub const ALL: [Self; 4] = [Self::Get, Self::Post, Self::Patch, Self::Delete];

    /// As it goes over the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What a request is allowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Credential {
    /// The API key.
    ApiKey,
    /// A sandbox's access token.
    AccessToken,
    /// A relay's ticket.
    Ticket,
    /// A machine's, in place of the API key.
    Machine,
}

#[cfg(not(target_arch = "wasm32"))]
impl Credential {
    /// All of them, by number.
    pub const ALL: [Self; 4] = [Self::ApiKey, Self::AccessToken, Self::Ticket, Self::Machine];

    /// The header that it goes into.
    pub fn header(self) -> &'static str {
        match self {
            Self::ApiKey => "X-API-Key",
            Self::AccessToken => "X-Access-Token",
            Self::Ticket => "Authorization",
            Self::Machine => "X-QM-Machine-Credential",
        }
    }

    /// What stands before it there.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::ApiKey | Self::AccessToken | Self::Machine => "",
            Self::Ticket => "Bearer ",
        }
    }
}

/// Header that names the sandbox where its origin does not.
pub const SANDBOX_ID_HEADER: &str = "X-Superserve-Sandbox-Id";
/// Header that has the service's hint to where the sandbox is.
pub const ROUTING_HINT_HEADER: &str = "X-Superserve-Routing-Hint";

/// Headers that no caller may set, as regular expressions: those of credentials, and those that this package sets
/// itself.
#[cfg(not(target_arch = "wasm32"))]
pub const RESERVED_HEADERS: [&str; 7] = [
    "x-(api-key|access-token|qm-.*|superserve-.*)",
    "(proxy-)?authorization",
    "cookie",
    "content-.*",
    "user-agent",
    "range",
    "prefer",
];

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
    /// Nothing, and the answer need not wait for what is asked for.
    Async,
}

#[cfg(not(target_arch = "wasm32"))]
impl Body {
    /// All of them, by number.
    pub const ALL: [Self; 4] = [Self::None, Self::Json, Self::File, Self::Async];

    /// The header that it has, and what that says.
    pub fn header(self) -> [&'static str; 2] {
        match self {
            Self::None => ["", ""],
            Self::Json => ["Content-Type", "application/json"],
            Self::File => ["Content-Type", "application/octet-stream"],
            Self::Async => ["Prefer", "respond-async"],
        }
    }
}

/// What is made of an answer's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ReadMode {
    /// Nothing: it is read only so that the connection can serve again.
    Nothing,
    /// JSON.
    Json,
    /// JSON of a limited size.
    Output,
    /// Text of a limited size.
    Text,
    /// Bytes, likewise.
    Bytes,
    /// A `Blob`, likewise.
    Blob,
    /// A reader of its chunks.
    Stream,
    /// Nothing: it is handed back unread.
    Response,
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
    template: &'static str,
}

impl Target {
    /// One that is to be filled in as `template` has it, with names in braces for what is not always the same.
    pub fn of(template: &'static str) -> Self {
        Self {
            text: String::new(),
            template,
        }
    }

    /// What those see of it who may not see the values.
    pub fn template(&self) -> &'static str {
        self.template
    }

    /// Adds text that is encoded already.
    pub fn push(&mut self, encoded: &str) {
        self.text.push_str(encoded);
    }

    /// Adds a path segment that a caller gave. `what` names it in the error.
    ///
    /// # Errors
    /// An empty segment, `.` and `..` are refused: no encoding keeps a URL parser from resolving them.
    pub fn id(&mut self, what: &str, value: &str) -> Result<(), Error> {
        if value.trim_ascii().is_empty() || value == "." || value == ".." {
            return Err(Error::must(what, "be a non-empty identifier"));
        }
        self.value(value);
        Ok(())
    }

    /// Adds a value of the query.
    pub fn value(&mut self, value: &str) {
        encode_component(value, &mut self.text);
    }

    /// The same for a value in which each NUL stands before the two hex digits of a byte that is no UTF-8.
    pub fn bytes(&mut self, mut value: &str) {
        while let Some((plain, rest)) = split_once(value, 0) {
            self.value(plain);
            self.text.push('%');
            value = rest;
            if let Some((digits, rest)) = rest.split_at_checked(2) {
                self.text.push_str(digits);
                value = rest;
            }
        }
        self.value(value);
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
        let (text, _) = rsplit_once(&self.text, b'/')?;
        let (template, _) = rsplit_once(self.template, b'/').unwrap_or_default();
        Some(Self {
            text: text.to_owned(),
            template,
        })
    }

    /// The encoded text, from the first `/`.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Adds a text to `out`, encoded as by `encodeURIComponent`.
pub fn encode_component(text: &str, out: &mut String) {
    let hex = |digit: u8| char::from(digit + if digit < 10 { b'0' } else { b'A' - 10 });
    let is_plain = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')'
            )
    };
    // Of most, ids above all, nothing is to be encoded.
    if text.bytes().all(is_plain) {
        return out.push_str(text);
    }
    for byte in text.bytes() {
        if is_plain(byte) {
            out.push(char::from(byte));
        } else {
            out.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
}

/// Whether a machine credential is good for a request to the API with that target: it makes, lists and moves sandboxes.
pub fn suits_machine(method: Method, target: &str) -> bool {
    let Some(rest) = target.strip_prefix("/sandboxes") else {
        return false;
    };
    let Some(rest) = rest.strip_prefix('/') else {
        return matches!(method, Method::Get | Method::Post);
    };
    match split_once(rest, b'/') {
        None => method != Method::Post,
        Some((_, step)) => {
            method == Method::Post && matches!(step, "pause" | "resume" | "activate")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_credential_is_for_sandboxes_and_their_lives() {
        use Method::{Delete, Get, Patch, Post};
        for (target, methods) in [
            ("/sandboxes", &[Get, Post][..]),
            ("/sandboxes?limit=5", &[Get, Post]),
            ("/sandboxes/a%2Fb", &[Get, Patch, Delete]),
            ("/sandboxes/a/pause", &[Post]),
            ("/sandboxes/a/resume", &[Post]),
            ("/sandboxes/a/activate", &[Post]),
            ("/sandboxes/a/secrets", &[]),
            ("/sandboxes/a/secrets/pause", &[]),
            ("/sandboxes/a/snapshot", &[]),
            ("/sandboxes/a/network?limit=1", &[]),
            ("/templates", &[]),
            ("/secrets/pause", &[]),
        ] {
            for method in Method::ALL {
                let expected = methods.contains(&method);
                assert_eq!(
                    suits_machine(method, target),
                    expected,
                    "{method:?} {target}"
                );
            }
        }
    }

    #[test]
    fn no_caller_sets_a_credential() {
        for credential in Credential::ALL {
            let name = credential.header().to_ascii_lowercase();
            let is_reserved = name == "authorization"
                || ["x-api-key", "x-access-token"].contains(&&*name)
                || name.starts_with("x-qm-");
            assert!(is_reserved, "{name}");
        }
        assert!(
            SANDBOX_ID_HEADER
                .to_ascii_lowercase()
                .starts_with("x-superserve-")
        );
    }

    #[test]
    fn a_parent_has_the_template_of_a_parent() {
        let mut target = Target::of("/sandboxes/{id}/activate");
        target.push("/sandboxes/a%2Fb/activate");
        let parent = target.parent().unwrap();
        assert_eq!(parent.as_str(), "/sandboxes/a%2Fb");
        assert_eq!(parent.template(), "/sandboxes/{id}");
    }

    #[test]
    fn values_cannot_leave_their_place() {
        let at = |id: &str| {
            let mut target = Target::default();
            target.id("id", id).map(|()| target.as_str().to_owned())
        };
        assert_eq!(at("../secrets").unwrap(), "..%2Fsecrets");
        assert_eq!(at("a?b#c d%2e\u{e9}").unwrap(), "a%3Fb%23c%20d%252e%C3%A9");
        assert_eq!(at("-_.!~*'()").unwrap(), "-_.!~*'()");
        for bad in ["", " ", ".", ".."] {
            assert!(at(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_query_comes_once_and_only_where_there_is_one() {
        let mut target = Target::default();
        target.push("/sandboxes");
        target.query("");
        assert_eq!(target.as_str(), "/sandboxes");
        target.query("a=b");
        assert_eq!(target.as_str(), "/sandboxes?a=b");
    }
}
