//! `/files`: bytes both ways, zips, and paths that try to get out.

use std::io::{Cursor, Read};
use std::time::Duration;

use futures_util::stream;
use reqwest::{Body, Method, Response};
use serde_json::json;

use crate::support::*;

async fn zip(sandbox: &Sandbox<'_>, path: &str) -> Response {
    let request = sandbox
        .data(Method::GET, "/files")
        .query(&[("path", path), ("format", "zip")]);
    request.send().await.unwrap()
}

#[tokio::test]
async fn bytes_come_back_as_they_went() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let bytes: Vec<u8> = (0..=255).cycle().take(3_000_001).collect();
    for (path, content) in [
        ("/app/deep/er/x.bin", bytes.as_slice()),
        ("/app/empty", b""),
        ("/tmp/é ?&#.txt", b"odd"),
    ] {
        assert!(
            sandbox
                .write(path, content.to_vec())
                .await
                .status()
                .is_success()
        );
        let read = sandbox.read(path).await;
        assert_eq!(read.status(), 200);
        assert!(read.bytes().await.unwrap() == content, "{path}");
    }
    assert_eq!(
        sandbox.sh("wc -c < /app/deep/er/x.bin").await.trim(),
        "3000001"
    );
    assert_eq!(
        sandbox.sh("stat -c %a /app/deep /app/empty").await,
        "755\n644\n"
    );
    // A shorter one replaces the longer whole, with its permissions and through a symlink.
    sandbox.sh("chmod 750 /app/deep/er/x.bin; ln -s ../deep/er/x.bin /app/deep/link; ln -s nowhere/new /app/dangling").await;
    assert!(
        sandbox
            .write("/app/deep/link", "short")
            .await
            .status()
            .is_success()
    );
    assert_eq!(
        sandbox
            .sh("cat /app/deep/er/x.bin; stat -c ' %a' /app/deep/er/x.bin")
            .await,
        "short 750\n"
    );
    assert_eq!(
        sandbox.sh("test -L /app/deep/link && echo link").await,
        "link\n"
    );
    assert!(
        sandbox
            .write("/app/dangling", "new")
            .await
            .status()
            .is_success()
    );
    assert_eq!(sandbox.sh("cat /app/nowhere/new").await, "new");
}

#[tokio::test]
async fn what_a_command_writes_is_read_and_so_is_the_host() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    sandbox
        .sh("mkdir -p /app && echo made > /app/by-command && ln -s by-command /app/link")
        .await;
    assert_eq!(
        sandbox.read("/app/by-command").await.text().await.unwrap(),
        "made\n"
    );
    assert_eq!(
        sandbox.read("/app/link").await.text().await.unwrap(),
        "made\n"
    );
    let hostname = std::fs::read_to_string("/etc/hostname").unwrap();
    assert_eq!(
        sandbox.read("/etc/hostname").await.text().await.unwrap(),
        hostname
    );
    // Says that it is empty, and is not.
    assert!(
        sandbox
            .read("/proc/meminfo")
            .await
            .text()
            .await
            .unwrap()
            .contains("MemTotal")
    );
}

#[tokio::test]
async fn bad_paths_are_refused() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    for path in ["/../etc/passwd", "/a/..", "/a/../b", "../x"] {
        assert_plain(sandbox.read(path).await, 400, "path traversal not allowed").await;
        assert_plain(
            sandbox.write(path, "x").await,
            400,
            "path traversal not allowed",
        )
        .await;
    }
    for path in ["", "relative", "/nul\0"] {
        assert_plain(sandbox.read(path).await, 400, "path").await;
    }
    assert_plain(
        sandbox.data(Method::GET, "/files").send().await.unwrap(),
        400,
        "path is missing",
    )
    .await;
    assert_plain(sandbox.read("/no/such").await, 404, "").await;
    assert_plain(zip(&sandbox, "/no/such").await, 404, "").await;
    assert_plain(sandbox.read("/tmp").await, 400, "directory").await;
    assert_plain(sandbox.write("/tmp", "x").await, 400, "directory").await;
    assert_plain(sandbox.write("/new/", "x").await, 400, "directory").await;
    assert_plain(sandbox.write("/etc/hostname/x", "x").await, 400, "").await;
    assert_plain(sandbox.write("/dev/null", "x").await, 400, "regular file").await;
    assert_plain(sandbox.read("/dev/zero").await, 400, "regular file").await;
    assert_plain(sandbox.read("/etc/hostname/").await, 400, "").await;
    sandbox.sh("mkfifo /tmp/pipe; ln -s loop /tmp/loop").await;
    assert_plain(sandbox.read("/tmp/pipe").await, 400, "regular file").await;
    assert_plain(sandbox.read("/tmp/loop").await, 400, "").await;
    assert_plain(sandbox.write("/tmp/loop", "x").await, 400, "symlinks").await;
    let format = sandbox
        .data(Method::GET, "/files?path=/tmp&format=tar")
        .send()
        .await
        .unwrap();
    assert_plain(format, 400, "no such format").await;
}

