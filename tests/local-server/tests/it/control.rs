//! The control plane: what it takes, what it answers.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::*;

#[tokio::test]
async fn the_key_is_needed_everywhere() {
    let server = Server::start(&[]);
    for path in ["/sandboxes", "/sandboxes/x/pause", "/nowhere"] {
        let url = format!("{}{path}", server.base_url);
        let missing = server.client.get(&url).send().await.unwrap();
        assert_error(missing, 401, "unauthorized").await;
        let wrong = server
            .client
            .get(&url)
            .header("X-API-Key", "other")
            .send()
            .await
            .unwrap();
        assert_error(wrong, 401, "unauthorized").await;
    }
    assert_error(server.get("/nowhere").await, 404, "not_found").await;
    let health = server.client.get(format!("{}/health", server.base_url));
    let health = health.send().await.unwrap();
    assert_eq!(health.status(), 200);
    assert_eq!(health.json::<Value>().await.unwrap()["status"], "ok");
    let wrong_method = server
        .control(Method::PUT, "/sandboxes")
        .send()
        .await
        .unwrap();
    assert_error(wrong_method, 405, "method_not_allowed").await;
}

#[tokio::test]
async fn a_created_sandbox_has_all_its_fields() {
    let server = Server::start(&[]);
    let sandbox = server
        .create_with(json!({
            "name": "full",
            "from_template": "superserve/python-3.11",
            "timeout_seconds": 604_800,
            "auto_delete_seconds": 2_592_000,
            "metadata": { "a": "1", "é": "ü" },
            "env_vars": { "A": "b" },
            "secrets": {},
            "network": { "allow_out": ["*.github.com", "10.0.0.0/8"], "deny_out": ["0.0.0.0/0"] },
            "preview_access": "private",
        }))
        .await;
    let body = &sandbox.body;
    Uuid::parse_str(&sandbox.id).unwrap();
    assert_eq!(body["name"], "full");
    assert_eq!(body["status"], "active");
    assert_eq!(body["metadata"], json!({ "a": "1", "é": "ü" }));
    assert_eq!(body["timeout_seconds"], 604_800);
    assert_eq!(body["auto_delete_seconds"], 2_592_000);
    assert_eq!(body["network"]["deny_out"], json!(["0.0.0.0/0"]));
    assert_eq!(body["preview_access"], "private");
    assert!(body["vcpu_count"].as_u64().unwrap() > 0 && body["memory_mib"].as_u64().unwrap() > 0);
    body["created_at"]
        .as_str()
        .unwrap()
        .parse::<jiff::Timestamp>()
        .unwrap();
    assert!(body.get("auto_delete_at").is_none());
    assert!(body.get("env_vars").is_none());
    let mut got = sandbox.info().await;
    assert_eq!(got, *body);
    got.as_object_mut().unwrap().remove("access_token");
    let list: Value = server.get("/sandboxes").await.json().await.unwrap();
    assert_eq!(list, json!([got]));
}

#[tokio::test]
async fn a_plain_sandbox_leaves_the_optional_fields_out() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    assert_eq!(sandbox.body["metadata"], json!({}));
    for absent in [
        "timeout_seconds",
        "auto_delete_seconds",
        "network",
        "preview_access",
        "secrets",
    ] {
        assert!(sandbox.body.get(absent).is_none(), "{absent}");
    }
}

