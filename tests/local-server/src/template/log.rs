//! A build's log: kept whole, replayed to every reader, then followed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::watch;

use super::BuildStatus;

/// Beyond this a log is no log, and the memory is others'.
const MAX_BYTES: usize = 64 << 20;

/// How much a reader gets at a time, however slow it is.
const PIECE: usize = 64 << 10;

/// Where a line comes from.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogStream {
    Stdout,
    Stderr,
    System,
}

#[derive(Debug, Serialize)]
struct Event<'a> {
    timestamp: String,
    stream: LogStream,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<BuildStatus>,
}

#[derive(Debug, Default)]
struct Kept {
    /// Events as they go over the wire, one after another.
    text: String,
    full: bool,
    finished: bool,
}

/// One build's log.
#[derive(Debug)]
pub struct Log {
    kept: Mutex<Kept>,
    grown: watch::Sender<()>,
}

impl Log {
    pub fn new() -> Self {
        Self {
            kept: Mutex::default(),
            grown: watch::Sender::new(()),
        }
    }

    /// Adds a line.
    pub fn add(&self, stream: LogStream, text: &str) {
        let full = {
            let mut kept = self.kept();
            let full = kept.text.len() + text.len() > MAX_BYTES && !kept.full;
            kept.full |= full;
            if kept.full && !full {
                return;
            }
            full
        };
        if full {
            self.push(
                LogStream::System,
                "log is full; further lines are left out",
                None,
            );
        } else {
            self.push(stream, text, None);
        }
    }

    /// Adds the terminal event.
    pub fn finish(&self, status: BuildStatus, text: &str) {
        self.push(LogStream::System, text, Some(status));
    }

    fn push(&self, stream: LogStream, text: &str, status: Option<BuildStatus>) {
        let timestamp = Timestamp::now().to_string();
        let finished = status.map(|_| true);
        let event = Event {
            timestamp,
            stream,
            text,
            finished,
            status,
        };
        let json = serde_json::to_string(&event).unwrap_or_default();
        {
            let mut kept = self.kept();
            kept.text.push_str("data: ");
            kept.text.push_str(&json);
            kept.text.push_str("\n\n");
            kept.finished |= status.is_some();
        }
        self.grown.send_replace(());
    }

    /// A piece of what has come after the first `seen` bytes, waiting for it if need be; `None` at the end.
    pub async fn after(&self, seen: usize) -> Option<String> {
        let mut grown = self.grown.subscribe();
        loop {
            {
                let kept = self.kept();
                match kept.text.get(seen..) {
                    Some(new) if !new.is_empty() => {
                        let end = (0..=PIECE).rev().find(|end| new.is_char_boundary(*end));
                        let piece = new.get(..end.unwrap_or(PIECE)).unwrap_or(new);
                        return Some(piece.to_owned());
                    }
                    _ if kept.finished => return None,
                    _ => {}
                }
            }
            grown.changed().await.ok()?;
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
