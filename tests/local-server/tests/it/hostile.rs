//! What runs in a sandbox is trusted by nobody, and neither are its clients: neither harms the
//! server or another sandbox.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;

use futures_util::future::join_all;
use futures_util::{SinkExt, StreamExt};
use nix::sys::signal::Signal;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;

use crate::support::*;
use crate::web_socket::dial;

/// Makes directories in one another, below a path.
fn dig(path: &str, levels: u32) -> String {
    format!(
        "python3 -c \"
import os
os.makedirs('{path}')
os.chdir('{path}')
for _ in range({levels}): os.mkdir('d'); os.chdir('d')\""
    )
}

async fn works(sandbox: &Sandbox<'_>) {
    assert_eq!(sandbox.sh("echo alive").await, "alive\n");
    assert!(sandbox.write("/tmp/own", "own").await.status().is_success());
    let read = sandbox.read("/tmp/own").await;
    assert_eq!(read.text().await.unwrap(), "own");
}

#[tokio::test]
async fn the_files_api_reads_no_more_than_a_command() {
    let server = Server::start_with(BINARY.as_ref(), &[], |command| {
        command.env("CANARY", "of-the-developers-environment");
    });
    let sandbox = server.create().await;
    for path in [
        "/proc/1/environ",
        "/proc/1/task/1/environ",
        "/proc/1/maps",
        "/proc/1/auxv",
        "/proc/1/mem",
        "/proc/1/stack",
        "/proc/1/root/etc/hostname",
        "/proc/self/environ",
        "/proc/self/maps",
        "/proc/thread-self/environ",
    ] {
        let response = sandbox.read(path).await;
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(
            [403, 404, 400].contains(&status.as_u16()),
            "{path}: {status} {text}"
        );
    }
    for path in ["/proc/kallsyms", "/proc/iomem"] {
        let inside = sandbox.sh(&format!("head -n 20 {path}")).await;
        let read = sandbox.read(path).await.text().await.unwrap();
        assert!(read.starts_with(&inside), "{path}");
    }
    // Whatever has its own environment has nothing of the server's.
    assert_eq!(
        sandbox
            .sh("cat /proc/[0-9]*/environ | grep -c CANARY || true")
            .await,
        "0\n"
    );
}

