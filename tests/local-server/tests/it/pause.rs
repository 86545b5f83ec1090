//! Pause and resume: frozen processes, rotated tokens, and who loses a race.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::*;

/// Processes of one session, of another, and a child of theirs all count on.
const COUNTERS: &str = "
    count='while :; do echo x >> /tmp/$0; sleep 0.01; done'
    (sh -c \"$count\" one & setsid sh -c \"$count\" two & wait) >/dev/null 2>&1 &
    until test -s /tmp/one && test -s /tmp/two; do sleep 0.01; done";

pub async fn stops_and_goes_on(server: &Server) {
    let mut sandbox = server.create().await;
    sandbox.sh(COUNTERS).await;
    let sizes = async |sandbox: &Sandbox<'_>| sandbox.sh("cat /tmp/one /tmp/two | wc -l").await;
    let before: u32 = sizes(&sandbox).await.trim().parse().unwrap();

    assert_eq!(sandbox.step("pause").await.status(), 204);
    assert_eq!(sandbox.info().await["status"], "paused");
    assert_plain(sandbox.read("/tmp/one").await, 503, "not running").await;
    sleep(Duration::from_millis(800)).await;
    let old = sandbox.token.clone();
    let resumed: Value = sandbox.step("resume").await.json().await.unwrap();
    assert_eq!(resumed["id"], sandbox.id);
    assert_eq!(resumed["status"], "active");
    sandbox.token = text(&resumed["access_token"]);
    assert_ne!(sandbox.token, old);

    // 2 counters at 100 a second would have made 160 in the pause, and far fewer around it.
    let after: u32 = sizes(&sandbox).await.trim().parse().unwrap();
    assert!(
        after - before < 80,
        "{before} lines before the pause, {after} after"
    );
    eventually("the processes go on", async || {
        sizes(&sandbox).await.trim().parse::<u32>().unwrap() > after + 4
    })
    .await;
    assert_eq!(sandbox.info().await["access_token"], sandbox.token);
}

#[tokio::test]
async fn every_process_stops_and_goes_on() {
    stops_and_goes_on(&Server::start(&[])).await;
}

#[tokio::test]
async fn only_what_fits_the_state_is_done() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    assert_error(sandbox.step("resume").await, 409, "conflict").await;
    let activated: Value = sandbox.step("activate").await.json().await.unwrap();
    assert_eq!(activated["access_token"], sandbox.token);
    assert_eq!(sandbox.step("pause").await.status(), 204);
    assert_error(sandbox.step("pause").await, 409, "conflict").await;
    let activated: Value = sandbox.step("activate").await.json().await.unwrap();
    assert_eq!(activated["status"], "active");
    assert_ne!(activated["access_token"], sandbox.token);
    assert_eq!(activated["name"], "test");
}

