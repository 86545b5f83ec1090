//! The server's end of a pseudo-terminal.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::pty::Winsize;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, read, write};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

mod ioctl {
    nix::ioctl_write_ptr_bad!(set_size, libc::TIOCSWINSZ, nix::pty::Winsize);
    nix::ioctl_read_bad!(foreground, libc::TIOCGPGRP, libc::pid_t);
}

/// The master of a terminal.
#[derive(Debug)]
pub struct Pty {
    master: AsyncFd<OwnedFd>,
}

impl Pty {
    /// Takes over the master of a terminal, which must not block.
    pub fn new(master: OwnedFd) -> io::Result<Self> {
        // SAFETY: the descriptor is this object's alone and stays open while it is registered.
        let master = unsafe { AsyncFd::register(master) }?;
        Ok(Self { master })
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
