//! Patterns for names, as what `find` takes with `-regex`: an expression for whole paths, which begin with `./`.
//!
//! GNU's `find` and busybox's read expressions differently. What is written here is the same to both: groups, alternatives,
//! `*`, and brackets, within which stands all that means something to either. Both look at bytes, so a character is a byte
//! that continues none, and those that continue it.

use alloc::string::String;
use alloc::vec::Vec;
use core::str::Chars;

use super::ESCAPE;

/// Directories on the way, or none.
const DIRECTORIES: &str = "\\([^/]*/\\)*";
/// Any part of a name.
const PART: &str = "[^/]*";
/// The first byte of any character of a name.
const FIRST: &str = concat!("[^/\0", "80-\0", "bf]");
/// The others.
const CONTINUING: &str = concat!("[\0", "80-\0", "bf]*");
/// What no path has: a set may be empty.
const NEVER: &str = "//";

const LAST_CHARACTER: u32 = char::MAX as u32;

/// Characters, from the first to the last.
type Range = (u32, u32);

/// Adds the expression of a pattern. `None` for one with a bracket or brace that is not closed, or a backslash at its end.
pub fn expression(out: &mut String, pattern: &str) -> Option<()> {
    let pattern = pattern.strip_suffix('/').unwrap_or(pattern);
    out.push_str("[.]/");
    let below = pattern.trim_start_matches('/');
    if !pattern.as_bytes().contains(&b'/') {
        out.push_str(DIRECTORIES);
    }
    let mut rest = below.chars();
    // Whether a segment begins here, and the same of each brace that is open.
    let mut begins = true;
    let mut braces: Vec<bool> = Vec::new();
    while let Some(character) = rest.next() {
        let began = begins;
        begins = false;
        match (character, braces.last()) {
            ('*', _) => {
                let more = rest.as_str();
                rest = more.trim_start_matches('*').chars();
                let next = rest.clone().next();
                let ends = matches!(
                    (next, braces.last()),
                    (None, _) | (Some(',' | '}'), Some(_))
                );
                if began && rest.as_str().len() < more.len() && (ends || next == Some('/')) {
                    out.push_str(DIRECTORIES);
                    if !ends {
                        begins = true;
                        rest.next();
                        continue;
                    }
                }
                out.push_str(PART);
            }
            ('?', _) => out.extend([FIRST, CONTINUING]),
            ('[', _) => class(out, &mut rest)?,
            ('{', _) => {
                out.push_str("\\(");
                begins = began;
                braces.push(began);
            }
            (',', Some(began)) => {
                out.push_str("\\|");
                begins = *began;
            }
            ('}', Some(_)) => {
                out.push_str("\\)");
                braces.pop();
            }
            ('\\', _) => literal(out, rest.next()?),
            (other, _) => {
                begins = other == '/';
                literal(out, other);
            }
        }
    }
    braces.is_empty().then_some(())
}

/// Adds a character that is itself.
fn literal(out: &mut String, character: char) {
    match character {
        '*' | '.' | '[' | '$' | '\\' | '+' | '?' => out.extend(['[', character, ']']),
        '^' => out.push_str("\\^"),
        other => out.push(other),
    }
}

/// Adds a set of characters, whose bracket has been read.
fn class(out: &mut String, rest: &mut Chars<'_>) -> Option<()> {
    let mut ranges: Vec<Range> = Vec::new();
    let mut inner = rest.clone();
    let negates = matches!(inner.next(), Some('!' | '^'));
    if negates {
        *rest = inner;
    }
    loop {
        let first = match rest.next()? {
            ']' if !ranges.is_empty() => break,
            other => single(other, rest)?,
        };
        let mut last = first;
        let mut ahead = rest.clone();
        if let (Some('-'), Some(next)) = (ahead.next(), ahead.next())
            && next != ']'
        {
            last = single(next, &mut ahead)?;
            *rest = ahead;
        }
        ranges.push((first, last));
    }
    if !negates {
        ranges = others(&ranges);
    }
    ranges.push((u32::from('/'), u32::from('/')));
    out.extend(["\\(", NEVER]);
    for (first, last) in others(&ranges) {
        // Their bytes are compared, and one byte alone stands beside no others.
        if first < 0x80 {
            characters(out, first, last.min(0x7f));
        }
        if last >= 0x80 {
            characters(out, first.max(0x80), last);
        }
    }
    out.push_str("\\)");
    Some(())
}

/// A character of a set, which a backslash may stand before. A byte that is no text is none.
fn single(character: char, rest: &mut Chars<'_>) -> Option<u32> {
    let character = match character {
        '\\' => rest.next()?,
        other => other,
    };
    (character != char::from(ESCAPE)).then(|| u32::from(character))
}

/// All characters that are in none of these, in order.
fn others(ranges: &[Range]) -> Vec<Range> {
    let mut out = Vec::new();
    let mut from = 1;
    loop {
        let mut next = (LAST_CHARACTER + 1, LAST_CHARACTER + 1);
        for range in ranges {
            if range.0 <= range.1 && range.1 >= from && range.0 < next.0 {
                next = *range;
            }
        }
        if next.0 > from {
            out.push((from, next.0 - 1));
        }
        if next.0 > LAST_CHARACTER {
            return out;
        }
        from = next.1 + 1;
    }
}

/// Adds one more alternative: the characters of a range.
fn characters(out: &mut String, first: u32, last: u32) {
    // Of the halves of characters there is no UTF-8.
    let first = char::from_u32(first).unwrap_or('\u{e000}');
    let last = char::from_u32(last).unwrap_or('\u{d7ff}');
    if first <= last {
        out.push_str("\\|");
        let (mut low, mut high) = ([0; 4], [0; 4]);
        let low = first.encode_utf8(&mut low).as_bytes();
        bytes(out, low, last.encode_utf8(&mut high).as_bytes());
    }
}

/// Adds all bytes of a character from the first to the last of these.
fn bytes(out: &mut String, first: &[u8], last: &[u8]) {
    let (Some((low, first)), Some((high, last))) = (first.split_first(), last.split_first()) else {
        return;
    };
    if low == high {
        byte(out, *low, literal);
        return bytes(out, first, last);
    }
    out.push_str("\\(");
    byte(out, *low, literal);
    bytes(out, first, [0xbf; 3].get(..first.len()).unwrap_or_default());
    out.push_str("\\|");
    byte(out, *high, literal);
    bytes(out, [0x80; 3].get(..last.len()).unwrap_or_default(), last);
    let (mut low, mut high) = (low + 1, high - 1);
    // These mean something at such a place in brackets.
    if low == b'^' && low <= high {
        out.push_str("\\|\\^");
        low += 1;
    }
    if high == b']' && low <= high {
        out.push_str("\\|]");
        high -= 1;
    }
    if low <= high {
        out.push_str("\\|[");
        byte(out, low, String::push);
        out.push('-');
        byte(out, high, String::push);
        out.extend(["]", CONTINUING]);
    }
    out.push_str("\\)");
}

fn byte(out: &mut String, byte: u8, add: fn(&mut String, char)) {
    if byte < 0x80 {
        add(out, char::from(byte));
    } else {
        out.push(char::from(ESCAPE));
        for bits in [byte >> 4, byte & 15] {
            out.push(char::from(bits + if bits < 10 { b'0' } else { b'a' - 10 }));
        }
    }
}
