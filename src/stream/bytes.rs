//! Bytes, eight at a time.
//!
//! WebAssembly's SIMD would search sixteen, and not load on a processor that lacks it (SSE4.1).

/// The first line feed or carriage return.
pub fn line_end(bytes: &[u8]) -> Option<usize> {
    find(bytes, |word| is(word, b'\n') | is(word, b'\r'))
}

const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);

/// The bit of each byte that one of ASCII has not.
pub const fn high(word: u64) -> u64 {
    word & HIGH
}

/// Marks the bytes that a JSON string does not hold as they are: quotes, backslashes and control characters. Of the bits of
/// [`high`] only the lowest has to be right.
pub fn string_ends(word: u64) -> u64 {
    high(is(word, b'"') | is(word, b'\\') | below(word, 0x20))
}

/// Marks the backslashes, likewise.
pub fn backslashes(word: u64) -> u64 {
    high(is(word, b'\\'))
}

/// Which byte the lowest mark is.
pub const fn place(marks: u64) -> usize {
    marks.trailing_zeros() as usize / 8
}

/// The first byte that is marked. Of the bits in [`HIGH`] that `marks` sets, only the lowest has to be right.
fn find(bytes: &[u8], marks: impl Fn(u64) -> u64) -> Option<usize> {
    let first = |word: u64| {
        let found = high(marks(word));
        (found != 0).then(|| place(found))
    };
    let (words, rest) = bytes.as_chunks::<8>();
    for (i, word) in words.iter().enumerate() {
        if let Some(place) = first(u64::from_le_bytes(*word)) {
            return Some(8 * i + place);
        }
    }
    // No byte that is filled in is marked by anybody.
    let mut last = [0xFF; 8];
    for (to, byte) in last.iter_mut().zip(rest) {
        *to = *byte;
    }
    Some(8 * words.len() + first(u64::from_le_bytes(last))?)
}

/// Marks the bytes that are less than `least`, which is 0x80 at most. A borrow marks others too, behind such a byte.
fn below(word: u64, least: u8) -> u64 {
    word.wrapping_sub(u64::from_ne_bytes([least; 8])) & !word
}

fn is(word: u64, byte: u8) -> u64 {
    below(word ^ u64::from_ne_bytes([byte; 8]), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_found_wherever_it_stands_and_whatever_is_around_it() {
        let is_line_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let is_string_end = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
        for length in 0..25 {
            for filler in [b'a', b'\r' + 1, b'\n' | 0x80, 0x20, 0x7F, 0x80, 0xFF] {
                for at in 0..=length {
                    for byte in 0..=u8::MAX {
                        let mut bytes = vec![filler; length];
                        // What is behind the first, a borrow may mark wrongly.
                        for each in bytes.iter_mut().skip(at) {
                            *each = byte;
                        }
                        let expected = |is: fn(&u8) -> bool| bytes.iter().position(is);
                        assert_eq!(line_end(&bytes), expected(is_line_end), "{bytes:?}");
                        let ends = find(&bytes, string_ends);
                        assert_eq!(ends, expected(is_string_end), "{bytes:?}");
                    }
                }
            }
        }
    }
}
