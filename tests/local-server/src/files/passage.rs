//! A worker's end of a connection: content as chunks, each after its length, with an empty one at
//! the end. What ends without it is not whole.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;

/// How much is sent at a time.
pub const CHUNK: usize = 64 << 10;

/// No side sends more at a time.
pub const MAX_CHUNK: usize = 1 << 20;

/// Sends content in chunks.
pub struct Sender<'a> {
    socket: &'a UnixStream,
    /// A length, then as many bytes.
    buffer: Vec<u8>,
}

impl<'a> Sender<'a> {
    pub fn new(socket: &'a UnixStream) -> Self {
        let mut buffer = Vec::with_capacity(4 + CHUNK);
        buffer.extend([0; 4]);
        Self { socket, buffer }
    }

    /// Sends what is left, and the end.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        self.socket.write_all(&[0; 4])
    }
}

impl Write for Sender<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = (4 + CHUNK).saturating_sub(self.buffer.len());
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.buffer.extend_from_slice(taken);
        if self.buffer.len() == 4 + CHUNK {
            self.flush()?;
        }
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let length = self.buffer.len() - 4;
        if length == 0 {
            return Ok(());
        }
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        for (place, byte) in self.buffer.iter_mut().zip(length.to_le_bytes()) {
            *place = byte;
        }
        self.socket.write_all(&self.buffer)?;
        self.buffer.truncate(4);
        Ok(())
    }
}

/// The next chunk; an empty one is the end.
pub fn receive(mut socket: &UnixStream, chunk: &mut Vec<u8>) -> io::Result<()> {
    let mut length = [0; 4];
    socket.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_CHUNK {
        return Err(io::ErrorKind::InvalidData.into());
    }
    chunk.resize(length, 0);
    socket.read_exact(chunk)
}
