//! What a sandbox cannot see and cannot change.

use std::path::Path;

use futures_util::future::join_all;
use nix::sys::signal::Signal;
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn changes_stay_in_the_sandbox() {
    let server = Server::start(&[]);
    let (one, other) = (server.create().await, server.create().await);
    let name = format!("probe-{}", unique());
    for directory in [
        "",
        "/tmp",
        "/etc",
        "/usr",
        "/var",
        "/home/user",
        "/opt/new/deep",
    ] {
        let path = format!("{directory}/{name}");
        assert!(
            one.write(&path, "mine").await.status().is_success(),
            "{path}"
        );
        assert_eq!(one.sh(&format!("cat {path}")).await, "mine");
        assert_eq!(other.read(&path).await.status(), 404, "{path}");
        assert!(!Path::new(&path).exists(), "{path}");
    }
    one.sh("echo 127.0.0.9 changed >> /etc/hosts && rm /etc/hostname")
        .await;
    assert_eq!(one.read("/etc/hostname").await.status(), 404);
    assert_eq!(other.read("/etc/hostname").await.status(), 200);
    assert!(Path::new("/etc/hostname").exists());
    assert!(
        !std::fs::read_to_string("/etc/hosts")
            .unwrap()
            .contains("127.0.0.9 changed")
    );
}

#[tokio::test]
async fn temporary_files_and_the_servers_own_are_out_of_sight() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    assert_eq!(
        sandbox
            .sh("ls -A /tmp /run/lock /home/user | grep -v : || true")
            .await
            .trim(),
        ""
    );
    assert!(server.data_dir.exists());
    let elsewhere = format!("/var/tmp/local-server-test-{}", unique());
    let mut inside = Server::start(&["--data-dir", &elsewhere]);
    let sandbox = inside.create().await;
    assert_eq!(sandbox.sh(&format!("ls -A {elsewhere}")).await, "");
    inside.stop(Signal::SIGTERM);
    std::fs::remove_dir(elsewhere).unwrap();
}

#[tokio::test]
async fn processes_are_out_of_sight() {
    let server = Server::start(&[]);
    let (one, other) = (server.create().await, server.create().await);
    one.exec(json!({ "command": "sleep 555.5 >/dev/null 2>&1 &" }))
        .await;
    assert_eq!(one.sh("pgrep -f '[s]leep 555.5' | wc -l").await.trim(), "1");
    assert_eq!(
        other.sh("pgrep -f '[s]leep 555.5' | wc -l").await.trim(),
        "0"
    );
    // Init, the shell and ps: nothing of the host.
    assert!(
        other
            .sh("ps -e --no-headers | wc -l")
            .await
            .trim()
            .parse::<u32>()
            .unwrap()
            < 6
    );
    // Nothing from inside ends init, and what is orphaned is reaped.
    other
        .exec(json!({ "command": "kill -9 1; kill -9 -1" }))
        .await;
    other
        .sh("for i in $(seq 30); do (sleep 0 & ) ; done; sleep 0.2")
        .await;
    assert_eq!(other.sh("ps -e -o stat | grep -c Z || true").await, "0\n");
}

#[tokio::test]
async fn devices_are_the_harmless_ones() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    sandbox.sh("echo x > /dev/null; head -c4 /dev/urandom | wc -c; test -e /dev/ptmx; echo y > /dev/shm/y").await;
    assert_eq!(
        sandbox.sh("ls /dev | tr '\\n' ' '").await,
        "fd full null ptmx pts random shm stderr stdin stdout tty urandom zero "
    );
    for forbidden in [
        "mknod /tmp/disk b 8 0",
        "mount -t tmpfs none /mnt",
        "echo 1 > /proc/sys/kernel/panic",
        "echo b > /proc/sysrq-trigger",
    ] {
        let result = sandbox.exec(json!({ "command": forbidden })).await;
        assert_ne!(result["exit_code"], 0, "{forbidden}");
    }
}

#[tokio::test]
async fn without_isolation_commands_run_on_the_host() {
    let server = Server::start(&["--no-isolation"]);
    let sandbox = server.create().await;
    let file = server.data_dir.join("direct");
    let path = file.to_str().unwrap();
    assert!(sandbox.write(path, "shared").await.status().is_success());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "shared");
    assert_eq!(sandbox.sh(&format!("cat {path}")).await, "shared");
    sandbox.sh("cd \"$HOME\" && touch home").await;
    let template = server
        .create_template("none", json!({ "from": "debian" }))
        .await;
    let build = server.built(&template).await;
    assert_eq!(
        build["error_message"],
        "build_failed: builds need isolation, and this server has none"
    );
    let timed = sandbox
        .exec(json!({ "command": "sleep 33.75 & sleep 33.75", "timeout_s": 1 }))
        .await;
    assert_eq!(timed["exit_code"], 124);
    sandbox
        .exec(json!({ "command": "setsid sleep 33.75 >/dev/null 2>&1 &" }))
        .await;
    assert_eq!(processes_with("sleep\x0033.75"), 1);
    assert_eq!(sandbox.step("pause").await.status(), 204);
    assert_eq!(sandbox.delete().await.status(), 204);
    eventually("gone", async || processes_with("sleep\x0033.75") == 0).await;
}

