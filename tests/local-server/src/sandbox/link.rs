//! The server's end of the talk with one sandbox's init.

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use nix::sys::signal::Signal;
use tokio::io::{AsyncReadExt, Interest};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Mutex as AsyncMutex, oneshot, watch};

use crate::wire::{self, CommandSpec, Report, Request};

/// What a command that died with its sandbox reports.
pub const KILLED: i32 = 128 + libc::SIGKILL;

/// Why a command did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The command's own fault, in words for its caller.
    #[error("{0}")]
    Refused(String),
    /// The sandbox's init is gone.
    #[error("sandbox is gone")]
    Gone,
    /// The machine's fault.
    #[error(transparent)]
    Io(#[from] io::Error),
}

#[derive(Debug)]
struct Pending {
    started: Option<oneshot::Sender<Result<(), String>>>,
    exited: oneshot::Sender<i32>,
}

#[derive(Debug, Default)]
struct Waiting {
    commands: HashMap<u64, Pending>,
    signalled: Vec<oneshot::Sender<()>>,
}

/// Sends requests to init and gives each report to who waits for it.
#[derive(Debug)]
pub struct Link {
    writer: AsyncMutex<OwnedWriteHalf>,
    waiting: Mutex<Waiting>,
    closed: watch::Sender<bool>,
    next_id: AtomicU64,
}

/// Signals a started command, from wherever it is held.
#[derive(Debug, Clone)]
pub struct Signaller {
    id: u64,
    link: Arc<Link>,
}

impl Signaller {
    /// Signals the command's process group; nothing happens once it has ended.
    pub async fn signal(&self, signal: Signal) {
        let request = Request::Signal {
            id: self.id,
            signal: signal as i32,
        };
        // A failure means that the sandbox is gone, and the process with it.
        self.link.send(&request, &[]).await.ok();
    }
}

/// A started command.
#[derive(Debug)]
pub struct Process {
    pub signaller: Signaller,
    /// Resolves when the command ends; an error means that the sandbox ended first.
    pub exited: oneshot::Receiver<i32>,
}

impl Link {
    /// Takes over a socket whose setup talk is done.
    pub fn new(reader: OwnedReadHalf, writer: OwnedWriteHalf) -> Arc<Self> {
        let link = Arc::new(Self {
            writer: AsyncMutex::new(writer),
            waiting: Mutex::default(),
            closed: watch::Sender::new(false),
            next_id: AtomicU64::new(1),
        });
        tokio::spawn(dispatch(link.clone(), reader));
        link
    }

