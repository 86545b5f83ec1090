//! Builds: real steps, live logs, failures with their codes.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::*;

fn lines(log: &[Value], stream: &str) -> Vec<String> {
    log.iter()
        .filter(|event| event["stream"] == stream)
        .map(|event| text(&event["text"]))
        .collect()
}

#[tokio::test]
async fn steps_shape_the_sandboxes_made_of_them() {
    let server = Server::start(&["--ready-lag-ms", "0"]);
    server
        .template(
            "shaped",
            json!({ "from": "python:3.11", "steps": [
            { "env": { "key": "LEVEL", "value": "template" } },
            { "env": { "key": "OTHER", "value": "template é" } },
            { "run": "echo $LEVEL > /made && mkdir /srv/data && rm /etc/hostname" },
            { "workdir": "/work" },
            { "workdir": "inner" },
            { "run": "pwd > pwd; id -un >> pwd" },
            { "user": { "name": "app", "sudo": true } },
            { "workdir": "own" },
            { "run": "echo $HOME $USER > me; touch /tmp/kept" },
        ] }),
        )
        .await;
    let sandbox = server
        .create_with(json!({ "from_template": "shaped", "env_vars": { "LEVEL": "sandbox" } }))
        .await;
    assert_eq!(
        sandbox
            .sh("cat /made; echo $LEVEL $OTHER; pwd; id -un; echo $HOME")
            .await,
        "template\nsandbox template é\n/work/inner/own\napp\n/home/app\n"
    );
    assert_eq!(
        sandbox
            .sh("cat ../pwd me; ls /tmp; stat -c %U . me ..")
            .await,
        "/work/inner\nroot\n/home/app app\nkept\napp\napp\nroot\n"
    );
    assert_eq!(sandbox.read("/etc/hostname").await.status(), 404);
    assert_eq!(sandbox.read("/etc/sudoers.d/app").await.status(), 403);
    let written = std::process::Command::new("grep")
        .args(["-rqxF", "app ALL=(ALL) NOPASSWD:ALL"])
        .arg(&server.data_dir)
        .status();
    assert!(written.unwrap().success());
    // What the API writes is the user's to change.
    assert!(
        sandbox
            .write("/work/inner/own/new/file", "a")
            .await
            .status()
            .is_success()
    );
    sandbox
        .sh("echo b >> new/file; touch new/other; mv new/file new/moved")
        .await;
    let other = server
        .create_with(json!({ "from_template": "shaped" }))
        .await;
    assert_eq!(other.sh("ls; echo $LEVEL").await, "me\ntemplate\n");
    assert!(
        !std::path::Path::new("/made").exists() && std::path::Path::new("/etc/hostname").exists()
    );
    let plain = server.create().await;
    assert_eq!(plain.read("/made").await.status(), 404);
}

#[tokio::test]
async fn logs_are_live_and_replayed_from_the_start() {
    let server = Server::start(&["--ready-lag-ms", "0"]);
    let steps = json!([
        { "run": "echo one; echo two >&2; sleep 0.7; printf 'three\\nfour'" },
        { "run": "echo five" },
    ]);
    let template = server
        .create_template("logged", json!({ "from": "debian", "steps": steps }))
        .await;
    let start = Instant::now();
    let response = server.get(&format!("{}/logs", build_path(&template))).await;
    let mut body = response.bytes_stream();
    let mut live = String::new();
    let mut seen_one = None;
    while let Some(chunk) = body.next().await {
        live += std::str::from_utf8(&chunk.unwrap()).unwrap();
        if live.contains("\"one\"") && seen_one.is_none() {
            seen_one = Some(start.elapsed());
        }
    }
    assert!(
        start.elapsed() - seen_one.unwrap() > Duration::from_millis(500),
        "not live"
    );
    let log = server.logs(&template).await;
    let replayed: String = log
        .iter()
        .map(|event| format!("data: {event}\n\n"))
        .collect();
    let same = |text: &str| {
        let parse = |event: &str| {
            serde_json::from_str::<Value>(event.strip_prefix("data: ").unwrap()).unwrap()
        };
        text.split_terminator("\n\n").map(parse).collect::<Vec<_>>()
    };
    assert_eq!(same(&live), same(&replayed));
    assert_eq!(lines(&log, "stdout"), ["one", "three", "four", "five"]);
    assert_eq!(lines(&log, "stderr"), ["two"]);
    let system = lines(&log, "system");
    assert!(
        system[0].contains("debian")
            && system
                .iter()
                .any(|line| line.starts_with("step 1/2: run echo one")),
        "{system:?}"
    );
    let (last, others) = log.split_last().unwrap();
    assert_eq!(
        (&last["finished"], &last["status"], &last["stream"]),
        (&json!(true), &json!("ready"), &json!("system"))
    );
    assert!(
        others
            .iter()
            .all(|event| event.get("finished").is_none() && event.get("status").is_none())
    );
    text(&last["timestamp"]).parse::<jiff::Timestamp>().unwrap();
}

