//! Takes a file into a sandbox: beside its place first, then renamed to it, so that no reader ever
//! sees half of it and an upload that breaks off changes nothing.

use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{PermissionsExt, fchown};
use std::sync::Arc;

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat, readlinkat, renameat};
use nix::sys::stat::{Mode, SFlag, fstatat};
use nix::unistd::{UnlinkatFlags, unlinkat};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::error::{Plain, PlainResult};
use super::files::blocking;
use super::path::SandboxPath;
use crate::sandbox::lifecycle::Sandbox;
use crate::sandbox::machine::Owner;

/// The most that one upload may have.
pub const MAX_UPLOAD: u64 = 4 << 30;

/// As many as the kernel follows.
const MAX_SYMLINKS: usize = 40;

pub fn too_large() -> Plain {
    Plain::too_large("upload is over 4 GiB")
}

/// Writes the body to the path.
pub async fn save(sandbox: Arc<Sandbox>, path: SandboxPath, mut body: Body) -> PlainResult<()> {
    let upload = blocking(move || Upload::begin(&sandbox, &path)).await??;
    let (chunks, receiver) = mpsc::channel::<Bytes>(4);
    let writer = tokio::task::spawn_blocking(move || upload.receive(receiver));
    let mut total = 0;
    let mut outcome = Ok(());
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            outcome = Err(Plain::invalid("upload broke off"));
            break;
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        total += data.len() as u64;
        if total > MAX_UPLOAD {
            outcome = Err(too_large());
            break;
        }
        // A closed channel means that writing failed; the writer says why.
        if chunks.send(data).await.is_err() {
            break;
        }
    }
    drop(chunks);
    let joined = writer
        .await
        .map_err(|error| Plain::from(io::Error::other(error)))?;
    let written = joined?;
    outcome?;
    blocking(move || written.commit()).await??;
    Ok(())
}

/// An upload under way; what it has written is removed unless it is committed.
struct Upload {
    parent: OwnedFd,
    name: String,
    temporary: String,
    file: File,
    /// The permissions of the file that it replaces.
    mode: Option<u32>,
    owner: Option<Owner>,
}

impl Upload {
    fn begin(sandbox: &Sandbox, path: &SandboxPath) -> PlainResult<Self> {
        let mut path = path.clone();
        let owner = sandbox
            .machine
            .owner(sandbox.origin.image.environment.user.as_deref());
        for _ in 0..MAX_SYMLINKS {
            let Some(name) = path.name().filter(|_| !path.names_directory()) else {
                return Err(Plain::invalid("path is a directory"));
            };
            let parent = path.open_parent(&sandbox.machine.root, owner)?;
            let existing = fstatat(&parent, name, AtFlags::AT_SYMLINK_NOFOLLOW);
            let kind = |mode: u32| SFlag::from_bits_truncate(mode & SFlag::S_IFMT.bits());
            match existing.map(|stat| (kind(stat.st_mode), stat)) {
                Ok((SFlag::S_IFREG, stat)) => {
                    let owner = owner.map(|_| (stat.st_uid, stat.st_gid));
                    return Self::create(parent, name, Some(stat.st_mode & 0o7777), owner);
                }
                Err(Errno::ENOENT) => return Self::create(parent, name, None, owner),
                Ok((SFlag::S_IFLNK, _)) => {
                    let target = readlinkat(&parent, name).map_err(io::Error::from)?;
                    path = path.follow(&target.to_string_lossy());
                }
                Ok((SFlag::S_IFDIR, _)) => return Err(Plain::invalid("path is a directory")),
                Ok(_) => return Err(Plain::invalid("path is not a regular file")),
                Err(error) => return Err(io::Error::from(error).into()),
            }
        }
        Err(Plain::invalid("too many symlinks"))
    }

    fn create(
        parent: OwnedFd,
        name: &str,
        mode: Option<u32>,
        owner: Option<Owner>,
    ) -> PlainResult<Self> {
        let temporary = format!(".superserve-{}", Uuid::new_v4().simple());
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_CLOEXEC;
        let file = openat(
            &parent,
            temporary.as_str(),
            flags,
            Mode::from_bits_truncate(0o644),
        )
        .map_err(io::Error::from)?;
        Ok(Self {
            parent,
            name: name.to_owned(),
            temporary,
            file: file.into(),
            mode,
            owner,
        })
    }

    fn receive(mut self, mut chunks: mpsc::Receiver<Bytes>) -> io::Result<Self> {
        while let Some(chunk) = chunks.blocking_recv() {
            self.file.write_all(&chunk)?;
        }
        Ok(self)
    }

    fn commit(self) -> io::Result<()> {
        if let Some((uid, gid)) = self.owner {
            fchown(&self.file, Some(uid), Some(gid))?;
        }
        if let Some(mode) = self.mode {
            self.file.set_permissions(Permissions::from_mode(mode))?;
        }
        Ok(renameat(
            &self.parent,
            self.temporary.as_str(),
            &self.parent,
            self.name.as_str(),
        )?)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        // After a commit there is nothing of this name.
        unlinkat(
            &self.parent,
            self.temporary.as_str(),
            UnlinkatFlags::NoRemoveDir,
        )
        .ok();
    }
}
