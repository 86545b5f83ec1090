//! Reads request bodies to their end even when the answer is an early error.
//!
//! A server that closes the connection on a client that is still sending makes most clients report
//! a broken pipe, and lose the answer that would have told them why.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::{Stream, StreamExt};

/// More than this is not read for politeness.
const MAX_DRAINED: usize = 4 << 30;

/// The middleware.
pub async fn to_the_end(request: Request, next: Next) -> Response {
    let request = request.map(|body| Body::from_stream(Drained(Some(body.into_data_stream()))));
    next.run(request).await
}

/// A body whose rest is read in the background when it is dropped; `None` once it has ended.
struct Drained(Option<BodyDataStream>);

impl Stream for Drained {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(body) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let item = ready!(body.poll_next_unpin(context));
        if !matches!(item, Some(Ok(_))) {
            self.0 = None;
        }
        Poll::Ready(item)
    }
}

impl Drop for Drained {
    fn drop(&mut self) {
        if let (Some(mut body), Ok(runtime)) =
            (self.0.take(), tokio::runtime::Handle::try_current())
        {
            runtime.spawn(async move {
                let mut left = MAX_DRAINED;
                while let Some(Ok(chunk)) = body.next().await {
                    let Some(rest) = left.checked_sub(chunk.len()) else {
                        return;
                    };
                    left = rest;
                }
            });
        }
    }
}
