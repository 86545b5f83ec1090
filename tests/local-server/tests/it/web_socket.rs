//! A small WebSocket client for the tests.

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message, http};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::support::*;

pub type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub struct Socket {
    pub stream: Stream,
    /// The subprotocol that the server chose.
    pub protocol: String,
}

/// What a socket said until it was closed.
#[derive(Debug, Default)]
pub struct Said {
    /// By channel for sessions; all in the first for terminals.
    pub bytes: [Vec<u8>; 3],
    pub texts: Vec<Value>,
    /// Code and reason.
    pub close: Option<(u16, String)>,
}

impl Said {
    pub fn stdout(&self) -> String {
        String::from_utf8(self.bytes[1].clone()).unwrap()
    }
}

pub async fn dial(server: &Server, path: &str, protocols: &str) -> Result<Socket, (u16, String)> {
    dial_host(server, None, path, protocols).await
}

/// With another `Host` than the server's own.
pub async fn dial_host(
    server: &Server,
    host: Option<&str>,
    path: &str,
    protocols: &str,
) -> Result<Socket, (u16, String)> {
    let url = format!("{}{path}", server.base_url.replace("http://", "ws://"));
    let mut request = url.into_client_request().unwrap();
    if let Some(host) = host {
        request.headers_mut().insert("Host", host.parse().unwrap());
    }
    request
        .headers_mut()
        .insert("Sec-WebSocket-Protocol", protocols.parse().unwrap());
    match connect_async(request).await {
        Ok((stream, response)) => {
            let protocol = &response.headers()["sec-websocket-protocol"];
            Ok(Socket {
                stream,
                protocol: protocol.to_str().unwrap().to_owned(),
            })
        }
        Err(Error::Http(response)) => {
            let response: http::Response<Option<Vec<u8>>> = *response;
            let body = String::from_utf8(response.body().clone().unwrap_or_default()).unwrap();
            Err((response.status().as_u16(), body))
        }
        Err(error) => panic!("{error}"),
    }
}

impl Socket {
    pub async fn text(&mut self, value: Value) {
        self.stream
            .send(Message::text(value.to_string()))
            .await
            .unwrap();
    }

    pub async fn binary(&mut self, bytes: impl Into<Vec<u8>>) {
        self.stream
            .send(Message::binary(bytes.into()))
            .await
            .unwrap();
    }

    /// Types into a session's command.
    pub async fn stdin(&mut self, bytes: &[u8]) {
        self.binary([&[0], bytes].concat()).await;
    }

    /// Reads until the close; `channels` says whether the first byte of a message is one.
    pub async fn rest(mut self, channels: bool) -> Said {
        let mut said = Said::default();
        while let Some(Ok(message)) = self.stream.next().await {
            match message {
                Message::Binary(bytes) if channels => {
                    said.bytes[usize::from(bytes[0])].extend_from_slice(&bytes[1..]);
                }
                Message::Binary(bytes) => said.bytes[0].extend_from_slice(&bytes),
                Message::Text(text) => said.texts.push(serde_json::from_str(&text).unwrap()),
                Message::Close(Some(frame)) => {
                    said.close = Some((frame.code.into(), frame.reason.to_string()));
                }
                _ => {}
            }
        }
        said
    }

    /// Reads binary messages until all of them together hold the words.
    pub async fn until(&mut self, words: &str) -> String {
        let mut seen = Vec::new();
        while !String::from_utf8_lossy(&seen).contains(words) {
            match self.stream.next().await {
                Some(Ok(Message::Binary(bytes))) => seen.extend_from_slice(&bytes),
                Some(Ok(_)) => {}
                other => panic!("{other:?} after {:?}", String::from_utf8_lossy(&seen)),
            }
        }
        String::from_utf8_lossy(&seen).into_owned()
    }
}
