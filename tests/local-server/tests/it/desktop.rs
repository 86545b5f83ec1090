//! Sandboxes with a screen: real windows, clicked on, typed into and looked at.

use std::io::Cursor;
use std::path::Path;
use std::process::Command;
use std::sync::Once;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::*;

/// What the server needs, and `xev` and `xwininfo` (of x11-utils) for the tests.
const PACKAGES: [&str; 5] = [
    "tigervnc-standalone-server",
    "xdotool",
    "x11-apps",
    "x11-xserver-utils",
    "x11-utils",
];
const PROGRAMS: [&str; 5] = ["Xtigervnc", "xdotool", "xwd", "xrandr", "xev"];

/// Installs what is missing, from Debian.
fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let there = |program: &&str| Path::new("/usr/bin").join(program).exists();
        if PROGRAMS.iter().all(there) {
            return;
        }
        let apt = |arguments: &[&str]| {
            let mut command = Command::new("apt-get");
            command.env("DEBIAN_FRONTEND", "noninteractive");
            assert!(command.args(arguments).status().unwrap().success());
        };
        apt(&["update", "--quiet=2"]);
        let mut arguments = vec!["install", "--yes", "--quiet=2", "--no-install-recommends"];
        arguments.extend(PACKAGES);
        apt(&arguments);
    });
}

async fn call(sandbox: &Sandbox<'_>, method: &str, body: Value) -> Response {
    let path = format!("/superserve.boxd.v1.DesktopService/{method}");
    let request = sandbox.data(Method::POST, &path).json(&body);
    request.send().await.unwrap()
}

async fn done(sandbox: &Sandbox<'_>, method: &str, body: Value) {
    let response = call(sandbox, method, body).await;
    let status = response.status();
    assert_eq!(response.text().await.unwrap(), "{}", "{method}: {status}");
}

async fn desktop(server: &Server) -> Sandbox<'_> {
    install();
    server
        .create_with(json!({ "from_template": "superserve/desktop" }))
        .await
}

/// The screen's size, and the colour at a place.
async fn look(sandbox: &Sandbox<'_>, x: usize, y: usize) -> (u64, u64, [u8; 3]) {
    let response = call(sandbox, "Screenshot", json!({})).await;
    assert_eq!(response.status(), 200);
    let shot: Value = response.json().await.unwrap();
    let png = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, text(&shot["image"]));
    let mut reader = png::Decoder::new(Cursor::new(png.unwrap()))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let (width, height) = (
        shot["width"].as_u64().unwrap(),
        shot["height"].as_u64().unwrap(),
    );
    assert_eq!(
        (u64::from(info.width), u64::from(info.height)),
        (width, height)
    );
    let at = (y * info.width as usize + x) * 3;
    (width, height, [pixels[at], pixels[at + 1], pixels[at + 2]])
}

/// A window that writes down what happens to it, at 100, 50; 300 wide and 200 high.
async fn open_window(sandbox: &Sandbox<'_>) {
    let start = "(stdbuf -oL xev -geometry 300x200+100+50 >/tmp/events 2>&1 &)
        until grep -q 'Expose event' /tmp/events; do sleep 0.05; done";
    sandbox.sh(start).await;
}

/// Waits for an event whose lines match all patterns.
async fn happens(sandbox: &Sandbox<'_>, event: &str, patterns: &[&str]) {
    let filters: Vec<_> = patterns
        .iter()
        .map(|one| format!("grep -e '{one}'"))
        .collect();
    let find = format!(
        "grep -A5 '^{event} event' /tmp/events | tr '\\n' ' ' | sed 's/ -- /\\n/g' | {} || true",
        filters.join(" | ")
    );
    eventually(event, async || !sandbox.sh(&find).await.is_empty()).await;
}

#[tokio::test]
async fn a_window_is_clicked_on_typed_into_and_seen() {
    let server = Server::start(&[]);
    let sandbox = desktop(&server).await;
    assert_eq!(look(&sandbox, 150, 100).await, (1280, 800, [0, 0, 0]));
    open_window(&sandbox).await;
    assert_eq!(look(&sandbox, 380, 240).await.2, [255, 255, 255]);
    assert_eq!(look(&sandbox, 450, 300).await.2, [0, 0, 0]);

    let pointer = |action: &str, button: &str| {
        json!({ "x": 150, "y": 90, "action": format!("POINTER_ACTION_{action}"),
            "button": format!("POINTER_BUTTON_{button}") })
    };
    done(&sandbox, "SendPointer", pointer("CLICK", "LEFT")).await;
    happens(&sandbox, "ButtonPress", &["root:(150,90)", "button 1,"]).await;
    happens(&sandbox, "ButtonRelease", &["root:(150,90)", "button 1,"]).await;
    done(&sandbox, "SendPointer", pointer("CLICK", "RIGHT")).await;
    happens(&sandbox, "ButtonPress", &["button 3,"]).await;
    done(&sandbox, "SendPointer", pointer("DOUBLE_CLICK", "MIDDLE")).await;
    let twice = "grep -A3 '^ButtonPress event' /tmp/events | grep -c 'button 2,' || true";
    eventually("twice", async || sandbox.sh(twice).await == "2\n").await;
    done(&sandbox, "SendKey", json!({ "text": "x" })).await;
    happens(&sandbox, "KeyPress", &["keysym 0x78, x)"]).await;
    done(
        &sandbox,
        "SendKey",
        json!({ "key": "Return", "modifiers": ["ctrl", "shift"] }),
    )
    .await;
    happens(&sandbox, "KeyPress", &["Return)", "state 0x5,"]).await;
    done(&sandbox, "Scroll", json!({ "dy": 2 })).await;
    happens(&sandbox, "ButtonPress", &["button 5,"]).await;
    done(&sandbox, "Scroll", json!({ "dx": -1 })).await;
    happens(&sandbox, "ButtonPress", &["button 6,"]).await;
    // A drag, as one batch.
    let at = |x: u32, action: &str| json!({ "pointer": { "x": x, "y": 120, "action": format!("POINTER_ACTION_{action}") } });
    let drag = json!({ "actions": [at(200, "DOWN"), at(260, "MOVE"), at(270, "UP"), { "key": { "text": "y" } }] });
    done(&sandbox, "SendActions", drag).await;
    happens(
        &sandbox,
        "MotionNotify",
        &["root:(260,120)", "state 0x100,"],
    )
    .await;
    happens(&sandbox, "KeyPress", &["keysym 0x79, y)"]).await;
    // What has no key is lent one for a moment: a window that looks late finds that gone, and the character is typed again.
    eventually("é", async || {
        done(&sandbox, "SendKey", json!({ "text": "é" })).await;
        let find = "grep -c 'eacute)' /tmp/events || true";
        sandbox.sh(find).await != "0\n"
    })
    .await;
}

