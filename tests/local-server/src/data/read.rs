//! Streams a file, or a directory as a zip, out of a sandbox.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use nix::fcntl::OFlag;
use tokio::sync::mpsc;

use super::error::{Plain, PlainResult};
use super::path::{SandboxPath, reopen};
use super::zip;

const CHUNK: usize = 256 << 10;

/// What goes to the client, chunk by chunk; an error breaks the connection off.
pub type Chunks = mpsc::Sender<io::Result<Bytes>>;

/// Opens what the path names and starts a thread that sends it.
pub fn open(root: &impl AsFd, path: &SandboxPath, as_zip: bool) -> PlainResult<Response> {
    // A path alone first: opening a device or a pipe for reading has effects.
    let found = path.open(root, OFlag::O_PATH)?;
    let metadata = File::from(found.try_clone()?).metadata()?;
    if metadata.is_dir() {
        if !as_zip {
            return Err(Plain::invalid("path is a directory; use format=zip"));
        }
        let name = path.name().unwrap_or("root").to_owned();
        let directory = path.open(root, OFlag::O_RDONLY | OFlag::O_DIRECTORY)?;
        let body = body_of(move |chunks| zip::send(directory, &name, chunks));
        return Ok(([(CONTENT_TYPE, "application/zip")], body).into_response());
    }
    if !metadata.is_file() || path.names_directory() {
        return Err(Plain::invalid("path is not a regular file"));
    }
    let file = reopen(&found)?;
    let length = metadata.len();
    let kind = (CONTENT_TYPE, "application/octet-stream");
    // Files of /proc and /sys say that they are empty and are not.
    if length == 0 {
        let body = body_of(move |chunks| send(file, None, &chunks));
        return Ok(([kind], body).into_response());
    }
    let body = body_of(move |chunks| send(file, Some(length), &chunks));
    Ok(([kind], [(CONTENT_LENGTH, length)], body).into_response())
}

fn body_of(send: impl FnOnce(Chunks) + Send + 'static) -> Body {
    let (chunks, receiver) = mpsc::channel(4);
    tokio::task::spawn_blocking(move || send(chunks));
    Body::from_stream(unfold(receiver, async |mut receiver| {
        let chunk = receiver.recv().await?;
        Some((chunk, receiver))
    }))
}

/// Sends as many bytes as announced, even when the file has grown meanwhile.
fn send(file: File, length: Option<u64>, chunks: &Chunks) {
    let mut left = length.unwrap_or(u64::MAX);
    let mut file = file.take(left);
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        let read = file.by_ref().take(CHUNK as u64).read_to_end(&mut chunk);
        let item = match read {
            Ok(0) if left > 0 && length.is_some() => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(0) => return,
            Ok(count) => {
                left -= count as u64;
                Ok(Bytes::from(chunk))
            }
            Err(error) => Err(error),
        };
        let last = item.is_err();
        if chunks.blocking_send(item).is_err() || last {
            return;
        }
    }
}