#[tokio::test]
async fn bad_creations_are_refused() {
    let server = Server::start(&[]);
    let bad = [
        json!({}),
        json!([]),
        json!({ "name": "" }),
        json!({ "name": 5 }),
        json!({ "name": "n".repeat(65) }),
        json!({ "name": "a", "unknown": 1 }),
        json!({ "name": "a", "timeout_seconds": 0 }),
        json!({ "name": "a", "timeout_seconds": 604_801 }),
        json!({ "name": "a", "timeout_seconds": 1.5 }),
        json!({ "name": "a", "timeout_seconds": "60" }),
        json!({ "name": "a", "auto_delete_seconds": -1 }),
        json!({ "name": "a", "auto_delete_seconds": 2_592_001 }),
        json!({ "name": "a", "metadata": { "k": 1 } }),
        json!({ "name": "a", "metadata": { "k": "v".repeat(2049) } }),
        json!({ "name": "a", "metadata": { "superserve.x": "v" } }),
        json!({ "name": "a", "metadata": { "_SuperServe": "v" } }),
        json!({ "name": "a", "env_vars": { "A=B": "v" } }),
        json!({ "name": "a", "env_vars": { "A": "v\u{0}" } }),
        json!({ "name": "a", "network": { "deny_out": ["github.com"] } }),
        json!({ "name": "a", "network": { "allow_out": ["10.0.0.0/33"] } }),
        json!({ "name": "a", "network": { "other": [] } }),
        json!({ "name": "a", "preview_access": "secret" }),
        json!({ "name": "a", "from_snapshot": "not-a-uuid" }),
        json!({ "name": "a", "from_snapshot": Uuid::new_v4(), "from_template": "superserve/base" }),
    ];
    for body in bad {
        let response = server.post("/sandboxes", body.clone()).await;
        assert_eq!(response.status(), 400, "{body}");
        assert_error(response, 400, "bad_request").await;
    }
    let not_json = server
        .control(Method::POST, "/sandboxes")
        .body("{")
        .send()
        .await
        .unwrap();
    assert_error(not_json, 400, "bad_request").await;
    let unknown = json!({ "name": "a", "from_template": "nobody/nothing" });
    assert_error(server.post("/sandboxes", unknown).await, 404, "not_found").await;
    let snapshot = json!({ "name": "a", "from_snapshot": Uuid::new_v4() });
    assert_error(server.post("/sandboxes", snapshot).await, 404, "not_found").await;
    let list: Value = server.get("/sandboxes").await.json().await.unwrap();
    assert_eq!(list, json!([]));
}

#[tokio::test]
async fn ids_are_checked_before_they_are_looked_up() {
    let server = Server::start(&[]);
    server.create().await;
    for id in [
        "x",
        "..%2Fsecrets",
        "%7B00000000-0000-4000-8000-000000000000%7D",
        "0000000000004000800000000000000f",
    ] {
        let path = format!("/sandboxes/{id}");
        assert_error(server.get(&path).await, 400, "bad_request").await;
        assert_error(
            server.post(&format!("{path}/activate"), json!({})).await,
            400,
            "bad_request",
        )
        .await;
        let deleted = server.control(Method::DELETE, &path).send().await.unwrap();
        assert_error(deleted, 400, "bad_request").await;
    }
    let foreign = format!("/sandboxes/{}", Uuid::new_v4());
    assert_error(server.get(&foreign).await, 404, "not_found").await;
    for action in ["activate", "pause", "resume"] {
        let response = server.post(&format!("{foreign}/{action}"), json!({})).await;
        assert_error(response, 404, "not_found").await;
    }
}

#[tokio::test]
async fn an_id_may_be_tagged_with_its_region() {
    let bare = Server::start(&[]);
    let sandbox = bare.create().await;
    Uuid::parse_str(&sandbox.id).unwrap();
    let tagged = bare
        .json(&format!("/sandboxes/sb-use-{}", sandbox.id))
        .await;
    assert_eq!(tagged["id"], sandbox.id);

    let server = Server::start(&["--region", "use"]);
    let mut sandbox = server.create().await;
    let uuid = sandbox.id.strip_prefix("sb-use-").unwrap().to_owned();
    Uuid::parse_str(&uuid).unwrap();
    assert_eq!(server.json("/sandboxes").await[0]["id"], sandbox.id);
    assert_eq!(
        server.json(&format!("/sandboxes/{uuid}")).await["id"],
        sandbox.id
    );
    assert_eq!(sandbox.step("pause").await.status(), 204);
    let resumed: Value = sandbox.step("resume").await.json().await.unwrap();
    assert_eq!(resumed["id"], sandbox.id);
    sandbox.token = text(&resumed["access_token"]);
    let port = server.base_url.rsplit(':').next().unwrap();
    let host = format!("boxd-{}.localhost:{port}", sandbox.id);
    for (name, value) in [
        ("X-Superserve-Sandbox-Id", &sandbox.id),
        ("X-Superserve-Sandbox-Id", &uuid),
        ("Host", &host),
    ] {
        let request = sandbox.data(Method::POST, "/exec").header(name, value);
        let response = request
            .json(&json!({ "command": "true" }))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200, "{value}");
    }
}

