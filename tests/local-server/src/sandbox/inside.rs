//! Opens paths as a sandbox sees them, whatever its symlinks say.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};

/// Opens a path, relative to the sandbox's root; it cannot lead out of it.
pub fn open(root: &impl AsFd, path: &Path, flags: OFlag) -> io::Result<OwnedFd> {
    let how = OpenHow::new()
        .flags(flags | OFlag::O_CLOEXEC)
        .resolve(ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_MAGICLINKS);
    loop {
        match openat2(root, path, how) {
            // Something was renamed while the kernel followed a `..` in a symlink.
            Err(Errno::EAGAIN | Errno::EINTR) => {}
            outcome => return Ok(outcome?),
        }
    }
}
