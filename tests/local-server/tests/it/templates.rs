//! `/templates`: what is listed, refused, limited and removed.

use nix::sys::signal::{Signal, kill};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::*;

async fn delete(server: &Server, path: &str) -> reqwest::Response {
    server.control(Method::DELETE, path).send().await.unwrap()
}

#[tokio::test]
async fn the_systems_templates_are_there() {
    let server = Server::start(&[]);
    let list = server.json("/templates?name_prefix=superserve/").await;
    let mut names: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|one| text(&one["name"]))
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "superserve/base",
            "superserve/desktop",
            "superserve/node-22",
            "superserve/python-3.11"
        ]
    );
    assert!(
        list.as_array()
            .unwrap()
            .iter()
            .all(|one| one["status"] == "ready")
    );
    let base = server.json("/templates/superserve%2Fbase").await;
    assert_eq!(
        server
            .json(&format!("/templates/{}", text(&base["id"])))
            .await,
        base
    );
    let sandbox = server
        .create_with(json!({ "from_template": base["id"] }))
        .await;
    assert_eq!(sandbox.sh("echo ok").await, "ok\n");
    assert_error(
        delete(&server, "/templates/superserve%2Fbase").await,
        403,
        "forbidden",
    )
    .await;
    let rebuild = server
        .post("/templates/superserve%2Fbase/builds", json!({}))
        .await;
    assert_error(rebuild, 403, "forbidden").await;
    assert_eq!(
        server.json("/templates/superserve%2Fbase/builds").await,
        json!([])
    );
}

#[tokio::test]
async fn bad_templates_are_refused() {
    let server = Server::start(&[]);
    let spec = json!({ "from": "debian" });
    for bad in [
        json!({ "name": "a" }),
        json!({ "build_spec": spec }),
        json!({ "name": "A", "build_spec": spec }),
        json!({ "name": "superserve/mine", "build_spec": spec }),
        json!({ "name": "a", "build_spec": spec, "vcpu": 5 }),
        json!({ "name": "a", "build_spec": spec, "memory_mib": 128 }),
        json!({ "name": "a", "build_spec": spec, "disk_mib": 1 }),
        json!({ "name": "a", "build_spec": spec, "other": 1 }),
        json!({ "name": "a", "build_spec": { "from": "" } }),
        json!({ "name": "a", "build_spec": { "from": "python:3-alpine" } }),
        json!({ "name": "a", "build_spec": { "from": "debian", "steps": [{}] } }),
        json!({ "name": "a", "build_spec": { "from": "debian", "steps": [{ "run": "a", "workdir": "/" }] } }),
        json!({ "name": "a", "build_spec": { "from": "debian", "start_cmd": "" } }),
    ] {
        let response = server.post("/templates", bad.clone()).await;
        assert_eq!(response.status(), 400, "{bad}");
        assert_error(response, 400, "bad_request").await;
    }
    assert_eq!(server.json("/templates?name_prefix=a").await, json!([]));
    assert_error(server.get("/templates/nothing").await, 404, "not_found").await;
    let build = "/templates/superserve%2Fbase/builds/00000000-0000-4000-8000-000000000000";
    assert_error(server.get(build).await, 404, "not_found").await;
    assert_error(
        server.get("/templates/superserve%2Fbase/builds/x").await,
        400,
        "bad_request",
    )
    .await;
}

