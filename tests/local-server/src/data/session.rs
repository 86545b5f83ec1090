//! `GET /exec/connect`: a command with its input, output and signals over a WebSocket.

use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::response::Response;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use tokio::net::unix::pipe::Sender as PipeWriter;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, sleep_until, timeout};

use super::error::PlainResult;
use super::exec::Exec;
use super::input::{self, Chunk, Input};
use super::socket::{self, Incoming};
use crate::sandbox::lifecycle::Sandbox;
use crate::sandbox::link::{Signaller, StartError};
use crate::sandbox::output::{self, End, Event, Failure, Limit, Session, Source};
use crate::state::App;

const PROTOCOL: &str = "superserve.exec.v1";

/// How long a client may take to name its command.
const FIRST_FRAME: Duration = Duration::from_secs(30);

/// What a shell reports for a command that could not be run.
const NOT_STARTED: i32 = 126;

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;

/// A client's words beside its input.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Control {
    StdinClose,
    Signal { name: String },
}

/// The last word of the server.
#[derive(Debug, Serialize)]
struct Lifecycle {
    finished: bool,
    exit_code: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
}

pub async fn connect(
    State(app): State<Arc<App>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> PlainResult<Response> {
    let (upgrade, sandbox, place) = socket::admit(&app, client, &headers, upgrade, PROTOCOL)?;
    let end = Instant::now() + Duration::from_secs(app.options.session_max_s);
    Ok(upgrade.on_upgrade(move |socket| async move {
        serve(socket, sandbox, end).await;
        drop(place);
    }))
}

async fn serve(mut socket: WebSocket, sandbox: Arc<Sandbox>, end: Instant) {
    let exec = match timeout(FIRST_FRAME, first_frame(&mut socket)).await {
        Ok(Ok(Some(exec))) => exec,
        Ok(Ok(None)) => return socket::part(&mut socket).await,
        Ok(Err(why)) => return socket::refuse(socket, &why).await,
        Err(_) => return socket::refuse(socket, "no command came").await,
    };
    let limit = exec.timeout().map(|timeout| Limit {
        sandbox: sandbox.clone(),
        timeout,
    });
    let command = exec.spec(&sandbox);
    match output::start_session(&sandbox.machine, command, limit).await {
        Ok(session) => relay(socket, session, sandbox.input_room.clone(), end).await,
        Err(error) => {
            let code = match error {
                StartError::Refused(_) => "start_failed",
                StartError::Gone | StartError::Io(_) => "sandbox_terminated",
            };
            let failure = Some(Failure {
                code,
                message: error.to_string(),
            });
            let end = End {
                exit_code: NOT_STARTED,
                failure,
            };
            let (mut sender, mut receiver) = socket.split();
            finish(&mut sender, end).await;
            socket::part(&mut receiver).await;
        }
    }
}

async fn first_frame(socket: &mut WebSocket) -> Result<Option<Exec>, String> {
    loop {
        match socket::classify(socket.recv().await) {
            Some(Incoming::Text(text)) => {
                return Exec::parse(text.as_bytes())
                    .map(Some)
                    .map_err(|error| error.to_string());
            }
            Some(Incoming::Binary(_)) => return Err("the first frame must be text".to_owned()),
            Some(Incoming::TooBig) => return Err("the first frame is too long".to_owned()),
            Some(Incoming::Gone) => return Ok(None),
            None => {}
        }
    }
}

async fn relay(socket: WebSocket, session: Session, room: Arc<Semaphore>, end: Instant) {
    let Session {
        events,
        stdin,
        signaller,
    } = session;
    let (mut sender, mut receiver) = socket.split();
    let (input, chunks) = input::channel(room);
    tokio::spawn(feed(stdin, chunks));
    // Side by side: a client that does not read may still write, and the other way round.
    let ended = tokio::select! {
        ended = send_output(&mut sender, events) => ended,
        too_big = receive_input(&mut receiver, input, &signaller) => {
            if too_big {
                socket::say_close(&mut sender, socket::TOO_BIG, "message over 64 KiB").await;
            }
            None
        }
        () = sleep_until(end) => {
            socket::say_close(&mut sender, socket::NORMAL, "open for too long").await;
            None
        }
    };
    match ended {
        Some(end) => finish(&mut sender, end).await,
        // Nobody can come back to a session: its command ends with it.
        None => signaller.signal(Signal::SIGKILL).await,
    }
    socket::part(&mut receiver).await;
}

/// Returns the command's end; `None` when the client is gone.
async fn send_output(
    sender: &mut SplitSink<WebSocket, Message>,
    mut events: mpsc::Receiver<Event>,
) -> Option<End> {
    loop {
        match events.recv().await? {
            Event::Output(source, bytes) => {
                let channel = if source == Source::Stdout {
                    STDOUT
                } else {
                    STDERR
                };
                let mut frame = Vec::with_capacity(bytes.len() + 1);
                frame.push(channel);
                frame.extend_from_slice(&bytes);
                sender.send(Message::Binary(frame.into())).await.ok()?;
            }
            Event::Finished(end) => return Some(end),
        }
    }
}

/// Returns when the client is gone, or (`true`) must go for a message over the limit.
async fn receive_input(
    receiver: &mut SplitStream<WebSocket>,
    input: Input,
    signaller: &Signaller,
) -> bool {
    let mut input = Some(input);
    loop {
        match socket::classify(receiver.next().await) {
            Some(Incoming::Binary(bytes)) if bytes.first() == Some(&STDIN) => {
                if let Some(input) = &input {
                    input.add(bytes.slice(1..)).await;
                }
            }
            Some(Incoming::Text(text)) => match serde_json::from_str(&text) {
                Ok(Control::StdinClose) => input = None,
                Ok(Control::Signal { name }) => {
                    if let Ok(signal) = Signal::from_str(&name) {
                        signaller.signal(signal).await;
                    }
                }
                // Newer clients may say more than this server knows.
                Err(_) => {}
            },
            Some(Incoming::TooBig) => return true,
            Some(Incoming::Gone) => return false,
            Some(Incoming::Binary(_)) | None => {}
        }
    }
}

async fn finish(sender: &mut SplitSink<WebSocket, Message>, end: End) {
    let (error, code) = end
        .failure
        .map(|failure| (failure.message, failure.code))
        .unzip();
    let lifecycle = Lifecycle {
        finished: true,
        exit_code: end.exit_code,
        error,
        code,
    };
    let text = serde_json::to_string(&lifecycle).unwrap_or_default();
    sender.send(Message::Text(text.into())).await.ok();
    socket::say_close(sender, socket::NORMAL, "").await;
}

/// Writes a command's input in its own time, so that signals need not wait for it.
async fn feed(mut stdin: PipeWriter, mut chunks: mpsc::UnboundedReceiver<Chunk>) {
    while let Some(chunk) = chunks.recv().await {
        // A command that has closed its input is free to.
        if stdin.write_all(&chunk.bytes).await.is_err() {
            return;
        }
    }
}
