//! What the two kinds of WebSockets have in common: the token among the subprotocols, limits, ends.

use std::sync::Arc;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::http::header::SEC_WEBSOCKET_PROTOCOL;
use futures_util::{Sink, SinkExt};

use super::address::{authorize, named};
use super::error::{Plain, PlainResult};
use crate::sandbox::lifecycle::Sandbox;
use crate::state::App;

/// The longest message that a client may send.
const MAX_MESSAGE: usize = 64 << 10;

/// Close codes of RFC 6455.
pub const NORMAL: u16 = 1000;
pub const POLICY: u16 = 1008;
pub const TOO_BIG: u16 = 1009;

/// A WebSocket to be, and the sandbox that its token opens.
pub fn admit(
    app: &App,
    headers: &HeaderMap,
    upgrade: WebSocketUpgrade,
    protocol: &'static str,
) -> PlainResult<(WebSocketUpgrade, Arc<Sandbox>)> {
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
    let sandbox = authorize(app, named(headers)?, token)?;
    if !offered.contains(&protocol) {
        return Err(Plain::invalid(format!(
            "the subprotocol {protocol} is missing"
        )));
    }
    let upgrade = upgrade
        .protocols([protocol])
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE);
    Ok((upgrade, sandbox))
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
        Some(Ok(Message::Text(text))) => Some(Incoming::Text(text.as_str().to_owned())),
        Some(Ok(Message::Binary(bytes))) => Some(Incoming::Binary(bytes)),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => None,
        Some(Ok(Message::Close(_))) | None => Some(Incoming::Gone),
        Some(Err(error)) if error.to_string().contains("too long") => Some(Incoming::TooBig),
        Some(Err(_)) => Some(Incoming::Gone),
    }
}

/// Says why the socket ends; a client that is gone does not hear it.
pub async fn close(socket: &mut (impl Sink<Message> + Unpin), code: u16, reason: &str) {
    let frame = CloseFrame {
        code,
        reason: reason.into(),
    };
    socket.send(Message::Close(Some(frame))).await.ok();
    socket.close().await.ok();
}

/// For clients that break the protocol before anything runs.
pub async fn refuse(mut socket: WebSocket, reason: &str) {
    close(&mut socket, POLICY, reason).await;
}
