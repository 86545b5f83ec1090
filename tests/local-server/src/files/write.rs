//! Takes a file: beside its place first, then renamed to it, so that no reader ever sees half of
//! it and an upload that breaks off changes nothing.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{PermissionsExt, fchown};
use std::os::unix::net::UnixStream;

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat, readlinkat, renameat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstatat};
use nix::unistd::{AccessFlags, UnlinkatFlags, faccessat, unlinkat};
use uuid::Uuid;

use super::path::SandboxPath;
use super::{Answer, Fault, passage};
use crate::wire;

/// As many as the kernel follows.
const MAX_SYMLINKS: usize = 40;

/// Says when the content may come, and when it is in its place.
pub fn receive(socket: &UnixStream, path: &SandboxPath) -> Result<(), Fault> {
    let mut upload = Upload::begin(path)?;
    wire::send(socket, &Answer::Ready)?;
    let mut chunk = Vec::new();
    loop {
        passage::receive(socket, &mut chunk)?;
        if chunk.is_empty() {
            break;
        }
        upload.file.write_all(&chunk)?;
    }
    upload.commit()?;
    Ok(wire::send(socket, &Answer::Written)?)
}

/// An upload under way; what it has written is removed unless it is committed.
struct Upload {
    parent: OwnedFd,
    name: OsString,
    temporary: String,
    file: File,
    /// The file that it replaces.
    replaced: Option<FileStat>,
}

impl Upload {
    fn begin(path: &SandboxPath) -> Result<Self, Fault> {
        let mut path = path.clone();
        for _ in 0..MAX_SYMLINKS {
            let Some(name) = path.name().filter(|_| !path.names_directory()) else {
                return Err(Fault::refused("path is a directory"));
            };
            let parent = path.open_parent()?;
            let existing = fstatat(&parent, name, AtFlags::AT_SYMLINK_NOFOLLOW);
            let kind = |mode: u32| SFlag::from_bits_truncate(mode & SFlag::S_IFMT.bits());
            match existing.map(|stat| (kind(stat.st_mode), stat)) {
                Ok((SFlag::S_IFREG, stat)) => {
                    // Who may change the directory could, but a command's `>` would not either.
                    faccessat(&parent, name, AccessFlags::W_OK, AtFlags::AT_EACCESS)?;
                    return Self::create(parent, name, Some(stat));
                }
                Err(Errno::ENOENT) => return Self::create(parent, name, None),
                Ok((SFlag::S_IFLNK, _)) => {
                    let target = readlinkat(&parent, name)?;
                    path = path.follow(&target);
                }
                Ok((SFlag::S_IFDIR, _)) => return Err(Fault::refused("path is a directory")),
                Ok(_) => return Err(Fault::refused("path is not a regular file")),
                Err(error) => return Err(error.into()),
            }
        }
        Err(Fault::refused("too many symlinks"))
    }

    fn create(parent: OwnedFd, name: &OsStr, replaced: Option<FileStat>) -> Result<Self, Fault> {
        let temporary = format!(".superserve-{}", Uuid::new_v4().simple());
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_CLOEXEC;
        let mode = Mode::from_bits_truncate(0o644);
        let file = openat(&parent, temporary.as_str(), flags, mode)?;
        Ok(Self {
            parent,
            name: name.to_owned(),
            temporary,
            file: file.into(),
            replaced,
        })
    }

    fn commit(self) -> io::Result<()> {
        if let Some(replaced) = &self.replaced {
            // Only root may give files away; another user's then becomes this one's.
            fchown(&self.file, Some(replaced.st_uid), Some(replaced.st_gid)).ok();
            let mode = Permissions::from_mode(replaced.st_mode & 0o7777);
            self.file.set_permissions(mode)?;
        }
        let from = self.temporary.as_str();
        Ok(renameat(
            &self.parent,
            from,
            &self.parent,
            self.name.as_os_str(),
        )?)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        // After a commit there is nothing of this name.
        let name = self.temporary.as_str();
        unlinkat(&self.parent, name, UnlinkatFlags::NoRemoveDir).ok();
    }
}
