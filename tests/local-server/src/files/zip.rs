//! A directory as a zip, made while it is sent.

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use nix::fcntl::{AtFlags, OFlag, openat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, fstatat};
use nix::sys::statfs::{FsType, PROC_SUPER_MAGIC, SYSFS_MAGIC, fstatfs};
use zip::write::{FullFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::passage::Sender;
use crate::descent::{Descent, Step};

/// All names of an archive stand once more at its end, and wait in memory for it.
const MAX_NAMES: usize = 256 << 20;

/// The extra field for times in UTC; the zip's own have no time zone.
const EXTENDED_TIMESTAMP: u16 = 0x5455;

type Archive<'a> = ZipWriter<StreamWriter<Sender<'a>>>;

/// Sends everything below `directory` under `name/`; symlinks and special files are left out.
pub fn send(directory: OwnedFd, name: &str, sender: Sender<'_>) -> io::Result<()> {
    let mut builder = Builder {
        archive: ZipWriter::new_stream(sender),
        path: String::new(),
        parents: Vec::new(),
        names: 0,
    };
    builder.add_directory(&directory, name)?;
    let mut descent = Descent::new(directory)?;
    while let Some(step) = descent.step()? {
        match step {
            Step::Entry(name) => builder.add(&mut descent, &name)?,
            Step::Left => builder.leave(),
        }
    }
    builder.archive.finish()?.into_inner().finish()
}

struct Builder<'a> {
    archive: Archive<'a>,
    /// Of the directory that is being added, with a slash at its end.
    path: String,
    /// How long the path was in the directories above.
    parents: Vec<usize>,
    /// Bytes of all names so far.
    names: usize,
}

impl Builder<'_> {
    /// Adds something of the directory where the walk is. What is gone or unreadable by now is
    /// left out: the archive holds what could be read.
    fn add(&mut self, descent: &mut Descent, name: &CString) -> io::Result<()> {
        let here = descent.here();
        let Ok(stat) = fstatat(here, name.as_c_str(), AtFlags::AT_SYMLINK_NOFOLLOW) else {
            return Ok(());
        };
        let open = |flags: OFlag| {
            let flags = flags | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
            openat(here, name.as_c_str(), flags, Mode::empty())
        };
        let text = name.to_string_lossy();
        match SFlag::from_bits_truncate(stat.st_mode & SFlag::S_IFMT.bits()) {
            SFlag::S_IFDIR => {
                if let Ok(inner) = open(OFlag::O_RDONLY | OFlag::O_DIRECTORY)
                    && !is_kernel_view(&inner)
                {
                    self.add_directory(&inner, &text)?;
                    descent.enter(inner)?;
                }
            }
            SFlag::S_IFREG => {
                if let Ok(file) = open(OFlag::O_RDONLY) {
                    self.add_file(File::from(file), &text, &stat)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn add_directory(&mut self, directory: &OwnedFd, name: &str) -> io::Result<()> {
        self.parents.push(self.path.len());
        self.path.push_str(name);
        self.path.push('/');
        self.count(self.path.len())?;
        let options = options(&fstat(directory)?, 0o755)?;
        Ok(self.archive.add_directory(self.path.as_str(), options)?)
    }

    fn leave(&mut self) {
        if let Some(length) = self.parents.pop() {
            self.path.truncate(length);
        }
    }

    fn add_file(&mut self, mut file: File, name: &str, stat: &FileStat) -> io::Result<()> {
        let path = format!("{}{name}", self.path);
        self.count(path.len())?;
        let large = u64::try_from(stat.st_size).unwrap_or(0) >= u64::from(u32::MAX);
        let options = options(stat, stat.st_mode & 0o777)?.large_file(large);
        self.archive.start_file(path, options)?;
        io::copy(&mut file, &mut self.archive).map(drop)
    }

    fn count(&mut self, bytes: usize) -> io::Result<()> {
        self.names += bytes;
        if bytes > usize::from(u16::MAX) || self.names > MAX_NAMES {
            return Err(io::Error::other("the names are too long for a zip"));
        }
        Ok(())
    }
}

fn options(stat: &FileStat, mode: u32) -> io::Result<FullFileOptions<'static, 'static>> {
    let mut options = FullFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1))
        .unix_permissions(mode);
    if let Some(time) = dos_time(stat.st_mtime) {
        options = options.last_modified_time(time);
    }
    if let Ok(seconds) = i32::try_from(stat.st_mtime) {
        let mut field = vec![1];
        field.extend(seconds.to_le_bytes());
        options.add_extra_field(EXTENDED_TIMESTAMP, field, false)?;
    }
    Ok(options)
}

/// In UTC; `None` outside the years that a zip knows.
fn dos_time(seconds: i64) -> Option<DateTime> {
    let time = Timestamp::from_second(seconds).ok()?;
    DateTime::try_from(time.to_zoned(TimeZone::UTC).datetime()).ok()
}

/// `/proc` and `/sys` have no end and no content to keep.
fn is_kernel_view(directory: &OwnedFd) -> bool {
    let kinds: [FsType; 2] = [PROC_SUPER_MAGIC, SYSFS_MAGIC];
    fstatfs(directory).is_ok_and(|stat| kinds.contains(&stat.filesystem_type()))
}
