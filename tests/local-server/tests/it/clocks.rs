//! What a sandbox does by itself: pausing after its active time, going after a long pause.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::support::*;

#[tokio::test]
async fn a_timeout_pauses_and_counts_anew_after_a_resume() {
    let server = Server::start(&[]);
    let sandbox = server.create_with(json!({ "timeout_seconds": 1 })).await;
    for _ in 0..2 {
        let start = Instant::now();
        assert_eq!(sandbox.info().await["status"], "active");
        eventually("paused", async || {
            sandbox.info().await["status"] == "paused"
        })
        .await;
        let active = start.elapsed();
        assert!(
            active > Duration::from_millis(800) && active < Duration::from_secs(3),
            "{active:?}"
        );
        assert_eq!(sandbox.step("activate").await.status(), 200);
    }
    assert_eq!(
        sandbox
            .update(json!({ "timeout_seconds": null }))
            .await
            .status(),
        204
    );
    sleep(Duration::from_millis(1300)).await;
    assert_eq!(sandbox.info().await["status"], "active");
    // Set anew, the time that it was active already counts.
    assert_eq!(
        sandbox
            .update(json!({ "timeout_seconds": 1 }))
            .await
            .status(),
        204
    );
    eventually("paused", async || {
        sandbox.info().await["status"] == "paused"
    })
    .await;
}

#[tokio::test]
async fn zero_deletes_as_soon_as_the_sandbox_pauses() {
    let server = Server::start(&[]);
    let sandbox = server
        .create_with(json!({ "auto_delete_seconds": 0 }))
        .await;
    assert_eq!(sandbox.step("pause").await.status(), 204);
    let path = format!("/sandboxes/{}", sandbox.id);
    eventually("gone", async || server.get(&path).await.status() == 404).await;
}

#[tokio::test]
async fn the_deletion_window_is_armed_by_a_pause_and_cancelled_by_a_resume() {
    let server = Server::start(&[]);
    let sandbox = server
        .create_with(json!({ "auto_delete_seconds": 1 }))
        .await;
    assert!(sandbox.info().await.get("auto_delete_at").is_none());
    assert_eq!(sandbox.step("pause").await.status(), 204);
    let at: Timestamp = text(&sandbox.info().await["auto_delete_at"])
        .parse()
        .unwrap();
    let left = at.duration_since(Timestamp::now()).as_secs_f64();
    assert!(left > 0.5 && left <= 1.0, "{left}");
    assert_eq!(sandbox.step("resume").await.status(), 200);
    assert!(sandbox.info().await.get("auto_delete_at").is_none());
    sleep(Duration::from_millis(1300)).await;
    assert_eq!(sandbox.info().await["status"], "active");

    // Cleared, then set on the paused sandbox: the countdown starts at that moment.
    assert_eq!(
        sandbox
            .update(json!({ "auto_delete_seconds": null }))
            .await
            .status(),
        204
    );
    assert_eq!(sandbox.step("pause").await.status(), 204);
    sleep(Duration::from_millis(1300)).await;
    assert!(sandbox.info().await.get("auto_delete_at").is_none());
    assert_eq!(
        sandbox
            .update(json!({ "auto_delete_seconds": 1 }))
            .await
            .status(),
        204
    );
    assert!(sandbox.info().await.get("auto_delete_at").is_some());
    let path = format!("/sandboxes/{}", sandbox.id);
    eventually("gone", async || server.get(&path).await.status() == 404).await;
}