#[tokio::test]
async fn symlinks_do_not_lead_out_of_the_sandbox() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let secret = server.data_dir.join("host-secret");
    std::fs::write(&secret, "host").unwrap();
    let secret = secret.to_str().unwrap();
    let up = "../".repeat(30);
    sandbox.sh(&format!("ln -s {secret} /tmp/abs; ln -s {up}{secret} /tmp/rel; ln -s /proc/1/root /tmp/init; ln -s / /tmp/top")).await;
    for path in ["/tmp/abs", "/tmp/rel"] {
        assert_eq!(sandbox.read(path).await.status(), 404, "{path}");
    }
    let through = format!("/tmp/init{secret}");
    assert_ne!(sandbox.read(&through).await.status(), 200);
    assert!(
        sandbox
            .write("/tmp/abs", "inside")
            .await
            .status()
            .is_success()
    );
    assert!(
        sandbox
            .write("/tmp/top/written", "inside")
            .await
            .status()
            .is_success()
    );
    assert_eq!(std::fs::read_to_string(secret).unwrap(), "host");
    assert!(!std::path::Path::new("/written").exists());
    assert_eq!(
        sandbox.sh(&format!("cat {secret} /written")).await,
        "insideinside"
    );
}

#[tokio::test]
async fn a_directory_comes_as_a_zip() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    sandbox
        .sh("mkdir -p /app/proj/sub /app/proj/empty; cd /app/proj; printf one > a.txt; printf two > sub/é.txt
             seq 1 200000 > sub/long; chmod 755 sub/long; TZ=UTC touch -d '2001-02-03 04:05:06' a.txt empty; ln -s a.txt link; ln -s /etc etc; mkfifo pipe; chmod 000 sub/é.txt")
        .await;
    let response = zip(&sandbox, "/app/proj/").await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/zip");
    let mut archive = zip::ZipArchive::new(Cursor::new(response.bytes().await.unwrap())).unwrap();
    let names: Vec<String> = archive
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(
        sorted,
        [
            "proj/",
            "proj/a.txt",
            "proj/empty/",
            "proj/sub/",
            "proj/sub/long",
            "proj/sub/é.txt"
        ]
    );
    let mut content = |name: &str| {
        let mut text = String::new();
        archive
            .by_name(name)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    };
    assert_eq!(content("proj/a.txt"), "one");
    assert_eq!(content("proj/sub/é.txt"), "two");
    assert!(content("proj/sub/long").ends_with("\n200000\n"));
    assert_eq!(
        archive
            .by_name("proj/sub/long")
            .unwrap()
            .unix_mode()
            .unwrap()
            & 0o777,
        0o755
    );
    for name in ["proj/a.txt", "proj/empty/"] {
        let entry = archive.by_name(name).unwrap();
        let time = entry.last_modified().unwrap().to_string();
        assert_eq!(time, "2001-02-03 04:05:06", "{name}");
        let zip::ExtraField::ExtendedTimestamp(utc) = entry.extra_data_fields().next().unwrap()
        else {
            panic!("{name} has no time in UTC");
        };
        assert_eq!(utc.mod_time(), Some(981_173_106), "{name}");
    }
    // Python's reader is stricter about streamed archives.
    sandbox
        .write(
            "/tmp/x.zip",
            zip(&sandbox, "/app/proj").await.bytes().await.unwrap(),
        )
        .await;
    assert_eq!(
        sandbox.sh("python3 -m zipfile -t /tmp/x.zip").await,
        "Done testing\n"
    );
    let file = zip(&sandbox, "/app/proj/a.txt").await;
    assert_eq!(file.text().await.unwrap(), "one");
}

