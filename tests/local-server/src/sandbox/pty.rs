//! Pseudo-terminals from a sandbox's own `/dev/pts`, where its programs find them by name.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::fchown;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::pty::Winsize;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, read, write};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::inside;
use super::machine::{Machine, Owner};

mod ioctl {
    nix::ioctl_write_ptr_bad!(unlock, libc::TIOCSPTLCK, libc::c_int);
    nix::ioctl_write_int_bad!(open_peer, libc::TIOCGPTPEER);
    nix::ioctl_write_ptr_bad!(set_size, libc::TIOCSWINSZ, nix::pty::Winsize);
    nix::ioctl_read_bad!(foreground, libc::TIOCGPGRP, libc::pid_t);
}

/// The server's end of a terminal.
#[derive(Debug)]
pub struct Pty {
    master: AsyncFd<OwnedFd>,
}

impl Pty {
    /// A new terminal and the end for its programs.
    pub fn open(machine: &Machine, owner: Option<Owner>) -> io::Result<(Self, OwnedFd)> {
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_NONBLOCK;
        let master = inside::open(&machine.root, Path::new("dev/ptmx"), flags)?;
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
        // SAFETY: the descriptor is open; the first call reads one int, the second returns a
        // descriptor that nobody else owns.
        let peer = unsafe {
            ioctl::unlock(master.as_raw_fd(), &0)?;
            OwnedFd::from_raw_fd(ioctl::open_peer(master.as_raw_fd(), flags.bits())?)
        };
        if let Some((uid, gid)) = owner {
            fchown(&peer, Some(uid), Some(gid))?;
        }
        // SAFETY: the descriptor is this object's alone and stays open while it is registered.
        let master = unsafe { AsyncFd::register(master) }?;
        Ok((Self { master }, peer))
    }

    pub fn resize(&self, columns: u16, rows: u16) -> io::Result<()> {
        let size = Winsize {
            ws_row: rows,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        // SAFETY: the descriptor is open and the kernel reads one struct.
        unsafe { ioctl::set_size(self.master.as_raw_fd(), &raw const size) }?;
        Ok(())
    }

    /// Signals what runs in the foreground; `false` if nothing does.
    pub fn signal_foreground(&self, signal: Signal) -> bool {
        let mut group = 0;
        // SAFETY: the descriptor is open and the kernel writes one pid, as this process sees it.
        let known = unsafe { ioctl::foreground(self.master.as_raw_fd(), &raw mut group) };
        known.is_ok() && group > 1 && killpg(Pid::from_raw(group), signal).is_ok()
    }

    /// What the programs print; 0 when the last of them has closed the terminal.
    pub async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let outcome = self
            .master
            .async_io(Interest::READABLE, |fd| Ok(read(fd, buffer)?))
            .await;
        match outcome {
            Err(error) if error.raw_os_error() == Some(Errno::EIO as i32) => Ok(0),
            outcome => outcome,
        }
    }

    /// Types.
    pub async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let written = self
                .master
                .async_io(Interest::WRITABLE, |fd| Ok(write(fd, bytes)?))
                .await?;
            bytes = bytes.get(written..).unwrap_or_default();
        }
        Ok(())
    }
}
