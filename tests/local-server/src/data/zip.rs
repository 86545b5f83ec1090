//! A directory as a zip, made while it is sent.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;

use axum::body::Bytes;
use nix::dir::Dir;
use nix::fcntl::{AtFlags, OFlag, openat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstatat};
use nix::sys::statfs::{FsType, PROC_SUPER_MAGIC, SYSFS_MAGIC, fstatfs};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::read::Chunks;

const CHUNK: usize = 64 << 10;

type Archive = ZipWriter<StreamWriter<Sink>>;

/// Sends everything below `directory` under `name/`; symlinks and special files are left out.
pub fn send(directory: OwnedFd, name: &str, chunks: Chunks) {
    let sink = Sink {
        buffer: Vec::with_capacity(CHUNK),
        chunks: chunks.clone(),
    };
    if let Err(error) = write_all(directory, name, sink) {
        chunks.blocking_send(Err(error)).ok();
    }
}

fn write_all(directory: OwnedFd, name: &str, sink: Sink) -> io::Result<()> {
    let mut archive = ZipWriter::new_stream(sink);
    add_directory(&mut archive, directory, name)?;
    archive.finish()?.into_inner().flush()
}

fn add_directory(archive: &mut Archive, directory: OwnedFd, prefix: &str) -> io::Result<()> {
    archive.add_directory(format!("{prefix}/"), options(0o755))?;
    let mut directory = Dir::from_fd(directory)?;
    let mut names = Vec::new();
    for entry in directory.iter() {
        let name = entry?.file_name().to_owned();
        if !matches!(name.to_bytes(), b"." | b"..") {
            names.push(name);
        }
    }
    names.sort();
    for name in names {
        // Gone or unreadable by now: the archive holds what could be read.
        let Ok(stat) = fstatat(&directory, name.as_c_str(), AtFlags::AT_SYMLINK_NOFOLLOW) else {
            continue;
        };
        let path = format!("{prefix}/{}", name.to_string_lossy());
        let open = |flags: OFlag| {
            let flags = flags | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
            openat(&directory, name.as_c_str(), flags, Mode::empty())
        };
        match SFlag::from_bits_truncate(stat.st_mode & SFlag::S_IFMT.bits()) {
            SFlag::S_IFDIR => {
                if let Ok(inner) = open(OFlag::O_RDONLY | OFlag::O_DIRECTORY)
                    && !is_kernel_view(&inner)
                {
                    add_directory(archive, inner, &path)?;
                }
            }
            SFlag::S_IFREG => {
                if let Ok(file) = open(OFlag::O_RDONLY) {
                    add_file(archive, File::from(file), &path, &stat)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn add_file(archive: &mut Archive, mut file: File, path: &str, stat: &FileStat) -> io::Result<()> {
    let large = u64::try_from(stat.st_size).unwrap_or(0) >= u64::from(u32::MAX);
    archive.start_file(path, options(stat.st_mode & 0o777).large_file(large))?;
    io::copy(&mut file, archive)?;
    Ok(())
}

fn options(mode: u32) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1))
        .unix_permissions(mode)
}

/// `/proc` and `/sys` have no end and no content to keep.
fn is_kernel_view(directory: &OwnedFd) -> bool {
    let kinds: [FsType; 2] = [PROC_SUPER_MAGIC, SYSFS_MAGIC];
    fstatfs(directory).is_ok_and(|stat| kinds.contains(&stat.filesystem_type()))
}

/// Collects small writes into chunks for the client.
struct Sink {
    buffer: Vec<u8>,
    chunks: Chunks,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let full = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK));
        let sent = self.chunks.blocking_send(Ok(Bytes::from(full)));
        sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
