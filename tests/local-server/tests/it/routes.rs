//! Routes that must be renewed, hints for them, machine credentials, and how many may come at once.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::*;
use crate::web_socket::dial;

async fn run(sandbox: &Sandbox<'_>, hint: Option<&str>) -> Response {
    let mut request = sandbox.data(Method::POST, "/exec");
    if let Some(hint) = hint {
        request = request.header("X-Superserve-Routing-Hint", hint);
    }
    request
        .json(&json!({ "command": "echo x >> /tmp/runs" }))
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_stale_route_runs_nothing_until_the_sandbox_is_activated() {
    for (kind, status, code) in [
        ("stale", 404, "sandbox_route_stale"),
        ("unavailable", 503, "sandbox_unavailable"),
    ] {
        let server = Server::start(&["--stale-routes", kind]);
        let mut sandbox = server.create().await;
        for _ in 0..2 {
            assert_error(run(&sandbox, None).await, status, code).await;
        }
        assert_eq!(sandbox.step("activate").await.status(), 200);
        assert_eq!(run(&sandbox, None).await.status(), 200);
        assert_eq!(sandbox.step("pause").await.status(), 204);
        let resumed: Value = sandbox.step("resume").await.json().await.unwrap();
        sandbox.token = text(&resumed["access_token"]);
        let protocols = format!("superserve.exec.v1, token.{}", sandbox.token);
        assert!(dial(&server, "/exec/connect", &protocols).await.is_err());
        assert_error(run(&sandbox, None).await, status, code).await;
        assert_eq!(sandbox.step("activate").await.status(), 200);
        assert_eq!(sandbox.sh("cat /tmp/runs").await, "x\n");
    }
}

#[tokio::test]
async fn a_hint_is_good_for_its_sandbox_until_that_moves() {
    let server = Server::start(&["--routing-hint-s", "3600"]);
    let mut sandbox = server.create().await;
    let other = server.create().await;
    let hint = text(&sandbox.body["routing_hint"]);
    assert!(sandbox.info().await.get("routing_hint").is_none());
    assert_eq!(hint.split('.').count(), 3);
    assert_eq!(run(&sandbox, None).await.status(), 200);
    assert_eq!(run(&sandbox, Some(&hint)).await.status(), 200);
    let foreign = text(&other.body["routing_hint"]);
    for bad in [foreign.as_str(), "", "x.y.z", &hint[..hint.len() - 2]] {
        assert_error(run(&sandbox, Some(bad)).await, 404, "sandbox_route_stale").await;
    }
    let protocols =
        |hint: &str, token: &str| format!("superserve.exec.v1, token.{token}, route.{hint}");
    let socket = dial(&server, "/exec/connect", &protocols(&hint, &sandbox.token)).await;
    assert_eq!(socket.unwrap().protocol, "superserve.exec.v1");
    assert_eq!(sandbox.step("pause").await.status(), 204);
    assert_error(run(&sandbox, Some(&hint)).await, 503, "sandbox_unavailable").await;
    let woken: Value = sandbox.step("activate").await.json().await.unwrap();
    sandbox.token = text(&woken["access_token"]);
    let fresh = text(&woken["routing_hint"]);
    assert_error(run(&sandbox, Some(&hint)).await, 404, "sandbox_route_stale").await;
    let stale = dial(&server, "/exec/connect", &protocols(&hint, &sandbox.token)).await;
    assert!(stale.is_err());
    assert_eq!(run(&sandbox, Some(&fresh)).await.status(), 200);
}

#[tokio::test]
async fn a_hint_ends() {
    let server = Server::start(&["--routing-hint-s", "0"]);
    let sandbox = server.create().await;
    let hint = text(&sandbox.body["routing_hint"]);
    assert_error(run(&sandbox, Some(&hint)).await, 404, "sandbox_route_stale").await;
}

#[tokio::test]
async fn a_machine_credential_moves_sandboxes_and_no_more() {
    let server = Server::start(&["--machine-credential", "qm-secret"]);
    let send = async |method: Method, path: &str, credential: &str| {
        let request = server
            .client
            .request(method, format!("{}{path}", server.base_url));
        let request = request.header("X-QM-Machine-Credential", credential);
        request
            .json(&json!({ "name": "m", "metadata": {} }))
            .send()
            .await
            .unwrap()
    };
    let made = send(Method::POST, "/sandboxes", "qm-secret").await;
    assert_eq!(made.status(), 201);
    let path = format!(
        "/sandboxes/{}",
        text(&made.json::<Value>().await.unwrap()["id"])
    );
    for (method, path, status) in [
        (Method::GET, "/sandboxes".to_owned(), 200),
        (Method::GET, path.clone(), 200),
        (Method::POST, format!("{path}/pause"), 204),
        (Method::POST, format!("{path}/resume"), 200),
        (Method::POST, format!("{path}/activate"), 200),
        (Method::GET, format!("{path}/preview-ports"), 401),
        (Method::POST, format!("{path}/snapshot"), 401),
        (Method::GET, format!("{path}/files?path=/"), 401),
        (Method::GET, "/templates".to_owned(), 401),
        (Method::GET, "/secrets".to_owned(), 401),
        (Method::GET, "/nowhere".to_owned(), 401),
        (Method::DELETE, path.clone(), 204),
    ] {
        let response = send(method.clone(), &path, "qm-secret").await;
        assert_eq!(response.status(), status, "{method} {path}");
        let wrong = send(method, &path, "other").await;
        assert_error(wrong, 401, "unauthorized").await;
    }
    let without = Server::start(&[]);
    let request = without
        .client
        .get(format!("{}/sandboxes", without.base_url));
    let response = request
        .header("X-QM-Machine-Credential", "")
        .send()
        .await
        .unwrap();
    assert_error(response, 401, "unauthorized").await;
}

fn assert_refused((status, body): (u16, String), word: &str) {
    assert_eq!(status, 429);
    assert!(body.contains(word), "{body}");
}

#[tokio::test]
async fn only_so_many_sockets_are_open_at_once() {
    let server = Server::start(&[
        "--max-sockets-per-sandbox",
        "2",
        "--max-sockets-per-address",
        "3",
    ]);
    let (one, two) = (server.create().await, server.create().await);
    let open = async |sandbox: &Sandbox<'_>, path: &str| {
        let kind = if path == "/terminal" {
            "terminal"
        } else {
            "exec"
        };
        let protocols = format!("superserve.{kind}.v1, token.{}", sandbox.token);
        dial(&server, path, &protocols).await
    };
    let first = open(&one, "/exec/connect").await.unwrap();
    let _second = open(&one, "/terminal").await.unwrap();
    let refused = open(&one, "/exec/connect").await;
    assert_refused(refused.err().unwrap(), "sandbox");
    let _third = open(&two, "/exec/connect").await.unwrap();
    assert_refused(open(&two, "/terminal").await.err().unwrap(), "address");
    drop(first);
    // The server sees in its own time that a client is gone.
    eventually("there is room again", async || {
        open(&two, "/terminal").await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn a_session_has_an_end_of_its_own() {
    let server = Server::start(&["--session-max-s", "1"]);
    let sandbox = server.create().await;
    let protocols = format!("superserve.exec.v1, token.{}", sandbox.token);
    let mut socket = dial(&server, "/exec/connect", &protocols).await.unwrap();
    socket.text(json!({ "command": "sleep 6789.5" })).await;
    let said = socket.rest(true).await;
    assert_eq!(said.close, Some((1000, "open for too long".to_owned())));
    eventually("its command is gone", async || {
        processes_with("sleep\x006789.5") == 0
    })
    .await;
}
