//! Origins that a key, a token or a ticket may be sent to.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::protocol::error::Error;
use crate::protocol::text::{all_parts, has, rsplit_once, split_once};

/// An origin, with the path below which a self-hosted service may lie.
#[derive(Clone)]
pub(crate) struct Origin<'a> {
    /// All of it, without a slash at the end.
    pub text: String,
    pub host: &'a str,
    /// Digits, or nothing.
    pub port: &'a str,
}

impl<'a> Origin<'a> {
    /// Plain `http` is for this machine, unless `is_own` says that it is the page's own origin.
    pub fn parse(option: &str, url: &'a str, is_own: bool) -> Result<Self, Error> {
        let refuse = |why: &str| Err(Error::must(option, why));
        let mut text = url.trim_ascii();
        while let Some(shorter) = text.strip_suffix("/") {
            text = shorter;
        }
        let (scheme, rest) = split_once(text, b':').unwrap_or_default();
        let Some(rest) = rest.strip_prefix("//") else {
            return refuse("be an absolute URL such as https://api.superserve.ai");
        };
        let authority = split_once(rest, b'/').map_or(rest, |(authority, _)| authority);
        if has(authority, b"@") || has(rest, b"?#\\") || !is_printable(rest) {
            return refuse("be a plain origin: no user name, query or fragment");
        }
        let (host, port) = split_port(authority);
        let is_number = port.bytes().all(|b| b.is_ascii_digit());
        let is_too_large = port.len() > 5 || port.len() == 5 && port > "65535";
        if host.is_empty() || !is_number || is_too_large {
            return refuse("name a host");
        }
        let origin = Self {
            text: text.to_owned(),
            host,
            port,
        };
        if scheme.eq_ignore_ascii_case("https")
            || scheme.eq_ignore_ascii_case("http") && (is_own || origin.is_loopback())
        {
            return Ok(origin);
        }
        refuse("use https (plain http is for this machine only)")
    }

    /// Whether it is more than an origin.
    pub fn has_path(&self) -> bool {
        has(self.text.get("https://".len()..).unwrap_or_default(), b"/")
    }

    pub fn is_loopback(&self) -> bool {
        let host = self.host.to_ascii_lowercase();
        host == "localhost"
            || host.ends_with(".localhost")
            || host == "[::1]"
            || host.starts_with("127.") && is_ipv4(&host)
    }
}

/// Whether `host` is four decimal numbers: `127.evil.example` is not this machine.
fn is_ipv4(host: &str) -> bool {
    host.bytes().filter(|b| *b == b'.').count() == 3
        && all_parts(host, b'.', |part| {
            (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
        })
}

fn is_printable(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic())
}

/// Host (brackets kept) and port digits.
fn split_port(authority: &str) -> (&str, &str) {
    match rsplit_once(authority, b':') {
        Some((host, port)) if !has(port, b"]") => (host, port),
        _ => (authority, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_or_broken_urls_are_refused() {
        for url in [
            "http://api.superserve.ai",
            "http://127.evil.example",
            "http://127.0.0.1.evil.example",
            "http://localhost@evil.example",
            "ftp://localhost",
            "api.superserve.ai",
            "https://",
            "https://a b",
            "https://x/?q",
            "http://localhost:x",
        ] {
            let error = Origin::parse("baseUrl", url, false).err();
            assert!(matches!(error, Some(Error::InvalidArgument(_))), "{url}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_or_ones_own_origin() {
        for url in [
            "http://localhost:1",
            "http://127.0.0.1",
            "http://[::1]:8080",
        ] {
            assert!(Origin::parse("baseUrl", url, false).is_ok(), "{url}");
        }
        assert!(Origin::parse("relayUrl", "http://app.example", true).is_ok());
        assert!(Origin::parse("relayUrl", "ftp://app.example", true).is_err());
    }
}
