//! Input that waits for a program, bounded: beyond it the client waits.

use std::sync::Arc;

use axum::body::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// What a chunk takes beside its bytes.
const OVERHEAD: usize = 256;

/// Takes input. Dropping it ends the input once all is taken.
#[derive(Debug)]
pub struct Input {
    chunks: mpsc::UnboundedSender<Chunk>,
    room: Arc<Semaphore>,
}

/// Waiting input; its room is free again when it is dropped.
#[derive(Debug)]
pub struct Chunk {
    pub bytes: Bytes,
    _room: OwnedSemaphorePermit,
}

/// The permits of `room` are bytes; it may be shared.
pub fn channel(room: Arc<Semaphore>) -> (Input, mpsc::UnboundedReceiver<Chunk>) {
    let (chunks, receiver) = mpsc::unbounded_channel();
    (Input { chunks, room }, receiver)
}

impl Input {
    /// Returns when there is room; what nobody takes any more is dropped.
    pub async fn add(&self, bytes: Bytes) {
        let size = u32::try_from(bytes.len() + OVERHEAD).unwrap_or(u32::MAX);
        if let Ok(_room) = self.room.clone().acquire_many_owned(size).await {
            self.chunks.send(Chunk { bytes, _room }).ok();
        }
    }
}
