//! `GET /sandboxes/{id}/files`: what a directory holds, from the control plane.

use serde_json::{Value, json};

use crate::support::*;

async fn list(sandbox: &Sandbox<'_>, path: &str) -> reqwest::Response {
    let url = format!("/sandboxes/{}/files", sandbox.id);
    let request = sandbox.server.control(reqwest::Method::GET, &url);
    request.query(&[("path", path)]).send().await.unwrap()
}

async fn entries(sandbox: &Sandbox<'_>, path: &str) -> Value {
    let response = list(sandbox, path).await;
    assert_eq!(response.status(), 200, "{path}");
    response.json::<Value>().await.unwrap()["entries"].clone()
}

#[tokio::test]
async fn a_directory_lists_one_level() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    sandbox
        .sh(
            "mkdir -p /app/sub/deep /app/.hidden && printf abc > '/app/é x' && ln -s sub /app/link
            touch -d @1700000000 '/app/é x' /app/sub /app/.hidden; touch -hd @1700000000 /app/link",
        )
        .await;
    let at = 1_700_000_000;
    let found = entries(&sandbox, "/app").await;
    let expected = [
        (".hidden", true, None),
        ("link", false, Some(3)),
        ("sub", true, None),
        ("é x", false, Some(3)),
    ];
    assert_eq!(found.as_array().unwrap().len(), expected.len(), "{found}");
    for (entry, (name, is_dir, size)) in found.as_array().unwrap().iter().zip(expected) {
        assert_eq!(
            (&entry["name"], &entry["is_dir"], &entry["modified_unix"]),
            (&json!(name), &json!(is_dir), &json!(at)),
        );
        assert!(size.is_none_or(|size| entry["size"] == size), "{entry}");
    }
    assert_eq!(entries(&sandbox, "/app/sub/").await[0]["name"], "deep");
    assert_eq!(entries(&sandbox, "/app/link").await[0]["name"], "deep");
    assert_eq!(entries(&sandbox, "/app/.hidden").await, json!([]));
    let root = entries(&sandbox, "/").await;
    assert!(
        root.as_array()
            .unwrap()
            .iter()
            .any(|one| one["name"] == "etc")
    );
}

#[tokio::test]
async fn what_is_no_directory_is_refused_in_json() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    for (path, status, code) in [
        ("/etc/hostname", 400, "bad_request"),
        ("/etc/../etc", 400, "bad_request"),
        ("relative", 400, "bad_request"),
        ("", 400, "bad_request"),
        ("/no/such", 404, "not_found"),
    ] {
        assert_error(list(&sandbox, path).await, status, code).await;
    }
    let twice = format!("/sandboxes/{}/files?path=/&path=/tmp", sandbox.id);
    assert_error(server.get(&twice).await, 400, "bad_request").await;
    let nobody = "/sandboxes/00000000-0000-4000-8000-000000000000/files?path=/";
    assert_error(server.get(nobody).await, 404, "not_found").await;
}

#[tokio::test]
async fn a_paused_sandbox_wakes_to_be_looked_at() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    sandbox.write("/tmp/here", "").await;
    assert_eq!(sandbox.step("pause").await.status(), 204);
    assert_eq!(entries(&sandbox, "/tmp").await[0]["name"], "here");
    assert_eq!(sandbox.info().await["status"], "active");
}
