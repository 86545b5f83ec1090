//! Preview URLs: built here, without a request.

use alloc::string::String;

use crate::config::{Config, is_host_label};
use crate::error::Error;
use crate::text::concat;

/// `https://<port>-<id>.<host>`, never the shared host: whoever opens it cannot send a header.
///
/// # Errors
/// `InvalidArgument` for an id or host that no URL can hold.
pub fn url(sandbox_id: &str, sandbox_host: &str, port: &str) -> Result<String, Error> {
    if !is_host_label(sandbox_id) {
        return Err(Error::must("sandboxId", "be a UUID"));
    }
    let (name, host_port) = sandbox_host
        .split_once([':'])
        .unwrap_or((sandbox_host, "0"));
    if !name.split(['.']).all(is_host_label) || !host_port.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Error::must("sandboxHost", "be a host name"));
    }
    Ok(concat(&[
        "https://",
        port,
        "-",
        sandbox_id,
        ".",
        sandbox_host,
    ]))
}

/// The preview URL of a sandbox of that connection. A local server has its previews under `localhost`, at its
/// own port.
///
/// # Errors
/// As [`url`].
pub fn own_url(config: &Config, sandbox_id: &str, port: &str) -> Result<String, Error> {
    let Some(origin) = config.sandbox_origin.as_deref().and_then(Local::of) else {
        return url(sandbox_id, &config.sandbox_host, port);
    };
    let there = url(sandbox_id, "localhost", port)?;
    let there = there.strip_prefix("https").unwrap_or_default();
    Ok(concat(&["http", there, origin.port]))
}

/// A server on this machine.
struct Local<'a> {
    /// `:8080`, or nothing.
    port: &'a str,
}

impl<'a> Local<'a> {
    /// Plain `http` is refused for any other machine.
    fn of(origin: &'a str) -> Option<Self> {
        let (scheme, rest) = origin.split_once([':'])?;
        let authority = rest.strip_prefix("//")?.split(['/']).next()?;
        let colon = authority
            .rfind([':'])
            .filter(|_| !authority.ends_with([']']));
        let port = colon.and_then(|at| authority.get(at..)).unwrap_or_default();
        scheme.eq_ignore_ascii_case("http").then_some(Self { port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;
    use alloc::borrow::ToOwned;

    #[test]
    fn a_url_names_port_sandbox_and_host() {
        assert_eq!(
            url("ab-12", "sandbox.superserve.ai", "8000").unwrap(),
            "https://8000-ab-12.sandbox.superserve.ai"
        );
        assert!(url("", "a.b", "8000").is_err());
        assert!(url("a", "a/b", "8000").is_err());
    }

    #[test]
    fn a_local_server_has_its_previews_under_localhost() {
        let at = |base: &str| {
            let config = Config::resolve(&Settings {
                api_key: Some("key".to_owned()),
                base_url: Some(base.to_owned()),
                sandbox_url: None,
            });
            own_url(&config.unwrap(), "ab-12", "8000").unwrap()
        };
        assert_eq!(
            at("http://127.0.0.1:4000"),
            "http://8000-ab-12.localhost:4000"
        );
        assert_eq!(
            at("http://localhost:4000/"),
            "http://8000-ab-12.localhost:4000"
        );
        assert_eq!(at("http://localhost"), "http://8000-ab-12.localhost");
        assert_eq!(at("http://[::1]:4000"), "http://8000-ab-12.localhost:4000");
        assert_eq!(at("http://[::1]"), "http://8000-ab-12.localhost");
        assert_eq!(
            at("https://api-usw.superserve.ai"),
            "https://8000-ab-12.usw-sandbox.superserve.ai"
        );
    }
}
