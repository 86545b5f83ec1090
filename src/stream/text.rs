//! Texts as they go to the engine: without escapes, and one behind another, so that one decoding makes strings of them all.
//!
//! There are two kinds, since engines take ASCII as it is and are slow at other UTF-8: what has other characters goes as UTF-16.

use alloc::vec::Vec;

use crate::bytes::{backslashes, place};

/// What is written at once, of which only the beginning may count.
const WORD: usize = 8;
/// What the usual chunk needs.
const KEPT: usize = 131_072;

/// Units of one kind. All of the vector is there, so that a word is written wherever one fits; its beginning is used.
#[derive(Debug, Default)]
struct Units<Unit> {
    all: Vec<Unit>,
    used: usize,
}

impl<Unit: Copy + Default> Units<Unit> {
    const fn new() -> Self {
        Self {
            all: Vec::new(),
            used: 0,
        }
    }

    fn get(&self) -> &[Unit] {
        self.all.get(..self.used).unwrap_or_default()
    }

    /// Where so many more may be written, and a word beyond.
    fn room(&mut self, len: usize) -> &mut [Unit] {
        let needed = self.used + len + WORD;
        if self.all.len() < needed {
            self.all
                .resize(needed.max(2 * self.all.len()), Unit::default());
        }
        self.all.get_mut(self.used..).unwrap_or_default()
    }

    fn clear(&mut self) {
        self.used = 0;
        self.all.truncate(KEPT);
        self.all.shrink_to(KEPT);
    }
}

/// Texts, of either kind.
#[derive(Debug, Default)]
pub struct Texts {
    narrow: Units<u8>,
    wide: Units<u16>,
}

/// How many units of UTF-16 a text has that was added, and whether it is a wide one.
pub type Added = (usize, bool);

impl Texts {
    pub const fn new() -> Self {
        Self {
            narrow: Units::new(),
            wide: Units::new(),
        }
    }

    /// The texts of ASCII, and the others in UTF-16.
    pub fn get(&self) -> (&[u8], &[u16]) {
        (self.narrow.get(), self.wide.get())
    }

    /// How much there is of either kind.
    pub const fn len(&self) -> (usize, usize) {
        (self.narrow.used, self.wide.used)
    }

    /// Forgets what came since there was so much.
    pub const fn cut(&mut self, (narrow, wide): (usize, usize)) {
        (self.narrow.used, self.wide.used) = (narrow, wide);
    }

    /// Forgets all, and keeps the memory, unless it is much.
    pub fn clear(&mut self) {
        self.narrow.clear();
        self.wide.clear();
    }

    /// Adds a text as it is.
    pub fn push(&mut self, text: &str) -> Added {
        if text.is_ascii() {
            return (self.push_ascii(text.as_bytes()), false);
        }
        let mut count = 0;
        for (to, unit) in self
            .wide
            .room(text.len())
            .iter_mut()
            .zip(text.encode_utf16())
        {
            *to = unit;
            count += 1;
        }
        self.wide.used += count;
        (count, true)
    }

    /// Adds a text of ASCII as it is.
    pub fn push_ascii(&mut self, text: &[u8]) -> usize {
        if let Some(to) = self.narrow.room(text.len()).get_mut(..text.len()) {
            to.copy_from_slice(text);
            self.narrow.used += text.len();
        }
        text.len()
    }

    /// Adds what stands between the quotes of a JSON string that has been looked at. Nothing is added of what is no UTF-8, or has
    /// half of a surrogate pair.
    pub fn unescape(&mut self, text: &[u8], is_ascii: bool) -> Option<Added> {
        if is_ascii && let Some(added) = self.unescape_ascii(text) {
            return Some((added, false));
        }
        Some((self.unescape_wide(text)?, true))
    }

