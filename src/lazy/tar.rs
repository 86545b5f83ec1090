//! The headers of tar archives.
//!
//! What is written is ustar, with GNU's entries for long names and numbers, which busybox reads as well as GNU tar does; only
//! the fraction of a second takes a pax record, which busybox passes over. What is read is all of that, and pax.

use alloc::vec::Vec;

mod number;
mod pax;
mod read;

pub use read::{Broken, Reader, Step};

/// Archives are made of blocks of so many bytes.
pub const BLOCK: usize = 512;

/// What an entry of an archive is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file, whose bytes follow.
    File,
    /// A directory.
    Directory,
    /// A symbolic link to `target`.
    Symlink,
    /// The same file as the earlier entry `target`.
    Link,
    /// A device, a pipe, or what is known to one program only.
    Other,
}

/// An entry of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: Kind,
    /// Its name, without the `/` at a directory's end.
    pub name: Vec<u8>,
    /// What a link leads to.
    pub target: Vec<u8>,
    /// How many bytes follow the header, which are then filled up to a whole block.
    pub size: u64,
    /// Permissions: the lowest twelve bits.
    pub mode: u32,
    /// When it was last modified, in milliseconds since 1970.
    pub modified_ms: i64,
}

/// Where the fields of a header are, and how long.
mod field {
    pub const NAME: (usize, usize) = (0, 100);
    pub const MODE: (usize, usize) = (100, 8);
    pub const UID: (usize, usize) = (108, 8);
    pub const GID: (usize, usize) = (116, 8);
    pub const SIZE: (usize, usize) = (124, 12);
    pub const MTIME: (usize, usize) = (136, 12);
    pub const CHECKSUM: (usize, usize) = (148, 8);
    pub const TYPE: (usize, usize) = (156, 1);
    pub const TARGET: (usize, usize) = (157, 100);
    pub const MAGIC: (usize, usize) = (257, 8);
    pub const PREFIX: (usize, usize) = (345, 155);
}

const USTAR: &[u8] = b"ustar\x0000";
const LONG_NAME: u8 = b'L';
const LONG_TARGET: u8 = b'K';
const PAX: u8 = b'x';
const GLOBAL_PAX: u8 = b'g';

/// The name that entries have which only say something of the next one.
const NOTE: &[u8] = b"././@LongLink";

/// Writes the blocks that come before an entry's bytes.
pub fn write(entry: &Entry, out: &mut Vec<u8>) {
    let mut name = entry.name.clone();
    if entry.kind == Kind::Directory {
        name.push(b'/');
    }
    let seconds = entry.modified_ms.div_euclid(1000);
    let fraction = entry.modified_ms.rem_euclid(1000);
    if fraction != 0 {
        note(PAX, &pax::mtime(seconds, fraction), out);
    }
    if entry.target.len() > field::TARGET.1 {
        note(LONG_TARGET, &terminated(&entry.target), out);
    }
    let (prefix, rest) = match split(&name) {
        Some(parts) => parts,
        None => {
            note(LONG_NAME, &terminated(&name), out);
            (&[][..], &name[..])
        }
    };
    let flag = match entry.kind {
        Kind::File | Kind::Other => b'0',
        Kind::Link => b'1',
        Kind::Symlink => b'2',
        Kind::Directory => b'5',
    };
    let size = if entry.kind == Kind::File {
        entry.size
    } else {
        0
    };
    let mut block = Block::new(rest, flag, size);
    block.number(field::MODE, i64::from(entry.mode & 0o7777));
    block.number(field::MTIME, seconds);
    block.text(field::TARGET, &entry.target);
    block.text(field::PREFIX, prefix);
    block.end(out);
}

/// An entry that says something of the next one, with its bytes.
fn note(flag: u8, text: &[u8], out: &mut Vec<u8>) {
    let mut block = Block::new(NOTE, flag, text.len() as u64);
    block.number(field::MODE, 0o644);
    block.number(field::MTIME, 0);
    block.end(out);
    out.extend_from_slice(text);
    out.resize(out.len().next_multiple_of(BLOCK), 0);
}

fn terminated(text: &[u8]) -> Vec<u8> {
    let mut text = text.to_vec();
    text.push(0);
    text
}

/// A name as the header has it, in two parts with a `/` between them. None where it does not fit.
fn split(name: &[u8]) -> Option<(&[u8], &[u8])> {
    if name.len() <= field::NAME.1 {
        return Some((&[], name));
    }
    // The `/` at a directory's end divides nothing.
    let slashes = (1..name.len().saturating_sub(1)).filter(|&at| name.get(at) == Some(&b'/'));
    let mut parts = slashes.filter_map(|at| Some((name.get(..at)?, name.get(at + 1..)?)));
    parts.find(|(prefix, rest)| prefix.len() <= field::PREFIX.1 && rest.len() <= field::NAME.1)
}

/// A header under way.
struct Block([u8; BLOCK]);

impl Block {
    fn new(name: &[u8], flag: u8, size: u64) -> Self {
        let mut block = Self([0; BLOCK]);
        block.text(field::NAME, name);
        block.text(field::TYPE, &[flag]);
        block.text(field::MAGIC, USTAR);
        block.number(field::UID, 0);
        block.number(field::GID, 0);
        block.number(field::SIZE, size.cast_signed());
        block
    }

    fn place(&mut self, (at, length): (usize, usize)) -> &mut [u8] {
        self.0.get_mut(at..at + length).unwrap_or_default()
    }

    /// What is too long is cut: then an entry before this one has it whole.
    fn text(&mut self, field: (usize, usize), text: &[u8]) {
        for (place, byte) in self.place(field).iter_mut().zip(text) {
            *place = *byte;
        }
    }

    fn number(&mut self, field: (usize, usize), value: i64) {
        number::write(self.place(field), value);
    }

    fn end(mut self, out: &mut Vec<u8>) {
        let sum = checksum(&self.0);
        let place = self.place(field::CHECKSUM);
        if let Some(digits) = place.get_mut(..7) {
            number::write(digits, i64::from(sum));
        }
        self.text((field::CHECKSUM.0 + 7, 1), b" ");
        out.extend_from_slice(&self.0);
    }
}

/// The sum of a header's bytes, of which those of the sum itself count as spaces.
fn checksum(block: &[u8]) -> u32 {
    let (start, length) = field::CHECKSUM;
    let of = |(at, &byte): (usize, &u8)| {
        let is_sum = (start..start + length).contains(&at);
        u32::from(if is_sum { b' ' } else { byte })
    };
    block.iter().enumerate().map(of).sum()
}
