//! Preview URLs: built here, without a request.

use alloc::string::String;

use crate::config::is_host_label;
use crate::error::Error;
use crate::text::{self, concat};

/// Lowest port that a preview URL can name.
pub const MIN_PORT: u32 = 1024;
/// Highest port that a preview URL can name.
pub const MAX_PORT: u32 = 65_535;

/// `https://<port>-<id>.<host>`, never the shared host: whoever opens it cannot send a header.
///
/// # Errors
/// `InvalidArgument` for a port outside 1024 to 65535, and for an id or host that no URL can hold.
pub fn url(sandbox_id: &str, sandbox_host: &str, port: f64) -> Result<String, Error> {
    let number = port as u32;
    if f64::from(number) != port || !(MIN_PORT..=MAX_PORT).contains(&number) {
        return Err(Error::must("port", "be an integer from 1024 to 65535"));
    }
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
        &text::number(u64::from(number)),
        "-",
        sandbox_id,
        ".",
        sandbox_host,
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_port_sandbox_and_host() {
        let at = |port| url("ab-12", "sandbox.superserve.ai", port);
        assert_eq!(
            at(8000.0).unwrap(),
            "https://8000-ab-12.sandbox.superserve.ai"
        );
        for port in [0.0, 1023.0, 65_536.0, 80.5, f64::NAN, f64::INFINITY, -1.0] {
            assert!(at(port).is_err(), "{port}");
        }
        assert!(url("", "a.b", 8000.0).is_err());
        assert!(url("a", "a/b", 8000.0).is_err());
    }
}
