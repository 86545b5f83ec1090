//! The limits of the API on what a caller may send.

use super::error::{ApiError, ApiResult};
use crate::sandbox::record::{Network, Strings};

const MAX_NAME: usize = 64;
const MAX_KEYS: usize = 64;
const MAX_KEY_BYTES: usize = 256;
const MAX_METADATA_VALUE_BYTES: usize = 2048;
const MAX_METADATA_BYTES: usize = 16_384;
const MAX_ENV_VALUE_BYTES: usize = 8192;
const MAX_ENV_BYTES: usize = 65_536;
const MAX_TIMEOUT_SECONDS: u64 = 604_800;
const MAX_AUTO_DELETE_SECONDS: u64 = 30 * 24 * 3600;

fn check(holds: bool, message: impl FnOnce() -> String) -> ApiResult<()> {
    if holds {
        Ok(())
    } else {
        Err(ApiError::invalid(message()))
    }
}

pub fn name(name: &str) -> ApiResult<()> {
    check((1..=MAX_NAME).contains(&name.chars().count()), || {
        format!("name must have 1 to {MAX_NAME} characters")
    })
}

pub fn timeout_seconds(seconds: u64) -> ApiResult<()> {
    check((1..=MAX_TIMEOUT_SECONDS).contains(&seconds), || {
        format!("timeout_seconds must be between 1 and {MAX_TIMEOUT_SECONDS}")
    })
}

pub fn auto_delete_seconds(seconds: u64) -> ApiResult<()> {
    check(seconds <= MAX_AUTO_DELETE_SECONDS, || {
        format!("auto_delete_seconds must be between 0 and {MAX_AUTO_DELETE_SECONDS}")
    })
}

pub fn metadata(metadata: &Strings) -> ApiResult<()> {
    sizes(
        "metadata",
        metadata,
        MAX_METADATA_VALUE_BYTES,
        MAX_METADATA_BYTES,
    )?;
    for key in metadata.keys() {
        let lower = key.to_ascii_lowercase();
        check(
            !lower.starts_with("superserve.") && !lower.starts_with("_superserve"),
            || format!("metadata key {key:?} is reserved"),
        )?;
    }
    Ok(())
}

pub fn env_vars(env: &Strings) -> ApiResult<()> {
    sizes("env_vars", env, MAX_ENV_VALUE_BYTES, MAX_ENV_BYTES)?;
    for (key, value) in env {
        env_key(key)?;
        check(!value.contains('\0'), || {
            format!("env_vars value of {key:?} has a NUL byte")
        })?;
    }
    Ok(())
}

pub fn env_key(key: &str) -> ApiResult<()> {
    check(!key.is_empty() && !key.contains(['=', '\0']), || {
        format!("env_vars key {key:?} must not be empty nor have '=' or NUL in it")
    })
}

fn sizes(what: &str, map: &Strings, max_value: usize, max_total: usize) -> ApiResult<()> {
    check(map.len() <= MAX_KEYS, || {
        format!("{what} must have at most {MAX_KEYS} keys")
    })?;
    let mut total = 0;
    for (key, value) in map {
        check(key.len() <= MAX_KEY_BYTES, || {
            format!("{what} keys must have at most {MAX_KEY_BYTES} bytes")
        })?;
        check(value.len() <= max_value, || {
            format!("{what} value of {key:?} must have at most {max_value} bytes")
        })?;
        total += key.len() + value.len();
    }
    check(total <= max_total, || {
        format!("{what} must have at most {max_total} bytes in all")
    })
}

pub fn network(network: &Network) -> ApiResult<()> {
    for rule in network.allow_out.iter().flatten() {
        check(is_cidr(rule) || is_domain(rule), || {
            format!("network.allow_out: {rule:?} is neither a CIDR nor a domain")
        })?;
    }
    for rule in network.deny_out.iter().flatten() {
        check(is_cidr(rule), || {
            format!("network.deny_out: {rule:?} is not a CIDR")
        })?;
    }
    Ok(())
}

