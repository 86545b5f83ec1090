//! `/exec/stream`: events while the command runs.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::*;

#[tokio::test]
async fn chunks_come_when_they_are_written() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let command = "echo one; sleep 0.5; echo two >&2; sleep 0.5; exit 4";
    let start = Instant::now();
    let mut body = sandbox
        .stream(json!({ "command": command }))
        .await
        .bytes_stream();
    let mut seen: Vec<(Duration, Value)> = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.unwrap();
        let event = std::str::from_utf8(&chunk)
            .unwrap()
            .strip_prefix("data: ")
            .unwrap()
            .trim_end();
        seen.push((start.elapsed(), serde_json::from_str(event).unwrap()));
    }
    let [one, two, end] = seen.as_slice() else {
        panic!("{seen:?}")
    };
    assert_eq!(one.1["stdout"], "one\n");
    assert_eq!(two.1["stderr"], "two\n");
    assert_eq!(
        (&end.1["finished"], &end.1["exit_code"]),
        (&json!(true), &json!(4))
    );
    assert!(one.1.get("finished").is_none() && end.1.get("error").is_none());
    assert!(one.0 < Duration::from_millis(400), "{:?}", one.0);
    assert!(
        two.0 > Duration::from_millis(450) && two.0 < Duration::from_millis(900),
        "{:?}",
        two.0
    );
    text(&one.1["timestamp"])
        .parse::<jiff::Timestamp>()
        .unwrap();
}

#[tokio::test]
async fn characters_are_never_split() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    // One byte at a time: é, €, 𝄞, then an invalid byte and the start of a character.
    let command = r"for b in 303 251 342 202 254 360 235 204 236 377 342 202; do printf \\$b; sleep 0.02; done";
    let events = events(sandbox.stream(json!({ "command": command })).await).await;
    assert_eq!(joined(&events, "stdout"), "é€𝄞\u{fffd}\u{fffd}");
    assert!(events.len() >= 5, "{events:?}");
    assert_eq!(events.last().unwrap()["finished"], true);
}

#[tokio::test]
async fn much_output_comes_whole_and_in_order() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let response = sandbox.stream(json!({ "command": "seq 1 2000000" })).await;
    let events = events(response).await;
    let expected: String = (1..=2_000_000).map(|n| format!("{n}\n")).collect();
    assert!(joined(&events, "stdout") == expected);
    assert_eq!(events.last().unwrap()["exit_code"], 0);
}

#[tokio::test]
async fn a_silent_stream_says_that_it_lives() {
    let server = Server::start(&["--keepalive-ms", "50"]);
    let sandbox = server.create().await;
    let command = "until test -e /tmp/go; do sleep 0.02; done; echo end";
    let mut body = sandbox
        .stream(json!({ "command": command }))
        .await
        .bytes_stream();
    for _ in 0..2 {
        assert_eq!(body.next().await.unwrap().unwrap(), ": keepalive\n\n");
    }
    sandbox.write("/tmp/go", "").await;
    let mut rest = String::new();
    while let Some(chunk) = body.next().await {
        rest += std::str::from_utf8(&chunk.unwrap()).unwrap();
    }
    assert!(rest.contains(r#""stdout":"end\n""#) && rest.contains(r#""finished":true"#));

    let spec = json!({ "from": "debian", "steps": [{ "run": "sleep 7654.5" }] });
    let template = server.create_template("silent", spec).await;
    let response = server.get(&format!("{}/logs", build_path(&template))).await;
    let mut log = response.bytes_stream();
    let comment = ": keepalive\n\n";
    while log.next().await.unwrap().unwrap() != comment {}
}

#[tokio::test]
async fn a_timeout_is_the_last_event() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let response = sandbox
        .stream(json!({ "command": "echo hi; sleep 60.5 & sleep 60.5", "timeout_s": 1 }))
        .await;
    let events = events(response).await;
    assert_eq!(joined(&events, "stdout"), "hi\n");
    let last = events.last().unwrap();
    assert_eq!(last["finished"], true);
    assert_eq!(last["exit_code"], 124);
    assert_eq!(last["code"], "timeout");
    assert_eq!(last["error"], "command timed out after 1 s and was killed");
    assert_eq!(processes_with("sleep\x0060.5"), 0);
}

#[tokio::test]
async fn a_client_that_leaves_does_not_stop_the_command() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    // More than any pipe holds: the command ends only if somebody goes on reading.
    let command = "echo begun; sleep 0.3; seq 1 500000; touch /tmp/finished";
    let mut body = sandbox
        .stream(json!({ "command": command }))
        .await
        .bytes_stream();
    body.next().await.unwrap().unwrap();
    drop(body);
    eventually("finished", async || {
        sandbox.read("/tmp/finished").await.status() == 200
    })
    .await;
}

#[tokio::test]
async fn a_slow_client_holds_the_command_up_and_gets_all() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let command = "seq 1 3000000; touch /tmp/written";
    let response = sandbox.stream(json!({ "command": command })).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(
        sandbox.read("/tmp/written").await.status(),
        404,
        "20 MB went nowhere"
    );
    let events = events(response).await;
    assert!(joined(&events, "stdout").ends_with("\n3000000\n"));
}

#[tokio::test]
async fn deleting_the_sandbox_ends_the_stream() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let response = sandbox.stream(json!({ "command": "sleep 600" })).await;
    assert_eq!(sandbox.delete().await.status(), 204);
    let last = events(response).await.pop().unwrap();
    assert_eq!(last["finished"], true);
    assert_eq!(last["exit_code"], 137);
    assert_eq!(last["code"], "sandbox_terminated");
}

#[tokio::test]
async fn five_hundred_streams_at_once() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    // Readers of this pipe wait until its only writer has gone.
    let holder = "mkfifo /tmp/gate; sleep 1000 3<>/tmp/gate >/dev/null 2>&1 & echo $!";
    let holder = sandbox.sh(holder).await;
    let command = |index| format!("echo {index}; cat /tmp/gate; echo {index} done");
    let streams =
        (0..500).map(|index| sandbox.stream(json!({ "command": command(index), "timeout_s": 60 })));
    let streams = join_all(streams).await;
    eventually("all wait", async || {
        sandbox.sh("pgrep -xc cat || true").await == "500\n"
    })
    .await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    sandbox.sh(&format!("kill {holder}")).await;
    let all = join_all(streams.into_iter().map(events)).await;
    for (index, events) in all.iter().enumerate() {
        assert_eq!(joined(events, "stdout"), format!("{index}\n{index} done\n"));
        assert_eq!(events.last().unwrap()["exit_code"], 0);
    }
}
