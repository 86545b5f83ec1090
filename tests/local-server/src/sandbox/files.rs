//! The server's end of a sandbox's file work: a connection for each piece of it.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;

use axum::body::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::UnixStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::link::send_frame;
use crate::files::{Answer, Fault, MAX_CHUNK, Order, Task};
use crate::wire;

/// Work under way in one sandbox: each piece is a process.
const MAX_AT_ONCE: usize = 1024;

/// Where connections are given to the process that does the work.
#[derive(Debug)]
pub struct Files {
    connections: UnixStream,
    room: Arc<Semaphore>,
}

impl Files {
    pub fn new(connections: UnixStream) -> Self {
        Self {
            connections,
            room: Arc::new(Semaphore::new(MAX_AT_ONCE)),
        }
    }

    /// Starts work, as a user of the sandbox or, without one, as its root.
    pub async fn start(&self, user: Option<&str>, task: Task) -> Result<Work, Fault> {
        let busy = |_| Fault::Failed(io::ErrorKind::ResourceBusy.into());
        let permit = self.room.clone().try_acquire_owned().map_err(busy)?;
        // Only the server's end must not block.
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let ours = UnixStream::from_std(ours)?;
        send_frame(&self.connections, &[0], &[theirs.as_raw_fd()]).await?;
        drop(theirs);
        let user = user.map(str::to_owned);
        let order = wire::encode(&Order { user, task })?;
        send_frame(&ours, &order, &[]).await?;
        Ok(Work {
            socket: ours,
            _permit: permit,
        })
    }

    /// Where a user's home is.
    pub async fn home(&self, user: &str) -> Result<String, Fault> {
        match self.start(Some(user), Task::Home).await?.answer().await? {
            Answer::Home { path } => Ok(path),
            _ => Err(out_of_turn()),
        }
    }

    /// A terminal for a user: the server's end and the programs'.
    pub async fn terminal(&self, user: Option<&str>) -> Result<(OwnedFd, OwnedFd), Fault> {
        let mut work = self.start(user, Task::Terminal).await?;
        let (answer, fds) = work.answer_with_fds().await?;
        match (answer, <[OwnedFd; 2]>::try_from(fds)) {
            (Answer::Terminal, Ok([master, peer])) => Ok((master, peer)),
            _ => Err(out_of_turn()),
        }
    }
}

/// A worker that answers what it was not asked.
pub fn out_of_turn() -> Fault {
    io::Error::other("file work answered out of turn").into()
}

/// Work under way. It ends when this is dropped.
#[derive(Debug)]
pub struct Work {
    socket: UnixStream,
    _permit: OwnedSemaphorePermit,
}

impl Work {
    /// What the worker says next.
    pub async fn answer(&mut self) -> Result<Answer, Fault> {
        Ok(self.answer_with_fds().await?.0)
    }

    async fn answer_with_fds(&mut self) -> Result<(Answer, Vec<OwnedFd>), Fault> {
        let mut header = [0; 4];
        let receive = || wire::receive_with_fds(&self.socket, &mut header);
        let (filled, fds) = self.socket.async_io(Interest::READABLE, receive).await?;
        if filled == 0 {
            return Err(io::Error::other("file work ended without an answer").into());
        }
        let rest = header.get_mut(filled..).unwrap_or_default();
        self.socket.read_exact(rest).await?;
        let length = u32::from_le_bytes(header);
        if length > wire::MAX_FRAME {
            return Err(out_of_turn());
        }
        let mut body = vec![0; length as usize];
        self.socket.read_exact(&mut body).await?;
        match serde_json::from_slice(&body).map_err(io::Error::from)? {
            Answer::Refused { message } => Err(Fault::Refused(message)),
            Answer::Failed { errno } => Err(io::Error::from_raw_os_error(errno).into()),
            answer => Ok((answer, fds)),
        }
    }

    /// The next chunk of content; `None` at its end, and an error where it ends before that.
    pub async fn receive(&mut self) -> io::Result<Option<Bytes>> {
        let length = self.socket.read_u32_le().await? as usize;
        if length > MAX_CHUNK {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if length == 0 {
            return Ok(None);
        }
        let mut chunk = vec![0; length];
        self.socket.read_exact(&mut chunk).await?;
        Ok(Some(chunk.into()))
    }

    /// Sends content. An error means that the worker has failed; its answer says why.
    pub async fn send(&mut self, content: &[u8]) -> io::Result<()> {
        for chunk in content.chunks(MAX_CHUNK) {
            let length = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
            self.socket.write_u32_le(length).await?;
            self.socket.write_all(chunk).await?;
        }
        Ok(())
    }

    /// Says that all content was sent.
    pub async fn finish(&mut self) -> io::Result<()> {
        self.socket.write_u32_le(0).await
    }
}
