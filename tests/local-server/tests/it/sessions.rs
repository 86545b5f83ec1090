//! `/exec/connect`: input, output and signals of a running command.

use futures_util::StreamExt;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::*;
use crate::web_socket::{Said, Socket, dial};

async fn open(sandbox: &Sandbox<'_>, first: Value) -> Socket {
    let protocols = format!("superserve.exec.v1, token.{}", sandbox.token);
    let mut socket = dial(sandbox.server, "/exec/connect", &protocols)
        .await
        .unwrap();
    assert_eq!(socket.protocol, "superserve.exec.v1");
    socket.text(first).await;
    socket
}

fn assert_exit(said: &Said, code: i32) {
    let [last] = said.texts.as_slice() else {
        panic!("{said:?}")
    };
    assert_eq!(
        (&last["finished"], &last["exit_code"]),
        (&json!(true), &json!(code)),
        "{said:?}"
    );
    assert_eq!(said.close.as_ref().map(|close| close.0), Some(1000));
}

#[tokio::test]
async fn input_and_output_pass_on_their_channels() {
    let server = Server::start(&[]);
    let sandbox = server
        .create_with(json!({ "env_vars": { "A": "a" } }))
        .await;
    let command = "echo $A $B $PWD; cat; echo end >&2; exit 3";
    let mut socket = open(
        &sandbox,
        json!({ "command": command, "env": { "B": "b" }, "working_dir": "/tmp" }),
    )
    .await;
    socket.stdin("é\0\u{ff}\n".as_bytes()).await;
    socket.stdin(b"more").await;
    socket.text(json!({ "type": "unknown", "x": 1 })).await;
    socket.text(json!({ "type": "stdin_close" })).await;
    let said = socket.rest(true).await;
    assert_eq!(said.stdout(), "a b /tmp\né\0\u{ff}\nmore");
    assert_eq!(said.bytes[2], b"end\n");
    assert_exit(&said, 3);
    assert!(said.texts[0].get("error").is_none());
}

#[tokio::test]
async fn a_session_with_args_has_no_shell() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let first = json!({ "command": "printf", "args": ["%s-", "a b", "$X"] });
    let said = open(&sandbox, first).await.rest(true).await;
    assert_eq!(said.stdout(), "a b-$X-");
    assert_exit(&said, 0);
}

#[tokio::test]
async fn output_comes_before_the_end() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let mut socket = open(
        &sandbox,
        json!({ "command": "while read line; do echo got $line; done" }),
    )
    .await;
    for word in ["one", "two"] {
        socket.stdin(format!("{word}\n").as_bytes()).await;
        socket.until(&format!("got {word}\n")).await;
    }
    socket
        .text(json!({ "type": "signal", "name": "SIGTERM" }))
        .await;
    assert_exit(&socket.rest(true).await, 143);
}

#[tokio::test]
async fn signals_reach_the_process_group_in_every_phase() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    // At once; while it runs; caught; with much input that nobody reads before it.
    let at_once = async {
        let mut socket = open(&sandbox, json!({ "command": "sleep 600 & sleep 600" })).await;
        socket
            .text(json!({ "type": "signal", "name": "SIGKILL" }))
            .await;
        assert_exit(&socket.rest(true).await, 137);
    };
    let caught = async {
        let command = "trap 'echo caught; exit 5' INT; echo set; while :; do sleep 0.05; done";
        let mut socket = open(&sandbox, json!({ "command": command })).await;
        socket.until("set\n").await;
        socket
            .text(json!({ "type": "signal", "name": "SIGNONSENSE" }))
            .await;
        socket
            .text(json!({ "type": "signal", "name": "SIGINT" }))
            .await;
        let said = socket.rest(true).await;
        assert_eq!(said.stdout(), "caught\n");
        assert_exit(&said, 5);
    };
    let behind_input = async {
        let mut socket = open(&sandbox, json!({ "command": "sleep 600" })).await;
        for _ in 0..1000 {
            socket.stdin(&[b'x'; 32 << 10]).await;
        }
        socket
            .text(json!({ "type": "signal", "name": "SIGTERM" }))
            .await;
        assert_exit(&socket.rest(true).await, 143);
    };
    tokio::join!(at_once, caught, behind_input);
    assert_eq!(sandbox.sh("pgrep -c sleep || true").await.trim(), "0");
}

#[tokio::test]
async fn sixty_four_megabytes_go_through_whole() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let mut socket = open(&sandbox, json!({ "command": "cat" })).await;
    let block: Vec<u8> = (0..32 << 10)
        .map(|index: u32| (index % 251) as u8)
        .collect();
    // All is written before anything is read.
    for _ in 0..2048 {
        socket.stdin(&block).await;
    }
    socket.text(json!({ "type": "stdin_close" })).await;
    let said = socket.rest(true).await;
    assert_exit(&said, 0);
    assert_eq!(said.bytes[1].len(), 64 << 20);
    assert!(
        said.bytes[1]
            .chunks(block.len())
            .all(|chunk| chunk == block)
    );
}

