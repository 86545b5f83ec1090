//! Carries bytes between a sandbox and where it is connected to.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::log::Traffic;

const BUFFER: usize = 32 << 10;

/// Until both sides have said all, or one is gone; then the other learns that it is.
pub async fn relay(mut inside: TcpStream, mut outside: TcpStream, traffic: &Traffic) {
    let outcome = {
        let (from_inside, to_inside) = inside.split();
        let (from_outside, to_outside) = outside.split();
        tokio::try_join!(
            carry(from_inside, to_outside, &traffic.sent),
            carry(from_outside, to_inside, &traffic.received),
        )
    };
    if outcome.is_err() {
        inside.set_zero_linger().ok();
        outside.set_zero_linger().ok();
    }
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    count: &AtomicU64,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            return to.shutdown().await;
        }
        to.write_all(buffer.get(..length).unwrap_or_default())
            .await?;
        count.fetch_add(length as u64, Ordering::Relaxed);
    }
}