#[tokio::test]
async fn failures_have_their_codes() {
    let server = Server::start(&["--ready-timeout-s", "3"]);
    let cases = [
        (
            json!({ "from": "ghcr.io/nobody/nothing:1" }),
            "image_pull_failed: ghcr.io/nobody/nothing:1",
        ),
        (
            json!({ "from": "debian", "steps": [{ "run": "true" }, { "run": "echo no >&2; exit 7" }, { "run": "touch /never" }] }),
            "step_failed: step 2/3 failed after 0.",
        ),
        (
            json!({ "from": "debian", "steps": [{ "workdir": "/etc/hostname/x" }] }),
            "step_failed: step 1/1 failed",
        ),
        (
            json!({ "from": "debian", "start_cmd": "sleep 0.2; exit 5" }),
            "start_cmd_failed: exited with code 5",
        ),
        (
            json!({ "from": "debian", "start_cmd": "sleep 0.2; exit 6", "ready_cmd": "false" }),
            "start_cmd_failed: exited with code 6",
        ),
        (
            json!({ "from": "debian", "start_cmd": "sleep 60", "ready_cmd": "exit 9" }),
            "ready_cmd_failed: not ready after 3s: exited with code 9",
        ),
        (
            json!({ "from": "debian", "steps": [{ "run": "head -c 1100000000 /dev/zero > /big" }] }),
            "image_too_large: ",
        ),
    ];
    let checks = cases
        .iter()
        .enumerate()
        .map(async |(index, (spec, message))| {
            let name = format!("failing-{index}");
            let response = server
                .post(
                    "/templates",
                    json!({ "name": name, "build_spec": spec, "disk_mib": 1024 }),
                )
                .await;
            let template: Value = response.json().await.unwrap();
            let build = server.built(&template).await;
            assert_eq!(build["status"], "failed", "{build}");
            let error = text(&build["error_message"]);
            assert!(error.starts_with(message), "{error}");
            let failed = server.json(&format!("/templates/{name}")).await;
            assert_eq!(
                (&failed["status"], &failed["error_message"]),
                (&json!("failed"), &json!(error))
            );
            let log = server.logs(&template).await;
            assert_eq!(log.last().unwrap()["status"], "failed");
            let sandbox = server
                .post("/sandboxes", json!({ "name": "a", "from_template": name }))
                .await;
            assert_error(sandbox, 409, "conflict").await;
            error
        });
    let errors = join_all(checks).await;
    assert!(
        errors[1].ends_with("s: exited with code 7"),
        "{}",
        errors[1]
    );
}

#[tokio::test]
async fn a_start_command_is_alive_in_every_sandbox() {
    let server = Server::start(&["--ready-lag-ms", "0"]);
    let spec = json!({
        "from": "debian",
        "steps": [{ "env": { "key": "WHO", "value": "server" } }, { "workdir": "/srv/app" }],
        "start_cmd": "sleep 0.3; echo $WHO $PWD $$ > /tmp/up; exec sleep 4321.5",
        "ready_cmd": "test -e /tmp/up",
    });
    let template = server.template("serving", spec).await;
    let log = server.logs(&template).await;
    assert!(
        lines(&log, "system")
            .iter()
            .any(|line| line.contains("waiting until ready"))
    );
    for _ in 0..2 {
        let sandbox = server
            .create_with(json!({ "from_template": "serving" }))
            .await;
        let up = sandbox.sh("cat /tmp/up").await;
        let words: Vec<_> = up.split_whitespace().collect();
        assert_eq!(words[..2], ["server", "/srv/app"]);
        sandbox
            .sh(&format!("kill -0 {} && pgrep -f '^sleep 4321.5'", words[2]))
            .await;
    }
}

