//! Snapshots: what they hold, how they are asked for, and what is made from them.

use reqwest::{Method, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::*;

async fn ask(sandbox: &Sandbox<'_>, body: Value) -> Response {
    let path = format!("/sandboxes/{}/snapshot", sandbox.id);
    sandbox.server.post(&path, body).await
}

fn request() -> Value {
    json!({ "kind": "mem+fs", "idempotency_key": unique() })
}

async fn take(sandbox: &Sandbox<'_>) -> Value {
    let response = ask(sandbox, request()).await;
    let status = response.status();
    let snapshot: Value = response.json().await.unwrap();
    assert_eq!(status, 201, "{snapshot}");
    snapshot
}

fn path(snapshot: &Value) -> String {
    format!("/snapshots/{}", text(&snapshot["id"]))
}

async fn delete(server: &Server, snapshot: &Value) -> Response {
    let request = server.control(Method::DELETE, &path(snapshot));
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_fork_has_the_files_of_its_moment() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    // Added, changed, removed, and a directory that is another one now.
    sandbox
        .sh("mkdir -p /app/deep && echo one > /app/deep/file && echo mine > /etc/hostname
            rm /etc/passwd- 2>/dev/null; rm -r /etc/apt && mkdir /etc/apt && echo new > /etc/apt/only
            chmod 640 /app/deep/file && chown 12:34 /app/deep/file && ln -s file /app/deep/link
            truncate -s 10G /app/hole && ln /app/deep/file /app/deep/hard && mkdir -m 1777 /app/open")
        .await;
    let snapshot = take(&sandbox).await;
    sandbox
        .sh("echo two > /app/deep/file; rm /app/deep/link")
        .await;
    let see = "cat /app/deep/file /etc/hostname /etc/apt/only; ls /etc/apt
        stat -c '%a %u %g %h' /app/deep/file; stat -c %a /app/open; readlink /app/deep/link; stat -c %s /app/hole";
    let seen = "one\nmine\nnew\nonly\n640 12 34 2\n1777\nfile\n10737418240\n";
    let from = json!({ "from_snapshot": snapshot["id"] });
    let (one, other) = (
        server.create_with(from.clone()).await,
        server.create_with(from).await,
    );
    assert_eq!(one.body["source_snapshot_id"], snapshot["id"]);
    assert!(sandbox.body.get("source_snapshot_id").is_none());
    assert_eq!(one.sh(see).await, seen);
    // Forks are apart from each other and from where they came from.
    one.sh("echo fork > /app/deep/file").await;
    assert_eq!(other.sh(see).await, seen);
    assert_eq!(sandbox.sh("cat /app/deep/file").await, "two\n");
    // A fork of a fork, after all that it came from is gone.
    let second = take(&one).await;
    for gone in [&one, &other, &sandbox] {
        assert_eq!(gone.delete().await.status(), 204);
    }
    assert_eq!(delete(&server, &snapshot).await.status(), 204);
    let last = server
        .create_with(json!({ "from_snapshot": second["id"] }))
        .await;
    assert_eq!(
        last.sh("cat /app/deep/file /etc/apt/only; readlink /app/deep/link")
            .await,
        "fork\nnew\nfile\n"
    );
}

#[tokio::test]
async fn a_snapshot_has_all_its_fields() {
    let server = Server::start(&["--ready-lag-ms", "0", "--region", "use"]);
    let spec = json!({ "from": "debian", "steps": [{ "run": "echo built > /built" }],
        "start_cmd": "echo x >> /tmp/starts; exec sleep 2345.5" });
    let body = json!({ "name": "sized", "vcpu": 2, "memory_mib": 512, "disk_mib": 2048, "build_spec": spec });
    let template: Value = server.post("/templates", body).await.json().await.unwrap();
    server.built(&template).await;
    let sandbox = server
        .create_with(json!({ "from_template": "sized" }))
        .await;
    sandbox.sh("head -c 1000000 /dev/zero > /big").await;
    let mut wanted = request();
    wanted["name"] = json!("first");
    let response = ask(&sandbox, wanted.clone()).await;
    assert_eq!(response.status(), 201);
    let first: Value = response.json().await.unwrap();
    assert_eq!(first["sandbox_id"], sandbox.id);
    assert_eq!(first["template_id"], template["id"]);
    assert_eq!(
        (&first["kind"], &first["status"], &first["name"]),
        (&json!("mem+fs"), &json!("ready"), &json!("first"))
    );
    let resources = json!({ "vcpu_count": 2, "memory_mib": 512, "disk_mib": 2048 });
    assert_eq!(first["resources"], resources);
    assert!(first["size_bytes"].as_u64().unwrap() >= 1_000_000);
    for field in ["created_at", "ready_at"] {
        text(&first[field]).parse::<jiff::Timestamp>().unwrap();
    }
    // The same key is the same snapshot, whatever has happened since.
    let again = ask(&sandbox, wanted.clone()).await;
    assert_eq!(again.status(), 200);
    assert_eq!(again.json::<Value>().await.unwrap(), first);
    assert_eq!(sandbox.step("pause").await.status(), 204);
    assert_eq!(ask(&sandbox, wanted).await.status(), 200);
    let second = take(&sandbox).await;
    assert!(second.get("name").is_none());
    assert_eq!(sandbox.info().await["status"], "paused");
    assert_eq!(server.json(&path(&second)).await, second);

    let fork = server
        .create_with(json!({ "from_snapshot": second["id"] }))
        .await;
    assert_eq!(
        (&fork.body["vcpu_count"], &fork.body["memory_mib"]),
        (&json!(2), &json!(512))
    );
    // Its start command runs anew; nothing else does.
    let processes = "cat /built; pgrep -fc '^sleep 2345.5'; grep -c x /tmp/starts";
    assert_eq!(fork.sh(processes).await, "built\n1\n2\n");

    let rename = server.control(Method::PATCH, &path(&second));
    let renamed = rename
        .json(&json!({ "name": "second" }))
        .send()
        .await
        .unwrap();
    assert_eq!(renamed.status(), 200);
    assert_eq!(renamed.json::<Value>().await.unwrap()["name"], "second");
    let list = format!("/sandboxes/{}/snapshots", sandbox.id);
    assert_eq!(sandbox.delete().await.status(), 204);
    let response = server.get(&format!("{list}?limit=1&offset=1")).await;
    assert_eq!(response.headers()["x-total-count"], "2");
    assert_eq!(response.json::<Value>().await.unwrap(), json!([first]));
    assert_eq!(server.json(&list).await[0]["name"], "second");
    assert_eq!(delete(&server, &first).await.status(), 204);
    assert_error(delete(&server, &first).await, 404, "not_found").await;
    assert_error(server.get(&path(&first)).await, 404, "not_found").await;
}

#[tokio::test]
async fn a_running_sandbox_goes_on_after_its_snapshot() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    sandbox
        .sh("(while :; do echo x >> /tmp/count; sleep 0.01; done) >/dev/null 2>&1 &")
        .await;
    take(&sandbox).await;
    assert_eq!(sandbox.info().await["status"], "active");
    let count = async || {
        sandbox
            .sh("wc -l < /tmp/count")
            .await
            .trim()
            .parse::<u32>()
            .unwrap()
    };
    let before = count().await;
    eventually("it goes on", async || count().await > before + 3).await;
}

#[tokio::test]
async fn bad_requests_for_snapshots_are_refused() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    for bad in [
        json!({}),
        json!({ "kind": "mem+fs" }),
        json!({ "kind": "fs", "idempotency_key": "k" }),
        json!({ "kind": "mem+fs", "idempotency_key": "" }),
        json!({ "kind": "mem+fs", "idempotency_key": "k".repeat(256) }),
        json!({ "kind": "mem+fs", "idempotency_key": "k", "name": "" }),
        json!({ "kind": "mem+fs", "idempotency_key": "k", "other": 1 }),
    ] {
        assert_error(ask(&sandbox, bad).await, 400, "bad_request").await;
    }
    let list = format!("/sandboxes/{}/snapshots", sandbox.id);
    assert_eq!(server.json(&list).await, json!([]));
    let nobody = format!("/sandboxes/{}/snapshots", Uuid::new_v4());
    assert_error(server.get(&nobody).await, 404, "not_found").await;
    assert_error(server.get("/snapshots/x").await, 400, "bad_request").await;
    let nothing = format!("/snapshots/{}", Uuid::new_v4());
    assert_error(server.get(&nothing).await, 404, "not_found").await;
}