    /// Does that for a text of ASCII. Nothing is added of what stands for other characters.
    fn unescape_ascii(&mut self, text: &[u8]) -> Option<usize> {
        let out = self.narrow.room(text.len());
        let (mut at, mut to) = (0, 0);
        while let Some(rest) = text.get(at..)
            && let Some(&byte) = rest.first()
        {
            if let Some(word) = rest.first_chunk::<WORD>() {
                *out.get_mut(to..)?.first_chunk_mut()? = *word;
                let ends = backslashes(u64::from_le_bytes(*word));
                let plain = if ends == 0 { WORD } else { place(ends) };
                (at, to) = (at + plain, to + plain);
                if ends == 0 {
                    continue;
                }
            } else if byte != b'\\' {
                *out.get_mut(to)? = byte;
                (at, to) = (at + 1, to + 1);
                continue;
            }
            let (unit, length) = escape(text.get(at + 1..)?)?;
            if unit > 0x7F {
                return None;
            }
            *out.get_mut(to)? = unit as u8;
            (at, to) = (at + 1 + length, to + 1);
        }
        self.narrow.used += to;
        Some(to)
    }

    /// Does that for any text.
    fn unescape_wide(&mut self, text: &[u8]) -> Option<usize> {
        let out = self.wide.room(text.len());
        let (mut at, mut to) = (0, 0);
        while let Some([byte, rest @ ..]) = text.get(at..) {
            let (unit, length) = match byte {
                b'\\' => {
                    let (unit, length) = escape(rest)?;
                    match unit {
                        0xD800..0xDC00 => {
                            let [b'\\', next @ ..] = rest.get(length..)? else {
                                return None;
                            };
                            let (low @ 0xDC00..0xE000, more) = escape(next)? else {
                                return None;
                            };
                            *out.get_mut(to)? = unit;
                            to += 1;
                            (low, length + 1 + more)
                        }
                        0xDC00..0xE000 => return None,
                        _ => (unit, length),
                    }
                }
                0..0x80 => (u16::from(*byte), 0),
                0xC2..0xE0 => (u16::from(byte & 0x1F) << 6 | tail(rest, 0)?, 1),
                0xE0..0xF0 => {
                    let unit = u16::from(byte & 0x0F) << 12 | tail(rest, 0)? << 6 | tail(rest, 1)?;
                    if unit < 0x800 || matches!(unit, 0xD800..0xE000) {
                        return None;
                    }
                    (unit, 2)
                }
                0xF0..0xF5 => {
                    let [a, b, c] = [tail(rest, 0)?, tail(rest, 1)?, tail(rest, 2)?];
                    let high = u32::from(byte & 7) << 18 | u32::from(a) << 12;
                    let beyond = (high | u32::from(b << 6 | c)).checked_sub(0x1_0000)?;
                    if beyond > 0xF_FFFF {
                        return None;
                    }
                    *out.get_mut(to)? = 0xD800 | (beyond >> 10) as u16;
                    to += 1;
                    (0xDC00 | (beyond & 0x3FF) as u16, 3)
                }
                _ => return None,
            };
            *out.get_mut(to)? = unit;
            (at, to) = (at + 1 + length, to + 1);
        }
        self.wide.used += to;
        Some(to)
    }
}

/// What a byte that goes on with a character has of it.
fn tail(rest: &[u8], at: usize) -> Option<u16> {
    let byte = *rest.get(at)?;
    (byte & 0xC0 == 0x80).then_some(u16::from(byte & 0x3F))
}

/// The unit of UTF-16 that an escape stands for, what is behind its backslash, and how long that is.
fn escape(rest: &[u8]) -> Option<(u16, usize)> {
    let unit = match *rest.first()? {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'f' => 12,
        b'u' => {
            let mut value = 0;
            for digit in rest.get(1..5)? {
                value = value << 4 | char::from(*digit).to_digit(16)? as u16;
            }
            return Some((value, 5));
        }
        // A quote, a slash or a backslash.
        byte => byte,
    };
    Some((u16::from(unit), 1))
}
