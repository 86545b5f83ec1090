//! Paths as the files API takes them, opened below the root whatever its symlinks say.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::{Mode, mkdirat};
use serde::{Deserialize, Serialize};

use crate::sandbox::inside;

/// A checked path, relative to the sandbox's root.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SandboxPath {
    segments: Vec<OsString>,
    names_directory: bool,
}

impl SandboxPath {
    /// Absolute, without `..` segments.
    pub fn parse(path: impl AsRef<OsStr>) -> Result<Self, &'static str> {
        let path = path.as_ref().as_bytes();
        if path
            .split(|byte| *byte == b'/')
            .any(|segment| segment == b"..")
        {
            return Err("path traversal not allowed");
        }
        if !path.starts_with(b"/") {
            return Err("path must be absolute");
        }
        if path.contains(&0) {
            return Err("path must not have a NUL byte");
        }
        Ok(Self {
            segments: segments(path).collect(),
            names_directory: path.ends_with(b"/") || path.ends_with(b"/."),
        })
    }

    /// The last segment; `None` for the root.
    pub fn name(&self) -> Option<&OsStr> {
        self.segments.last().map(OsString::as_os_str)
    }

    /// Whether it ends in a slash, so that it cannot be a file's.
    pub fn names_directory(&self) -> bool {
        self.names_directory || self.segments.is_empty()
    }

    /// Where a symlink at this path leads; `..` in its target is the kernel's to follow.
    pub fn follow(&self, target: &OsStr) -> Self {
        let target = target.as_bytes();
        let parents = self
            .segments
            .split_last()
            .map_or(&[][..], |(_, parents)| parents);
        let base = if target.starts_with(b"/") {
            &[][..]
        } else {
            parents
        };
        Self {
            segments: base.iter().cloned().chain(segments(target)).collect(),
            names_directory: target.ends_with(b"/") || target.ends_with(b".."),
        }
    }

    /// Opens what the path names.
    pub fn open(&self, flags: OFlag) -> io::Result<OwnedFd> {
        open(&relative(&self.segments), flags)
    }

    /// Opens the directory that holds what the path names; missing directories are made.
    pub fn open_parent(&self) -> io::Result<OwnedFd> {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY;
        let parents = self
            .segments
            .split_last()
            .map_or(&[][..], |(_, parents)| parents);
        match open(&relative(parents), flags) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            outcome => return outcome,
        }
        let mut directory = open(&relative(&[]), flags)?;
        for (index, name) in parents.iter().enumerate() {
            let so_far = relative(parents.get(..=index).unwrap_or_default());
            directory = match open(&so_far, flags) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    let mode = Mode::from_bits_truncate(0o755);
                    match mkdirat(&directory, name.as_os_str(), mode) {
                        // Another upload may have made it just now.
                        Ok(()) | Err(Errno::EEXIST) => {}
                        Err(error) => return Err(error.into()),
                    }
                    open(&so_far, flags)?
                }
                outcome => outcome?,
            };
        }
        Ok(directory)
    }
}

impl fmt::Display for SandboxPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.segments.join(OsStr::new("/"));
        write!(formatter, "/{}", path.to_string_lossy())
    }
}

/// Opens a path below this process's root, which is the sandbox's.
pub fn open(path: &Path, flags: OFlag) -> io::Result<OwnedFd> {
    let root = nix::fcntl::open("/", OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty())?;
    inside::open(&root, path, flags)
}

/// Those that mean something.
fn segments(path: &[u8]) -> impl Iterator<Item = OsString> {
    path.split(|byte| *byte == b'/')
        .filter(|segment| !matches!(*segment, b"" | b"."))
        .map(|segment| OsString::from_vec(segment.to_owned()))
}

fn relative(segments: &[OsString]) -> PathBuf {
    if segments.is_empty() {
        PathBuf::from(".")
    } else {
        segments.iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_segments_of_two_dots_are_refused() {
        for bad in ["/..", "/a/../b", "../a", "/a/..", ".."] {
            assert!(SandboxPath::parse(bad).is_err(), "{bad}");
        }
        for good in ["/a..b", "/...", "/a/..b", "/", "//a//b", "/./a"] {
            assert!(SandboxPath::parse(good).is_ok(), "{good}");
        }
        assert!(SandboxPath::parse("").is_err());
        assert!(SandboxPath::parse("a").is_err());
        assert!(SandboxPath::parse("/a\0").is_err());
    }

    #[test]
    fn a_trailing_slash_names_a_directory() {
        assert!(SandboxPath::parse("/a/").unwrap().names_directory());
        assert!(SandboxPath::parse("/").unwrap().names_directory());
        assert!(!SandboxPath::parse("/a").unwrap().names_directory());
        assert_eq!(
            SandboxPath::parse("/a/b//").unwrap().name(),
            Some(OsStr::new("b"))
        );
    }
}
