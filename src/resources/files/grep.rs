//! What `grep` has told, and the JSON that the surface's objects are made of.
//!
//! A line is its file's path, a NUL, its number, a colon or, next to a line that fits, a dash, and its text. That has a mark
//! before the first place that fits, and another at its end.

use alloc::string::String;
use alloc::vec::Vec;

use super::entry::{bytes, crossed, decimal, encoded, truncated};
use super::script::text;

/// Most bytes of a line that are told.
const LINE_BYTES: usize = 4000;
const MARK: &[u8] = b"\x1b[8;9m";
const END: &[u8] = b"\x1b[m";

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
pub fn json(stdout: &str, base: &str, limit: u32, context: u32) -> Option<String> {
    let bytes = bytes(stdout)?;
    let lines = lines(&bytes)?;
    let mut out = String::with_capacity(2 * bytes.len());
    out.push_str("{\"matches\":[");
    let mut count = 0;
    for (at, line) in lines.iter().enumerate() {
        if !line.fits {
            continue;
        }
        count += 1;
        if count > limit {
            break;
        }
        if count > 1 {
            out.push(',');
        }
        out.push_str("{\"path\":\"");
        crossed(&mut out, base);
        // A file that was named itself is not below that.
        if line.path.first() != Some(&b'/') {
            if base != "/" {
                out.push('/');
            }
            encoded(&mut out, line.path);
        }
        out.push_str("\",\"line\":");
        decimal(&mut out, line.number);
        out.push_str(",\"text\":\"");
        let column = told(&mut out, line);
        out.push_str("\",\"column\":");
        decimal(&mut out, column);
        if context > 0 {
            let is_near = |other: &&Line<'_>| {
                other.path == line.path && other.number.abs_diff(line.number) <= context
            };
            let earlier = lines.get(..at)?;
            let count = earlier.iter().rev().take_while(is_near).count();
            around(
                &mut out,
                ",\"before\":[",
                &mut earlier.get(at - count..)?.iter(),
            );
            let later = lines.get(at + 1..)?;
            around(
                &mut out,
                ",\"after\":[",
                &mut later.iter().take_while(is_near),
            );
        }
        out.push('}');
    }
    out.push(']');
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
        let (before, mut rest) = match line.windows(MARK.len()).position(|part| part == MARK) {
            Some(at) => line.split_at_checked(at)?,
            None => (line, &[][..]),
        };
        if let Some(found) = rest.strip_prefix(MARK) {
            rest = found.strip_suffix(END).unwrap_or(found);
        }
        lines.push(Line {
            path: path.strip_prefix(b"./")?,
            number: u32::from_str_radix(core::str::from_utf8(number).ok()?, 10).ok()?,
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
fn around<'a>(out: &mut String, name: &str, lines: &mut dyn Iterator<Item = &'a Line<'a>>) {
    let mut start = name;
    for line in lines {
        out.extend([start, "\""]);
        told(out, line);
        out.push('"');
        start = ",";
    }
    if start == name {
        out.push_str(name);
    }
    out.push(']');
}

/// Adds what is told of a line's text; answers with the column at which what fits begins.
fn told(out: &mut String, line: &Line<'_>) -> u32 {
    let mut whole = Vec::with_capacity(line.before.len() + line.rest.len());
    whole.extend_from_slice(line.before);
    whole.extend_from_slice(line.rest);
    let mut end = LINE_BYTES;
    while whole.get(end).is_some_and(|byte| byte & 0xc0 == 0x80) {
        end -= 1;
    }
    whole.truncate(end);
    let (mut at, mut column) = (0, 1);
    let mut pass = |bytes: usize, units: usize| {
        at += bytes;
        if at <= line.before.len() {
            column += units as u32;
        }
    };
    for chunk in whole.utf8_chunks() {
        text(out, chunk.valid());
        for character in chunk.valid().chars() {
            pass(character.len_utf8(), character.len_utf16());
        }
        let invalid = chunk.invalid();
        if !invalid.is_empty() {
            out.push(char::REPLACEMENT_CHARACTER);
            pass(invalid.len(), 1);
        }
    }
    column
}
