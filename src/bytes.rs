//! Searching bytes, eight at a time.
//!
//! WebAssembly's SIMD would search sixteen, and not load on a processor that lacks it (SSE4.1).

/// The first place of `one` or `other`.
pub fn find(one: u8, other: u8, bytes: &[u8]) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<8>();
    let [ones, others] = [one, other].map(|byte| u64::from_ne_bytes([byte; 8]));
    let mut at = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let found = (zeros(word ^ ones) | zeros(word ^ others)) & HIGH;
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let found = rest.iter().position(|&byte| byte == one || byte == other)?;
    Some(at + found)
}

const LOW: u64 = u64::from_ne_bytes([1; 8]);
const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);

/// Of the bits in [`HIGH`] the lowest that is set is that of the first byte that is zero.
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(LOW) & !word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_either_is_found_wherever_it_stands() {
        for length in 0..40 {
            for first in 0..=length {
                for filler in [b'a', b'\n' + 1, b'\n' | 0x80, 0xFF, 0] {
                    let mut bytes = vec![filler; length];
                    assert_eq!(find(b'\n', b'\r', &bytes), None);
                    for (place, byte) in bytes.iter_mut().enumerate().skip(first) {
                        *byte = if place % 3 == 0 { b'\r' } else { b'\n' };
                    }
                    let expected = (first < length).then_some(first);
                    assert_eq!(find(b'\n', b'\r', &bytes), expected);
                }
            }
        }
    }
}
