//! Start and end of the server itself.

use std::process::{Command, Stdio};

use nix::sys::signal::Signal;
use serde_json::json;

use crate::support::*;

async fn leaves_nothing(signal: Signal, exit_code: Option<i32>) {
    let mut server = Server::start(&[]);
    let needle = format!(".{}", uuid::Uuid::new_v4().as_u128() % 1_000_000_000);
    let sandbox = server.create().await;
    let paused = server.create().await;
    let command = format!("nohup sleep 1000{needle} >/dev/null 2>&1 & setsid sleep 1001{needle} &");
    for one in [&sandbox, &paused] {
        one.exec(json!({ "command": command })).await;
    }
    assert_eq!(paused.step("pause").await.status(), 204);
    let open = sandbox.stream(json!({ "command": "sleep 1002" })).await;
    assert_eq!(processes_with(&needle), 4);
    assert!(std::fs::read_dir(&server.data_dir).unwrap().count() > 0);

    let status = server.stop(signal);

    drop(open);
    assert_eq!(status.code(), exit_code);
    eventually("all processes gone", async || processes_with(&needle) == 0).await;
    if exit_code.is_some() {
        assert_eq!(
            std::fs::read_dir(&server.data_dir).unwrap().count(),
            0,
            "files left"
        );
    }
}

#[tokio::test]
async fn sigterm_ends_every_process_and_removes_the_files() {
    leaves_nothing(Signal::SIGTERM, Some(0)).await;
}

#[tokio::test]
async fn sigint_does_the_same() {
    leaves_nothing(Signal::SIGINT, Some(0)).await;
}

#[tokio::test]
async fn sigkill_leaves_no_process() {
    leaves_nothing(Signal::SIGKILL, None).await;
}

#[tokio::test]
async fn the_next_server_removes_a_killed_ones_files() {
    let mut first = Server::start(&[]);
    first.create().await;
    first.stop(Signal::SIGKILL);
    assert!(std::fs::read_dir(&first.data_dir).unwrap().count() > 0);
    let data_dir = first.data_dir.to_str().unwrap();
    let left = async || {
        let mut second = Command::new(BINARY)
            .args(["--data-dir", data_dir])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let pid = nix::unistd::Pid::from_raw(second.id().cast_signed());
        nix::sys::signal::kill(pid, Signal::SIGTERM).unwrap();
        second.wait().unwrap();
        std::fs::read_dir(data_dir).unwrap().count()
    };
    // The killed server's namespaces may need a moment to go.
    eventually("no files left", async || left().await == 0).await;
}

#[tokio::test]
async fn the_options_hold() {
    let server = Server::start(&["--api-key", "ss_live_mine"]);
    assert_eq!(server.api_key, "ss_live_mine");
    assert!(server.base_url.starts_with("http://127.0.0.1:"));
    assert_eq!(server.get("/sandboxes").await.status(), 200);
    let limited = Server::start(&["--max-sandboxes", "1"]);
    let first = limited.create().await;
    let refused = limited.post("/sandboxes", json!({ "name": "b" })).await;
    assert_error(refused, 429, "too_many_sandboxes").await;
    assert_eq!(first.delete().await.status(), 204);
    limited.create().await;
}

#[test]
fn a_taken_port_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = Command::new(BINARY)
        .args(["--port", &port])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot listen on 127.0.0.1"));
}
