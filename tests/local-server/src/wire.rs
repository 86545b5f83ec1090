//! What the server and a sandbox's init say to each other: length-prefixed JSON over a Unix
//! stream socket. File descriptors travel with the first byte of the frame they belong to.

use std::io::{self, IoSlice, IoSliceMut, Read};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

use nix::cmsg_space;
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::network::plan::NetworkPlan;
use crate::sandbox::root::{Isolation, RootPlan};

/// The hidden subcommand under which the binary becomes a sandbox's init.
pub const INIT_SUBCOMMAND: &str = "sandbox-init";

/// A command and its standard input, output and error are three descriptors.
const MAX_FDS: usize = 3;

/// Far above any command that the kernel would accept.
pub const MAX_FRAME: u32 = 8 << 20;

/// The server's side of the talk.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// The first frame. With it come the socket over which connections for file work are given and,
    /// for a network of its own, the one over which the ends of that are sent.
    Setup(Setup),
    /// Start a command; its stdin, stdout and stderr travel with the frame.
    Spawn { id: u64, command: CommandSpec },
    /// Signal the process group of a command.
    Signal { id: u64, signal: i32 },
    /// Signal every process of the sandbox but init.
    SignalAll { signal: i32 },
    /// Make a TCP socket in the sandbox's network; it is sent over the one that travels with the
    /// frame.
    Socket { v6: bool },
}

/// What to build before anything runs.
#[derive(Debug, Serialize, Deserialize)]
pub struct Setup {
    pub isolation: Isolation,
    pub root: Option<RootPlan>,
    /// A network of its own.
    pub network: Option<NetworkPlan>,
}

/// Init's side of the talk.
#[derive(Debug, Serialize, Deserialize)]
pub enum Report {
    /// Init exists; the pid is the server's view of it.
    Started { pid: i32 },
    /// The root is mounted and commands may come.
    Ready,
    /// The setup failed; nothing follows.
    Failed { message: String },
    /// The command runs.
    Spawned { id: u64 },
    /// The command could not be started.
    Refused { id: u64, message: String },
    /// The command ended; a signal's death is 128 + its number.
    Exited { id: u64, code: i32 },
    /// The answer to `SignalAll`.
    Signalled,
}

/// One command to start.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CommandSpec {
    pub argv: Vec<String>,
    pub env: Vec<(String, String)>,
    pub cwd: String,
    /// A name from the sandbox's `/etc/passwd`; absent means init's own user.
    pub user: Option<String>,
    /// Make the command's stdin its controlling terminal.
    pub terminal: bool,
}

/// A message as it goes over the socket.
pub fn encode<T: Serialize>(message: &T) -> io::Result<Vec<u8>> {
    let mut frame = vec![0; 4];
    serde_json::to_writer(&mut frame, message)?;
    let length = u32::try_from(frame.len() - 4).unwrap_or(u32::MAX);
    if length > MAX_FRAME {
        return Err(io::Error::other("message too long"));
    }
    for (place, byte) in frame.iter_mut().zip(length.to_le_bytes()) {
        *place = byte;
    }
    Ok(frame)
}

/// Sends as much of a frame as the socket takes, with the descriptors; returns the bytes sent.
pub fn send_some(socket: RawFd, bytes: &[u8], fds: &[RawFd]) -> io::Result<usize> {
    let rights = [ControlMessage::ScmRights(fds)];
    let control = if fds.is_empty() {
        &rights[..0]
    } else {
        &rights[..]
    };
    let flags = MsgFlags::MSG_NOSIGNAL;
    Ok(sendmsg::<()>(
        socket,
        &[IoSlice::new(bytes)],
        control,
        flags,
        None,
    )?)
}

/// Blocking send of a whole message without descriptors.
pub fn send<T: Serialize>(socket: &UnixStream, message: &T) -> io::Result<()> {
    send_with_fds(socket, message, &[])
}

/// Blocking send of a whole message.
pub fn send_with_fds<T: Serialize>(
    socket: &UnixStream,
    message: &T,
    fds: &[RawFd],
) -> io::Result<()> {
    let frame = encode(message)?;
    let (mut rest, mut fds) = (frame.as_slice(), fds);
    while !rest.is_empty() {
        let sent = send_some(socket.as_raw_fd(), rest, fds)?;
        rest = rest.get(sent..).unwrap_or_default();
        fds = &[];
    }
    Ok(())
}

/// Blocking receive of one message; `None` once the other side is gone.
pub fn receive<T: DeserializeOwned>(
    mut socket: &UnixStream,
) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
    let mut header = [0u8; 4];
    let (filled, fds) = receive_with_fds(socket, &mut header)?;
    if filled == 0 {
        return Ok(None);
    }
    socket.read_exact(header.get_mut(filled..).unwrap_or_default())?;
    let length = u32::from_le_bytes(header);
    if length > MAX_FRAME {
        return Err(io::Error::other("message too long"));
    }
    let mut body = vec![0; length as usize];
    socket.read_exact(&mut body)?;
    Ok(Some((serde_json::from_slice(&body)?, fds)))
}

/// Sends one descriptor with a byte that says which it is.
pub fn send_descriptor(socket: &impl AsRawFd, which: u8, fd: BorrowedFd<'_>) -> io::Result<()> {
    send_some(socket.as_raw_fd(), &[which], &[fd.as_raw_fd()]).map(drop)
}

/// Receives what there is, with the descriptors that came along; nothing once the other side is
/// gone.
pub fn receive_with_fds(
    socket: &impl AsRawFd,
    buffer: &mut [u8],
) -> io::Result<(usize, Vec<OwnedFd>)> {
    let mut space = cmsg_space!([RawFd; MAX_FDS]);
    let mut slices = [IoSliceMut::new(buffer)];
    let flags = MsgFlags::MSG_CMSG_CLOEXEC;
    let message = recvmsg::<()>(socket.as_raw_fd(), &mut slices, Some(&mut space), flags)?;
    let mut fds = Vec::new();
    for control in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(received) = control {
            for fd in received {
                // SAFETY: the kernel has just made this descriptor for us; nobody else owns it.
                fds.push(unsafe { OwnedFd::from_raw_fd(fd) });
            }
        }
    }
    Ok((message.bytes, fds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_and_long_messages_arrive_whole() {
        let (server, init) = UnixStream::pair().unwrap();
        let (read, write) = nix::unistd::pipe().unwrap();
        let long = "é\"\n".repeat(100_000);
        let frame = encode(&Report::Refused {
            id: 7,
            message: long.clone(),
        })
        .unwrap();
        let sender = std::thread::spawn(move || {
            let first = send_some(server.as_raw_fd(), &frame, &[write.as_raw_fd()]).unwrap();
            let mut rest = &frame[first..];
            while !rest.is_empty() {
                rest = &rest[send_some(server.as_raw_fd(), rest, &[]).unwrap()..];
            }
        });
        let (report, fds) = receive::<Report>(&init).unwrap().unwrap();
        sender.join().unwrap();
        assert!(matches!(report, Report::Refused { id: 7, message } if message == long));
        assert_eq!(fds.len(), 1);
        nix::unistd::write(&fds[0], b"through").unwrap();
        let mut buffer = [0; 16];
        assert_eq!(nix::unistd::read(&read, &mut buffer).unwrap(), 7);
        assert!(receive::<Report>(&init).unwrap().is_none());
    }
}
