//! Sends a file, or a directory as a zip.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::net::UnixStream;

use nix::fcntl::OFlag;

use super::passage::{CHUNK, Sender};
use super::path::SandboxPath;
use super::range::{self, Part, Wanted};
use super::{Answer, Fault, zip};
use crate::wire;

/// Answers, then sends. Once it has answered, an end without the last chunk says that something failed.
pub fn send(
    socket: &UnixStream,
    path: &SandboxPath,
    as_zip: bool,
    wanted: &Wanted,
) -> Result<(), Fault> {
    // A path alone first: opening a device or a pipe for reading has effects.
    let metadata = File::from(path.open(OFlag::O_PATH)?).metadata()?;
    if metadata.is_dir() {
        if !as_zip {
            return Err(Fault::refused("path is a directory; use format=zip"));
        }
        let name = path.name().unwrap_or(OsStr::new("root"));
        let directory = path.open(OFlag::O_RDONLY | OFlag::O_DIRECTORY)?;
        wire::send(socket, &Answer::Zip)?;
        if let Err(error) = zip::send(directory, &name.to_string_lossy(), Sender::new(socket)) {
            report(path, &error);
        }
        return Ok(());
    }
    let irregular = || Fault::refused("path is not a regular file");
    if !metadata.is_file() || path.names_directory() {
        return Err(irregular());
    }
    let mut file = File::from(path.open(OFlag::O_RDONLY | OFlag::O_NONBLOCK)?);
    let metadata = file.metadata()?;
    // Another may lie there by now.
    if !metadata.is_file() {
        return Err(irregular());
    }
    let modified = metadata.modified().ok().and_then(range::http_date);
    // Files of /proc and /sys say that they are empty and are not.
    let mut length = Some(metadata.len()).filter(|length| *length > 0);
    let part = length.map_or(Part::Whole, |length| {
        wanted.part(length, modified.as_deref())
    });
    let count = match part {
        Part::Whole => length,
        Part::Some(start, count) => {
            file.seek(SeekFrom::Start(start))?;
            Some(count)
        }
        Part::Unsatisfiable => Some(0),
    };
    let mut file = file.take(count.unwrap_or(u64::MAX));
    let mut chunk = Vec::with_capacity(CHUNK);
    // Some of them open for everybody and then cannot be read.
    read_some(&mut file, &mut chunk)?;
    if chunk.is_empty() {
        length = length.or(Some(0));
    }
    let answer = Answer::File {
        length,
        modified,
        part,
    };
    wire::send(socket, &answer)?;
    if let Err(error) = send_rest(file, chunk, count, Sender::new(socket)) {
        report(path, &error);
    }
    Ok(())
}

/// Sends as many bytes as announced, even when the file has grown meanwhile.
fn send_rest(
    mut file: io::Take<File>,
    mut chunk: Vec<u8>,
    length: Option<u64>,
    mut sender: Sender<'_>,
) -> io::Result<()> {
    let mut sent = 0;
    while !chunk.is_empty() {
        sender.write_all(&chunk)?;
        sent += chunk.len() as u64;
        read_some(&mut file, &mut chunk)?;
    }
    if length.is_some_and(|length| sent < length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    sender.finish()
}

fn read_some(file: &mut io::Take<File>, chunk: &mut Vec<u8>) -> io::Result<()> {
    chunk.clear();
    file.take(CHUNK as u64).read_to_end(chunk).map(drop)
}

/// A client that has gone is no fault.
fn report(path: &SandboxPath, error: &io::Error) {
    if error.kind() != io::ErrorKind::BrokenPipe {
        eprintln!("sandbox files: reading {path}: {error}");
    }
}
