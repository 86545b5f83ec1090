//! Preview ports: published, guarded, reached by their own host names.

use futures_util::StreamExt;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::*;
use crate::web_socket::dial_host;

/// A server in the sandbox that says what it was asked.
const ECHO: &str = r#"
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        length = int(self.headers.get("Content-Length", 0))
        body = "\n".join([self.command, self.path, str(self.headers), self.rfile.read(length).decode()]).encode()
        self.send_response(201)
        self.send_header("X-From", "sandbox")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    do_POST = do_GET
    def log_message(self, *args): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"#;

/// Starts the echo server; its port.
async fn echo(sandbox: &Sandbox<'_>) -> u16 {
    sandbox.write("/tmp/echo.py", ECHO).await;
    let started = "python3 /tmp/echo.py > /tmp/port 2>&1 & until test -s /tmp/port; do sleep 0.05; done; cat /tmp/port";
    sandbox.sh(started).await.trim().parse().unwrap()
}

fn host(sandbox: &Sandbox<'_>, port: u16) -> String {
    let own = sandbox.server.base_url.rsplit(':').next().unwrap();
    format!("{port}-{}.localhost:{own}", sandbox.id)
}

async fn visit(sandbox: &Sandbox<'_>, port: u16, path: &str) -> Response {
    let url = format!("{}{path}", sandbox.server.base_url);
    sandbox
        .server
        .client
        .get(url)
        .header("Host", host(sandbox, port))
        .send()
        .await
        .unwrap()
}

async fn ports(sandbox: &Sandbox<'_>, path: &str, body: Value) -> Value {
    let path = format!("/sandboxes/{}/preview-ports{path}", sandbox.id);
    let response = sandbox.server.post(&path, body).await;
    let status = response.status();
    let body: Value = response.json().await.unwrap();
    assert!(status.is_success(), "{body}");
    body
}

#[tokio::test]
async fn a_port_is_reached_by_its_host_name() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let port = echo(&sandbox).await;
    let request = server
        .client
        .post(format!("{}/a/b?x=%20y", server.base_url));
    let request = request
        .header("Host", host(&sandbox, port))
        .header("Cookie", "own=1")
        .body("content");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["x-from"], "sandbox");
    let body = response.text().await.unwrap();
    assert!(
        body.starts_with("POST\n/a/b?x=%20y\n") && body.ends_with("\ncontent"),
        "{body}"
    );
    assert!(
        body.contains("own=1")
            && body
                .to_lowercase()
                .contains(&format!("host: {}", host(&sandbox, port))),
        "{body}"
    );

    // What listens elsewhere on this machine is not the sandbox's.
    let other = server.create().await;
    for (sandbox, port) in [(&other, port), (&sandbox, 65_000)] {
        let response = visit(sandbox, port, "/").await;
        assert_eq!(response.headers()["retry-after"], "2");
        assert_plain(response, 502, "sandbox unreachable").await;
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host_port = listener.local_addr().unwrap().port();
    assert_plain(
        visit(&sandbox, host_port, "/").await,
        502,
        "sandbox unreachable",
    )
    .await;
    assert_plain(visit(&sandbox, 80, "/").await, 400, "cannot be previewed").await;
    assert_eq!(sandbox.step("pause").await.status(), 204);
    assert_plain(visit(&sandbox, port, "/").await, 503, "not running").await;
    assert_eq!(sandbox.delete().await.status(), 204);
    assert_plain(visit(&sandbox, port, "/").await, 404, "sandbox not found").await;
}