#[tokio::test]
async fn a_slow_snapshot_is_waited_for_and_in_nobodys_way() {
    let server = Server::start(&[
        "--snapshot-delay-ms",
        "3600000",
        "--max-snapshots-in-flight",
        "2",
    ]);
    let (one, two, three) = tokio::join!(server.create(), server.create(), server.create());
    let wanted = request();
    let response = ask(&one, wanted.clone()).await;
    assert_eq!(response.status(), 202);
    let creating: Value = response.json().await.unwrap();
    assert_eq!(
        (&creating["status"], &creating["size_bytes"]),
        (&json!("creating"), &json!(0))
    );
    assert!(creating.get("ready_at").is_none());
    assert_eq!(ask(&one, wanted).await.status(), 200);
    assert_error(ask(&one, request()).await, 409, "snapshot_in_progress").await;
    assert_error(
        delete(&server, &creating).await,
        409,
        "snapshot_in_progress",
    )
    .await;
    let early = json!({ "name": "early", "from_snapshot": creating["id"] });
    assert_error(server.post("/sandboxes", early).await, 409, "conflict").await;
    assert_eq!(ask(&two, request()).await.status(), 202);
    assert_error(
        ask(&three, request()).await,
        429,
        "too_many_snapshots_in_flight",
    )
    .await;
    // Its files are taken already: the sandbox is free.
    eventually("it can be paused", async || {
        one.step("pause").await.status() == 204
    })
    .await;
    assert_eq!(one.delete().await.status(), 204);
}