#[tokio::test]
async fn many_come_and_go_and_leave_nothing() {
    let server = Server::start(&[]);
    let marker = "sleep\x00313.25";
    for _ in 0..3 {
        let sandboxes = join_all((0..40).map(|_| server.create())).await;
        let work = sandboxes.iter().map(async |sandbox| {
            sandbox
                .exec(json!({ "command": "sleep 313.25 >/dev/null 2>&1 &" }))
                .await;
            sandbox.write("/app/x", "x").await;
        });
        join_all(work).await;
        assert_eq!(processes_with(marker), 40);
        let pauses = sandboxes
            .iter()
            .step_by(2)
            .map(async |it| it.step("pause").await.status());
        assert!(join_all(pauses).await.iter().all(|status| *status == 204));
        let deletions = sandboxes
            .iter()
            .map(async |sandbox| sandbox.delete().await.status());
        assert!(
            join_all(deletions)
                .await
                .iter()
                .all(|status| *status == 204)
        );
        assert_eq!(processes_with(marker), 0);
    }
    let workspace = std::fs::read_dir(&server.data_dir).unwrap().flatten();
    let workspace = workspace
        .map(|entry| entry.path())
        .find(|path| path.is_dir())
        .unwrap();
    eventually("no files left", async || {
        std::fs::read_dir(workspace.join("sandboxes"))
            .unwrap()
            .count()
            == 0
    })
    .await;
    let descriptors = format!("/proc/{}/fd", server.pid());
    eventually("no descriptors left", async || {
        std::fs::read_dir(&descriptors).unwrap().count() < 60
    })
    .await;
}

/// The error numbers of what a script tries, each 0 when it succeeds.
const REACH: &str = r#"
import ctypes, platform, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def attempt(what):
    try: what()
    except OSError as error: print(error.errno, end=' ')
    else: print(0, end=' ')
def call(*arguments):
    ctypes.set_errno(0)
    if libc.syscall(*arguments) < 0: raise OSError(ctypes.get_errno(), '')
add_key, request_key, keyctl = (248, 249, 250) if platform.machine() == 'x86_64' else (217, 218, 219)
attempt(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0x0300))
attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP))
attempt(lambda: call(add_key, b'user', b'a', b'b', 1, -4))
attempt(lambda: call(request_key, b'user', b'a', None, -4))
attempt(lambda: call(keyctl, 11, -4, None, 0))
attempt(lambda: socket.socket(socket.AF_UNIX).connect('\0' + sys.argv[1]))
attempt(lambda: socket.create_connection(('127.0.0.1', int(sys.argv[2]))))
"#;

#[tokio::test]
async fn the_machines_network_keyrings_and_abstract_sockets_are_out_of_reach() {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixListener};
    let name = unique();
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let _abstract = UnixListener::bind_addr(&address).unwrap();
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    sandbox.write("/tmp/reach.py", REACH).await;
    let run = format!("python3 /tmp/reach.py {name} {}", server.port());
    let (denied, missing, refused) = (libc::EPERM, libc::ENOSYS, libc::ECONNREFUSED);
    assert_eq!(
        sandbox.sh(&run).await,
        format!("{denied} {denied} {missing} {missing} {missing} {refused} {refused} ")
    );
    assert_eq!(sandbox.sh("cat /proc/keys /proc/key-users").await, "");
    assert_eq!(sandbox.read("/proc/keys").await.status(), 400);
    // Only itself.
    assert_eq!(
        sandbox.sh("ls /sys/class/net | tr '\\n' ' '").await,
        "eth0 lo "
    );
}

#[tokio::test]
async fn two_sandboxes_listen_on_one_port() {
    let server = Server::start(&[]);
    let (one, other) = (server.create().await, server.create().await);
    // Of this machine nobody has it, so that whoever answers is the sandbox.
    let unused = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = unused.local_addr().unwrap().port();
    drop(unused);
    for sandbox in [&one, &other] {
        let serve = format!(
            "mkdir /tmp/w; cd /tmp/w; echo {} > index.html; python3 -m http.server {port} >/dev/null 2>&1 &",
            sandbox.id
        );
        sandbox.exec(json!({ "command": serve })).await;
    }
    for sandbox in [&one, &other] {
        eventually("served", async || {
            let visit = server.client.get(&server.base_url);
            let host = format!("{port}-{}.localhost", sandbox.id);
            let answer = visit.header("Host", host).send().await.unwrap();
            answer.text().await.unwrap().trim() == sandbox.id
        })
        .await;
    }
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
}