#[tokio::test]
async fn ports_are_published_listed_and_withdrawn() {
    let server = Server::start(&[]);
    let sandbox = server
        .create_with(json!({ "preview_access": "private" }))
        .await;
    let path = format!("/sandboxes/{}/preview-ports", sandbox.id);
    assert_eq!(
        server.json(&path).await,
        json!({ "preview_access": "private", "ports": [] })
    );
    let first = ports(&sandbox, "", json!({ "port": 3000 })).await;
    assert_eq!(
        first,
        json!({ "port": 3000, "token_version": 1, "access": "private" })
    );
    let second = ports(&sandbox, "", json!({ "port": 1024, "access": "public" })).await;
    assert_eq!(server.json(&path).await["ports"], json!([second, first]));
    for bad in [
        json!({}),
        json!({ "port": 80 }),
        json!({ "port": 49_983 }),
        json!({ "port": 65_536 }),
        json!({ "port": "x" }),
        json!({ "port": 3000, "access": "x" }),
        json!({ "port": 3000, "x": 1 }),
    ] {
        assert_error(server.post(&path, bad).await, 400, "bad_request").await;
    }
    let withdraw = async |port: &str| {
        server
            .control(Method::DELETE, &format!("{path}/{port}"))
            .send()
            .await
            .unwrap()
    };
    assert_eq!(withdraw("3000").await.status(), 204);
    assert_error(withdraw("3000").await, 404, "not_found").await;
    assert_error(withdraw("80").await, 400, "bad_request").await;
    assert_error(withdraw("x").await, 400, "bad_request").await;
    assert_error(
        server.post(&format!("{path}/3000/token"), json!({})).await,
        404,
        "not_found",
    )
    .await;
    let plain = server.create().await;
    let path = format!("/sandboxes/{}/preview-ports", plain.id);
    assert_eq!(server.json(&path).await["preview_access"], "legacy_public");
    assert_eq!(
        ports(&plain, "", json!({ "port": 3000 })).await["access"],
        "public"
    );
}

#[tokio::test]
async fn a_private_port_needs_its_token() {
    let server = Server::start(&[]);
    let sandbox = server
        .create_with(json!({ "preview_access": "private" }))
        .await;
    let port = echo(&sandbox).await;
    assert_plain(visit(&sandbox, port, "/").await, 404, "not published").await;
    ports(&sandbox, "", json!({ "port": port })).await;
    assert_plain(visit(&sandbox, port, "/").await, 401, "preview token").await;
    // Without a body too.
    let issued = server.control(
        Method::POST,
        &format!("/sandboxes/{}/preview-ports/{port}/token", sandbox.id),
    );
    let issued: Value = issued.send().await.unwrap().json().await.unwrap();
    assert_eq!(
        (&issued["port"], &issued["access"], &issued["token_version"]),
        (&json!(port), &json!("private"), &json!(1))
    );
    assert!(issued.get("expires_at").is_none());
    let (token, header) = (text(&issued["token"]), text(&issued["header"]));
    let query = text(&issued["query_param"]);

    let url = format!("{}/page?a=1", server.base_url);
    let by_header = server
        .client
        .get(&url)
        .header("Host", host(&sandbox, port))
        .header(&header, &token);
    let body = by_header.send().await.unwrap().text().await.unwrap();
    assert!(
        body.starts_with("GET\n/page?a=1\n") && !body.contains(&token),
        "{body}"
    );
    let opened = visit(&sandbox, port, &format!("/page?{query}={token}&a=1")).await;
    assert_eq!(opened.status(), 201);
    let cookie = opened.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly"), "{cookie}");
    assert!(
        !opened.text().await.unwrap().contains(&token),
        "the sandbox saw the token"
    );
    let cookie = cookie.split(';').next().unwrap();
    let by_cookie = server
        .client
        .get(&url)
        .header("Host", host(&sandbox, port))
        .header("Cookie", format!("own=1; {cookie}"));
    let body = by_cookie.send().await.unwrap().text().await.unwrap();
    assert!(body.contains("own=1") && !body.contains(&token), "{body}");

    // Opened by the cookie; what a link says beside it is not to be one.
    for link in [
        "x",
        "x; Domain=localhost; Max-Age=9",
        &format!("{token};Path=/a"),
    ] {
        let url = format!(
            "{}/page?{query}={}",
            server.base_url,
            link.replace(' ', "%20")
        );
        let request = server.client.get(url).header("Host", host(&sandbox, port));
        let opened = request.header("Cookie", cookie).send().await.unwrap();
        assert_eq!(opened.status(), 201);
        assert!(!opened.headers().contains_key("set-cookie"), "{link}");
    }

    let last = if token.ends_with('0') { '1' } else { '0' };
    let tampered = format!("{}{last}", &token[..token.len() - 1]);
    for bad in [tampered.as_str(), "x", ""] {
        assert_eq!(
            visit(&sandbox, port, &format!("/?{query}={bad}"))
                .await
                .status(),
            401
        );
    }
    let rotated = ports(
        &sandbox,
        &format!("/{port}/token/rotate"),
        json!({ "expires_in_seconds": 3600 }),
    )
    .await;
    assert_eq!(rotated["token_version"], 2);
    text(&rotated["expires_at"])
        .parse::<jiff::Timestamp>()
        .unwrap();
    let old = visit(&sandbox, port, &format!("/?{query}={token}")).await;
    assert_eq!(old.status(), 401);
    let fresh = format!("/?{query}={}", text(&rotated["token"]));
    assert_eq!(visit(&sandbox, port, &fresh).await.status(), 201);
    let short = ports(
        &sandbox,
        &format!("/{port}/token"),
        json!({ "expires_in_seconds": 1 }),
    )
    .await;
    let short = format!("/?{query}={}", text(&short["token"]));
    eventually("expired", async || {
        visit(&sandbox, port, &short).await.status() == 401
    })
    .await;
    let path = format!("/sandboxes/{}/preview-ports/{port}/token", sandbox.id);
    let longest = server.post(&path, json!({ "expires_in_seconds": 604_800 }));
    assert_eq!(longest.await.status(), 200);
    let longer = server.post(&path, json!({ "expires_in_seconds": 604_801 }));
    assert_error(longer.await, 400, "bad_request").await;
    let bad = server.post(&path, json!({ "expires_in_seconds": 0 })).await;
    assert_error(bad, 400, "bad_request").await;

    ports(&sandbox, "", json!({ "port": port, "access": "public" })).await;
    assert_eq!(visit(&sandbox, port, "/").await.status(), 201);
}

