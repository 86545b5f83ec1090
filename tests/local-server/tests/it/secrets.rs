//! Secrets and providers: kept, shown without values, bound as stand-ins.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::*;

async fn create(server: &Server, body: Value) -> Value {
    let response = server.post("/secrets", body).await;
    let status = response.status();
    let body: Value = response.json().await.unwrap();
    assert_eq!(status, 201, "{body}");
    body
}

async fn delete(server: &Server, path: &str) -> reqwest::Response {
    server.control(Method::DELETE, path).send().await.unwrap()
}

#[tokio::test]
async fn secrets_are_shown_without_their_values() {
    let server = Server::start(&[]);
    let value = "the-real-value-4711";
    let made = create(
        &server,
        json!({ "name": "anthropic-prod", "value": value, "provider": "anthropic" }),
    )
    .await;
    assert_eq!(made["auth_type"], "api-key");
    assert_eq!(made["auth_config"], json!({ "header": "x-api-key" }));
    assert_eq!(made["provider_shortcut"], "anthropic");
    assert_eq!(made["hosts"], json!(["api.anthropic.com"]));
    text(&made["created_at"])
        .parse::<jiff::Timestamp>()
        .unwrap();
    assert_eq!(server.json("/secrets/anthropic-prod").await, made);
    let custom = create(
        &server,
        json!({
            "name": "own", "value": value, "hosts": ["api.example.com"],
            "auth": { "type": "custom", "headers": { "X-Token": "{{ value }}" } },
        }),
    )
    .await;
    assert_eq!(custom["auth_type"], "custom");
    assert_eq!(
        custom["auth_config"],
        json!({ "headers": { "X-Token": "{{ value }}" } })
    );
    assert!(custom.get("provider_shortcut").is_none());
    let rules = json!([{ "hosts": ["a.example"], "type": "basic", "username": "u" }, { "hosts": ["b.example"], "type": "bearer" }]);
    let per_host = create(
        &server,
        json!({ "name": "split", "value": value, "auth": { "per_host": rules } }),
    )
    .await;
    assert_eq!(per_host["auth_type"], "per_host");
    assert_eq!(per_host["auth_config"], json!({ "per_host": rules }));
    assert_eq!(per_host["hosts"], json!(["a.example", "b.example"]));
    let list = server.json("/secrets").await;
    assert_eq!(list, json!([made, custom, per_host]));
    assert!(!list.to_string().contains(value));

    let patch = server
        .control(Method::PATCH, "/secrets/own")
        .json(&json!({ "value": "next" }))
        .send()
        .await
        .unwrap();
    assert_eq!(patch.status(), 200);
    let rotated: Value = patch.json().await.unwrap();
    assert_eq!(rotated["id"], custom["id"]);
    assert!(text(&rotated["updated_at"]) > text(&custom["updated_at"]));
    assert_eq!(delete(&server, "/secrets/own").await.status(), 204);
    assert_error(delete(&server, "/secrets/own").await, 404, "not_found").await;
    assert_error(server.get("/secrets/own").await, 404, "not_found").await;
}

#[tokio::test]
async fn bad_secrets_are_refused() {
    let server = Server::start(&[]);
    for bad in [
        json!({}),
        json!({ "name": "a", "value": "v" }),
        json!({ "name": "", "value": "v", "provider": "openai" }),
        json!({ "name": "a b", "value": "v", "provider": "openai" }),
        json!({ "name": "a", "value": "", "provider": "openai" }),
        json!({ "name": "a", "value": "v", "provider": "nobody" }),
        json!({ "name": "a", "value": "v", "provider": "openai", "hosts": ["x"] }),
        json!({ "name": "a", "value": "v", "auth": { "type": "bearer" } }),
        json!({ "name": "a", "value": "v", "auth": { "type": "bearer" }, "hosts": [] }),
        json!({ "name": "a", "value": "v", "auth": { "type": "bearer" }, "hosts": ["https://x"] }),
        json!({ "name": "a", "value": "v", "auth": { "type": "basic" }, "hosts": ["x"] }),
        json!({ "name": "a", "value": "v", "auth": { "type": "magic" }, "hosts": ["x"] }),
        json!({ "name": "a", "value": "v", "auth": { "per_host": [] } }),
        json!({ "name": "a", "value": "v", "provider": "openai", "other": 1 }),
    ] {
        let response = server.post("/secrets", bad.clone()).await;
        assert_eq!(response.status(), 400, "{bad}");
        assert_error(response, 400, "bad_request").await;
    }
    create(
        &server,
        json!({ "name": "a", "value": "v", "provider": "openai" }),
    )
    .await;
    let twice = server
        .post(
            "/secrets",
            json!({ "name": "a", "value": "v", "provider": "openai" }),
        )
        .await;
    assert_error(twice, 409, "conflict").await;
    let patch = server
        .control(Method::PATCH, "/secrets/a")
        .json(&json!({ "value": "" }))
        .send()
        .await
        .unwrap();
    assert_error(patch, 400, "bad_request").await;
    for (length, created, patched) in [(8192, 201, 200), (8193, 400, 400)] {
        let value = "x".repeat(length);
        let body =
            json!({ "name": format!("long-{length}"), "value": value, "provider": "openai" });
        assert_eq!(server.post("/secrets", body).await.status(), created);
        let patch = server
            .control(Method::PATCH, "/secrets/a")
            .json(&json!({ "value": value }));
        assert_eq!(patch.send().await.unwrap().status(), patched);
    }
}

