//! The server's end of a sandbox's network device: packets.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use tokio::io::unix::AsyncFd;

#[derive(Debug)]
pub struct Device(AsyncFd<File>);

impl Device {
    pub fn new(fd: OwnedFd) -> io::Result<Self> {
        fcntl(&fd, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        // SAFETY: the file has a descriptor of its own, which nobody replaces.
        let registered = unsafe { AsyncFd::register(File::from(fd)) };
        Ok(Self(registered?))
    }

    /// Reads one packet; an error once the sandbox is gone.
    pub async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let mut ready = self.0.readable().await?;
            if let Ok(outcome) = ready.try_io(|device| device.get_ref().read(buffer)) {
                return outcome;
            }
        }
    }

    /// Gives the sandbox a packet. What it has no room for is lost, as on any network.
    pub fn write(&self, packet: &[u8]) {
        nix::unistd::write(self.0.get_ref(), packet).ok();
    }
}
