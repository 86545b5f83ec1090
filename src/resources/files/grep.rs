//! What `grep` has told, and the JSON that the surface's objects are made of.
//!
//! A line is its file's path, a NUL, its number, a colon or, next to a line that fits, a dash, and its text. That has a mark
//! before the first place that fits, and another at its end.

use alloc::vec::Vec;

use super::entry::{bytes, character, decimal, member, text, truncated, unescaped};
use super::search;

/// Most bytes of a line that are told.
const LINE_BYTES: usize = 4000;
const MARK: &[u8] = b"\x1b[8;9m";
const END: &[u8] = b"\x1b[m";
/// U+FFFD, for a byte that is no UTF-8.
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

struct Line<'a> {
    path: &'a [u8],
    number: u32,
    fits: bool,
    /// What is before the first place that fits.
    before: &'a [u8],
    rest: &'a [u8],
}

/// The JSON of what was found below `base`: at most `limit` lines that fit, each with so many around it. `None` for what is
/// no such output.
pub fn json(stdout: &str, base: &str, limit: u32, context: u32) -> Option<Vec<u8>> {
    let bytes = bytes(stdout)?;
    let lines = lines(&bytes)?;
    let base = unescaped(base);
    let mut out = Vec::with_capacity(2 * bytes.len());
    out.extend_from_slice(b"{\"matches\":[");
    let mut count = 0;
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.fits) {
        count += 1;
        if count > limit {
            break;
        }
        if count > 1 {
            out.push(b',');
        }
        let mut path = base.clone();
        // A file that was named itself is not below that.
        if line.path.first() != Some(&b'/') {
            if path != b"/" {
                path.push(b'/');
            }
            path.extend_from_slice(line.path);
        }
        member(&mut out, b"{\"path\":", &path);
        out.extend_from_slice(b",\"line\":");
        decimal(&mut out, line.number);
        out.extend_from_slice(b",\"text\":");
        let column = told(&mut out, line);
        out.extend_from_slice(b",\"column\":");
        decimal(&mut out, column);
        if context > 0 {
            let is_near = |other: &&Line<'_>| {
                other.path == line.path && other.number.abs_diff(line.number) <= context
            };
            let earlier = lines.get(..at)?;
            let count = earlier.iter().rev().take_while(is_near).count();
            around(&mut out, b",\"before\":", earlier.get(at - count..)?);
            let later = lines.get(at + 1..)?;
            let count = later.iter().take_while(is_near).count();
            around(&mut out, b",\"after\":", later.get(..count)?);
        }
        out.push(b'}');
    }
    out.push(b']');
    // The sandbox told no more lines than these can be.
    let most = (limit as usize + 1) * (2 * context as usize + 1);
    let told = bytes.iter().filter(|byte| **byte == b'\n').count();
    truncated(&mut out, count > limit || told >= most);
    Some(out)
}

/// All whole lines.
fn lines(bytes: &[u8]) -> Option<Vec<Line<'_>>> {
    let mut lines = Vec::new();
    let mut rest = bytes;
    while let Some((path, after)) = halves(rest, b'\0')
        && let Some((line, after)) = halves(after, b'\n')
    {
        rest = after;
        let digits = line.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, line) = line.split_at_checked(digits)?;
        let (sign, line) = line.split_first()?;
        if number.is_empty() {
            return None;
        }
        let (before, mut rest) = match line.windows(MARK.len()).position(|part| part == MARK) {
            Some(at) => line.split_at_checked(at)?,
            None => (line, &[][..]),
        };
        if let Some(found) = rest.strip_prefix(MARK) {
            rest = found.strip_suffix(END).unwrap_or(found);
        }
        lines.push(Line {
            path: path.strip_prefix(b"./")?,
            number: search::digits(number),
            fits: *sign == b':',
            before,
            rest,
        });
    }
    Some(lines)
}

fn halves(bytes: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|one| *one == byte)?;
    Some((bytes.get(..at)?, bytes.get(at + 1..)?))
}

/// Adds a list of lines.
fn around(out: &mut Vec<u8>, name: &[u8], lines: &[Line<'_>]) {
    out.extend_from_slice(name);
    let mut separator = b'[';
    for line in lines {
        out.push(separator);
        told(out, line);
        separator = b',';
    }
    if lines.is_empty() {
        out.push(b'[');
    }
    out.push(b']');
}

/// Adds what is told of a line's text; answers with the column at which what fits begins.
fn told(out: &mut Vec<u8>, line: &Line<'_>) -> u32 {
    let mut whole = Vec::with_capacity(line.before.len() + line.rest.len());
    whole.extend_from_slice(line.before);
    whole.extend_from_slice(line.rest);
    let mut end = LINE_BYTES;
    while whole.get(end).is_some_and(|byte| byte & 0xc0 == 0x80) {
        end -= 1;
    }
    whole.truncate(end);
    let mut valid = Vec::with_capacity(whole.len());
    let (mut rest, mut column) = (&*whole, 1);
    while !rest.is_empty() {
        let length = character(rest);
        let (taken, after) = rest.split_at_checked(length.max(1)).unwrap_or_default();
        rest = after;
        valid.extend_from_slice(if length == 0 { REPLACEMENT } else { taken });
        if whole.len() - rest.len() <= line.before.len() {
            column += 1 + u32::from(length == 4);
        }
    }
    text(out, &valid);
    column
}
