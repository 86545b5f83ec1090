//! `GET /terminal`: a shell on a pseudo-terminal over a WebSocket.

use std::io;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::response::Response;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use nix::sys::signal::Signal;
use serde::Deserialize;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::error::PlainResult;
use super::input::{self, Chunk, Input};
use super::socket::{self, Incoming};
use crate::sandbox::lifecycle::Sandbox;
use crate::sandbox::link::{Process, Signaller};
use crate::sandbox::pty::Pty;
use crate::sandbox::record::Strings;
use crate::state::App;

const PROTOCOL: &str = "superserve.terminal.v1";

const SHELL: &str = "/bin/bash";

/// Columns and rows until the client says otherwise.
const FIRST_SIZE: (u16, u16) = (80, 24);

const CHUNK: usize = 32 << 10;

/// Input that waits for the terminal, in bytes.
const MAX_WAITING_INPUT: usize = 1 << 20;

/// How long the last output is waited for when a background program keeps the terminal open.
const GRACE: Duration = Duration::from_millis(200);

/// A client's words beside what it types.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Control {
    Resize { cols: u16, rows: u16 },
    Signal { name: String },
}

pub async fn connect(
    State(app): State<Arc<App>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> PlainResult<Response> {
    let (upgrade, sandbox, place) = socket::admit(&app, client, &headers, upgrade, PROTOCOL)?;
    let (pty, process) = open(&sandbox).await?;
    let limits = Limits {
        idle: Duration::from_secs(app.options.terminal_idle_s),
        unread: Duration::from_secs(app.options.terminal_unread_s),
        end: Instant::now() + Duration::from_secs(app.options.terminal_max_s),
    };
    Ok(upgrade.on_upgrade(move |socket| async move {
        relay(socket, sandbox, pty, process, limits).await;
        drop(place);
    }))
}

struct Limits {
    idle: Duration,
    /// How long input may wait for room.
    unread: Duration,
    end: Instant,
}

async fn open(sandbox: &Sandbox) -> PlainResult<(Pty, Process)> {
    let environment = &sandbox.origin.image.environment;
    let user = environment.user.as_deref();
    let (master, peer) = sandbox.machine.files.terminal(user).await?;
    let pty = Pty::new(master)?;
    pty.resize(FIRST_SIZE.0, FIRST_SIZE.1)?;
    let terminal = Strings::from([("TERM".to_owned(), "xterm-256color".to_owned())]);
    let mut command = environment.command(vec![SHELL.to_owned()], "", sandbox.variables(terminal));
    command.terminal = true;
    let stdio = [peer.try_clone()?, peer.try_clone()?, peer];
    let process = sandbox.machine.spawn(command, stdio).await?;
    Ok((pty, process))
}

async fn relay(
    socket: WebSocket,
    sandbox: Arc<Sandbox>,
    pty: Pty,
    process: Process,
    limits: Limits,
) {
    let (mut sender, mut receiver) = socket.split();
    let pty = Arc::new(pty);
    let Process { signaller, exited } = process;
    let (input, typed) = input::channel(Arc::new(Semaphore::new(MAX_WAITING_INPUT)));
    let keys = Keys {
        input,
        sandbox,
        unread: limits.unread,
    };
    let (chunks, output) = mpsc::channel(4);
    // Both may wait for the terminal's other end; they hold it open no longer than this does.
    let mut tasks = JoinSet::new();
    tasks.spawn(type_keys(pty.clone(), typed));
    tasks.spawn(read_output(pty.clone(), exited, chunks));
    let activity = watch::Sender::new(Instant::now());
    let reason = tokio::select! {
        all = send_output(&mut sender, output, &activity) => {
            all.then_some((socket::NORMAL, "shell exited"))
        }
        reason = receive_input(&mut receiver, &keys, &pty, &signaller, &activity) => reason,
        () = silence(&activity, limits.idle) => Some((socket::NORMAL, "idle for too long")),
        () = sleep_until(limits.end) => Some((socket::NORMAL, "open for too long")),
    };
    if let Some((code, reason)) = reason {
        socket::say_close(&mut sender, code, reason).await;
    }
    // As when a line is cut; what has detached itself goes on. The shell may have begun to wait for the program in its
    // foreground just before it could hear.
    signaller.signal(Signal::SIGHUP).await;
    pty.signal_foreground(Signal::SIGHUP);
    tasks.shutdown().await;
    drop(pty);
    socket::part(&mut receiver).await;
}

/// Returns whether all was sent; the client is gone otherwise.
async fn send_output(
    sender: &mut SplitSink<WebSocket, Message>,
    mut output: mpsc::Receiver<Bytes>,
    activity: &watch::Sender<Instant>,
) -> bool {
    while let Some(bytes) = output.recv().await {
        activity.send_replace(Instant::now());
        if sender.send(Message::Binary(bytes)).await.is_err() {
            return false;
        }
    }
    true
}

/// What is typed, on its way to the terminal.
struct Keys {
    input: Input,
    sandbox: Arc<Sandbox>,
    unread: Duration,
}

impl Keys {
    /// Waits for room; `false` if there was none for too long.
    async fn add(&self, bytes: Bytes) -> bool {
        tokio::select! {
            biased;
            () = self.input.add(bytes) => true,
            // A paused sandbox reads nothing either.
            () = self.sandbox.sleep_active(self.unread) => false,
        }
    }
}

/// Returns when the client is gone, or why it must go.
async fn receive_input(
    receiver: &mut SplitStream<WebSocket>,
    keys: &Keys,
    pty: &Pty,
    shell: &Signaller,
    activity: &watch::Sender<Instant>,
) -> Option<(u16, &'static str)> {
    loop {
        let message = socket::classify(receiver.next().await);
        activity.send_replace(Instant::now());
        match message {
            Some(Incoming::Binary(bytes)) => {
                let added = keys.add(bytes).await;
                if !added {
                    return Some((socket::POLICY, "input is not read"));
                }
            }
            Some(Incoming::Text(text)) => obey(&text, pty, shell).await,
            Some(Incoming::TooBig) => return Some((socket::TOO_BIG, "message over 64 KiB")),
            Some(Incoming::Gone) => return None,
            None => {}
        }
    }
}

/// Returns when nothing has gone either way for that long.
async fn silence(activity: &watch::Sender<Instant>, limit: Duration) {
    loop {
        let end = *activity.borrow() + limit;
        if end <= Instant::now() {
            return;
        }
        sleep_until(end).await;
    }
}

async fn obey(text: &str, pty: &Pty, shell: &Signaller) {
    match serde_json::from_str(text) {
        Ok(Control::Resize { cols, rows }) => drop(pty.resize(cols, rows)),
        Ok(Control::Signal { name }) => {
            if let Ok(signal) = Signal::from_str(&name)
                && !pty.signal_foreground(signal)
            {
                shell.signal(signal).await;
            }
        }
        // Newer clients may say more than this server knows.
        Err(_) => {}
    }
}

/// Apart from the output: a program that reads nothing must not hold it up.
async fn type_keys(pty: Arc<Pty>, mut typed: mpsc::UnboundedReceiver<Chunk>) {
    while let Some(chunk) = typed.recv().await {
        if pty.write_all(&chunk.bytes).await.is_err() {
            return;
        }
    }
}

/// Gives the terminal's output to `chunks` until the shell has ended and all that it wrote was read.
async fn read_output(
    pty: Arc<Pty>,
    mut exited: oneshot::Receiver<i32>,
    chunks: mpsc::Sender<Bytes>,
) {
    let mut buffer = vec![0; CHUNK];
    let mut ended = false;
    loop {
        let read: io::Result<usize> = if ended {
            timeout(GRACE, pty.read(&mut buffer)).await.unwrap_or(Ok(0))
        } else {
            tokio::select! {
                read = pty.read(&mut buffer) => read,
                _ = &mut exited => {
                    ended = true;
                    continue;
                }
            }
        };
        let Ok(count @ 1..) = read else {
            if !ended {
                exited.await.ok();
            }
            return;
        };
        let bytes = Bytes::copy_from_slice(buffer.get(..count).unwrap_or_default());
        if chunks.send(bytes).await.is_err() {
            return;
        }
    }
}
