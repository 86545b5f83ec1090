//! What a page on some origin may do with the data plane.

use reqwest::Method;
use serde_json::json;

use crate::support::*;

async fn preflight(server: &Server, path: &str, origin: &str) -> reqwest::Response {
    let request = server
        .client
        .request(Method::OPTIONS, format!("{}{path}", server.base_url));
    request
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "POST")
        .header(
            "Access-Control-Request-Headers",
            "x-access-token,content-type",
        )
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn loopback_pages_reach_the_data_plane_with_two_headers() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let origin = "http://localhost:5173";
    for path in ["/exec", "/exec/stream", "/files?path=/x"] {
        let response = preflight(&server, path, origin).await;
        assert_eq!(response.status(), 204);
        let headers = response.headers();
        assert_eq!(headers["access-control-allow-origin"], origin);
        assert_eq!(
            headers["access-control-allow-methods"],
            "GET, POST, OPTIONS"
        );
        assert_eq!(
            headers["access-control-allow-headers"],
            "X-Access-Token, Content-Type"
        );
        assert_eq!(headers["vary"], "Origin");
    }
    let request = sandbox.data(Method::POST, "/exec").header("Origin", origin);
    let answer = request
        .json(&json!({ "command": "true" }))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], origin);
    // A page can read the errors too.
    let url = format!("{}/files?path=/x", server.base_url);
    let refused = server
        .client
        .get(url)
        .header("Origin", origin)
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.headers()["access-control-allow-origin"], origin);
}

#[tokio::test]
async fn other_pages_and_the_control_plane_get_nothing() {
    let server = Server::start(&[]);
    let response = preflight(&server, "/exec", "https://example.com").await;
    assert!(
        response
            .headers()
            .get("access-control-allow-origin")
            .is_none()
    );
    assert!(
        response
            .headers()
            .get("access-control-allow-headers")
            .is_none()
    );
    let control = preflight(&server, "/sandboxes", "http://localhost:5173").await;
    assert_eq!(control.status(), 401);
    assert!(
        control
            .headers()
            .get("access-control-allow-origin")
            .is_none()
    );
    let request = server
        .control(Method::GET, "/sandboxes")
        .header("Origin", "http://localhost:5173");
    let listed = request.send().await.unwrap();
    assert!(
        listed
            .headers()
            .get("access-control-allow-origin")
            .is_none()
    );
}

#[tokio::test]
async fn configured_origins_replace_the_default() {
    let server = Server::start(&[
        "--cors-origin",
        "https://a.example",
        "--cors-origin",
        "https://b.example",
    ]);
    let allowed = async |origin| {
        let response = preflight(&server, "/exec", origin).await;
        response
            .headers()
            .contains_key("access-control-allow-origin")
    };
    assert!(allowed("https://a.example").await);
    assert!(allowed("https://b.example").await);
    assert!(!allowed("https://c.example").await);
    assert!(!allowed("http://localhost:5173").await);
}