#[tokio::test]
async fn a_template_goes_from_pending_to_ready_with_all_its_fields() {
    let server = Server::start(&["--ready-lag-ms", "600"]);
    let body = json!({
        "name": "team/full", "vcpu": 2, "memory_mib": 512, "disk_mib": 2048,
        "build_spec": { "from": "debian:12", "steps": [{ "run": "sleep 0.3; echo x > /app" }] },
    });
    let response = server.post("/templates", body).await;
    assert_eq!(response.status(), 202);
    let template: Value = response.json().await.unwrap();
    assert_eq!(template["name"], "team/full");
    assert!(["pending", "building"].contains(&template["status"].as_str().unwrap()));
    assert_eq!(
        (
            &template["vcpu"],
            &template["memory_mib"],
            &template["disk_mib"]
        ),
        (&json!(2), &json!(512), &json!(2048))
    );
    assert_eq!(template["latest_build_id"], template["build_id"]);
    let early = server
        .post(
            "/sandboxes",
            json!({ "name": "a", "from_template": "team/full" }),
        )
        .await;
    assert_error(early, 409, "conflict").await;
    assert_error(
        delete(&server, "/templates/team%2Ffull").await,
        409,
        "conflict",
    )
    .await;
    let again = server
        .post(
            "/templates",
            json!({ "name": "team/full", "build_spec": { "from": "debian" } }),
        )
        .await;
    assert_error(again, 409, "conflict").await;

    // The log says ready before the template takes sandboxes.
    let log = server.logs(&template).await;
    assert_eq!(log.last().unwrap()["status"], "ready");
    assert_eq!(
        server.json(&build_path(&template)).await["status"],
        "snapshotting"
    );
    let soon = server
        .post(
            "/sandboxes",
            json!({ "name": "a", "from_template": "team/full" }),
        )
        .await;
    assert_error(soon, 409, "conflict").await;

    let build = server.built(&template).await;
    assert_eq!(build["status"], "ready");
    assert_eq!(build["template_id"], template["id"]);
    assert_eq!(text(&build["build_spec_hash"]).len(), 64);
    for field in ["created_at", "started_at", "finalized_at"] {
        text(&build[field]).parse::<jiff::Timestamp>().unwrap();
    }
    let ready = server.json("/templates/team%2Ffull").await;
    assert_eq!(ready["status"], "ready");
    assert!(ready["size_bytes"].as_u64().unwrap() > 0);
    text(&ready["built_at"]).parse::<jiff::Timestamp>().unwrap();
    text(&ready["team_id"]);
    assert!(ready.get("build_id").is_none() && ready.get("error_message").is_none());
    let sandbox = server
        .create_with(json!({ "from_template": "team/full" }))
        .await;
    assert_eq!(
        (&sandbox.body["vcpu_count"], &sandbox.body["memory_mib"]),
        (&json!(2), &json!(512))
    );
    assert_eq!(sandbox.sh("cat /app").await, "x\n");
}

#[tokio::test]
async fn a_template_in_use_stays() {
    let server = Server::start(&["--ready-lag-ms", "0"]);
    let template = server.template("used", json!({ "from": "debian" })).await;
    let sandbox = server
        .create_with(json!({ "from_template": template["id"] }))
        .await;
    assert_error(delete(&server, "/templates/used").await, 409, "conflict").await;
    assert_eq!(sandbox.delete().await.status(), 204);
    assert_eq!(delete(&server, "/templates/used").await.status(), 204);
    assert_error(delete(&server, "/templates/used").await, 404, "not_found").await;
    let gone = server
        .post(
            "/sandboxes",
            json!({ "name": "a", "from_template": "used" }),
        )
        .await;
    assert_error(gone, 404, "not_found").await;
}

#[tokio::test]
async fn limits_have_their_codes() {
    let server = Server::start(&["--max-templates", "3", "--max-builds", "2"]);
    let slow = json!({ "from": "debian", "steps": [{ "run": "sleep 60" }] });
    let one = server.create_template("one", slow.clone()).await;
    server.create_template("two", slow.clone()).await;
    let third = json!({ "name": "three", "build_spec": slow });
    let refused = server.post("/templates", third.clone()).await;
    assert_error(refused, 429, "too_many_builds").await;
    assert_eq!(delete(&server, &build_path(&one)).await.status(), 204);
    assert_eq!(server.post("/templates", third).await.status(), 202);
    let fourth = json!({ "name": "four", "build_spec": slow });
    assert_error(
        server.post("/templates", fourth).await,
        429,
        "too_many_templates",
    )
    .await;
    assert_error(
        server.post("/templates/one/builds", json!({})).await,
        429,
        "too_many_builds",
    )
    .await;
}

