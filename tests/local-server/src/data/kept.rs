//! The output of a command that is answered as a whole, bounded; and the answer, made while it is
//! sent: as JSON a byte can be six.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::utf8::Utf8Decoder;

/// Output is kept in blocks, and let go as they are sent.
const BLOCK: usize = 64 << 10;

/// Output up to a limit of its own, and up to the room that a sandbox's commands share.
#[derive(Debug)]
pub struct Kept {
    blocks: Vec<Vec<u8>>,
    limit: usize,
    room: Arc<Semaphore>,
    taken: Vec<OwnedSemaphorePermit>,
    truncated: bool,
}

impl Kept {
    /// The permits of `room` are bytes.
    pub fn new(limit: usize, room: Arc<Semaphore>) -> Self {
        Self {
            blocks: Vec::new(),
            limit,
            room,
            taken: Vec::new(),
            truncated: false,
        }
    }

    pub fn add(&mut self, bytes: &[u8]) {
        // What follows a gap would be false.
        if self.truncated {
            return;
        }
        let kept = bytes.get(..self.limit).unwrap_or(bytes);
        let size = u32::try_from(kept.len()).unwrap_or(u32::MAX);
        let Ok(permit) = self.room.clone().try_acquire_many_owned(size) else {
            self.truncated = true;
            return;
        };
        match self.taken.last_mut() {
            Some(taken) => taken.merge(permit),
            None => self.taken.push(permit),
        }
        self.truncated = kept.len() < bytes.len();
        self.limit -= kept.len();
        self.push(kept);
    }

    /// Adds a line of the server's own.
    pub fn note(&mut self, message: &str) {
        let last = self.blocks.last();
        if last.is_some_and(|block| !block.ends_with(b"\n")) {
            self.push(b"\n");
        }
        self.push(format!("{message}\n").as_bytes());
    }

    fn push(&mut self, bytes: &[u8]) {
        match self.blocks.last_mut() {
            Some(block) if block.len() + bytes.len() <= BLOCK => block.extend_from_slice(bytes),
            _ if bytes.is_empty() => {}
            _ => self.blocks.push(bytes.to_vec()),
        }
    }

    /// The inside of a JSON string, piece by piece; invalid bytes as U+FFFD.
    fn escaped(self) -> impl Iterator<Item = String> {
        let mut decoder = Utf8Decoder::default();
        let taken = self.taken;
        self.blocks
            .into_iter()
            .map(Some)
            .chain([None])
            .map(move |block| {
                // Held until the last block has gone.
                let _ = &taken;
                escape(&match block {
                    Some(block) => decoder.push(&block),
                    None => decoder.finish(),
                })
            })
    }
}

fn escape(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap_or_default();
    let inner = quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

/// `{"stdout", "stderr", "exit_code", "truncated"?}`
pub fn answer(stdout: Kept, stderr: Kept, exit_code: i32) -> Response {
    let truncated = if stdout.truncated || stderr.truncated {
        r#","truncated":true"#
    } else {
        ""
    };
    let is_small = stdout.blocks.len() + stderr.blocks.len() <= 2;
    let word = |text: &str| [text.to_owned()].into_iter();
    let pieces = word(r#"{"stdout":""#)
        .chain(stdout.escaped())
        .chain(word(r#"","stderr":""#))
        .chain(stderr.escaped())
        .chain(word(&format!(r#"","exit_code":{exit_code}{truncated}}}"#)));
    let body = if is_small {
        Body::from(pieces.collect::<String>())
    } else {
        let pieces = pieces.filter(|piece| !piece.is_empty());
        Body::from_stream(stream::iter(
            pieces.map(|piece| Ok::<_, Infallible>(Bytes::from(piece))),
        ))
    };
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}