#[tokio::test]
async fn bodies_stream_and_sockets_upgrade() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let script = r#"
import base64, hashlib, os, socket, threading, time
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
def serve(peer):
    head = b""
    while b"\r\n\r\n" not in head: head += peer.recv(4096)
    fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:] if ": " in line)
    key = {name.lower(): value for name, value in fields.items()}.get("sec-websocket-key")
    if key:
        accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        peer.sendall(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: own\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode())
        peer.sendall(b"\x82\x05hello")
        peer.recv(4096)
    else:
        peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        peer.sendall(b"3\r\none\r\n")
        while not os.path.exists("/tmp/heard"): time.sleep(0.05)
        peer.sendall(b"3\r\ntwo\r\n0\r\n\r\n")
    peer.close()
while True: threading.Thread(target=serve, args=(listener.accept()[0],)).start()
"#;
    sandbox.write("/tmp/s.py", script).await;
    let port = sandbox.sh("python3 /tmp/s.py > /tmp/port 2>&1 & until test -s /tmp/port; do sleep 0.05; done; cat /tmp/port").await;
    let port = port.trim().parse().unwrap();
    let response = visit(&sandbox, port, "/").await;
    assert_eq!(response.status(), StatusCode::OK);
    let mut body = response.bytes_stream();
    assert_eq!(body.next().await.unwrap().unwrap(), "one");
    // What is not held back is heard before more is said.
    sandbox.write("/tmp/heard", "").await;
    assert_eq!(body.next().await.unwrap().unwrap(), "two");
    let mut socket = dial_host(&server, Some(&host(&sandbox, port)), "/ws", "own")
        .await
        .unwrap();
    socket.until("hello").await;
}
