//! What the two kinds of WebSockets have in common: the token among the subprotocols, limits, ends.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::http::header::SEC_WEBSOCKET_PROTOCOL;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use tokio::time::timeout;

use super::address::{authorize, named};
use super::crowd::Place;
use super::error::{Plain, PlainResult};
use crate::sandbox::lifecycle::Sandbox;
use crate::state::App;

/// The longest message that a client may send.
const MAX_MESSAGE: usize = 64 << 10;

/// The longest message that is read at all. Up to here the connection can still be closed in order.
const MAX_READ: usize = 16 << 20;

/// How long a client may take to answer a Close.
const PARTING: Duration = Duration::from_secs(2);

/// Close codes of RFC 6455.
pub const NORMAL: u16 = 1000;
pub const POLICY: u16 = 1008;
pub const TOO_BIG: u16 = 1009;

/// A WebSocket to be, the sandbox that its token opens, and the place that it takes until it ends.
pub fn admit(
    app: &App,
    client: SocketAddr,
    headers: &HeaderMap,
    upgrade: WebSocketUpgrade,
    protocol: &'static str,
) -> PlainResult<(WebSocketUpgrade, Arc<Sandbox>, Place)> {
    let offered: Vec<&str> = headers
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let token = offered.iter().find_map(|one| one.strip_prefix("token."));
    let token = token.or_else(|| {
        headers
            .get("x-access-token")
            .and_then(|it| it.to_str().ok())
    });
    let token = token.ok_or_else(|| Plain::unauthorized("missing token subprotocol"))?;
    let hint = offered.iter().find_map(|one| one.strip_prefix("route."));
    let sandbox = authorize(app, named(headers)?, token, hint)?;
    if !offered.contains(&protocol) {
        return Err(Plain::invalid(format!(
            "the subprotocol {protocol} is missing"
        )));
    }
    let place = app.crowd.enter(sandbox.id, client.ip(), &app.options)?;
    let upgrade = upgrade
        .protocols([protocol])
        .max_message_size(MAX_READ)
        .max_frame_size(MAX_READ);
    Ok((upgrade, sandbox, place))
}

/// What comes from a client.
pub enum Incoming {
    Text(String),
    Binary(axum::body::Bytes),
    /// The client has closed, or is gone.
    Gone,
    /// The message was longer than allowed.
    TooBig,
}

/// The next message; pings are answered underneath.
pub fn classify(message: Option<Result<Message, axum::Error>>) -> Option<Incoming> {
    match message {
        Some(Ok(Message::Text(text))) if text.len() > MAX_MESSAGE => Some(Incoming::TooBig),
        Some(Ok(Message::Binary(bytes))) if bytes.len() > MAX_MESSAGE => Some(Incoming::TooBig),
        Some(Ok(Message::Text(text))) => Some(Incoming::Text(text.as_str().to_owned())),
        Some(Ok(Message::Binary(bytes))) => Some(Incoming::Binary(bytes)),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => None,
        Some(Ok(Message::Close(_))) | None => Some(Incoming::Gone),
        Some(Err(error)) if error.to_string().contains("too long") => Some(Incoming::TooBig),
        Some(Err(_)) => Some(Incoming::Gone),
    }
}

/// Says why the socket ends; a client that is gone does not hear it. [`part`] comes next.
pub async fn say_close(sender: &mut (impl Sink<Message> + Unpin), code: u16, reason: &str) {
    let frame = CloseFrame {
        code,
        reason: reason.into(),
    };
    sender.send(Message::Close(Some(frame))).await.ok();
}

/// Reads on until both sides have said Close; only then may the socket be dropped.
///
/// A client whose connection ends before that takes it for a failure (Firefox makes its next
/// connections wait for it), and one that still sends may never see what it was told.
pub async fn part<T, E>(receiver: &mut (impl Stream<Item = Result<T, E>> + Unpin)) {
    // The stream answers a client's Close by itself when it is read on, and then ends.
    let ended = async { while let Some(Ok(_)) = receiver.next().await {} };
    timeout(PARTING, ended).await.ok();
}

/// For clients that break the protocol before anything runs.
pub async fn refuse(mut socket: WebSocket, reason: &str) {
    say_close(&mut socket, POLICY, reason).await;
    part(&mut socket).await;
}
