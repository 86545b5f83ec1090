//! The same as an ordinary user, and where nothing is allowed.

use std::process::Stdio;

use nix::sys::signal::Signal;
use serde_json::json;

use crate::pause::stops_and_goes_on;
use crate::support::*;

#[tokio::test]
async fn an_ordinary_user_has_sandboxes_too() {
    let copy = PublicCopy::new();
    let data_dir = copy.0.join("data");
    let arguments = ["--data-dir", data_dir.to_str().unwrap()];
    let mut server = Server::start_with(&copy.binary(), &arguments, as_nobody);
    let (one, other) = (server.create().await, server.create().await);
    assert_eq!(
        one.sh("id -u; pwd; cat /etc/hostname").await,
        format!(
            "0\n/home/user\n{}",
            std::fs::read_to_string("/etc/hostname").unwrap()
        )
    );
    for directory in ["/app", "/tmp", "/home/user", "/etc", "/opt"] {
        let path = &format!("{directory}/{}", unique());
        assert!(
            one.write(path, "mine").await.status().is_success(),
            "{path}"
        );
        assert_eq!(
            one.sh(&format!("cat {path} && echo more >> {path}")).await,
            "mine"
        );
        assert_eq!(one.read(path).await.text().await.unwrap(), "minemore\n");
        assert_eq!(other.read(path).await.status(), 404);
        assert!(!std::path::Path::new(path).exists());
    }
    assert_eq!(
        one.sh("python3 -c 'print(1)'; node -e 'console.log(2)'")
            .await,
        "1\n2\n"
    );
    assert_file_error(one.write("/usr/lib/x", "x").await, 403, "").await;
    // What a command locks is still removed at the end.
    one.sh("mkdir -p /tmp/locked/deep && chmod 000 /tmp/locked/deep /tmp/locked")
        .await;
    stops_and_goes_on(&server).await;
    let paused = server.create().await;
    paused
        .exec(json!({ "command": "sleep 44.25 >/dev/null 2>&1 &" }))
        .await;
    assert_eq!(paused.step("pause").await.status(), 204);
    assert_eq!(paused.delete().await.status(), 204);
    assert_eq!(processes_with("sleep\x0044.25"), 0);
    assert_eq!(server.stop(Signal::SIGTERM).code(), Some(0));
    assert_eq!(std::fs::read_dir(&data_dir).unwrap().count(), 0);
}

#[test]
fn where_nothing_is_allowed_the_error_says_what_is_missing() {
    let copy = PublicCopy::new();
    // In a user namespace that may have no further ones.
    let script = "echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set -all --inh-caps -all \"$0\"";
    let mut command = std::process::Command::new("unshare");
    command.args(["--user", "--map-root-user", "sh", "-c", script]);
    command
        .arg(copy.binary())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    as_nobody(&mut command);
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(output.stdout.is_empty());
    for words in [
        "no isolation",
        "max_user_namespaces is 0",
        "CAP_SYS_ADMIN",
        "--no-isolation",
    ] {
        assert!(errors.contains(words), "{words}: {errors}");
    }
}
