//! A walk through a tree of directories, however deep: what is above is held as names and not on
//! the stack or as descriptors, and the way back up is `..`.

use std::ffi::CString;
use std::io;
use std::os::fd::OwnedFd;

use nix::dir::Dir;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::{Mode, fstat};

/// Where a walk is.
pub struct Descent {
    here: OwnedFd,
    /// From the top to here.
    levels: Vec<Level>,
}

/// A directory that is not done.
struct Level {
    identity: (u64, u64),
    /// What it holds, the last first.
    left: Vec<CString>,
}

/// What comes next.
pub enum Step {
    /// Something that the present directory holds.
    Entry(CString),
    /// A directory is done; the present one is its parent again.
    Left,
}

impl Descent {
    pub fn new(top: OwnedFd) -> io::Result<Self> {
        let levels = vec![Level::new(&top)?];
        Ok(Self { here: top, levels })
    }

    /// The present directory.
    pub fn here(&self) -> &OwnedFd {
        &self.here
    }

    /// `None` when the top is done.
    pub fn step(&mut self) -> io::Result<Option<Step>> {
        let Some(level) = self.levels.last_mut() else {
            return Ok(None);
        };
        if let Some(name) = level.left.pop() {
            return Ok(Some(Step::Entry(name)));
        }
        self.levels.pop();
        if let Some(parent) = self.levels.last() {
            let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
            let up = openat(&self.here, "..", flags, Mode::empty())?;
            if parent.identity != identity(&up)? {
                return Err(io::Error::other("a directory was moved meanwhile"));
            }
            self.here = up;
        }
        Ok(Some(Step::Left))
    }

    /// Goes into a directory that the present one holds.
    pub fn enter(&mut self, directory: OwnedFd) -> io::Result<()> {
        self.levels.push(Level::new(&directory)?);
        self.here = directory;
        Ok(())
    }
}

impl Level {
    fn new(directory: &OwnedFd) -> io::Result<Self> {
        let mut left = names(directory)?;
        left.sort_by(|a, b| b.cmp(a));
        Ok(Self {
            identity: identity(directory)?,
            left,
        })
    }
}

fn identity(directory: &OwnedFd) -> io::Result<(u64, u64)> {
    let stat = fstat(directory)?;
    Ok((stat.st_dev, stat.st_ino))
}

/// What a directory holds.
pub fn names(directory: &OwnedFd) -> io::Result<Vec<CString>> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let listed = openat(directory, ".", flags, Mode::empty())?;
    let mut names = Vec::new();
    for entry in Dir::from_fd(listed)?.iter() {
        let name = entry?.file_name().to_owned();
        if !matches!(name.to_bytes(), b"." | b"..") {
            names.push(name);
        }
    }
    Ok(names)
}