#[tokio::test]
async fn lists_filter_and_page() {
    let server = Server::start(&[]);
    for (name, team) in [("a", "x"), ("b", "x"), ("c", "y")] {
        server
            .create_with(json!({ "name": name, "metadata": { "team": team, "k y": name } }))
            .await;
    }
    let paused = server
        .create_with(json!({ "name": "d", "metadata": { "team": "x" } }))
        .await;
    assert_eq!(paused.step("pause").await.status(), 204);
    let names = async |query: &str| {
        let list: Value = server
            .get(&format!("/sandboxes{query}"))
            .await
            .json()
            .await
            .unwrap();
        let list = list.as_array().unwrap().clone();
        assert!(list.iter().all(|one| one.get("access_token").is_none()));
        list.iter()
            .map(|one| text(&one["name"]))
            .collect::<String>()
    };
    assert_eq!(names("").await, "dcba");
    assert_eq!(names("?metadata.team=x").await, "dba");
    assert_eq!(names("?metadata.team=x&metadata.k%20y=b").await, "b");
    assert_eq!(names("?metadata.team=x&status=active").await, "ba");
    assert_eq!(names("?status=paused").await, "d");
    assert_eq!(names("?metadata.none=x").await, "");
    assert_eq!(names("?limit=2").await, "dc");
    assert_eq!(names("?limit=2&offset=1").await, "cb");
    assert_eq!(names("?offset=9").await, "");
    assert_eq!(names("?status=&limit=").await, "dcba");
    for (query, total) in [
        ("", "4"),
        ("?limit=1&offset=1", "4"),
        ("?metadata.team=x&limit=1", "3"),
    ] {
        let list = server.get(&format!("/sandboxes{query}")).await;
        assert_eq!(list.headers()["x-total-count"], total, "{query}");
    }
    for bad in [
        "?limit=0",
        "?limit=-1",
        "?limit=x",
        "?offset=x",
        "?limit=1001",
        "?status=sleepy",
        "?limit=1&limit=1",
        "?metadata.team=x&metadata.team=x",
    ] {
        assert_error(
            server.get(&format!("/sandboxes{bad}")).await,
            400,
            "bad_request",
        )
        .await;
    }
}

#[tokio::test]
async fn updates_replace_clear_and_keep() {
    let server = Server::start(&[]);
    let sandbox = server
        .create_with(json!({ "metadata": { "a": "1", "b": "2" }, "timeout_seconds": 600 }))
        .await;
    assert_eq!(
        sandbox
            .update(json!({ "metadata": { "c": "3" } }))
            .await
            .status(),
        204
    );
    let info = sandbox.info().await;
    assert_eq!(info["metadata"], json!({ "c": "3" }));
    assert_eq!(info["timeout_seconds"], 600);
    let both =
        json!({ "timeout_seconds": null, "auto_delete_seconds": 60, "preview_access": "public" });
    assert_eq!(sandbox.update(both).await.status(), 204);
    let info = sandbox.info().await;
    assert!(info.get("timeout_seconds").is_none());
    assert_eq!(info["auto_delete_seconds"], 60);
    assert_eq!(info["preview_access"], "public");
    let network = json!({ "network": { "deny_out": ["10.0.0.0/8"] } });
    assert_eq!(sandbox.update(network.clone()).await.status(), 204);
    assert_eq!(sandbox.info().await["network"], network["network"]);
    for bad in [
        json!({}),
        json!({ "name": "x" }),
        json!({ "metadata": null }),
        json!({ "metadata": { "superserve.a": "" } }),
        json!({ "network": null }),
        json!({ "timeout_seconds": 0 }),
        json!({ "preview_access": null }),
    ] {
        assert_error(sandbox.update(bad).await, 400, "bad_request").await;
    }
    assert_eq!(sandbox.step("pause").await.status(), 204);
    assert_error(sandbox.update(network).await, 409, "conflict").await;
    assert_eq!(
        sandbox.update(json!({ "metadata": {} })).await.status(),
        204
    );
    assert_eq!(sandbox.info().await["metadata"], json!({}));
}

#[tokio::test]
async fn a_deleted_sandbox_is_gone_on_both_planes() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    assert_eq!(sandbox.delete().await.status(), 204);
    assert_error(sandbox.delete().await, 404, "not_found").await;
    assert_error(sandbox.step("activate").await, 404, "not_found").await;
    let named = sandbox
        .data(Method::GET, "/files?path=/x")
        .header("X-Superserve-Sandbox-Id", &sandbox.id);
    assert_plain(named.send().await.unwrap(), 404, "sandbox not found").await;
    assert_plain(sandbox.read("/x").await, 401, "invalid access token").await;
}
