//! The server's directory of temporary files, removed at the end and, after a crash, by the next
//! server that starts beside it.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};
use nix::mount::{MntFlags, MsFlags, mount, umount2};

use super::tidy::remove_tree;

const PREFIX: &str = "superserve-local-";

/// A fresh directory; its lock is held while the server lives.
#[derive(Debug)]
pub struct Workspace {
    path: PathBuf,
    _lock: Flock<File>,
}

impl Workspace {
    /// A new directory in `parent`, which is made if missing.
    pub fn create(parent: &Path) -> io::Result<Self> {
        fs::create_dir_all(parent)?;
        let parent = fs::canonicalize(parent)?;
        remove_stale(&parent);
        let name = format!("{PREFIX}{}-{}", std::process::id(), short_id());
        let path = parent.join(name);
        // 0711: commands under other users reach their files, and cannot list the sandboxes.
        fs::DirBuilder::new().mode(0o711).create(&path)?;
        let file = File::create(lock_path(&path))?;
        let lock =
            Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, error)| error)?;
        Ok(Self { path, _lock: lock })
    }

    /// Puts a tmpfs over the directory: overlayfs does not take every file system as upper layer.
    pub fn cover_with_tmpfs(&self) -> io::Result<()> {
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
        Ok(mount(
            Some("tmpfs"),
            &self.path,
            Some("tmpfs"),
            flags,
            Some("mode=711"),
        )?)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        if let Err(error) = discard(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "could not remove");
        }
    }
}

fn discard(path: &Path) -> io::Result<()> {
    umount2(path, MntFlags::MNT_DETACH).ok();
    remove_tree(path)?;
    fs::remove_file(lock_path(path))
}

/// Beside the directory, so that a tmpfs over it does not hide the lock.
fn lock_path(path: &Path) -> PathBuf {
    path.with_extension("lock")
}

/// Whether a path is the workspace of any server, or its lock.
pub fn is_own(path: &Path) -> bool {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy())
        .unwrap_or_default();
    name.strip_prefix(PREFIX)
        .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

fn remove_stale(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let path = entry.path();
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if !ours
            || path
                .extension()
                .is_some_and(|extension| extension == "lock")
        {
            continue;
        }
        let Ok(lock) = File::open(lock_path(&path)) else {
            continue;
        };
        // A live server holds its lock.
        if Flock::lock(lock, FlockArg::LockExclusiveNonblock).is_ok() {
            discard(&path).ok();
        }
    }
}

fn short_id() -> String {
    uuid::Uuid::new_v4()
        .simple()
        .to_string()
        .chars()
        .take(8)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_servers_directory_is_removed_and_a_live_ones_kept() {
        let parent = std::env::temp_dir().join(format!("workspace-test-{}", short_id()));
        let live = Workspace::create(&parent).unwrap();
        let dead = parent.join("superserve-local-1-dead");
        fs::create_dir_all(dead.join("deep")).unwrap();
        fs::write(lock_path(&dead), "").unwrap();
        let second = Workspace::create(&parent).unwrap();
        assert!(!dead.exists() && !lock_path(&dead).exists());
        assert!(live.path().exists());
        drop((live, second));
        assert_eq!(fs::read_dir(&parent).unwrap().count(), 0);
        fs::remove_dir(&parent).unwrap();
    }
}