#[tokio::test]
async fn a_hundred_sessions_at_once() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let mut sockets = join_all((0..100).map(|_| open(&sandbox, json!({ "command": "cat" })))).await;
    for (index, socket) in sockets.iter_mut().enumerate() {
        socket.stdin(format!("number {index}").as_bytes()).await;
        socket.text(json!({ "type": "stdin_close" })).await;
    }
    let all = join_all(sockets.into_iter().map(|socket| socket.rest(true))).await;
    for (index, said) in all.iter().enumerate() {
        assert_eq!(said.stdout(), format!("number {index}"));
        assert_exit(said, 0);
    }
}

#[tokio::test]
async fn timeouts_and_failed_starts_are_said() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let said = open(&sandbox, json!({ "command": "sleep 600", "timeout_s": 1 }))
        .await
        .rest(true)
        .await;
    assert_exit(&said, 124);
    assert_eq!(said.texts[0]["code"], "timeout");
    let said = open(
        &sandbox,
        json!({ "command": "pwd", "working_dir": "/none" }),
    )
    .await
    .rest(true)
    .await;
    assert_exit(&said, 126);
    assert_eq!(said.texts[0]["code"], "start_failed");
    assert_eq!(
        said.texts[0]["error"],
        "working directory does not exist: /none"
    );
    for bad in [json!({}), json!({ "command": "" })] {
        let said = open(&sandbox, bad).await.rest(true).await;
        assert_eq!(said.close.unwrap().0, 1008);
    }
    let mut gone = open(&sandbox, json!({ "command": "echo up; sleep 600" })).await;
    gone.until("up\n").await;
    assert_eq!(sandbox.delete().await.status(), 204);
    let said = gone.rest(true).await;
    assert_exit(&said, 137);
    assert_eq!(said.texts[0]["code"], "sandbox_terminated");
}

#[tokio::test]
async fn a_message_over_the_limit_closes_with_1009() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let mut socket = open(&sandbox, json!({ "command": "cat" })).await;
    socket.stdin(&vec![b'x'; (64 << 10) - 1]).await;
    socket.until("x").await;
    socket.stdin(&vec![b'x'; 64 << 10]).await;
    let said = socket.rest(true).await;
    assert_eq!(said.close, Some((1009, "message over 64 KiB".to_owned())));
    eventually("killed", async || {
        sandbox.sh("pgrep -xc cat || true").await.trim() == "0"
    })
    .await;
}

#[tokio::test]
async fn a_client_that_leaves_takes_its_command_along() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let mut socket = open(&sandbox, json!({ "command": "echo up; sleep 600" })).await;
    socket.until("up\n").await;
    drop(socket);
    eventually("killed", async || {
        sandbox.sh("pgrep -xc sleep || true").await.trim() == "0"
    })
    .await;
}

#[tokio::test]
async fn dials_are_refused_as_requests_are() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let refused = async |protocols: &str| {
        let mut answers = Vec::new();
        for (path, protocol) in [
            ("/exec/connect", "superserve.exec.v1"),
            ("/terminal", "superserve.terminal.v1"),
        ] {
            answers.push(
                dial(&server, path, &protocols.replace("PROTOCOL", protocol))
                    .await
                    .err()
                    .unwrap(),
            );
        }
        assert_eq!(answers[0].0, answers[1].0);
        answers.remove(0)
    };
    assert_eq!(
        refused("PROTOCOL, token.wrong").await,
        (401, "invalid access token".to_owned())
    );
    assert_eq!(refused("PROTOCOL").await.0, 401);
    assert_eq!(
        refused(&format!("other, token.{}", sandbox.token)).await.0,
        400
    );
    assert_eq!(sandbox.step("pause").await.status(), 204);
    assert_eq!(
        refused(&format!("PROTOCOL, token.{}", sandbox.token)).await,
        (503, "sandbox is not running".to_owned())
    );
    let plain = server
        .client
        .get(format!("{}/exec/connect", server.base_url))
        .send()
        .await
        .unwrap();
    assert!(plain.status().is_client_error());
}

#[tokio::test]
async fn a_session_outlives_a_pause() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let mut socket = open(&sandbox, json!({ "command": "cat" })).await;
    socket.stdin(b"a").await;
    socket.until("a").await;
    assert_eq!(sandbox.step("pause").await.status(), 204);
    socket.stdin(b"b").await;
    let silent = tokio::time::timeout(std::time::Duration::from_millis(300), socket.stream.next());
    assert!(silent.await.is_err());
    assert_eq!(sandbox.step("resume").await.status(), 200);
    socket.until("b").await;
}
