//! Requests about files.

use crate::call::{Method, Request, Target};
use crate::error::Error;

/// Most bytes of a download, unless the caller says otherwise.
pub const DEFAULT_MAX_BYTES: f64 = 2_147_483_648.0;

/// Checks a path before anything is sent.
///
/// # Errors
/// `InvalidArgument` unless it starts with `/` and has no `..` segment and no NUL.
fn check(path: &str) -> Result<(), Error> {
    if !path.starts_with('/') {
        return Err(Error::must("path", "start with /"));
    }
    if path.split(['/']).any(|segment| segment == "..") {
        return Err(Error::must("path", "not contain .. segments"));
    }
    if path.contains(['\0']) {
        return Err(Error::must("path", "not contain a NUL character"));
    }
    Ok(())
}

fn target(path: &str) -> Result<Target, Error> {
    check(path)?;
    Ok(Target::new("/files").query("path", path))
}

/// Reads a file.
pub fn read(path: &str) -> Result<Request, Error> {
    Ok(Request::data(Method::Get, target(path)?))
}

/// Writes a file.
pub fn write(path: &str) -> Result<Request, Error> {
    Ok(Request::data(Method::Post, target(path)?).file())
}

/// Reads a directory as a zip archive.
pub fn download_dir(path: &str) -> Result<Request, Error> {
    let target = target(path)?.query("format", "zip");
    Ok(Request::data(Method::Get, target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_absolute_and_stay_below_the_root() {
        for bad in ["", "a", "./a", "/..", "/a/../b", "/a/..", "/a\0b"] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
        for (good, query) in [
            ("/a..b/...", "/files?path=%2Fa..b%2F..."),
            ("/a b&c=d#é", "/files?path=%2Fa%20b%26c%3Dd%23%C3%A9"),
        ] {
            assert_eq!(read(good).unwrap().target.as_str(), query);
        }
    }

    #[test]
    fn a_directory_is_asked_for_as_a_zip() {
        assert_eq!(
            download_dir("/d").unwrap().target.as_str(),
            "/files?path=%2Fd&format=zip"
        );
    }
}
