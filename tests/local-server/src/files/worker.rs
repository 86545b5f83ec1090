//! One piece of file work, in a process of its own.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::path::Path;

use nix::fcntl::OFlag;
use nix::sys::stat::{Mode, umask};
use nix::unistd::chdir;

use super::{Answer, Fault, Order, Task, path, read, write};
use crate::accounts::{Account, Credentials};
use crate::wire;

mod ioctl {
    nix::ioctl_write_ptr_bad!(unlock, libc::TIOCSPTLCK, libc::c_int);
    nix::ioctl_write_int_bad!(open_peer, libc::TIOCGPTPEER);
}

/// Takes the order and says how it went; where the server is gone there is nobody to tell.
pub fn serve(socket: &UnixStream) {
    let Ok(Some((order, _))) = wire::receive::<Order>(socket) else {
        return;
    };
    if let Err(fault) = work(socket, order) {
        wire::send(socket, &Answer::from(fault)).ok();
    }
}

fn work(socket: &UnixStream, order: Order) -> Result<(), Fault> {
    chdir("/")?;
    umask(Mode::from_bits_truncate(0o022));
    let account = order.user.as_deref().map(Account::look_up).transpose();
    let account = account.map_err(Fault::Refused)?;
    if let Some(account) = &account {
        Credentials::of(account).assume()?;
    }
    match order.task {
        Task::Read { path, zip } => read::send(socket, &path, zip),
        Task::Write { path } => write::receive(socket, &path),
        Task::Home => {
            let path = account.map_or_else(|| "/root".to_owned(), |account| account.home);
            Ok(wire::send(socket, &Answer::Home { path })?)
        }
        Task::Terminal => Ok(open_terminal(socket)?),
    }
}

/// From the sandbox's own `/dev/pts`, where its programs find it by name; it is the user's.
fn open_terminal(socket: &UnixStream) -> io::Result<()> {
    let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_NONBLOCK;
    let master = path::open(Path::new("dev/ptmx"), flags)?;
    let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    // SAFETY: the descriptor is open; the first call reads one int, the second returns a
    // descriptor that nobody else owns.
    let peer = unsafe {
        ioctl::unlock(master.as_raw_fd(), &0)?;
        OwnedFd::from_raw_fd(ioctl::open_peer(master.as_raw_fd(), flags.bits())?)
    };
    let fds: [RawFd; 2] = [master.as_raw_fd(), peer.as_raw_fd()];
    wire::send_with_fds(socket, &Answer::Terminal, &fds)
}
