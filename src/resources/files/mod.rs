//! What holds for files: their paths, and the scripts that do in a sandbox what the service has no request for.

pub mod entry;
pub mod failure;
pub mod glob;
pub mod grep;
pub mod search;

#[cfg(test)]
mod on_disk;

use alloc::string::String;

use crate::protocol::error::Error;
use crate::protocol::text::all_parts;

/// Most bytes of a download, unless the caller says otherwise.
pub const DEFAULT_MAX_BYTES: f64 = 2_147_483_648.0;

/// Stands before two hex digits: a byte of a path that is no UTF-8. No path has a NUL itself.
pub const ESCAPE: u8 = 0;

/// Checks a path before anything is sent.
///
/// # Errors
/// `InvalidArgument` unless it starts with `/` and has no `..` segment.
pub fn check(path: &str) -> Result<(), Error> {
    if !path.starts_with("/") {
        return Err(Error::must("path", "start with /"));
    }
    if !all_parts(path, b'/', |segment| segment != "..") {
        return Err(Error::must("path", "not contain .. segments"));
    }
    Ok(())
}

/// The same path without what means nothing in it: empty segments, `.`, and a `/` at its end.
///
/// # Errors
/// As [`check`].
pub fn normal(path: &str) -> Result<String, Error> {
    check(path)?;
    let mut out = String::with_capacity(path.len());
    all_parts(path, b'/', |segment| {
        if !segment.is_empty() && segment != "." {
            out.push('/');
            out.push_str(segment);
        }
        true
    });
    if out.is_empty() {
        out.push('/');
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_absolute_and_stay_below_the_root() {
        for bad in ["", "a", "./a", "/..", "/a/../b", "/a/.."] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
        for good in ["/a..b/...", "/a b&c=d#\u{e9}", "/"] {
            assert!(check(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn a_path_has_one_form() {
        for (path, expected) in [
            ("/", "/"),
            ("//", "/"),
            ("/./", "/"),
            ("/a/", "/a"),
            ("//a/./b//", "/a/b"),
            ("/ /...", "/ /..."),
        ] {
            assert_eq!(normal(path).unwrap(), expected, "{path}");
        }
        assert!(normal("/a/..").is_err());
    }
}