#[tokio::test]
async fn a_screen_takes_another_size() {
    let server = Server::start(&[]);
    let sandbox = desktop(&server).await;
    for (width, height) in [(1000, 701), (320, 200), (1000, 701), (1920, 1080)] {
        done(
            &sandbox,
            "Resize",
            json!({ "width": width, "height": height }),
        )
        .await;
        let (seen_width, seen_height, _) = look(&sandbox, 0, 0).await;
        assert_eq!((seen_width, seen_height), (width, height));
    }
    for (width, height) in [
        (1001, 700),
        (312, 700),
        (8200, 700),
        (800, 199),
        (800, 8193),
    ] {
        let body = json!({ "width": width, "height": height });
        assert_plain(call(&sandbox, "Resize", body).await, 400, "must be").await;
    }
}

#[tokio::test]
async fn bad_actions_do_nothing() {
    let server = Server::start(&[]);
    let sandbox = desktop(&server).await;
    open_window(&sandbox).await;
    let click = json!({ "pointer": { "x": 150, "y": 90, "action": "POINTER_ACTION_CLICK" } });
    for bad in [
        json!({ "key": {} }),
        json!({ "pointer": { "x": 1 } }),
        json!({}),
    ] {
        let body = json!({ "actions": [click, bad] });
        assert_eq!(call(&sandbox, "SendActions", body).await.status(), 400);
    }
    assert_plain(
        call(&sandbox, "SendKey", json!({ "key": "NoSuchKey" })).await,
        400,
        "NoSuchKey",
    )
    .await;
    assert_plain(
        call(&sandbox, "Dance", json!({})).await,
        404,
        "no such method",
    )
    .await;
    // The next one is the first that the window sees.
    done(&sandbox, "SendActions", json!({ "actions": [click] })).await;
    happens(&sandbox, "ButtonPress", &["button 1,"]).await;
    let count = "grep -c '^ButtonPress event' /tmp/events";
    assert_eq!(sandbox.sh(count).await, "1\n");
}

#[tokio::test]
async fn each_sandbox_has_a_screen_of_its_own_and_a_fork_a_new_one() {
    let server = Server::start(&[]);
    let (one, other) = tokio::join!(desktop(&server), desktop(&server));
    done(&one, "Resize", json!({ "width": 640, "height": 480 })).await;
    assert_eq!(look(&one, 0, 0).await.0, 640);
    assert_eq!(look(&other, 0, 0).await.0, 1280);
    let path = format!("/sandboxes/{}/snapshot", one.id);
    let wanted = json!({ "kind": "mem+fs", "idempotency_key": "k" });
    let snapshot: Value = server.post(&path, wanted).await.json().await.unwrap();
    let fork = server
        .create_with(json!({ "from_snapshot": snapshot["id"] }))
        .await;
    assert_eq!(look(&fork, 0, 0).await.0, 1280);
}

#[tokio::test]
async fn without_a_screen_the_answer_says_why() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let plain = call(&sandbox, "Screenshot", json!({})).await;
    let message = assert_error(plain, 501, "desktop_unavailable").await;
    assert!(message.contains("superserve/desktop"), "{message}");
    // As on a machine that lacks one of the programs.
    let sandbox = desktop(&server).await;
    sandbox.sh("rm $(command -v xdotool)").await;
    let lacking = call(&sandbox, "SendKey", json!({ "text": "a" })).await;
    let message = assert_error(lacking, 501, "desktop_unavailable").await;
    assert!(message.contains("xdotool is not installed"), "{message}");
    // Nor is there a page where nothing serves it.
    sandbox.sh("pkill -f '[w]ebsockify' || true").await;
    let port = server.base_url.rsplit(':').next().unwrap();
    let host = format!("6080-{}.localhost:{port}", sandbox.id);
    let page = server.client.get(format!("{}/vnc.html", server.base_url));
    let page = page.header("Host", host).send().await.unwrap();
    assert_plain(page, 501, "novnc").await;
    let url = format!(
        "{}/superserve.boxd.v1.DesktopService/Screenshot",
        server.base_url
    );
    let without = server
        .client
        .post(url)
        .json(&json!({}))
        .send()
        .await
        .unwrap();
    assert_plain(without, 401, "missing X-Access-Token").await;
}
