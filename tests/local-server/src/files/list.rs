//! Lists a directory.

use std::io::{self, Write};
use std::os::unix::net::UnixStream;

use nix::dir::Dir;
use nix::fcntl::{AtFlags, OFlag};
use nix::sys::stat::{SFlag, fstatat};
use serde::{Deserialize, Serialize};

use super::passage::Sender;
use super::path::SandboxPath;
use super::{Answer, Fault};
use crate::wire;

/// One name in a directory. A symlink is told of as itself, not as what it leads to.
#[derive(Debug, Serialize, Deserialize)]
pub struct Entry {
    name: String,
    is_dir: bool,
    size: u64,
    modified_unix: i64,
}

/// Answers, then sends what the directory holds, by name, as one JSON array.
pub fn send(socket: &UnixStream, path: &SandboxPath) -> Result<(), Fault> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NONBLOCK;
    let entries = read(Dir::from_fd(path.open(flags)?)?)?;
    wire::send(socket, &Answer::Entries)?;
    let json = serde_json::to_vec(&entries).map_err(io::Error::from)?;
    let mut sender = Sender::new(socket);
    // A client that has gone is no fault.
    sender.write_all(&json).and_then(|()| sender.finish()).ok();
    Ok(())
}

fn read(mut directory: Dir) -> io::Result<Vec<Entry>> {
    let mut names = Vec::new();
    for entry in directory.iter() {
        let name = entry?.file_name().to_owned();
        if !matches!(name.to_bytes(), b"." | b"..") {
            names.push(name);
        }
    }
    names.sort();
    let mut entries = Vec::with_capacity(names.len());
    for name in names {
        // Gone since it was read.
        let Ok(stat) = fstatat(&directory, name.as_c_str(), AtFlags::AT_SYMLINK_NOFOLLOW) else {
            continue;
        };
        let kind = SFlag::from_bits_truncate(stat.st_mode & SFlag::S_IFMT.bits());
        entries.push(Entry {
            name: name.to_string_lossy().into_owned(),
            is_dir: kind == SFlag::S_IFDIR,
            size: u64::try_from(stat.st_size).unwrap_or(0),
            modified_unix: stat.st_mtime,
        });
    }
    Ok(entries)
}
