//! `GET /files` in parts, with the file's length and time.

use reqwest::{Method, Response};

use crate::support::*;

async fn part(sandbox: &Sandbox<'_>, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = sandbox.data(Method::GET, "/files").query(&[("path", path)]);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

fn header(response: &Response, name: &str) -> String {
    let value = response.headers().get(name);
    value
        .map(|value| value.to_str().unwrap().to_owned())
        .unwrap_or_default()
}

#[tokio::test]
async fn a_part_of_a_file_is_what_was_asked_for() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let bytes: Vec<u8> = (0..=255).cycle().take(1_000_000).collect();
    sandbox.write("/tmp/x", bytes.clone()).await;
    sandbox
        .sh("touch -d '2026-01-02 03:04:05 UTC' /tmp/x")
        .await;
    let whole = part(&sandbox, "/tmp/x", &[]).await;
    assert_eq!(whole.status(), 200);
    assert_eq!(header(&whole, "content-length"), "1000000");
    assert_eq!(header(&whole, "accept-ranges"), "bytes");
    let modified = "Fri, 02 Jan 2026 03:04:05 GMT";
    assert_eq!(header(&whole, "last-modified"), modified);
    assert!(whole.bytes().await.unwrap() == bytes);
    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=400000-700000", 400_000, 700_001),
        ("bytes=999999-", 999_999, 1_000_000),
        ("bytes=-3", 999_997, 1_000_000),
        ("bytes=10-99999999", 10, 1_000_000),
    ] {
        let response = part(&sandbox, "/tmp/x", &[("range", range)]).await;
        assert_eq!(response.status(), 206, "{range}");
        assert_eq!(
            header(&response, "content-range"),
            format!("bytes {from}-{}/1000000", to - 1)
        );
        assert_eq!(header(&response, "content-length"), (to - from).to_string());
        assert_eq!(header(&response, "last-modified"), modified);
        assert!(
            response.bytes().await.unwrap() == bytes[from..to],
            "{range}"
        );
    }
    let behind = part(&sandbox, "/tmp/x", &[("range", "bytes=1000000-")]).await;
    assert_eq!(header(&behind, "content-range"), "bytes */1000000");
    assert_plain(behind, 416, "range").await;
    for unreadable in ["bytes=2-1", "lines=1-2", "bytes=0-1,5-6"] {
        let response = part(&sandbox, "/tmp/x", &[("range", unreadable)]).await;
        assert_eq!(response.status(), 200, "{unreadable}");
    }
    // A condition that does not hold any more gives the file as it is now.
    for (date, status) in [(modified, 206), ("Thu, 01 Jan 2026 00:00:00 GMT", 200)] {
        let headers = [("range", "bytes=0-9"), ("if-range", date)];
        assert_eq!(part(&sandbox, "/tmp/x", &headers).await.status(), status);
    }
}

#[tokio::test]
async fn an_empty_file_has_a_length_and_a_kernels_view_has_none() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    sandbox.write("/tmp/empty", "").await;
    let empty = part(&sandbox, "/tmp/empty", &[("range", "bytes=0-")]).await;
    assert_eq!(empty.status(), 200);
    assert_eq!(header(&empty, "content-length"), "0");
    let view = part(&sandbox, "/proc/meminfo", &[("range", "bytes=0-1")]).await;
    assert_eq!(view.status(), 200);
    assert_eq!(header(&view, "content-length"), "");
    assert!(view.text().await.unwrap().starts_with("MemTotal"));
}

#[tokio::test]
async fn an_upload_says_what_it_wrote() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let written = sandbox.write("/tmp//new/./file", "abc").await;
    assert_eq!(written.status(), 200);
    assert_eq!(
        written.json::<serde_json::Value>().await.unwrap(),
        serde_json::json!({ "path": "/tmp//new/./file", "size": 3 })
    );
}