#[tokio::test]
async fn the_files_api_has_the_rights_of_the_templates_user() {
    let server = Server::start(&["--ready-lag-ms", "0"]);
    server
        .template(
            "with-user",
            json!({ "from": "debian", "steps": [
                { "run": "mkdir /srv/all && chmod 777 /srv/all && cd /srv/all && echo s > secret && chmod 600 secret
                          echo r > readable; mkdir closed; touch closed/in; chmod 700 closed" },
                { "user": { "name": "app" } },
            ] }),
        )
        .await;
    let sandbox = server
        .create_with(json!({ "from_template": "with-user" }))
        .await;
    assert_eq!(sandbox.read("/srv/all/secret").await.status(), 403);
    assert_eq!(sandbox.read("/srv/all/closed/in").await.status(), 403);
    assert_eq!(sandbox.write("/etc/new", "x").await.status(), 403);
    assert_eq!(sandbox.write("/srv/new/file", "x").await.status(), 403);
    // Its directory is everybody's, and the file is not.
    assert_eq!(sandbox.write("/srv/all/readable", "x").await.status(), 403);
    assert!(
        sandbox
            .write("/srv/all/a/b", "x")
            .await
            .status()
            .is_success()
    );
    assert!(
        sandbox
            .write("/home/app/c", "x")
            .await
            .status()
            .is_success()
    );
    let owners = sandbox
        .sh("stat -c '%U %G %a' /srv/all/a /srv/all/a/b ~/c; cat /srv/all/readable")
        .await;
    assert_eq!(owners, "app app 755\napp app 644\napp app 644\nr\n");
    let request = sandbox.data(reqwest::Method::GET, "/files?path=/srv/all&format=zip");
    let bytes = request.send().await.unwrap().bytes().await.unwrap();
    let archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let names: Vec<_> = archive
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    assert_eq!(names, ["all/", "all/a/", "all/a/b", "all/readable"]);
}

#[tokio::test]
async fn no_tree_is_too_deep() {
    let mut server = Server::start(&["--ready-lag-ms", "0"]);
    let (deep, other) = (server.create().await, server.create().await);
    deep.sh(&dig("/home/user/deep", 4_000)).await;
    let request = deep.data(
        reqwest::Method::GET,
        "/files?path=/home/user/deep&format=zip",
    );
    let bytes = request.send().await.unwrap().bytes().await.unwrap();
    let archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    assert_eq!(archive.len(), 4_001);
    // An archive of it would be larger than all memory; it breaks off, and nothing else does.
    deep.sh(&dig("/home/user/deeper", 30_000)).await;
    let request = deep.data(
        reqwest::Method::GET,
        "/files?path=/home/user/deeper&format=zip",
    );
    assert!(request.send().await.unwrap().bytes().await.is_err());
    works(&deep).await;
    assert_eq!(deep.delete().await.status(), 204);
    let steps = json!([{ "run": dig("/opt/deep", 20_000) }]);
    let template = server
        .template("deep", json!({ "from": "debian", "steps": steps }))
        .await;
    let path = format!("/templates/{}", text(&template["id"]));
    let deleted = server.control(reqwest::Method::DELETE, &path).send().await;
    assert_eq!(deleted.unwrap().status(), 204);
    works(&other).await;
    assert_eq!(server.stop(Signal::SIGTERM).code(), Some(0));
    assert_eq!(std::fs::read_dir(&server.data_dir).unwrap().count(), 0);
}

#[tokio::test]
async fn a_pipe_in_place_of_the_list_of_users_holds_up_nothing() {
    let mut server = Server::start(&["--ready-lag-ms", "0"]);
    let spec = json!({ "from": "debian", "steps": [
        { "run": "cp /bin/bash /opt/as-root && chmod 4755 /opt/as-root" },
        { "user": { "name": "app" } },
    ] });
    server.template("as-root", spec).await;
    let (sandbox, other) = (
        server
            .create_with(json!({ "from_template": "as-root" }))
            .await,
        server.create().await,
    );
    sandbox
        .sh("/opt/as-root -p -c 'rm /etc/passwd && mkfifo /etc/passwd'")
        .await;
    let unknown = "no such user: app";
    assert_plain(
        sandbox.exec_response(json!({ "command": "true" })).await,
        400,
        unknown,
    )
    .await;
    assert_file_error(sandbox.write("/tmp/x", "x").await, 400, unknown).await;
    assert_file_error(sandbox.read("/tmp/x").await, 400, unknown).await;
    let protocols = format!("superserve.terminal.v1, token.{}", sandbox.token);
    for refused in join_all((0..8).map(|_| dial(&server, "/terminal", &protocols))).await {
        assert_eq!(refused.err().unwrap().0, 400);
    }
    works(&other).await;
    assert_eq!(sandbox.delete().await.status(), 204);
    assert_eq!(server.stop(Signal::SIGTERM).code(), Some(0));
}

#[tokio::test]
async fn clients_that_do_not_read_hold_up_only_themselves() {
    let server = Server::start(&[]);
    let (slow, other) = (server.create().await, server.create().await);
    slow.sh("head -c 30000000 /dev/zero > /home/user/big").await;
    let before = server.peak_mib();
    let sockets = join_all((0..600).map(async |_| {
        let mut socket = tokio::net::TcpStream::connect(server.address())
            .await
            .unwrap();
        let request = format!(
            "GET /files?path=/home/user/big HTTP/1.1\r\nHost: {}\r\nX-Access-Token: {}\r\n\r\n",
            server.address(),
            slow.token,
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut first = [0; 12];
        socket.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        socket
    }))
    .await;
    works(&other).await;
    works(&slow).await;
    assert!(
        server.peak_mib() - before < 256,
        "{} MiB",
        server.peak_mib() - before
    );
    assert_eq!(slow.delete().await.status(), 204);
    works(&other).await;
    drop(sockets);
}

#[tokio::test]
async fn a_terminals_input_does_not_pile_up() {
    let server = Server::start(&["--terminal-unread-s", "1"]);
    let sandbox = server.create().await;
    let protocols = format!("superserve.terminal.v1, token.{}", sandbox.token);
    let mut socket = dial(&server, "/terminal", &protocols).await.unwrap();
    socket
        .binary("stty raw -echo; echo re\"\"ady; exec sleep 600\r")
        .await;
    socket.until("ready").await;
    let before = server.peak_mib();
    let (mut sender, mut receiver) = socket.stream.split();
    let typing = async {
        let mut sent = 0;
        while sent < 300 << 20
            && sender
                .send(Message::binary(vec![b'a'; 60_000]))
                .await
                .is_ok()
        {
            sent += 60_000;
        }
        sent
    };
    let closing = async {
        loop {
            if let Some(Ok(Message::Close(Some(frame)))) = receiver.next().await {
                break frame.reason.to_string();
            }
        }
    };
    let reason = tokio::select! {
        biased;
        reason = closing => reason,
        sent = typing => panic!("{sent} bytes were taken"),
    };
    assert_eq!(reason, "input is not read");
    assert!(
        server.peak_mib() - before < 64,
        "{} MiB",
        server.peak_mib() - before
    );
}

#[tokio::test]
async fn outputs_of_bytes_that_json_makes_six_of_do_not_fill_the_memory() {
    let server = Server::start(&["--max-output-bytes", "25000000"]);
    let sandbox = server.create().await;
    let before = server.peak_mib();
    join_all((0..4).map(async |_| {
        let command = "head -c 24000000 /dev/zero; echo é >&2";
        let response = sandbox.exec_response(json!({ "command": command })).await;
        let bytes = response.bytes().await.unwrap();
        let zeros = bytes.strip_prefix(b"{\"stdout\":\"").unwrap();
        let (zeros, rest) = zeros.split_at(6 * 24_000_000);
        assert!(zeros.chunks(6).all(|zero| zero == b"\\u0000"));
        assert_eq!(rest, "\",\"stderr\":\"é\\n\",\"exit_code\":0}".as_bytes());
    }))
    .await;
    let grown = server.peak_mib() - before;
    assert!(grown < 200, "{grown} MiB for 96 of output");
}

#[tokio::test]
async fn the_outputs_of_one_sandbox_are_bounded_together() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let before = server.peak_mib();
    // None ends before all have written: their outputs are in memory at once.
    let command = "head -c 60000000 /dev/zero | tr '\\0' a; touch /tmp/done.$$
                   until [ $(ls /tmp/done.* | wc -l) = 8 ]; do sleep 0.05; done";
    let body = json!({ "command": command, "timeout_s": 600 });
    let results = join_all((0..8).map(|_| sandbox.exec(body.clone()))).await;
    let kept: usize = results.iter().map(|one| text(&one["stdout"]).len()).sum();
    assert!(results.iter().any(|one| one["truncated"] == true));
    assert!(kept <= 256 << 20 && kept > 200 << 20, "{kept}");
    let grown = server.peak_mib() - before;
    assert!(grown < 400, "{grown} MiB");
    // All of it is there for others again.
    let again = sandbox
        .exec(json!({ "command": "head -c 60000000 /dev/zero | tr '\\0' a" }))
        .await;
    assert_eq!(text(&again["stdout"]).len(), 60_000_000);
}

#[tokio::test]
async fn a_connection_without_a_whole_request_is_closed() {
    let server = Server::start(&["--head-timeout-s", "1"]);
    for start in ["", "GET /sandboxes HTTP/1.1\r\nHost: x\r\nX-API-K"] {
        let mut socket = TcpStream::connect(server.address()).unwrap();
        socket.write_all(start.as_bytes()).unwrap();
        let mut rest = Vec::new();
        socket.read_to_end(&mut rest).unwrap();
    }
}

/// Device nodes where the host has them, outside `/dev`.
struct Nodes(PathBuf);

impl Drop for Nodes {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

#[tokio::test]
async fn devices_of_the_host_do_not_work() {
    // Nobody else can make one.
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let nodes = Nodes(PathBuf::from(format!(
        "/var/lib/local-server-nodes-{}",
        unique()
    )));
    std::fs::create_dir(&nodes.0).unwrap();
    let zero = nodes.0.join("zero");
    let mode = nix::sys::stat::Mode::from_bits_truncate(0o666);
    let device = nix::sys::stat::makedev(1, 5);
    nix::sys::stat::mknod(&zero, nix::sys::stat::SFlag::S_IFCHR, mode, device).unwrap();
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let result = sandbox
        .exec(json!({ "command": format!("head -c 4 {}", zero.display()) }))
        .await;
    assert_eq!(result["stdout"], "", "{result}");
    assert!(
        text(&result["stderr"]).contains("Permission denied"),
        "{result}"
    );
    assert_eq!(sandbox.sh("head -c 4 /dev/zero | wc -c").await, "4\n");
}
