//! Strings put together without `core::fmt` and `slice::concat`, and taken apart without the machinery of
//! `str`'s patterns, which would add several KB to the module.

use alloc::string::String;

/// The parts, one after another.
pub fn concat(parts: &[&str]) -> String {
    let mut out = String::with_capacity(parts.iter().map(|part| part.len()).sum());
    out.extend(parts.iter().copied());
    out
}

/// What is before and after the first such byte, which has to be ASCII.
pub fn split_once(text: &str, byte: u8) -> Option<(&str, &str)> {
    halves(text, text.bytes().position(|b| b == byte)?)
}

/// What is before and after the last such byte, which has to be ASCII.
pub fn rsplit_once(text: &str, byte: u8) -> Option<(&str, &str)> {
    halves(text, text.bytes().rposition(|b| b == byte)?)
}

fn halves(text: &str, at: usize) -> Option<(&str, &str)> {
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Whether one of these bytes, which have to be ASCII, is there.
pub fn has(text: &str, bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| split_once(text, *byte).is_some())
}

/// Whether all parts between such bytes, which have to be ASCII, are good.
pub fn all_parts(mut text: &str, byte: u8, mut good: impl FnMut(&str) -> bool) -> bool {
    while let Some((part, rest)) = split_once(text, byte) {
        if !good(part) {
            return false;
        }
        text = rest;
    }
    good(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_at_the_first_or_last() {
        assert_eq!(split_once("a:b:c", b':'), Some(("a", "b:c")));
        assert_eq!(rsplit_once("a:b:c", b':'), Some(("a:b", "c")));
        assert_eq!(split_once("\u{e9}:", b':'), Some(("\u{e9}", "")));
        assert_eq!(split_once("abc", b':'), None);
    }

    #[test]
    fn all_parts_are_looked_at() {
        let short = |text: &str| all_parts(text, b'.', |part| part.len() == 1);
        assert!(short("a.b.c") && short("a"));
        assert!(!short("a.bc.d") && !short("a.b.") && !short("") && !short(".a"));
    }
}