#[tokio::test]
async fn a_snapshot_comes_and_goes_in_its_time() {
    let server = Server::start(&["--snapshot-delay-ms", "50"]);
    let sandbox = server.create().await;
    let response = ask(&sandbox, request()).await;
    assert_eq!(response.status(), 202);
    let snapshot: Value = response.json().await.unwrap();
    let ready = async || server.json(&path(&snapshot)).await["status"] == "ready";
    eventually("it is ready", ready).await;
    assert!(server.json(&path(&snapshot)).await["size_bytes"].is_u64());
    assert_eq!(delete(&server, &snapshot).await.status(), 202);
    eventually("it is gone", async || {
        server.get(&path(&snapshot)).await.status() == 404
    })
    .await;
}

#[tokio::test]
async fn there_are_only_so_many_snapshots() {
    let server = Server::start(&["--max-snapshots", "3", "--max-snapshots-per-sandbox", "2"]);
    let (one, two) = tokio::join!(server.create(), server.create());
    take(&one).await;
    let second = take(&one).await;
    assert_error(ask(&one, request()).await, 429, "too_many_snapshots").await;
    take(&two).await;
    assert_error(ask(&two, request()).await, 429, "too_many_snapshots").await;
    assert_eq!(delete(&server, &second).await.status(), 204);
    take(&two).await;
}

#[tokio::test]
async fn an_ordinary_users_sandboxes_fork_too() {
    let copy = PublicCopy::new();
    let data_dir = copy.0.join("data");
    let arguments = ["--data-dir", data_dir.to_str().unwrap()];
    let server = Server::start_with(&copy.binary(), &arguments, as_nobody);
    let sandbox = server.create().await;
    sandbox
        .sh("rm /etc/hostname; rm -rf /etc/apt; mkdir -p /etc/apt /app; echo mine > /app/file")
        .await;
    let snapshot = take(&sandbox).await;
    let fork = server
        .create_with(json!({ "from_snapshot": snapshot["id"] }))
        .await;
    assert_eq!(fork.sh("cat /app/file; ls -A /etc/apt").await, "mine\n");
    assert_eq!(fork.read("/etc/hostname").await.status(), 404);
}
