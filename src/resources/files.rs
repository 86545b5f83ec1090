//! What holds for files.

use crate::protocol::error::Error;
use crate::protocol::text::{all_parts, has};

/// Most bytes of a download, unless the caller says otherwise.
pub const DEFAULT_MAX_BYTES: f64 = 2_147_483_648.0;

/// Checks a path before anything is sent.
///
/// # Errors
/// `InvalidArgument` unless it starts with `/` and has no `..` segment and no NUL.
pub fn check(path: &str) -> Result<(), Error> {
    if !path.starts_with("/") {
        return Err(Error::must("path", "start with /"));
    }
    if !all_parts(path, b'/', |segment| segment != "..") {
        return Err(Error::must("path", "not contain .. segments"));
    }
    if has(path, b"\0") {
        return Err(Error::must("path", "not contain a NUL character"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_absolute_and_stay_below_the_root() {
        for bad in ["", "a", "./a", "/..", "/a/../b", "/a/..", "/a\0b"] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
        for good in ["/a..b/...", "/a b&c=d#\u{e9}", "/"] {
            assert!(check(good).is_ok(), "{good:?}");
        }
    }
}
