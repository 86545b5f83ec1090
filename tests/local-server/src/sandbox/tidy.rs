//! Removes what sandboxes leave behind.

use std::ffi::{CStr, CString};
use std::fs::{self, Permissions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open, openat, renameat};
use nix::sys::stat::{FchmodatFlags, Mode, fchmodat};
use nix::unistd::{UnlinkatFlags, unlinkat};
use uuid::Uuid;

use crate::descent::names;

/// How often to try again while something else still changes the tree.
const ATTEMPTS: u32 = 20;

const DIRECTORY: OFlag = OFlag::O_RDONLY
    .union(OFlag::O_DIRECTORY)
    .union(OFlag::O_NOFOLLOW)
    .union(OFlag::O_CLOEXEC);

/// Removes a directory tree, also where a command or overlayfs took this user's permissions.
pub fn remove_tree(path: &Path) -> io::Result<()> {
    let mut outcome = Ok(());
    for _ in 0..ATTEMPTS {
        outcome = remove(path);
        match outcome.as_ref().map_err(io::Error::kind) {
            // Something is written, or removed by another thread, meanwhile.
            Err(io::ErrorKind::DirectoryNotEmpty) => thread::sleep(Duration::from_millis(10)),
            Err(io::ErrorKind::NotFound) if !path.exists() => return Ok(()),
            Err(io::ErrorKind::NotFound) => {}
            _ => break,
        }
    }
    outcome
}

/// A directory in a directory is moved up to the top before it is emptied, so that no depth costs
/// stack or descriptors.
fn remove(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, Permissions::from_mode(0o700)).ok();
    let top = open(path, DIRECTORY, Mode::empty())?;
    let mark = Uuid::new_v4().simple().to_string();
    let mut moved = 0;
    let mut full = Vec::new();
    for name in names(&top)? {
        if !remove_entry(&top, &name)? {
            full.push(name);
        }
    }
    while let Some(entry) = full.pop() {
        let Some(inner) = open_unlocked(&top, &entry)? else {
            continue;
        };
        for name in names(&inner)? {
            if remove_entry(&inner, &name)? {
                continue;
            }
            moved += 1;
            let new = CString::new(format!("{mark}-{moved}"))?;
            move_unlocked((&inner, &name), (&top, &new))?;
            full.push(new);
        }
        gone(unlinkat(&top, entry.as_c_str(), UnlinkatFlags::RemoveDir))?;
    }
    fs::remove_dir(path)
}

/// Removes a file or an empty directory; `false` where it is a directory with something in it.
fn remove_entry(directory: &OwnedFd, name: &CStr) -> io::Result<bool> {
    match unlinkat(directory, name, UnlinkatFlags::NoRemoveDir) {
        Err(Errno::EISDIR | Errno::EPERM) => {}
        outcome => return gone(outcome).map(|()| true),
    }
    match unlinkat(directory, name, UnlinkatFlags::RemoveDir) {
        Err(Errno::ENOTEMPTY | Errno::EEXIST) => Ok(false),
        outcome => gone(outcome).map(|()| true),
    }
}

/// A directory, given all permissions for this user if need be; `None` if it is gone.
fn open_unlocked(directory: &OwnedFd, name: &CStr) -> io::Result<Option<OwnedFd>> {
    let open = || openat(directory, name, DIRECTORY, Mode::empty());
    match open().or_else(|_| unlock(directory, name).and_then(|()| open())) {
        Ok(opened) => Ok(Some(opened)),
        Err(Errno::ENOENT) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Moves a directory, which is to change its `..`.
fn move_unlocked(from: (&OwnedFd, &CStr), to: (&OwnedFd, &CStr)) -> io::Result<()> {
    let rename = || renameat(from.0, from.1, to.0, to.1);
    gone(rename().or_else(|_| unlock(from.0, from.1).and_then(|()| rename())))
}

fn unlock(directory: &OwnedFd, name: &CStr) -> nix::Result<()> {
    fchmodat(directory, name, Mode::S_IRWXU, FchmodatFlags::FollowSymlink)
}

/// What another thread has removed is removed.
fn gone(outcome: nix::Result<()>) -> io::Result<()> {
    match outcome {
        Ok(()) | Err(Errno::ENOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_tree_is_too_deep() {
        let top = std::env::temp_dir().join(format!("tidy-test-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&top).unwrap();
        let mut here = open(&top, DIRECTORY, Mode::empty()).unwrap();
        for _ in 0..20_000 {
            nix::sys::stat::mkdirat(&here, "d", Mode::S_IRWXU).unwrap();
            here = openat(&here, "d", DIRECTORY, Mode::empty()).unwrap();
        }
        drop(here);
        remove_tree(&top).unwrap();
        assert!(!top.exists());
    }

    #[test]
    fn locked_directories_go_and_two_may_remove_at_once() {
        let top = std::env::temp_dir().join(format!("tidy-test-{}", uuid::Uuid::new_v4()));
        for index in 0..50 {
            let deep = top.join(format!("{index}/a/b"));
            fs::create_dir_all(&deep).unwrap();
            fs::write(deep.join("file"), "x").unwrap();
            fs::set_permissions(top.join(format!("{index}/a")), Permissions::from_mode(0o0))
                .unwrap();
        }
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| remove_tree(&top).unwrap());
            }
        });
        assert!(!top.exists());
    }
}
