//! Removes what sandboxes leave behind.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;
use std::time::Duration;

/// How often to try again while something else still changes the tree.
const ATTEMPTS: u32 = 20;

/// Removes a directory tree, also where a command or overlayfs took this user's permissions.
pub fn remove_tree(path: &Path) -> io::Result<()> {
    let mut outcome = Ok(());
    for _ in 0..ATTEMPTS {
        outcome = fs::remove_dir_all(path);
        match outcome.as_ref().map_err(io::Error::kind) {
            Err(io::ErrorKind::PermissionDenied) => {
                unlock(path).ok();
            }
            // Something is written, or removed by another thread, meanwhile.
            Err(io::ErrorKind::DirectoryNotEmpty) => thread::sleep(Duration::from_millis(10)),
            Err(io::ErrorKind::NotFound) if !path.exists() => return Ok(()),
            Err(io::ErrorKind::NotFound) => {}
            _ => break,
        }
    }
    outcome
}

fn unlock(directory: &Path) -> io::Result<()> {
    fs::set_permissions(directory, Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            unlock(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
