//! `/terminal`: a shell on a real pseudo-terminal.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::*;
use crate::web_socket::{Socket, dial};

async fn open(sandbox: &Sandbox<'_>) -> Socket {
    let protocols = format!("superserve.terminal.v1, token.{}", sandbox.token);
    let socket = dial(sandbox.server, "/terminal", &protocols).await.unwrap();
    assert_eq!(socket.protocol, "superserve.terminal.v1");
    socket
}

/// Waits until the shell's `sleep` runs.
async fn sleeps(sandbox: &Sandbox<'_>) {
    eventually("sleeps", async || {
        sandbox.sh("pgrep -xc sleep || true").await.trim() == "1"
    })
    .await;
}

#[tokio::test]
async fn a_shell_on_a_terminal() {
    let server = Server::start(&[]);
    let sandbox = server
        .create_with(json!({ "env_vars": { "A": "a" } }))
        .await;
    let mut socket = open(&sandbox).await;
    socket
        .binary("stty size; tty; echo $TERM $A $PWD $0 | tr a-z A-Z\r")
        .await;
    let said = socket.until("/BIN/BASH").await;
    assert!(said.contains("24 80"), "{said}");
    assert!(said.contains("/dev/pts/0"), "{said}");
    assert!(said.contains("XTERM-256COLOR A /HOME/USER"), "{said}");
    socket
        .text(json!({ "type": "resize", "cols": 132, "rows": 50 }))
        .await;
    socket.binary("stty size\r").await;
    socket.until("50 132").await;
    socket.binary("exit 3\r").await;
    assert_eq!(
        socket.rest(false).await.close,
        Some((1000, "shell exited".to_owned()))
    );
}

#[tokio::test]
async fn keys_and_signals_reach_the_foreground() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let mut socket = open(&sandbox).await;
    // The echo of what is typed must not be taken for its output.
    socket.binary("sleep 600; echo en\"\"ded $?\r").await;
    sleeps(&sandbox).await;
    socket.binary("\x03").await;
    socket.binary("echo af\"\"ter\r").await;
    socket.until("after").await;
    for (name, code) in [("SIGINT", 130), ("SIGTERM", 143), ("SIGKILL", 137)] {
        socket
            .binary("sh -c 'sleep 600'; echo en\"\"ded $?\r")
            .await;
        sleeps(&sandbox).await;
        socket.text(json!({ "type": "signal", "name": name })).await;
        if name == "SIGINT" {
            socket.binary("echo en\"\"ded $?\r").await;
        }
        socket.until(&format!("ended {code}")).await;
    }
}

#[tokio::test]
async fn a_closed_terminal_hangs_up() {
    let server = Server::start(&[]);
    let commands = [
        "sleep 600",
        // The shell itself does nothing about it until the program has ended.
        "trap : HUP; sleep 600",
    ];
    for command in commands {
        let sandbox = server.create().await;
        let mut socket = open(&sandbox).await;
        socket.binary(format!("{command}\r")).await;
        sleeps(&sandbox).await;
        // What nobody reads must not keep the terminal open.
        socket.binary("x".repeat(60_000)).await;
        drop(socket);
        eventually("all gone", async || {
            sandbox.sh("pgrep -c 'sleep|bash' || true").await.trim() == "0"
        })
        .await;
    }
}

#[tokio::test]
async fn much_output_comes_whole() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let mut socket = open(&sandbox).await;
    socket.binary("stty -onlcr; exec seq 1 300000\r").await;
    let said = socket.rest(false).await;
    let text = String::from_utf8(said.bytes[0].clone()).unwrap();
    let expected: String = (1..=300_000).map(|line| format!("{line}\n")).collect();
    assert!(text.ends_with(&expected));
    assert_eq!(said.close.unwrap().0, 1000);
}

#[tokio::test]
async fn a_hundred_terminals_at_once() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let sockets = join_all((0..100).map(|_| open(&sandbox))).await;
    let all = join_all(
        sockets
            .into_iter()
            .enumerate()
            .map(async |(index, mut socket)| {
                socket
                    .binary(format!("echo te\"\"rm-{index}-; exit\r"))
                    .await;
                socket.rest(false).await
            }),
    );
    for (index, said) in all.await.into_iter().enumerate() {
        let text = String::from_utf8_lossy(&said.bytes[0]).into_owned();
        assert!(text.contains(&format!("term-{index}-")), "{text}");
        assert_eq!(said.close, Some((1000, "shell exited".to_owned())));
    }
}

#[tokio::test]
async fn silence_and_age_end_it() {
    let server = Server::start(&["--terminal-idle-s", "1"]);
    let sandbox = server.create().await;
    let closed = open(&sandbox).await.rest(false).await.close;
    assert_eq!(closed, Some((1000, "idle for too long".to_owned())));
    let server = Server::start(&["--terminal-max-s", "1"]);
    let sandbox = server.create().await;
    let mut socket = open(&sandbox).await;
    socket.binary("while :; do echo x; sleep 0.1; done\r").await;
    let closed = socket.rest(false).await.close;
    assert_eq!(closed, Some((1000, "open for too long".to_owned())));
}

#[tokio::test]
async fn an_ordinary_user_has_terminals_too() {
    let copy = PublicCopy::new();
    let data_dir = copy.0.join("data");
    let arguments = ["--data-dir", data_dir.to_str().unwrap()];
    let server = Server::start_with(&copy.binary(), &arguments, as_nobody);
    let sandbox = server.create().await;
    let mut socket = open(&sandbox).await;
    socket.binary("tty; stty size; sleep 600\r").await;
    socket.until("24 80").await;
    sleeps(&sandbox).await;
    socket
        .text(json!({ "type": "signal", "name": "SIGTERM" }))
        .await;
    socket.binary("exit\r").await;
    assert_eq!(socket.rest(false).await.close.unwrap().1, "shell exited");
}