#[tokio::test]
async fn bindings_put_stand_ins_into_the_environment() {
    let server = Server::start(&[]);
    create(
        &server,
        json!({ "name": "ant", "value": "real-1", "provider": "anthropic" }),
    )
    .await;
    create(&server, json!({ "name": "own", "value": "real-2", "hosts": ["x.example"], "auth": { "type": "bearer" } })).await;
    let missing = json!({ "name": "a", "secrets": { "KEY": "none" } });
    assert_error(server.post("/sandboxes", missing).await, 404, "not_found").await;
    let bad = json!({ "name": "a", "secrets": { "K=": "ant" } });
    assert_error(server.post("/sandboxes", bad).await, 400, "bad_request").await;
    let sandbox = server
        .create_with(json!({ "secrets": { "KEY": "ant" } }))
        .await;
    assert_eq!(
        sandbox.body["secrets"],
        json!([{ "env_key": "KEY", "secret_name": "ant" }])
    );
    let stand_in = sandbox.sh("echo $KEY").await;
    assert!(
        stand_in.starts_with("sk-ant-api03-") && stand_in.len() > 30,
        "{stand_in}"
    );

    let path = format!("/sandboxes/{}/secrets", sandbox.id);
    let attach = json!({ "env_key": "OWN", "secret_name": "own" });
    assert!(
        server
            .post(&path, attach.clone())
            .await
            .status()
            .is_success()
    );
    assert_error(server.post(&path, attach).await, 409, "conflict").await;
    let none = json!({ "env_key": "X", "secret_name": "none" });
    assert_error(server.post(&path, none).await, 404, "not_found").await;
    assert!(sandbox.sh("echo $OWN").await.starts_with("sst_"));
    assert!(!sandbox.sh("env").await.contains("real-"));
    let bound = server.json("/secrets/ant/sandboxes").await;
    assert_eq!(
        bound,
        json!([{ "sandbox_id": sandbox.id, "sandbox_name": "test", "env_key": "KEY", "status": "active" }])
    );

    assert_eq!(delete(&server, "/secrets/ant").await.status(), 204);
    assert_eq!(
        sandbox.info().await["secrets"],
        json!([
            { "env_key": "KEY", "secret_name": "ant", "revoked": true },
            { "env_key": "OWN", "secret_name": "own" },
        ])
    );
    assert_eq!(delete(&server, &format!("{path}/OWN")).await.status(), 204);
    assert_error(
        delete(&server, &format!("{path}/OWN")).await,
        404,
        "not_found",
    )
    .await;
    assert_eq!(sandbox.sh("echo $OWN").await, "\n");
    assert_eq!(delete(&server, &format!("{path}/KEY")).await.status(), 204);
    assert!(sandbox.info().await.get("secrets").is_none());
}

#[tokio::test]
async fn the_audit_is_empty_and_checked() {
    let server = Server::start(&[]);
    create(
        &server,
        json!({ "name": "a", "value": "v", "provider": "openai" }),
    )
    .await;
    assert_eq!(server.json("/secrets/a/audit").await, json!([]));
    assert_eq!(
        server
            .json("/secrets/a/audit?limit=5&before=9&status=errors")
            .await,
        json!([])
    );
    for bad in [
        "?limit=0",
        "?limit=x",
        "?limit=1001",
        "?before=x",
        "?status=6xx",
        "?limit=1&limit=1",
        "?status=2xx&status=3xx",
    ] {
        assert_error(
            server.get(&format!("/secrets/a/audit{bad}")).await,
            400,
            "bad_request",
        )
        .await;
    }
    assert_error(server.get("/secrets/b/audit").await, 404, "not_found").await;
}

#[tokio::test]
async fn providers_are_listed() {
    let server = Server::start(&[]);
    let list = server.json("/providers").await;
    let list = list.as_array().unwrap();
    assert!(list.len() > 3);
    for provider in list {
        for field in ["name", "display", "auth_type", "token_shape"] {
            text(&provider[field]);
        }
        assert!(
            provider["auth_config"].is_object()
                && !provider["hosts"].as_array().unwrap().is_empty()
        );
    }
    assert!(list.iter().any(|provider| provider["name"] == "anthropic"));
}
