//! Preview URLs: built here, without a request.

use alloc::string::String;

use crate::protocol::config::is_host_label;
use crate::protocol::error::Error;
use crate::protocol::text::{all_parts, concat, split_once};

/// Lowest port that a preview URL can name.
pub const MIN_PORT: u32 = 1024;
/// Highest port that a preview URL can name.
pub const MAX_PORT: u32 = 65535;
/// Port in between that the service itself uses.
pub const RESERVED_PORT: u32 = 49983;
/// Who may open the previews of a sandbox that does not say.
pub const LEGACY_PUBLIC: &str = "legacy_public";

/// `<scheme>://<port>-<id>.<host>`, never the shared host: whoever opens it cannot send a header.
///
/// # Errors
/// `InvalidArgument` for an id or host that no URL can hold.
pub fn url(scheme: &str, sandbox_id: &str, host: &str, port: &str) -> Result<String, Error> {
    if !is_host_label(sandbox_id) {
        return Err(Error::must("sandboxId", "be a sandbox's id"));
    }
    let (name, host_port) = split_once(host, b':').unwrap_or((host, "0"));
    if !all_parts(name, b'.', is_host_label) || !host_port.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Error::must("sandboxHost", "be a host name"));
    }
    Ok(concat(&[scheme, "://", port, "-", sandbox_id, ".", host]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::config::{Config, Settings};

    const UUID: &str = "3f2c9c56-8a53-4a6e-9d0f-0b5a2f4a7c11";

    #[test]
    fn a_url_names_port_sandbox_and_host() {
        let at = |id: &str, host: &str| url("https", id, host, "8000");
        assert_eq!(
            at(UUID, "sandbox.superserve.ai").unwrap(),
            "https://8000-3f2c9c56-8a53-4a6e-9d0f-0b5a2f4a7c11.sandbox.superserve.ai"
        );
        assert!(at("", "a.b").is_err());
        assert!(at(UUID, "a/b").is_err());
        assert!(at(UUID, "a..b").is_err());
        assert!(at(UUID, "a:b").is_err());
    }

    #[test]
    fn a_local_server_has_its_previews_under_localhost() {
        let at = |base: &str| {
            let config = Config::resolve(&Settings {
                api_key: "key".into(),
                base_url: base.into(),
                sandbox_url: String::new(),
                ..Settings::default()
            })
            .unwrap();
            url(config.preview_scheme, UUID, &config.preview_host, "8000").unwrap()
        };
        for (base, preview) in [
            ("http://127.0.0.1:4000", "http://8000-UUID.localhost:4000"),
            ("http://localhost:4000/", "http://8000-UUID.localhost:4000"),
            ("http://localhost", "http://8000-UUID.localhost"),
            ("http://[::1]:4000", "http://8000-UUID.localhost:4000"),
            ("http://[::1]", "http://8000-UUID.localhost"),
            (
                "https://api-usw.superserve.ai",
                "https://8000-UUID.usw-sandbox.superserve.ai",
            ),
        ] {
            assert_eq!(at(base), preview.replace("UUID", UUID), "{base}");
        }
    }
}
