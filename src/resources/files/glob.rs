//! Patterns for names, as what `find` takes with `-regex`: an expression for whole paths, which begin with `./`.
//!
//! GNU's `find` and busybox's read expressions differently. What is written here is the same to both: groups, alternatives,
//! `*`, and brackets, within which stands all that means something to either. Both look at bytes, so a character is a byte
//! that continues none, and those that continue it.

use alloc::vec::Vec;

use super::entry::character;

/// Directories on the way, or none.
const DIRECTORIES: &[u8] = b"\\([^/]*/\\)*";
/// Any part of a name.
const PART: &[u8] = b"[^/]*";
/// Any character of a name.
const CHARACTER: &[u8] = b"[^/\x0080-\x00bf][\x0080-\x00bf]*";
/// Any character of more bytes than one, as one more alternative.
const LONG: &[u8] = b"\\|[\x00c2-\x00f4][\x0080-\x00bf]*";
/// No path has this: a set may be empty.
const NEVER: &[u8] = b"\\(//";

/// Most braces within each other.
const MOST_BRACES: u32 = 30;

/// Adds the expression of a pattern. `None` for one with a bracket or brace that is not closed, a backslash at its end, or a
/// set of what it cannot have.
pub fn expression(out: &mut Vec<u8>, pattern: &[u8]) -> Option<()> {
    let pattern = pattern.strip_suffix(b"/").unwrap_or(pattern);
    out.extend_from_slice(b"[.]/");
    if !pattern.contains(&b'/') {
        out.extend_from_slice(DIRECTORIES);
    }
    let mut rest = pattern;
    while let [b'/', after @ ..] = rest {
        rest = after;
    }
    // Whether a segment begins here, and the same of each brace that is open, the last by the lowest bit.
    let mut begins = true;
    let (mut depth, mut braces) = (0, 0u32);
    while let [byte, after @ ..] = rest {
        let began = begins;
        begins = false;
        rest = after;
        match byte {
            b'*' => {
                while let [b'*', after @ ..] = rest {
                    rest = after;
                }
                let is_double = rest.len() < after.len();
                let ends = match rest.first() {
                    Some(b',' | b'}') => depth > 0,
                    next => next.is_none(),
                };
                if let [b'/', after @ ..] = rest
                    && is_double
                    && began
                {
                    out.extend_from_slice(DIRECTORIES);
                    rest = after;
                    begins = true;
                } else {
                    if is_double && began && ends {
                        out.extend_from_slice(DIRECTORIES);
                    }
                    out.extend_from_slice(PART);
                }
            }
            b'?' => out.extend_from_slice(CHARACTER),
            b'[' => rest = set(out, rest)?,
            b'{' => {
                out.extend_from_slice(b"\\(");
                begins = began;
                braces = braces << 1 | u32::from(began);
                depth += 1;
                if depth > MOST_BRACES {
                    return None;
                }
            }
            b',' if depth > 0 => {
                out.extend_from_slice(b"\\|");
                begins = braces & 1 == 1;
            }
            b'}' if depth > 0 => {
                out.extend_from_slice(b"\\)");
                braces >>= 1;
                depth -= 1;
            }
            b'\\' => {
                let (byte, after) = rest.split_first()?;
                rest = after;
                literal(out, *byte);
            }
            other => {
                begins = *other == b'/';
                literal(out, *other);
            }
        }
    }
    (depth == 0).then_some(())
}

/// Adds a byte that is itself.
fn literal(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'*' | b'.' | b'[' | b'$' | b'\\' | b'+' | b'?' => {
            out.extend_from_slice(&[b'[', byte, b']'])
        }
        b'^' => out.extend_from_slice(b"\\^"),
        other => out.push(other),
    }
}

/// Adds a set of characters, whose bracket has been read; answers with what is behind it. Ranges are of ASCII alone, and so is
/// what it may not be.
fn set<'a>(out: &mut Vec<u8>, mut rest: &'a [u8]) -> Option<&'a [u8]> {
    let mut negates = false;
    if let [b'!' | b'^', after @ ..] = rest {
        negates = true;
        rest = after;
    }
    out.extend_from_slice(NEVER);
    let mut has = [false; 128];
    let mut is_first = true;
    while is_first || rest.first()? != &b']' {
        is_first = false;
        let (first, mut after) = single(rest)?;
        let mut last = first;
        if let [b'-', next @ ..] = after
            && next.first() != Some(&b']')
        {
            (last, after) = single(next)?;
        }
        rest = after;
        match (first, last) {
            ([low @ 0..0x80], [high @ 0..0x80]) => {
                for byte in *low..=*high {
                    *has.get_mut(usize::from(byte))? = true;
                }
            }
            _ if first == last && !negates => {
                out.extend_from_slice(b"\\|");
                out.extend_from_slice(first);
            }
            _ => return None,
        }
    }
    if negates {
        out.extend_from_slice(LONG);
    }
    // Within brackets these three mean something, each at another place.
    let mut inner = Vec::new();
    for (byte, is_in) in (0..).zip(has) {
        if byte != 0 && byte != b'/' && is_in != negates {
            match byte {
                b'^' => out.extend_from_slice(b"\\|\\^"),
                b']' => inner.insert(0, byte),
                _ => inner.push(byte),
            }
        }
    }
    if let Some(at) = inner.iter().position(|byte| *byte == b'-') {
        inner.remove(at);
        inner.push(b'-');
    }
    if !inner.is_empty() {
        out.extend_from_slice(b"\\|[");
        out.extend_from_slice(&inner);
        out.push(b']');
    }
    out.extend_from_slice(b"\\)");
    rest.get(1..)
}

/// The next character of a set, which a backslash may stand before, and what is behind it. A byte that is no text is none.
fn single(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = rest.strip_prefix(b"\\").unwrap_or(rest);
    let length = character(rest);
    let found = rest.split_at_checked(length)?;
    (length > 0 && found.0 != b"\0").then_some(found)
}
