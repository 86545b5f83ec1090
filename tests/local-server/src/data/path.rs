//! Paths as the files API takes them, opened inside a sandbox's root whatever its symlinks say.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag};
use nix::sys::stat::{Mode, mkdirat};
use nix::unistd::{Gid, Uid, fchownat};

use super::error::{Plain, PlainResult};
use crate::sandbox::inside;
use crate::sandbox::machine::Owner;

/// A checked path, relative to the sandbox's root.
#[derive(Debug, Clone)]
pub struct SandboxPath {
    segments: Vec<String>,
    names_directory: bool,
}

impl SandboxPath {
    /// Absolute, without `..` segments.
    pub fn parse(path: &str) -> PlainResult<Self> {
        if path.split('/').any(|segment| segment == "..") {
            return Err(Plain::invalid("path traversal not allowed"));
        }
        if !path.starts_with('/') {
            return Err(Plain::invalid("path must be absolute"));
        }
        if path.contains('\0') {
            return Err(Plain::invalid("path must not have a NUL byte"));
        }
        let segments = path
            .split('/')
            .filter(|segment| !matches!(*segment, "" | "."));
        Ok(Self {
            segments: segments.map(str::to_owned).collect(),
            names_directory: path.ends_with('/') || path.ends_with("/."),
        })
    }

    /// The last segment; `None` for the root.
    pub fn name(&self) -> Option<&str> {
        self.segments.last().map(String::as_str)
    }

    /// Whether it ends in a slash, so that it cannot be a file's.
    pub fn names_directory(&self) -> bool {
        self.names_directory || self.segments.is_empty()
    }

    /// Where a symlink at this path leads; `..` in its target is the kernel's to follow.
    pub fn follow(&self, target: &str) -> Self {
        let parents = self
            .segments
            .split_last()
            .map_or(&[][..], |(_, parents)| parents);
        let base = if target.starts_with('/') {
            &[][..]
        } else {
            parents
        };
        let rest = target
            .split('/')
            .filter(|segment| !matches!(*segment, "" | "."));
        Self {
            segments: base
                .iter()
                .cloned()
                .chain(rest.map(str::to_owned))
                .collect(),
            names_directory: target.ends_with('/') || target.ends_with(".."),
        }
    }

    /// Opens what the path names.
    pub fn open(&self, root: &impl AsFd, flags: OFlag) -> io::Result<OwnedFd> {
        inside::open(root, &relative(&self.segments), flags)
    }

    /// Opens the directory that holds what the path names; missing directories are made,
    /// and are the owner's.
    pub fn open_parent(&self, root: &impl AsFd, owner: Option<Owner>) -> io::Result<OwnedFd> {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY;
        let parents = self
            .segments
            .split_last()
            .map_or(&[][..], |(_, parents)| parents);
        match inside::open(root, &relative(parents), flags) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            outcome => return outcome,
        }
        let mut directory = inside::open(root, &relative(&[]), flags)?;
        for (index, name) in parents.iter().enumerate() {
            let so_far = relative(parents.get(..=index).unwrap_or_default());
            directory = match inside::open(root, &so_far, flags) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    let mode = Mode::from_bits_truncate(0o755);
                    match mkdirat(&directory, name.as_str(), mode) {
                        Ok(()) => give(&directory, name, owner)?,
                        // Another upload may have made it just now.
                        Err(Errno::EEXIST) => {}
                        Err(error) => return Err(error.into()),
                    }
                    inside::open(root, &so_far, flags)?
                }
                outcome => outcome?,
            };
        }
        Ok(directory)
    }
}

fn give(directory: &OwnedFd, name: &str, owner: Option<Owner>) -> io::Result<()> {
    let Some((uid, gid)) = owner else {
        return Ok(());
    };
    let (uid, gid) = (Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)));
    Ok(fchownat(
        directory,
        name,
        uid,
        gid,
        AtFlags::AT_SYMLINK_NOFOLLOW,
    )?)
}

fn relative(segments: &[String]) -> PathBuf {
    if segments.is_empty() {
        PathBuf::from(".")
    } else {
        segments.iter().collect()
    }
}

/// The same file, open for reading.
pub fn reopen(file: &impl AsFd) -> io::Result<File> {
    let path = format!(
        "/proc/self/fd/{}",
        std::os::fd::AsRawFd::as_raw_fd(&file.as_fd())
    );
    File::open(path)
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
        assert_eq!(SandboxPath::parse("/a/b//").unwrap().name(), Some("b"));
    }
}
