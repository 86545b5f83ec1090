//! What is under way: asynchronous pauses, migrations, and who has to wait for them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::*;

/// Longer than any test.
const FOR_EVER: &str = "3600000";

async fn pause_async(sandbox: &Sandbox<'_>, preference: &str) -> reqwest::Response {
    let path = format!("/sandboxes/{}/pause", sandbox.id);
    let request = sandbox.server.control(Method::POST, &path);
    request.header("Prefer", preference).send().await.unwrap()
}

/// Nothing else can be done with a sandbox in this state.
async fn all_wait(sandbox: &Sandbox<'_>, state: &str) {
    let server = sandbox.server;
    eventually(state, async || sandbox.info().await["status"] == state).await;
    let list = server.json(&format!("/sandboxes?status={state}")).await;
    assert_eq!(list.as_array().unwrap().len(), 1);
    for action in ["resume", "activate", "pause"] {
        let message = assert_error(sandbox.step(action).await, 409, "conflict").await;
        assert!(message.contains(state), "{message}");
    }
    assert_error(sandbox.delete().await, 409, "conflict").await;
    let request = json!({ "kind": "mem+fs", "idempotency_key": "k" });
    let path = format!("/sandboxes/{}/snapshot", sandbox.id);
    assert_error(server.post(&path, request).await, 409, "conflict").await;
    assert_plain(sandbox.read("/etc/hostname").await, 503, "not running").await;
    assert_eq!(sandbox.info().await["status"], state);
}

#[tokio::test]
async fn an_asynchronous_pause_is_accepted_at_once_and_all_others_wait_for_it() {
    for (option, state) in [
        ("--pause-delay-ms", "pausing"),
        ("--migration-ms", "migrating"),
    ] {
        let server = Server::start(&[option, FOR_EVER]);
        let sandbox = server.create().await;
        let accepted = pause_async(&sandbox, "wait=5, Respond-Async; x=1").await;
        assert_eq!(accepted.status(), 202);
        let body: Value = accepted.json().await.unwrap();
        assert_eq!(body, json!({ "status": "pausing" }));
        all_wait(&sandbox, state).await;
    }
}

#[tokio::test]
async fn a_resume_under_way_is_waited_for() {
    let server = Server::start(&["--resume-delay-ms", FOR_EVER]);
    let sandbox = server.create().await;
    assert_eq!(sandbox.step("pause").await.status(), 204);
    tokio::select! {
        _ = sandbox.step("activate") => panic!("it has resumed"),
        () = all_wait(&sandbox, "resuming") => {}
    }
}

#[tokio::test]
async fn a_transition_passes_by_itself() {
    let server = Server::start(&["--pause-delay-ms", "50", "--migration-ms", "50"]);
    let sandbox = server.create().await;
    assert_eq!(pause_async(&sandbox, "respond-async").await.status(), 202);
    eventually("it can be deleted", async || {
        match sandbox.delete().await.status().as_u16() {
            409 => false,
            status => {
                assert_eq!(status, 204);
                true
            }
        }
    })
    .await;
    assert_error(sandbox.delete().await, 404, "not_found").await;
}

#[tokio::test]
async fn a_pause_without_the_preference_waits() {
    let server = Server::start(&["--pause-delay-ms", "50", "--migration-ms", "50"]);
    let sandbox = server.create().await;
    assert_eq!(pause_async(&sandbox, "return=minimal").await.status(), 204);
    assert_eq!(sandbox.info().await["status"], "paused");
    assert_error(
        pause_async(&sandbox, "respond-async").await,
        409,
        "conflict",
    )
    .await;
}

#[tokio::test]
async fn a_pause_may_be_a_sandboxs_end() {
    let server = Server::start(&[]);
    let sandbox = server
        .create_with(json!({ "auto_delete_seconds": 0 }))
        .await;
    assert_eq!(pause_async(&sandbox, "respond-async").await.status(), 202);
    eventually("gone", async || {
        server
            .get(&format!("/sandboxes/{}", sandbox.id))
            .await
            .status()
            == 404
    })
    .await;
}

#[tokio::test]
async fn lists_take_several_states_an_order_and_part_of_a_name() {
    let server = Server::start(&[]);
    for name in ["web-b", "job-c", "WEB-a"] {
        server.create_with(json!({ "name": name })).await;
    }
    let paused = server.create_with(json!({ "name": "job-d" })).await;
    assert_eq!(paused.step("pause").await.status(), 204);
    let names = async |query: &str| {
        let list = server.json(&format!("/sandboxes?{query}")).await;
        let names: Vec<_> = list
            .as_array()
            .unwrap()
            .iter()
            .map(|one| text(&one["name"]))
            .collect();
        names.join(" ")
    };
    assert_eq!(names("").await, "job-d WEB-a job-c web-b");
    assert_eq!(names("q=web").await, "WEB-a web-b");
    assert_eq!(
        names("status=paused&status=active&q=job").await,
        "job-d job-c"
    );
    assert_eq!(names("status=paused,failed").await, "job-d");
    assert_eq!(names("order=asc").await, "web-b job-c WEB-a job-d");
    assert_eq!(
        names("sort=created_at&order=desc&limit=1&offset=1").await,
        "WEB-a"
    );
    assert_eq!(names("sort=name").await, "WEB-a job-c job-d web-b");
    assert_eq!(names("sort=name&order=desc&limit=2").await, "web-b job-d");
    for bad in [
        "sort=size",
        "order=up",
        "status=active,sleepy",
        "q=a&q=b",
        "sort=name&sort=name",
    ] {
        let response = server.get(&format!("/sandboxes?{bad}")).await;
        assert_error(response, 400, "bad_request").await;
    }
}
