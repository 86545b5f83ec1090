//! An archive read header by header.

use alloc::vec::Vec;

use super::{BLOCK, Entry, GLOBAL_PAX, Kind, LONG_NAME, LONG_TARGET, PAX, checksum, field};
use super::{number, pax};

/// Most bytes of what an archive says of one entry: far above what a path of Linux can be.
const MAX_NOTE: u64 = 1 << 20;

/// The largest integer that JavaScript has exactly.
const MAX_SIZE: u64 = (1 << 53) - 1;

/// What comes next in an archive.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// So many bytes, filled up to whole blocks, for [`Reader::note`].
    Note(u64),
    /// The bytes of an entry, as many as its size says, filled up to whole blocks.
    Entry(Entry),
    /// Nothing that counts.
    End,
}

/// An archive that is none.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken;

/// What is known of an entry beside its header.
#[derive(Debug, Default, Clone)]
struct Notes {
    name: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
    size: Option<u64>,
    modified_ms: Option<i64>,
}

/// Reads an archive's headers, one after another.
#[derive(Debug, Default)]
pub struct Reader {
    /// Of the next entry.
    notes: Notes,
    /// Of all that follow.
    global: Notes,
    /// The kind of note whose bytes come next.
    awaited: u8,
}

impl Reader {
    /// Takes a header. The bytes that follow, of which the answer tells, are the caller's to pass over.
    ///
    /// # Errors
    /// [`Broken`] for what is no header, for one of a sparse file, and for a note that is too long.
    pub fn header(&mut self, block: &[u8]) -> Result<Step, Broken> {
        if block.len() != BLOCK || self.awaited != 0 {
            return Err(Broken);
        }
        if block.iter().all(|&byte| byte == 0) {
            return Ok(Step::End);
        }
        let place = |(at, length): (usize, usize)| block.get(at..at + length).unwrap_or_default();
        let number = |field| number::read(place(field)).ok_or(Broken);
        let sum = number(field::CHECKSUM)?;
        // Some have added up signed bytes.
        let signed = block.iter().filter(|&&byte| byte >= 0x80).count() as i64 * 256;
        let expected = i64::from(checksum(block));
        if sum != expected && sum != expected - signed {
            return Err(Broken);
        }
        let flag = place(field::TYPE).first().copied().unwrap_or_default();
        let size = u64::try_from(number(field::SIZE)?).map_err(|_| Broken)?;
        if matches!(flag, LONG_NAME | LONG_TARGET | PAX | GLOBAL_PAX) {
            if size > MAX_NOTE {
                return Err(Broken);
            }
            self.awaited = flag;
            return Ok(Step::Note(size));
        }
        let notes = core::mem::take(&mut self.notes);
        let global = &self.global;
        let mut name = match notes.name.or_else(|| global.name.clone()) {
            Some(name) => name,
            None => {
                // What follows the name of other forms than ustar's is no prefix.
                let is_posix = place(field::MAGIC).starts_with(b"ustar\0");
                let prefix = text(place(field::PREFIX));
                let mut name = if is_posix {
                    prefix.to_vec()
                } else {
                    Vec::new()
                };
                if !name.is_empty() {
                    name.push(b'/');
                }
                name.extend_from_slice(text(place(field::NAME)));
                name
            }
        };
        let kind = match flag {
            // Those of the first form were told by their names.
            0 | b'0' | b'7' if name.ends_with(b"/") => Kind::Directory,
            0 | b'0' | b'7' => Kind::File,
            b'1' => Kind::Link,
            b'2' => Kind::Symlink,
            b'5' => Kind::Directory,
            // A sparse file's bytes are not those that it has.
            b'S' => return Err(Broken),
            _ => Kind::Other,
        };
        while kind == Kind::Directory && name.len() > 1 && name.ends_with(b"/") {
            name.pop();
        }
        let target = match notes.target.or_else(|| global.target.clone()) {
            Some(target) => target,
            None => text(place(field::TARGET)).to_vec(),
        };
        let size = notes.size.or(global.size).unwrap_or(size);
        // Links and directories have no bytes, though some archives give them a size.
        let size =
            if matches!(kind, Kind::File | Kind::Other) && !matches!(flag, b'3' | b'4' | b'6') {
                size
            } else {
                0
            };
        if size > MAX_SIZE {
            return Err(Broken);
        }
        let modified_ms = match notes.modified_ms.or(global.modified_ms) {
            Some(known) => known,
            None => number(field::MTIME)?.checked_mul(1000).ok_or(Broken)?,
        };
        let mode = (number(field::MODE)? & 0o7777) as u32;
        Ok(Step::Entry(Entry {
            kind,
            name,
            target,
            size,
            mode,
            modified_ms,
        }))
    }

    /// Takes the bytes that a [`Step::Note`] asked for.
    ///
    /// # Errors
    /// [`Broken`] for what is none.
    pub fn note(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        match core::mem::take(&mut self.awaited) {
            LONG_NAME => self.notes.name = Some(text(bytes).to_vec()),
            LONG_TARGET => self.notes.target = Some(text(bytes).to_vec()),
            PAX => records(bytes, &mut self.notes)?,
            GLOBAL_PAX => records(bytes, &mut self.global)?,
            _ => return Err(Broken),
        }
        Ok(())
    }
}

/// Notes what pax records say.
fn records(mut bytes: &[u8], notes: &mut Notes) -> Result<(), Broken> {
    while !bytes.is_empty() {
        let (key, value, rest) = pax::record(bytes).ok_or(Broken)?;
        bytes = rest;
        match key {
            b"path" | b"linkpath" if value.contains(&0) => return Err(Broken),
            b"path" => notes.name = Some(value.to_vec()),
            b"linkpath" => notes.target = Some(value.to_vec()),
            b"size" => notes.size = Some(pax::whole(value).ok_or(Broken)?),
            b"mtime" => notes.modified_ms = Some(pax::millis(value).ok_or(Broken)?),
            _ if key.starts_with(b"GNU.sparse.") => return Err(Broken),
            _ => {}
        }
    }
    Ok(())
}

/// A text up to its end.
fn text(place: &[u8]) -> &[u8] {
    let end = place.iter().position(|&byte| byte == 0);
    place.get(..end.unwrap_or(place.len())).unwrap_or_default()
}