#[tokio::test]
async fn tokens_are_checked_in_every_form_of_address() {
    let server = Server::start(&[]);
    let (one, other) = (server.create().await, server.create().await);
    let port = server.base_url.rsplit(':').next().unwrap();
    let host = format!("boxd-{}.localhost:{port}", one.id);
    let url = format!("{}/exec", server.base_url);
    let body = json!({ "command": "true" });
    let ask = async |header: Option<(&str, &str)>, token: Option<&str>| {
        let mut request = server.client.post(&url).json(&body);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        if let Some(token) = token {
            request = request.header("X-Access-Token", token);
        }
        request.send().await.unwrap()
    };
    let by_id = Some(("X-Superserve-Sandbox-Id", one.id.as_str()));
    let by_host = Some(("Host", host.as_str()));
    for header in [None, by_id, by_host] {
        assert_eq!(ask(header, Some(&one.token)).await.status(), 200);
        assert_plain(
            ask(header, None).await,
            401,
            "missing X-Access-Token header",
        )
        .await;
        assert_plain(
            ask(header, Some("wrong")).await,
            401,
            "invalid access token",
        )
        .await;
    }
    for header in [by_id, by_host] {
        assert_plain(
            ask(header, Some(&other.token)).await,
            401,
            "invalid access token",
        )
        .await;
    }
    for id in ["nonsense", "00000000-0000-4000-8000-000000000000"] {
        let header = Some(("X-Superserve-Sandbox-Id", id));
        assert_plain(
            ask(header, Some(&one.token)).await,
            404,
            "sandbox not found",
        )
        .await;
    }
    // A sandbox's own host has no control plane.
    let request = server
        .control(Method::GET, "/sandboxes")
        .header("Host", &host);
    assert_plain(request.send().await.unwrap(), 404, "no such route").await;

    assert_eq!(one.step("pause").await.status(), 204);
    assert_plain(ask(by_id, Some(&one.token)).await, 503, "not running").await;
    assert_plain(ask(by_id, Some("wrong")).await, 401, "invalid access token").await;
    assert_eq!(one.step("resume").await.status(), 200);
    assert_plain(
        ask(by_id, Some(&one.token)).await,
        401,
        "invalid access token",
    )
    .await;
    assert_plain(
        ask(None, Some(&one.token)).await,
        401,
        "invalid access token",
    )
    .await;
}

#[tokio::test]
async fn the_loser_of_two_resumes_gets_a_conflict() {
    let server = Server::start(&["--resume-delay-ms", "600"]);
    let sandbox = server.create().await;
    assert_eq!(sandbox.step("pause").await.status(), 204);
    let late = async {
        sleep(Duration::from_millis(200)).await;
        assert_eq!(sandbox.info().await["status"], "resuming");
        assert_plain(sandbox.read("/etc/hostname").await, 503, "not running").await;
        assert_error(sandbox.step("resume").await, 409, "conflict").await;
        sandbox.step("activate").await
    };
    let (first, second) = tokio::join!(sandbox.step("activate"), late);
    assert_eq!(first.status(), 200);
    let message = assert_error(second, 409, "conflict").await;
    assert!(message.contains("resuming"), "{message}");
    let first: Value = first.json().await.unwrap();
    assert_eq!(sandbox.info().await["access_token"], first["access_token"]);
}

#[tokio::test]
async fn a_caller_that_hangs_up_does_not_stop_a_resume() {
    let server = Server::start(&["--resume-delay-ms", "300"]);
    let sandbox = server.create().await;
    assert_eq!(sandbox.step("pause").await.status(), 204);
    let path = format!("/sandboxes/{}/resume", sandbox.id);
    let hasty = server
        .control(Method::POST, &path)
        .timeout(Duration::from_millis(100));
    assert!(hasty.send().await.unwrap_err().is_timeout());
    eventually("the sandbox is active", async || {
        sandbox.info().await["status"] == "active"
    })
    .await;
}

#[tokio::test]
async fn a_paused_sandbox_can_be_deleted() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let needle = "1234.25".to_owned();
    sandbox
        .exec(json!({ "command": format!("sleep {needle} >/dev/null 2>&1 &") }))
        .await;
    assert_eq!(processes_with(&needle), 1);
    assert_eq!(sandbox.step("pause").await.status(), 204);
    assert_eq!(sandbox.delete().await.status(), 204);
    assert_eq!(processes_with(&needle), 0);
}

#[tokio::test]
async fn a_command_does_not_spend_its_timeout_while_paused() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let command = json!({ "command": "sleep 1.2; echo done", "timeout_s": 2 });
    let running = sandbox.exec(command);
    let interruption = async {
        sleep(Duration::from_millis(300)).await;
        assert_eq!(sandbox.step("pause").await.status(), 204);
        sleep(Duration::from_millis(2200)).await;
        assert_eq!(sandbox.step("resume").await.status(), 200);
    };
    let (result, ()) = tokio::join!(running, interruption);
    assert_eq!(result["stdout"], "done\n", "{result}");
}
