//! Streams of server-sent events, with a comment whenever nothing has come for a while.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use futures_util::{Stream, StreamExt};
use tokio::time::timeout;

const KEEPALIVE: &[u8] = b": keepalive\n\n";

/// An answer of events; proxies and clients see by the comments that a silent one lives.
pub fn response(events: impl Stream<Item = Bytes> + Send + 'static, silence: Duration) -> Response {
    let body = unfold(Box::pin(events), move |mut events| async move {
        let chunk = match timeout(silence, events.next()).await {
            Ok(chunk) => chunk?,
            Err(_) => Bytes::from_static(KEEPALIVE),
        };
        Some((Ok::<_, Infallible>(chunk), events))
    });
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, Body::from_stream(body)).into_response()
}
