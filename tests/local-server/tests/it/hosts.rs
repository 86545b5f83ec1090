//! By which names the server is reached, and pages of which origins may ask it.

use reqwest::{Method, Response};
use serde_json::json;

use crate::support::*;

async fn ask(sandbox: &Sandbox<'_>, path: &str, host: &str, origin: Option<&str>) -> Response {
    let request = match path {
        "/exec" => sandbox
            .data(Method::POST, path)
            .json(&json!({ "command": "true" })),
        _ => sandbox.server.control(Method::GET, path),
    };
    let request = request.header("Host", host);
    let request = match origin {
        Some(origin) => request.header("Origin", origin),
        None => request,
    };
    request.send().await.unwrap()
}

#[tokio::test]
async fn only_names_of_this_machine_reach_the_server() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    sandbox
        .exec(json!({ "command": "cd /tmp; python3 -m http.server 8000 >/dev/null 2>&1 &" }))
        .await;
    let preview = format!("8000-{}", sandbox.id);
    eventually("served", async || {
        ask(&sandbox, "/", &format!("{preview}.localhost"), None)
            .await
            .status()
            == 200
    })
    .await;
    for (path, host) in [
        ("/sandboxes", "evil.example"),
        ("/exec", "evil.example"),
        ("/exec", &format!("boxd-{}.evil.example", sandbox.id)),
        ("/", &format!("{preview}.evil.example")),
    ] {
        assert_error(ask(&sandbox, path, host, None).await, 403, "forbidden").await;
        let own = host.replace("evil.example", "localhost");
        let answer = ask(&sandbox, path, &own, None).await;
        assert_eq!(answer.status(), 200, "{own}");
    }
    let named = Server::start(&["--allowed-host", "box.test"]);
    let sandbox = named.create().await;
    for (path, host) in [
        ("/sandboxes", "box.test:1"),
        ("/exec", &format!("boxd-{}.box.test", sandbox.id)),
    ] {
        assert_eq!(
            ask(&sandbox, path, host, None).await.status(),
            200,
            "{host}"
        );
    }
}

#[tokio::test]
async fn pages_of_others_and_of_sandboxes_do_not_reach_the_control_plane() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let page = format!("http://8000-{}.localhost:{}", sandbox.id, server.port());
    for origin in ["http://evil.example", "null", &page] {
        let answer = ask(&sandbox, "/sandboxes", "localhost", Some(origin)).await;
        assert_error(answer, 403, "forbidden").await;
        let answer = ask(&sandbox, "/exec", "localhost", Some(origin)).await;
        assert!(
            !answer.headers().contains_key("access-control-allow-origin"),
            "{origin}"
        );
    }
    let answer = ask(
        &sandbox,
        "/sandboxes",
        "localhost",
        Some("http://localhost:5173"),
    )
    .await;
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn previews_have_names_where_the_system_knows_none_below_localhost() {
    let before = "127.0.0.1 localhost\n";
    let hosts = TemporaryFile::new(before);
    let services = TemporaryFile::new("hosts: files\n");
    let mut server = Server::start_with(BINARY.as_ref(), &[], |command| {
        let files = [
            (hosts.0.clone(), "/etc/hosts"),
            (services.0.clone(), "/etc/nsswitch.conf"),
        ];
        with_files(command, &files);
    });
    let (open, guarded) = (
        server.create().await,
        server
            .create_with(json!({ "preview_access": "private" }))
            .await,
    );
    for sandbox in [&open, &guarded] {
        sandbox
            .exec(json!({ "command": "cd /tmp; python3 -m http.server 8000 >/dev/null 2>&1 &" }))
            .await;
    }
    let line = |sandbox: &Sandbox| format!("127.0.0.1 8000-{}.localhost ", sandbox.id);
    eventually("named", async || hosts.text().contains(&line(&open))).await;
    assert!(hosts.text().starts_with(before) && !hosts.text().contains(&line(&guarded)));
    let publish = format!("/sandboxes/{}/preview-ports", guarded.id);
    assert_eq!(
        server
            .post(&publish, json!({ "port": 8000 }))
            .await
            .status(),
        201
    );
    eventually("named", async || hosts.text().contains(&line(&guarded))).await;
    let latecomer = server.create().await;
    assert_eq!(latecomer.sh("cat /etc/hosts").await, before);
    let gone = line(&open);
    assert_eq!(open.delete().await.status(), 204);
    eventually("forgotten", async || !hosts.text().contains(&gone)).await;
    server.stop(nix::sys::signal::Signal::SIGTERM);
    assert_eq!(hosts.text(), before);
}
