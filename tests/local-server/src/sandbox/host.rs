//! Surveys the host: which parts of its file system a sandbox is laid over, and how.
//!
//! One overlay over `/` would be simplest and is impossible: layers must not lie within one
//! another, and a user namespace may not clone a mount that has others beneath it. So the root is a
//! skeleton of directories, and each host directory that holds no mount and not the server's own
//! files has an overlay in it.

use std::fs::{self, FileType, Metadata, Permissions};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};

use super::root::{HostPart, HostView, Isolation};
use super::workspace::is_own;
use crate::preview::hosts_file::is_own_line;

/// The default working directory and `HOME` of commands.
pub const HOME: &str = "/home/user";

/// Directories that every sandbox gets empty, and their permissions.
const FRESH: [(&str, u32); 7] = [
    ("/proc", 0o555),
    ("/sys", 0o555),
    ("/dev", 0o755),
    ("/run", 0o755),
    ("/run/lock", 0o1777),
    ("/tmp", 0o1777),
    (HOME, 0o755),
];

/// The most that is copied of a file that cannot be linked.
const MAX_COPIED_FILE: u64 = 64 << 20;

impl HostView {
    /// Looks at the host; `workspace` is the server's own directory.
    pub fn survey(isolation: Isolation, workspace: &Path) -> io::Result<Self> {
        let mountpoint = workspace.join("root");
        let skeleton = workspace.join("skeleton");
        fs::create_dir_all(&mountpoint)?;
        fs::create_dir_all(&skeleton)?;
        let root = HostPart {
            target: "/".into(),
            lower: skeleton.clone(),
        };
        let mut survey = Survey {
            obstacles: mount_points()?,
            privileged: isolation == Isolation::Privileged,
            parts: vec![root],
        };
        // It may change while sandboxes run: theirs is as it was.
        let hosts = PathBuf::from("/etc/hosts");
        survey
            .obstacles
            .extend([workspace.to_owned(), HOME.into(), hosts]);
        if isolation != Isolation::None {
            survey.sketch(Path::new("/"), &skeleton)?;
            fill(&skeleton)?;
        }
        Ok(Self {
            isolation,
            parts: survey.parts,
            mountpoint,
        })
    }
}

struct Survey {
    /// Paths whose parents cannot be the lower layer of one overlay.
    obstacles: Vec<PathBuf>,
    /// Whether this user may give files to others.
    privileged: bool,
    parts: Vec<HostPart>,
}

impl Survey {
    /// Rebuilds one host directory in the skeleton and notes the parts that lie in it.
    fn sketch(&mut self, path: &Path, skeleton: &Path) -> io::Result<()> {
        for entry in fs::read_dir(path)?.flatten() {
            let (source, target) = (entry.path(), skeleton.join(entry.file_name()));
            let kind = entry.file_type()?;
            if is_own(&source) {
                continue;
            }
            // A symlink there would lead what is made fresh back to the host.
            let leads_to_fresh = || {
                FRESH
                    .iter()
                    .any(|(fresh, _)| Path::new(fresh).starts_with(&source))
            };
            if kind.is_symlink() && leads_to_fresh() {
                continue;
            }
            if !kind.is_dir() {
                self.copy(&source, &target, kind)?;
                continue;
            }
            let fresh = FRESH.iter().any(|(fresh, _)| source == Path::new(fresh));
            if fresh {
                continue;
            }
            self.make_directory(&source, &target)?;
            if access(&source, AccessFlags::R_OK | AccessFlags::X_OK).is_err() {
                continue;
            }
            let divided = self
                .obstacles
                .iter()
                .any(|at| *at != source && at.starts_with(&source));
            // Configuration is small, and as a copy it is an unprivileged user's to change.
            if source == Path::new("/etc") && (divided || !self.privileged) {
                self.copy_tree(&source, &target)?;
            } else if divided {
                self.sketch(&source, &target)?;
            } else {
                self.parts.push(HostPart {
                    target: source.clone(),
                    lower: source,
                });
            }
        }
        Ok(())
    }

