//! Streams a file, or a directory as a zip, out of a sandbox.

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, IF_RANGE, LAST_MODIFIED, RANGE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;

use super::error::PlainResult;
use crate::files::path::SandboxPath;
use crate::files::range::{Part, Wanted};
use crate::files::{Answer, Task};
use crate::sandbox::files::{Work, out_of_turn};
use crate::sandbox::lifecycle::Sandbox;

const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// What the path names, as the sandbox's user may read it.
pub async fn open(
    sandbox: &Sandbox,
    path: SandboxPath,
    zip: bool,
    headers: &HeaderMap,
) -> PlainResult<Response> {
    let text = |name: HeaderName| {
        let value = headers.get(name)?;
        // One that cannot be read is like no other.
        Some(value.to_str().unwrap_or_default().to_owned())
    };
    let range = Wanted {
        range: text(RANGE),
        if_range: text(IF_RANGE),
    };
    let mut work = sandbox.work(Task::Read { path, zip, range }).await?;
    match work.answer().await? {
        Answer::File {
            length,
            modified,
            part,
        } => Ok(file(work, length, modified, part)),
        Answer::Zip => Ok(([(CONTENT_TYPE, "application/zip")], content(work)).into_response()),
        _ => Err(out_of_turn().into()),
    }
}

/// A file, or the part of it that was asked for.
fn file(work: Work, length: Option<u64>, modified: Option<String>, part: Part) -> Response {
    let of = length.unwrap_or_default();
    let mut response = match part {
        Part::Whole => {
            let length = length.map(|length| [(CONTENT_LENGTH, length)]);
            match length {
                Some(length) => (length, content(work)).into_response(),
                None => content(work).into_response(),
            }
        }
        Part::Some(start, count) => {
            let end = (start + count).saturating_sub(1);
            let range = [(CONTENT_RANGE, format!("bytes {start}-{end}/{of}"))];
            let length = [(CONTENT_LENGTH, count)];
            (StatusCode::PARTIAL_CONTENT, length, range, content(work)).into_response()
        }
        Part::Unsatisfiable => {
            let range = [(CONTENT_RANGE, format!("bytes */{of}"))];
            let text = "the range lies behind the end of the file";
            return (StatusCode::RANGE_NOT_SATISFIABLE, range, text).into_response();
        }
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, BYTES);
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Some(modified) = modified.and_then(|date| date.parse().ok()) {
        headers.insert(LAST_MODIFIED, modified);
    }
    response
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