#[tokio::test]
async fn a_rebuild_is_the_one_under_way_and_then_a_new_one() {
    let server = Server::start(&["--ready-lag-ms", "0"]);
    let template = server
        .create_template(
            "again",
            json!({ "from": "debian", "steps": [{ "run": "sleep 0.5; date +%N > /stamp" }] }),
        )
        .await;
    let rebuild = async || {
        let response = server.post("/templates/again/builds", json!({})).await;
        let status = response.status().as_u16();
        (status, response.json::<Value>().await.unwrap())
    };
    let (status, same) = rebuild().await;
    assert_eq!((status, &same["id"]), (200, &template["build_id"]));
    server.built(&template).await;
    let old = server
        .create_with(json!({ "from_template": "again" }))
        .await;
    let stamp = old.sh("cat /stamp").await;
    let (status, new) = rebuild().await;
    assert_eq!(status, 201);
    assert_ne!(new["id"], template["build_id"]);
    assert_eq!(new["build_spec_hash"], same["build_spec_hash"]);
    let mut second = template.clone();
    second["build_id"] = new["id"].clone();
    assert_eq!(server.built(&second).await["status"], "ready");
    let builds = server.json("/templates/again/builds").await;
    let ids: Vec<_> = builds
        .as_array()
        .unwrap()
        .iter()
        .map(|build| build["id"].clone())
        .collect();
    assert_eq!(ids, [new["id"].clone(), template["build_id"].clone()]);
    assert_eq!(
        server
            .json("/templates/again/builds?limit=1")
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        server.json("/templates/again").await["latest_build_id"],
        new["id"]
    );
    // The old layer stays under the sandbox that was made from it.
    let fresh = server
        .create_with(json!({ "from_template": "again" }))
        .await;
    assert_ne!(fresh.sh("cat /stamp").await, stamp);
    assert_eq!(old.sh("cat /stamp").await, stamp);
}

#[tokio::test]
async fn a_ready_template_stays_ready_while_it_is_rebuilt_and_when_that_comes_to_nothing() {
    let server = Server::start(&["--ready-lag-ms", "0"]);
    // Every build waits until the test ends its sleep.
    let spec = json!({ "from": "debian", "steps": [{ "run": "sleep 3456.5; true" }] });
    let template = server.create_template("kept", spec).await;
    let sleeping = async || pids_with("sleep\x003456.5").len() == 1;
    eventually("the first build sleeps", sleeping).await;
    for pid in pids_with("sleep\x003456.5") {
        kill(pid, Signal::SIGTERM).unwrap();
    }
    assert_eq!(server.built(&template).await["status"], "ready");
    let ready = async || {
        let template = server.json("/templates/kept").await;
        assert_eq!(template["status"], "ready");
        assert!(template.get("error_message").is_none());
        let sandbox = server.create_with(json!({ "from_template": "kept" })).await;
        assert_eq!(sandbox.delete().await.status(), 204);
    };
    let response = server.post("/templates/kept/builds", json!({})).await;
    assert_eq!(response.status(), 201);
    let rebuild: Value = response.json().await.unwrap();
    ready().await;
    eventually("the second build sleeps", sleeping).await;
    ready().await;
    let path = format!("/templates/kept/builds/{}", text(&rebuild["id"]));
    assert_eq!(delete(&server, &path).await.status(), 204);
    let cancelled = server.json(&path).await;
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!(cancelled["error_message"], "build cancelled by user");
    ready().await;
}

#[tokio::test]
async fn lists_say_how_many_there_are() {
    let server = Server::start(&["--ready-lag-ms", "0"]);
    for name in ["total/a", "total/b", "total/c"] {
        server
            .create_template(name, json!({ "from": "debian" }))
            .await;
    }
    let response = server.get("/templates?name_prefix=total/&limit=2").await;
    assert_eq!(response.headers()["x-total-count"], "3");
    assert_eq!(
        response
            .json::<Value>()
            .await
            .unwrap()
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let rest = server
        .json("/templates?name_prefix=total/&limit=2&offset=2")
        .await;
    assert_eq!(rest[0]["name"], "total/a");
    let names = async |query: &str| {
        let list = server.json(&format!("/templates?{query}")).await;
        let names = list
            .as_array()
            .unwrap()
            .iter()
            .map(|one| text(&one["name"]));
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        names("owner=team&sort=name").await,
        "total/a total/b total/c"
    );
    assert_eq!(
        names("owner=system&q=PYTHON").await,
        "superserve/python-3.11"
    );
    let team = server.json("/templates/total%2Fa").await["team_id"].clone();
    let own = format!("owner={}&order=asc&limit=1", text(&team));
    assert_eq!(names(&own).await, "total/a");
    let nobody = server.get("/templates?owner=nobody").await;
    assert_error(nobody, 400, "bad_request").await;
    for bad in [
        "?limit=0",
        "?limit=1001",
        "?limit=1&limit=2",
        "?name_prefix=a&name_prefix=b",
    ] {
        assert_error(
            server.get(&format!("/templates{bad}")).await,
            400,
            "bad_request",
        )
        .await;
        let builds = format!("/templates/superserve%2Fbase/builds{bad}");
        if bad.contains("limit") {
            assert_error(server.get(&builds).await, 400, "bad_request").await;
        }
    }
}
