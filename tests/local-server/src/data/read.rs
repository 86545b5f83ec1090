//! Streams a file, or a directory as a zip, out of a sandbox.

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;

use super::error::PlainResult;
use crate::files::path::SandboxPath;
use crate::files::{Answer, Task};
use crate::sandbox::files::{Work, out_of_turn};
use crate::sandbox::lifecycle::Sandbox;

/// What the path names, as the sandbox's user may read it.
pub async fn open(sandbox: &Sandbox, path: SandboxPath, zip: bool) -> PlainResult<Response> {
    let mut work = sandbox.work(Task::Read { path, zip }).await?;
    let binary = (CONTENT_TYPE, "application/octet-stream");
    match work.answer().await? {
        Answer::File { length: None } => Ok(([binary], content(work)).into_response()),
        Answer::File {
            length: Some(length),
        } => Ok(([binary], [(CONTENT_LENGTH, length)], content(work)).into_response()),
        Answer::Zip => Ok(([(CONTENT_TYPE, "application/zip")], content(work)).into_response()),
        _ => Err(out_of_turn().into()),
    }
}

/// Content that ends before its end breaks the connection off.
fn content(work: Work) -> Body {
    Body::from_stream(unfold(Some(work), async |work| {
        let mut work = work?;
        match work.receive().await {
            Ok(chunk) => Some((Ok(chunk?), Some(work))),
            Err(error) => Some((Err(error), None)),
        }
    }))
}
