//! A command's output and end as a channel of events, whoever listens, and also when nobody does.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::sys::signal::Signal;
use nix::unistd::pipe2;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::{Receiver as PipeReader, Sender as PipeWriter};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout_at};

use super::lifecycle::Sandbox;
use super::link::{KILLED, Process, Signaller, StartError};
use super::machine::Machine;
use crate::wire::CommandSpec;

/// The exit code of a command that was killed for its timeout, as of timeout(1).
pub const TIMED_OUT: i32 = 124;

/// How long output is still read after the end of a command whose children hold the pipe open.
const GRACE: Duration = Duration::from_millis(200);

const CHUNK: usize = 64 << 10;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Stdout,
    Stderr,
}

/// What happens to a running command.
#[derive(Debug)]
pub enum Event {
    Output(Source, Vec<u8>),
    /// The last one.
    Finished(End),
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    pub exit_code: i32,
    pub failure: Option<Failure>,
}

/// Why the server and not the command decided its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub code: &'static str,
    pub message: String,
}

/// A pipe: the end that the server reads, and the one that the command writes.
fn pipe() -> io::Result<(PipeReader, OwnedFd)> {
    let (reader, writer) = pipe2(OFlag::O_CLOEXEC)?;
    Ok((PipeReader::from_owned_fd(reader)?, writer))
}

/// How much of a sandbox's active time a command may take.
#[derive(Debug)]
pub struct Limit {
    pub sandbox: Arc<Sandbox>,
    pub timeout: Duration,
}

/// Starts a command without input and follows it.
pub async fn start(
    machine: &Machine,
    command: CommandSpec,
    limit: Option<Limit>,
) -> Result<mpsc::Receiver<Event>, StartError> {
    let stdin = File::open("/dev/null")?.into();
    Ok(start_on(machine, command, stdin, limit).await?.0)
}

/// A command that its caller talks to while it runs.
#[derive(Debug)]
pub struct Session {
    pub events: mpsc::Receiver<Event>,
    pub stdin: PipeWriter,
    pub signaller: Signaller,
}

/// Starts a command with a pipe as its input and follows it.
pub async fn start_session(
    machine: &Machine,
    command: CommandSpec,
    limit: Option<Limit>,
) -> Result<Session, StartError> {
    let (reader, writer) = pipe2(OFlag::O_CLOEXEC).map_err(io::Error::from)?;
    let (events, signaller) = start_on(machine, command, reader, limit).await?;
    Ok(Session {
        events,
        stdin: PipeWriter::from_owned_fd(writer)?,
        signaller,
    })
}

async fn start_on(
    machine: &Machine,
    command: CommandSpec,
    stdin: OwnedFd,
    limit: Option<Limit>,
) -> Result<(mpsc::Receiver<Event>, Signaller), StartError> {
    let (stdout, stdout_writer) = pipe()?;
    let (stderr, stderr_writer) = pipe()?;
    let process = machine
        .spawn(command, [stdin, stdout_writer, stderr_writer])
        .await?;
    let signaller = process.signaller.clone();
    let pipes = [(Source::Stdout, stdout), (Source::Stderr, stderr)];
    Ok((follow(process, pipes, limit), signaller))
}

/// Waits for a command's end and lets its output go.
pub async fn end_of(mut events: mpsc::Receiver<Event>) -> End {
    while let Some(event) = events.recv().await {
        if let Event::Finished(end) = event {
            return end;
        }
    }
    gone()
}

/// How a command ends whose sandbox is gone.
pub fn gone() -> End {
    finished(None)
}

/// Follows a command to its end. When the receiver is dropped the command goes on, unread.
fn follow(
    process: Process,
    pipes: [(Source, PipeReader); 2],
    limit: Option<Limit>,
) -> mpsc::Receiver<Event> {
    // A few chunks: a slow client holds the command up, it does not fill the memory.
    let (events, receiver) = mpsc::channel(4);
    tokio::spawn(async move {
        let (ended, has_ended) = watch::channel(None);
        let readers = pipes.map(|(source, pipe)| {
            tokio::spawn(forward(source, pipe, events.clone(), has_ended.clone()))
        });
        let end = wait(process, limit.as_ref()).await;
        ended.send_replace(Some(Instant::now() + GRACE));
        for reader in readers {
            reader.await.ok();
        }
        events.send(Event::Finished(end)).await.ok();
    });
    receiver
}

async fn wait(mut process: Process, limit: Option<&Limit>) -> End {
    let expired = async {
        match limit {
            Some(limit) => {
                limit.sandbox.sleep_active(limit.timeout).await;
                limit.timeout.as_secs()
            }
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        exited = &mut process.exited => finished(exited.ok()),
        seconds = expired => {
            process.signaller.signal(Signal::SIGKILL).await;
            process.exited.await.ok();
            let message = format!("command timed out after {seconds} s and was killed");
            End { exit_code: TIMED_OUT, failure: Some(Failure { code: "timeout", message }) }
        }
    }
}

fn finished(exited: Option<i32>) -> End {
    match exited {
        Some(exit_code) => End {
            exit_code,
            failure: None,
        },
        None => {
            let message = "the sandbox ended before the command".to_owned();
            let failure = Failure {
                code: "sandbox_terminated",
                message,
            };
            End {
                exit_code: KILLED,
                failure: Some(failure),
            }
        }
    }
}

/// Passes a pipe's bytes on until its end, or until shortly after the command's.
async fn forward(
    source: Source,
    mut pipe: PipeReader,
    events: mpsc::Sender<Event>,
    mut ended: watch::Receiver<Option<Instant>>,
) {
    let mut buffer = vec![0; CHUNK];
    // Set at the command's end: until when to wait for more, and what is certainly still there.
    let mut closing: Option<(Instant, usize)> = None;
    loop {
        // Before any read: a child that writes without a pause always has more to be read.
        if closing.is_none() {
            closing = ended
                .borrow_and_update()
                .map(|deadline| (deadline, unread(&pipe)));
        }
        let read = match &closing {
            None => tokio::select! {
                read = pipe.read(&mut buffer) => read,
                _ = ended.changed() => continue,
            },
            Some((_, left)) if *left > 0 => pipe.read(&mut buffer).await,
            Some((deadline, _)) => match timeout_at(*deadline, pipe.read(&mut buffer)).await {
                Ok(read) => read,
                Err(_) => break,
            },
        };
        let count = match read {
            Ok(count) if count > 0 => count,
            _ => return,
        };
        if let Some((deadline, left)) = &mut closing {
            if *left == 0 && Instant::now() > *deadline {
                break;
            }
            *left = left.saturating_sub(count);
        }
        let bytes = buffer.get(..count).unwrap_or_default().to_vec();
        // Without a listener the pipe is still emptied, so that the command does not block.
        events.send(Event::Output(source, bytes)).await.ok();
    }
    tokio::spawn(discard(pipe));
}

/// Keeps a background child from a full or broken pipe.
async fn discard(mut pipe: PipeReader) {
    let mut buffer = vec![0; CHUNK];
    while pipe.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
}

nix::ioctl_read_bad!(bytes_in_pipe, libc::FIONREAD, libc::c_int);

fn unread(pipe: &PipeReader) -> usize {
    let mut count = 0;
    // SAFETY: the descriptor is open and the kernel writes one int.
    match unsafe { bytes_in_pipe(pipe.as_raw_fd(), &raw mut count) } {
        Ok(_) => usize::try_from(count).unwrap_or(0),
        Err(_) => 0,
    }
}