#[tokio::test]
async fn an_upload_that_breaks_off_changes_nothing() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    sandbox.write("/app/file", "old").await;
    let half = stream::unfold(0, async |sent| match sent {
        0 => Some((Ok("n".repeat(100_000)), 1)),
        1 => {
            tokio::time::sleep(Duration::from_millis(100)).await;
            Some((Err(std::io::Error::other("broke")), 2))
        }
        _ => None,
    });
    let request = sandbox
        .data(Method::POST, "/files?path=/app/file")
        .body(Body::wrap_stream(half));
    assert!(request.send().await.is_err());
    eventually("only the old file", async || {
        sandbox.sh("ls -A /app").await == "file\n"
    })
    .await;
    assert_eq!(sandbox.read("/app/file").await.text().await.unwrap(), "old");
}

#[tokio::test]
async fn a_full_disk_is_said() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    // The sandbox's /dev is a file system of one megabyte.
    let response = sandbox.write("/dev/big", vec![1; 4 << 20]).await;
    assert_plain(response, 507, "No space left").await;
    assert_eq!(
        sandbox
            .sh("ls -A /dev | grep -c -e big -e superserve || true")
            .await,
        "0\n"
    );
}

#[tokio::test]
async fn an_early_error_reaches_a_client_that_is_still_sending() {
    let server = Server::start(&[]);
    let mut sandbox = server.create().await;
    let token = std::mem::replace(&mut sandbox.token, "stale".to_owned());
    assert_plain(
        sandbox.write("/tmp/x", vec![1; 20 << 20]).await,
        401,
        "invalid",
    )
    .await;
    sandbox.token = token;
    assert_plain(
        sandbox.write("/tmp/../x", vec![1; 20 << 20]).await,
        400,
        "traversal",
    )
    .await;
    assert_eq!(sandbox.step("pause").await.status(), 204);
    assert_plain(
        sandbox.write("/tmp/x", vec![1; 20 << 20]).await,
        503,
        "not running",
    )
    .await;
}

#[tokio::test]
async fn too_much_is_refused_by_its_announcement() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let address = server.base_url.strip_prefix("http://").unwrap();
    let request = format!(
        "POST /files?path=/x HTTP/1.1\r\nHost: {address}\r\nX-Access-Token: {}\r\nContent-Length: {}\r\n\r\n",
        sandbox.token,
        (4u64 << 30) + 1,
    );
    let mut socket = std::net::TcpStream::connect(address).unwrap();
    std::io::Write::write_all(&mut socket, request.as_bytes()).unwrap();
    let mut answer = [0; 12];
    socket.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn large_files_pass_without_filling_the_memory() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let before = server.peak_mib();
    let chunk = bytes::Bytes::from(vec![7; 1 << 20]);
    let chunks = stream::iter((0..256).map(move |_| Ok::<_, std::io::Error>(chunk.clone())));
    assert!(
        sandbox
            .write("/tmp/big", Body::wrap_stream(chunks))
            .await
            .status()
            .is_success()
    );
    let mut response = sandbox.read("/tmp/big").await;
    assert_eq!(response.content_length(), Some(256 << 20));
    let mut total = 0;
    while let Some(chunk) = response.chunk().await.unwrap() {
        total += chunk.len();
    }
    assert_eq!(total, 256 << 20);
    let grown = server.peak_mib() - before;
    assert!(grown < 64, "{grown} MiB for a file of 256");
    assert_eq!(
        sandbox
            .exec(json!({ "command": "stat -c %s /tmp/big" }))
            .await["stdout"],
        "268435456\n"
    );
}