fn is_cidr(text: &str) -> bool {
    let Some((address, prefix)) = text.split_once('/') else {
        return false;
    };
    let longest = match address.parse() {
        Ok(std::net::IpAddr::V4(_)) => 32,
        Ok(std::net::IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    let digits = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
    digits && prefix.parse::<u32>().is_ok_and(|prefix| prefix <= longest)
}

/// `github.com`, `*.github.com`; not an address.
fn is_domain(text: &str) -> bool {
    let name = text.strip_prefix("*.").unwrap_or(text);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let numeric = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    name.len() <= 253
        && name.split('.').all(label)
        && name.rsplit('.').next().is_some_and(|last| !numeric(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(pairs: &[(&str, &str)]) -> Strings {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn names_are_counted_in_characters() {
        assert!(name("").is_err());
        assert!(name(&"é".repeat(64)).is_ok());
        assert!(name(&"e".repeat(65)).is_err());
    }

    #[test]
    fn metadata_limits_hold_at_their_edges() {
        assert!(metadata(&strings(&[(&"k".repeat(256), "")])).is_ok());
        assert!(metadata(&strings(&[(&"k".repeat(257), "")])).is_err());
        assert!(metadata(&strings(&[("k", &"v".repeat(2048))])).is_ok());
        assert!(metadata(&strings(&[("k", &"v".repeat(2049))])).is_err());
        let keys = |count: usize| (0..count).map(|n| (n.to_string(), String::new())).collect();
        assert!(metadata(&keys(64)).is_ok());
        assert!(metadata(&keys(65)).is_err());
        let full = |last: usize| {
            let mut map: Strings = (0..8).map(|n| (n.to_string(), "v".repeat(2047))).collect();
            map.insert("7".to_owned(), "v".repeat(last));
            map
        };
        assert!(metadata(&full(2047)).is_ok());
        assert!(metadata(&full(2048)).is_err());
        for key in [
            "superserve.x",
            "SuperServe.x",
            "_superserve",
            "_SUPERSERVE_y",
        ] {
            assert!(metadata(&strings(&[(key, "")])).is_err(), "{key}");
        }
        assert!(metadata(&strings(&[("superserve", "")])).is_ok());
    }

    #[test]
    fn env_limits_hold_at_their_edges() {
        assert!(env_vars(&strings(&[("A", &"v".repeat(8192))])).is_ok());
        assert!(env_vars(&strings(&[("A", &"v".repeat(8193))])).is_err());
        for key in ["", "A=B", "A\0B"] {
            assert!(env_vars(&strings(&[(key, "")])).is_err(), "{key:?}");
        }
        let big = |bytes: usize| {
            (0..8)
                .map(|n| (n.to_string(), "v".repeat(if n == 0 { bytes } else { 8191 })))
                .collect()
        };
        assert!(env_vars(&big(8191)).is_ok());
        assert!(env_vars(&big(8192)).is_err());
    }

    #[test]
    fn network_rules() {
        let rules = |allow: &[&str], deny: &[&str]| Network {
            allow_out: Some(allow.iter().map(|rule| (*rule).to_owned()).collect()),
            deny_out: Some(deny.iter().map(|rule| (*rule).to_owned()).collect()),
        };
        assert!(
            network(&rules(
                &["*.github.com", "a.b", "10.0.0.0/8", "::/0"],
                &["0.0.0.0/0"]
            ))
            .is_ok()
        );
        for bad in [
            "",
            "10.0.0.1",
            "10.0.0.0/33",
            "::/129",
            "-a.b",
            "a..b",
            "http://a",
            "*.*.a",
            "1/+2",
        ] {
            assert!(network(&rules(&[bad], &[])).is_err(), "{bad}");
        }
        assert!(network(&rules(&[], &["github.com"])).is_err());
    }
}
