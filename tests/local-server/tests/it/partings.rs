//! How WebSockets end: TCP is closed when both sides have said Close, and not before.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::support::*;
use crate::web_socket::{Socket, dial};

/// Longer than the server would need to close TCP by itself, and shorter than its patience.
const A_WHILE: Duration = Duration::from_millis(500);

const SESSION: (&str, &str) = ("/exec/connect", "superserve.exec.v1");
const TERMINAL: (&str, &str) = ("/terminal", "superserve.terminal.v1");

/// What a client says so that the server ends the socket, and the close code that follows.
fn ways_to_end() -> Vec<((&'static str, &'static str), Message, u16)> {
    let text = |value: Value| Message::text(value.to_string());
    vec![
        (SESSION, text(json!({ "command": "echo done" })), 1000),
        (
            SESSION,
            text(json!({ "command": "pwd", "working_dir": "/none" })),
            1000,
        ),
        (SESSION, text(json!({})), 1008),
        (SESSION, Message::binary(vec![0; 1 << 20]), 1008),
        (SESSION, Message::text("x".repeat(100_000)), 1008),
        (TERMINAL, Message::binary("exit\r"), 1000),
        (TERMINAL, Message::binary(vec![b'x'; 1 << 20]), 1009),
    ]
}

async fn open(sandbox: &Sandbox<'_>, (path, protocol): (&str, &str)) -> Socket {
    let protocols = format!("{protocol}, token.{}", sandbox.token);
    dial(sandbox.server, path, &protocols).await.unwrap()
}

/// Reads until the server's Close; the answer to it stays unsent.
async fn until_close(socket: &mut Socket) -> u16 {
    loop {
        match socket.stream.next().await {
            Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
            Some(Ok(_)) => {}
            other => panic!("{other:?} without a Close"),
        }
    }
}

/// Whether the server closes TCP within that time.
async fn closes_tcp(socket: &Socket, within: Duration) -> bool {
    let MaybeTlsStream::Plain(tcp): &MaybeTlsStream<TcpStream> = socket.stream.get_ref() else {
        panic!("it is encrypted")
    };
    match timeout(within, tcp.peek(&mut [0])).await {
        Err(_) => false,
        Ok(Ok(0)) => true,
        Ok(other) => panic!("{other:?} after the Close"),
    }
}

#[tokio::test]
async fn the_server_waits_for_the_clients_close() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    for (kind, said, code) in ways_to_end() {
        let what = format!("{kind:?} closed with {code}");
        let mut socket = open(&sandbox, kind).await;
        socket.stream.send(said).await.unwrap();
        assert_eq!(until_close(&mut socket).await, code, "{what}");
        assert!(!closes_tcp(&socket, A_WHILE).await, "{what}: at once");
        let answered = Instant::now();
        socket.stream.flush().await.ok();
        assert!(socket.stream.next().await.is_none(), "{what}");
        assert!(answered.elapsed() < A_WHILE, "{what}: {answered:?}");
    }
}

#[tokio::test]
async fn it_waits_two_seconds_at_most() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    for (kind, said) in [
        (
            SESSION,
            Message::text(json!({ "command": "true" }).to_string()),
        ),
        (TERMINAL, Message::binary("exit\r")),
    ] {
        let mut socket = open(&sandbox, kind).await;
        socket.stream.send(said).await.unwrap();
        assert_eq!(until_close(&mut socket).await, 1000);
        assert!(closes_tcp(&socket, Duration::from_secs(10)).await);
    }
}

#[tokio::test]
async fn a_clients_close_is_answered() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    for kind in [SESSION, TERMINAL] {
        for started in [false, true] {
            let mut socket = open(&sandbox, kind).await;
            if started && kind == SESSION {
                socket
                    .text(json!({ "command": "echo up; sleep 600" }))
                    .await;
                socket.until("up").await;
            }
            let enough = CloseFrame {
                code: CloseCode::Normal,
                reason: "enough".into(),
            };
            socket.stream.close(Some(enough)).await.unwrap();
            let rest = socket.rest(false).await;
            assert_eq!(
                rest.close.map(|close| close.0),
                Some(1000),
                "{kind:?}, started: {started}"
            );
        }
    }
    eventually("killed", async || {
        sandbox.sh("pgrep -xc sleep || true").await.trim() == "0"
    })
    .await;
}