    fn copy_tree(&self, from: &Path, to: &Path) -> io::Result<()> {
        for entry in fs::read_dir(from)?.flatten() {
            let (source, target) = (entry.path(), to.join(entry.file_name()));
            let kind = entry.file_type()?;
            if !kind.is_dir() {
                self.copy(&source, &target, kind)?;
                continue;
            }
            self.make_directory(&source, &target)?;
            if access(&source, AccessFlags::R_OK | AccessFlags::X_OK).is_ok() {
                self.copy_tree(&source, &target)?;
            }
        }
        Ok(())
    }

    fn make_directory(&self, source: &Path, target: &Path) -> io::Result<()> {
        fs::create_dir(target)?;
        self.take_attributes(target, &fs::metadata(source)?)
    }

    /// Copies a file or a symlink. What this user cannot read is left out: it could not be read
    /// in the sandbox either.
    fn copy(&self, source: &Path, target: &Path, kind: FileType) -> io::Result<()> {
        if kind.is_symlink() {
            return symlink(fs::read_link(source)?, target);
        }
        let Ok(metadata) = fs::metadata(source) else {
            return Ok(());
        };
        let readable = access(source, AccessFlags::R_OK).is_ok();
        if !kind.is_file() || !readable || metadata.len() > MAX_COPIED_FILE {
            return Ok(());
        }
        if source == Path::new("/etc/hosts") {
            copy_hosts(source, target)?;
        } else {
            fs::copy(source, target)?;
        }
        self.take_attributes(target, &metadata)
    }

    fn take_attributes(&self, path: &Path, metadata: &Metadata) -> io::Result<()> {
        if self.privileged {
            chown(path, Some(metadata.uid()), Some(metadata.gid()))?;
        }
        fs::set_permissions(path, Permissions::from_mode(metadata.mode() & 0o7777))
    }
}

/// Without the names of other sandboxes.
fn copy_hosts(source: &Path, target: &Path) -> io::Result<()> {
    let hosts = fs::read_to_string(source)?;
    let others = hosts
        .split_inclusive('\n')
        .filter(|line| !is_own_line(line));
    fs::write(target, others.collect::<String>())
}

/// Adds what every sandbox has, whatever the host has there.
fn fill(skeleton: &Path) -> io::Result<()> {
    let inside = |path: &Path| skeleton.join(path.strip_prefix("/").unwrap_or(path));
    for (path, mode) in FRESH {
        let directory = inside(Path::new(path));
        fs::create_dir_all(&directory)?;
        fs::set_permissions(&directory, Permissions::from_mode(mode))?;
    }
    // Name resolution on hosts where it is configured below /run.
    match fs::canonicalize("/etc/resolv.conf") {
        Ok(real) if real.starts_with("/run") => {
            let copy = inside(&real);
            copy.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::copy(&real, copy).map(drop)
        }
        _ => Ok(()),
    }
}

/// The mount points of this process.
fn mount_points() -> io::Result<Vec<PathBuf>> {
    let table = fs::read_to_string("/proc/self/mountinfo")?;
    Ok(table
        .lines()
        .filter_map(|line| line.split(' ').nth(4))
        .map(unescape)
        .collect())
}

/// The kernel writes blanks and backslashes in paths as three octal digits.
fn unescape(field: &str) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let octal = tail
            .get(..3)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) if first == b'\\' => {
                bytes.push(byte);
                rest = tail.get(3..).unwrap_or_default();
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    PathBuf::from(std::ffi::OsString::from_vec(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octal_escapes_of_the_mount_table() {
        assert_eq!(unescape(r"/mnt/a\040b\134c"), Path::new(r"/mnt/a b\c"));
        assert_eq!(unescape(r"/plain"), Path::new("/plain"));
    }
}
