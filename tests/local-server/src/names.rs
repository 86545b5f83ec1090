//! Which host names and which pages' origins are this machine's own.
//!
//! A browser takes a page for one of this server as soon as the page's name leads here, and whoever
//! owns a name decides where it leads. Only names that nobody else can own may reach the server.

use std::net::IpAddr;

use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderValue, Uri};

use crate::options::Options;
use crate::preview::proxy;

/// Whether a request is to a name of this machine. Browsers always name the host.
pub fn is_for_this_machine(options: &Options, headers: &HeaderMap) -> bool {
    headers.get(HOST).is_none_or(|host| {
        host.to_str()
            .is_ok_and(|host| is_own(options, name_of(host)))
    })
}

/// Whether a page of this origin may ask: those that were named, else those of this machine.
pub fn allows_origin(configured: &[String], origin: &HeaderValue) -> bool {
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    if configured.is_empty() {
        return is_local_page(origin);
    }
    configured.iter().any(|one| one == "*" || one == origin)
}

fn is_own(options: &Options, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix('.').unwrap_or(&name);
    let named = |own: &String| own == "*" || is_within(name, &own.to_ascii_lowercase());
    // No name leads to an address: a page of one is that machine's.
    let is_address = |address: IpAddr| address.is_loopback() || !options.host.is_loopback();
    is_within(name, "localhost")
        || name.parse().is_ok_and(is_address)
        || options.allowed_hosts.iter().any(named)
}

fn is_within(name: &str, parent: &str) -> bool {
    name.strip_suffix(parent)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// What a sandbox serves is a page of `*.localhost` too, and no more trusted than the sandbox.
fn is_local_page(origin: &str) -> bool {
    let Ok(uri) = origin.parse::<Uri>() else {
        return false;
    };
    let Some(name) = uri.host().map(name_of) else {
        return false;
    };
    let address = name.parse::<IpAddr>();
    let own = is_within(name, "localhost") || address.is_ok_and(|it| it.is_loopback());
    own && proxy::target_of_name(name).is_none()
}

/// The host without its port, an address without its brackets.
fn name_of(host: &str) -> &str {
    match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    const ID: &str = "2f1d7c60-53a5-4b5e-9d3b-6f8f1f6ad001";

    #[test]
    fn hosts_of_this_machine() {
        let is_own = |arguments: &[&str], host: &str| {
            let options = Options::parse_from([&["superserve-local"], arguments].concat());
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().unwrap());
            is_for_this_machine(&options, &headers)
        };
        for host in [
            "localhost",
            "LOCALHOST:80",
            "localhost.:80",
            "127.0.0.1:8080",
            "127.9.9.9",
            "[::1]:8080",
            &format!("boxd-{ID}.localhost:1"),
            &format!("3000-{ID}.localhost"),
        ] {
            assert!(is_own(&[], host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example:80",
            "evillocalhost",
            "10.0.0.1",
            "[fd00::1]:1",
            &format!("3000-{ID}.evil.example"),
            &format!("boxd-{ID}.evil.example"),
            &format!("3000-{ID}"),
        ] {
            assert!(!is_own(&[], host), "{host}");
            assert!(is_own(&["--allowed-host", "*"], host), "{host}");
        }
        let named = ["--allowed-host", "box.test"];
        for host in ["box.test:80", &format!("3000-{ID}.Box.test")] {
            assert!(is_own(&named, host) && !is_own(&[], host), "{host}");
        }
        assert!(!is_own(&named, "notbox.test"));
        assert!(is_own(&["--host", "0.0.0.0"], "10.0.0.1:80"));
        assert!(!is_own(&["--host", "0.0.0.0"], "evil.example"));
    }

    #[test]
    fn pages_of_this_machine() {
        for origin in [
            "http://localhost:5173",
            "https://a.localhost",
            "http://127.9.0.1",
            "http://[::1]:1",
        ] {
            assert!(is_local_page(origin), "{origin}");
        }
        for origin in [
            "null",
            "http://localhost.evil.com",
            "http://10.0.0.1",
            "http://evillocalhost",
            &format!("http://3000-{ID}.localhost:8080"),
        ] {
            assert!(!is_local_page(origin), "{origin}");
        }
    }
}