#[tokio::test]
async fn a_cancelled_build_kills_its_step() {
    let server = Server::start(&["--ready-lag-ms", "0"]);
    let spec = json!({ "from": "debian", "steps": [{ "run": "echo begun; sleep 8765.5 & setsid sleep 8765.5" }] });
    let template = server.create_template("doomed", spec).await;
    eventually("running", async || processes_with("sleep\x008765.5") == 2).await;
    let cancel = async || {
        server
            .control(Method::DELETE, &build_path(&template))
            .send()
            .await
            .unwrap()
            .status()
    };
    assert_eq!(cancel().await, 204);
    assert_eq!(processes_with("sleep\x008765.5"), 0);
    let build = server.json(&build_path(&template)).await;
    assert_eq!(build["status"], "cancelled");
    assert!(build.get("error_message").is_none());
    assert_eq!(
        server.logs(&template).await.last().unwrap()["status"],
        "cancelled"
    );
    assert_eq!(cancel().await, 204);
    assert_eq!(server.json(&build_path(&template)).await, build);
    let done = server.template("done", json!({ "from": "debian" })).await;
    let path = build_path(&done);
    assert_eq!(
        server
            .control(Method::DELETE, &path)
            .send()
            .await
            .unwrap()
            .status(),
        204
    );
    assert_eq!(server.json(&path).await["status"], "ready");
}

#[tokio::test]
async fn a_queued_build_says_so_and_can_be_cancelled() {
    let server = Server::start(&["--build-slots", "1", "--ready-lag-ms", "0"]);
    let slow = json!({ "from": "debian", "steps": [{ "run": "sleep 5" }] });
    let first = server.create_template("first", slow.clone()).await;
    let building = async || server.json(&build_path(&first)).await["status"] == "building";
    eventually("the first runs", building).await;
    let queued = server.create_template("second", slow).await;
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!(server.json(&build_path(&queued)).await["status"], "pending");
    assert_eq!(server.json("/templates/second").await["status"], "pending");
    let cancelled = server
        .control(Method::DELETE, &build_path(&queued))
        .send()
        .await
        .unwrap();
    assert_eq!(cancelled.status(), 204);
    let log = server.logs(&queued).await;
    assert_eq!(
        lines(&log, "system"),
        ["build queued, waiting for dispatch", "build cancelled"]
    );
}

#[tokio::test]
async fn twenty_builds_at_once_do_not_mix() {
    let server = Server::start(&["--ready-lag-ms", "0"]);
    let all = join_all((0..20).map(async |index| {
        let run =
            format!("for i in $(seq 1 500); do echo b{index}-$i; done; echo {index} > /index");
        let spec = json!({ "from": "debian", "steps": [{ "run": run }] });
        let template = server.create_template(&format!("many-{index}"), spec).await;
        let log = server.logs(&template).await;
        let expected: Vec<_> = (1..=500).map(|line| format!("b{index}-{line}")).collect();
        assert_eq!(lines(&log, "stdout"), expected);
        server.built(&template).await["status"].clone()
    }));
    assert!(all.await.iter().all(|status| status == "ready"));
    let sandbox = server
        .create_with(json!({ "from_template": "many-13" }))
        .await;
    assert_eq!(sandbox.sh("cat /index").await, "13\n");
}

#[tokio::test]
async fn ten_thousand_lines_come_whole() {
    let server = Server::start(&["--ready-lag-ms", "0"]);
    let template = server
        .create_template(
            "long",
            json!({ "from": "debian", "steps": [{ "run": "seq 1 10000" }] }),
        )
        .await;
    let expected: Vec<_> = (1..=10_000).map(|line| line.to_string()).collect();
    for _ in 0..2 {
        assert_eq!(lines(&server.logs(&template).await, "stdout"), expected);
    }
}

#[tokio::test]
async fn an_ordinary_user_builds_too() {
    let copy = PublicCopy::new();
    let data_dir = copy.0.join("data");
    let arguments = [
        "--data-dir",
        data_dir.to_str().unwrap(),
        "--ready-lag-ms",
        "0",
    ];
    let server = Server::start_with(&copy.binary(), &arguments, as_nobody);
    let steps = json!([
        { "run": "echo built > /app.txt; mkdir -p /opt/tool; rm /etc/hostname" },
        { "user": { "name": "app" } },
        { "workdir": "/home/app/work" },
        { "run": "echo $HOME > mine" },
    ]);
    server
        .template(
            "user-built",
            json!({ "from": "debian", "steps": steps, "start_cmd": "exec sleep 999.5" }),
        )
        .await;
    let sandbox = server
        .create_with(json!({ "from_template": "user-built" }))
        .await;
    assert_eq!(
        sandbox
            .sh("cat /app.txt mine; pwd; ls /opt | grep tool; pgrep -f '^sleep 999.5' | wc -l")
            .await,
        "built\n/home/app\n/home/app/work\ntool\n1\n"
    );
    assert_eq!(sandbox.read("/etc/hostname").await.status(), 404);
}