    /// Starts a command with the given stdin, stdout and stderr.
    pub async fn spawn(
        self: &Arc<Self>,
        command: CommandSpec,
        stdio: [OwnedFd; 3],
    ) -> Result<Process, StartError> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (started, is_started) = oneshot::channel();
        let (exited, has_exited) = oneshot::channel();
        self.with_waiting(|waiting| {
            if !self.is_closed() {
                waiting.commands.insert(
                    id,
                    Pending {
                        started: Some(started),
                        exited,
                    },
                );
            }
        });
        let fds = stdio.each_ref().map(AsRawFd::as_raw_fd);
        self.send(&Request::Spawn { id, command }, &fds)
            .await
            .map_err(|_| StartError::Gone)?;
        drop(stdio);
        match is_started.await {
            Ok(Ok(())) => {
                let signaller = Signaller {
                    id,
                    link: self.clone(),
                };
                Ok(Process {
                    signaller,
                    exited: has_exited,
                })
            }
            Ok(Err(message)) => Err(StartError::Refused(message)),
            Err(_) => Err(StartError::Gone),
        }
    }

    /// A TCP socket in the sandbox's network, not connected yet.
    pub async fn socket(&self, v6: bool) -> io::Result<OwnedFd> {
        let (ours, theirs) = UnixStream::pair()?;
        self.send(&Request::Socket { v6 }, &[theirs.as_raw_fd()])
            .await?;
        drop(theirs);
        let received = receive_descriptor(&ours).await?;
        received
            .map(|(_, socket)| socket)
            .ok_or_else(|| io::Error::other("no socket in the sandbox"))
    }

    /// Signals every process of the sandbox but init; returns when that is done.
    pub async fn signal_all(&self, signal: Signal) -> io::Result<()> {
        let (done, is_done) = oneshot::channel();
        self.with_waiting(|waiting| {
            if !self.is_closed() {
                waiting.signalled.push(done);
            }
        });
        self.send(
            &Request::SignalAll {
                signal: signal as i32,
            },
            &[],
        )
        .await?;
        is_done
            .await
            .map_err(|_| io::Error::other("sandbox is gone"))
    }

    /// Resolves when init is gone.
    pub async fn closed(&self) {
        let mut closed = self.closed.subscribe();
        closed.wait_for(|closed| *closed).await.ok();
    }

    fn is_closed(&self) -> bool {
        *self.closed.borrow()
    }

    async fn send(&self, request: &Request, fds: &[RawFd]) -> io::Result<()> {
        let frame = wire::encode(request)?;
        let writer = self.writer.lock().await;
        send_frame(writer.as_ref(), &frame, fds).await
    }

    fn with_waiting<T>(&self, use_it: impl FnOnce(&mut Waiting) -> T) -> T {
        use_it(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn dispatch(link: Arc<Link>, mut reader: OwnedReadHalf) {
    while let Ok(report) = read_report(&mut reader).await {
        link.with_waiting(|waiting| match report {
            Report::Spawned { id } => {
                if let Some(started) = waiting
                    .commands
                    .get_mut(&id)
                    .and_then(|it| it.started.take())
                {
                    started.send(Ok(())).ok();
                }
            }
            Report::Refused { id, message } => {
                if let Some(started) = waiting.commands.remove(&id).and_then(|it| it.started) {
                    started.send(Err(message)).ok();
                }
            }
            Report::Exited { id, code } => {
                if let Some(pending) = waiting.commands.remove(&id) {
                    pending.exited.send(code).ok();
                }
            }
            Report::Signalled => {
                if !waiting.signalled.is_empty() {
                    waiting.signalled.remove(0).send(()).ok();
                }
            }
            Report::Started { .. } | Report::Ready | Report::Failed { .. } => {}
        });
    }
    // Dropping the senders tells everyone who waits that the sandbox is gone.
    link.with_waiting(|waiting| {
        *waiting = Waiting::default();
        link.closed.send_replace(true);
    });
}

/// Sends a whole frame, the descriptors with its first bytes.
pub async fn send_frame(socket: &UnixStream, frame: &[u8], fds: &[RawFd]) -> io::Result<()> {
    let (mut rest, mut fds) = (frame, fds);
    while !rest.is_empty() {
        let send = || wire::send_some(socket.as_raw_fd(), rest, fds);
        let sent = socket.async_io(Interest::WRITABLE, send).await?;
        rest = rest.get(sent..).unwrap_or_default();
        fds = &[];
    }
    Ok(())
}

/// Receives a descriptor and the byte that says which it is; `None` once the other side is gone.
pub async fn receive_descriptor(socket: &UnixStream) -> io::Result<Option<(u8, OwnedFd)>> {
    let mut which = [0; 1];
    let receive = || wire::receive_with_fds(socket, &mut which);
    let (_, fds) = socket.async_io(Interest::READABLE, receive).await?;
    let [which] = which;
    Ok(fds.into_iter().next().map(|fd| (which, fd)))
}

/// Reads one report.
pub async fn read_report(reader: &mut OwnedReadHalf) -> io::Result<Report> {
    let length = reader.read_u32_le().await?;
    if length > wire::MAX_FRAME {
        return Err(io::Error::other("message too long"));
    }
    let mut body = vec![0; length as usize];
    reader.read_exact(&mut body).await?;
    Ok(serde_json::from_slice(&body)?)
}
