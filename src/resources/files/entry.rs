//! What scripts tell of files: base64 of fields that end with a NUL each, and the JSON that the surface's objects are made of.

use alloc::string::String;
use alloc::vec::Vec;

use super::script::{hex, text};
use crate::protocol::text::{rsplit_once, split_once};

/// Fields of one entry: type, size, mode, time of its last change, owner, path below where it was looked for, target.
const FIELDS: usize = 7;

/// The bytes of base64 with line ends in it; `None` for what is none.
pub fn bytes(base64: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(base64.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for digit in base64.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' | b'\n' | b'\r' => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}

/// The fields of some output, the last without what comes after its NUL.
pub fn fields(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let bytes = bytes.strip_suffix(b"\0").unwrap_or(bytes);
    let is_empty = bytes.is_empty();
    bytes.split(|byte| *byte == 0).skip(usize::from(is_empty))
}

/// The JSON of the entries that were told of, an array of objects, or of the first alone. `base` is the path that they are
/// below of. `None` for what is no such output.
pub fn json(stdout: &str, base: &str, is_one: bool) -> Option<String> {
    let bytes = bytes(stdout)?;
    let mut fields = fields(&bytes);
    let mut out = String::with_capacity(2 * bytes.len());
    let mut separator = "[";
    while let Some(kind) = fields.next() {
        if is_one {
            separator = "";
        }
        out.push_str(separator);
        let mut own = [kind, &[], &[], &[], &[], &[], &[]];
        for field in own.iter_mut().skip(1) {
            *field = fields.next()?;
        }
        entry(&mut out, own, base)?;
        if is_one {
            return Some(out);
        }
        separator = ",";
    }
    if out.is_empty() {
        out.push('[');
    }
    out.push(']');
    (!is_one).then_some(out)
}

fn entry(out: &mut String, fields: [&[u8]; FIELDS], base: &str) -> Option<()> {
    let [kind, size, mode, time, owner, path, target] = fields;
    let plain = |bytes| core::str::from_utf8(bytes).ok();
    let mut whole = String::from(base);
    if !path.is_empty() && base != "/" {
        whole.push('/');
    }
    let (_, own_name) = rsplit_once(base, b'/')?;
    let name = match path.rsplit(|byte| *byte == b'/').next() {
        Some(name) if !path.is_empty() => name,
        _ => b"",
    };
    out.push_str("{\"name\":\"");
    if path.is_empty() {
        crossed(out, own_name);
    } else {
        encoded(out, name);
    }
    out.push_str("\",\"path\":\"");
    crossed(out, &whole);
    encoded(out, path);
    out.push_str("\",\"type\":\"");
    out.push_str(match kind {
        b"f" => "file",
        b"d" => "directory",
        b"l" => "symlink",
        _ => "other",
    });
    out.push_str("\",\"size\":");
    out.push_str(number(plain(size)?)?);
    out.push_str(",\"mode\":");
    decimal(out, u32::from_str_radix(plain(mode)?, 8).ok()?);
    out.push_str(",\"modified_ms\":");
    millis(out, plain(time)?)?;
    out.push_str(",\"owner\":\"");
    encoded(out, owner);
    if kind == b"l" {
        out.push_str("\",\"target\":\"");
        encoded(out, target);
    }
    out.push_str("\"}");
    Some(())
}

/// Digits that JSON takes for a number.
fn number(digits: &str) -> Option<&str> {
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then_some(digits)
}

/// Adds a number of seconds, which may have a fraction, as whole milliseconds.
fn millis(out: &mut String, seconds: &str) -> Option<()> {
    let digits = seconds.strip_prefix('-').unwrap_or(seconds);
    let (whole, fraction) = split_once(digits, b'.').unwrap_or((digits, ""));
    number(whole)?;
    let whole = whole.trim_start_matches('0');
    if digits.len() < seconds.len() {
        out.push('-');
    }
    let mut thousandths = match fraction {
        "" => "000",
        // It has more digits than are wanted.
        digits => digits.get(..3)?,
    };
    number(thousandths)?;
    if whole.is_empty() {
        thousandths = thousandths.trim_start_matches('0');
        if thousandths.is_empty() {
            thousandths = "0";
        }
    }
    out.extend([whole, thousandths]);
    Some(())
}

/// Adds a number as its digits.
fn decimal(out: &mut String, value: u32) {
    if value >= 10 {
        decimal(out, value / 10);
    }
    out.push(char::from(b'0' + (value % 10) as u8));
}

/// Adds bytes as a text within JSON. Each that is no UTF-8 is half a character, from U+DC80 on.
pub fn encoded(out: &mut String, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        text(out, chunk.valid());
        for byte in chunk.invalid() {
            half(out, hex(byte >> 4), hex(*byte));
        }
    }
}

/// Adds what crossed, likewise.
pub fn crossed(out: &mut String, path: &str) {
    let mut rest = path;
    while let Some((plain, after)) = split_once(rest, super::ESCAPE) {
        text(out, plain);
        let mut after = after.chars();
        half(
            out,
            after.next().unwrap_or('8'),
            after.next().unwrap_or('0'),
        );
        rest = after.as_str();
    }
    text(out, rest);
}

fn half(out: &mut String, high: char, low: char) {
    out.push_str("\\udc");
    out.extend([high, low]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_whole_milliseconds() {
        for (seconds, expected) in [
            ("1700000000.1239999990", "1700000000123"),
            ("1700000000", "1700000000000"),
            ("0.0000000000", "0"),
            ("0", "0"),
            ("0.0501", "50"),
            ("-1.5000000000", "-1500"),
        ] {
            let mut out = String::new();
            millis(&mut out, seconds).unwrap();
            assert_eq!(out, expected, "{seconds}");
            assert!(serde_json::from_str::<i64>(&out).is_ok(), "{out}");
        }
        for bad in ["", "a", ".5", "1.ab", "-"] {
            assert!(millis(&mut String::new(), bad).is_none(), "{bad}");
        }
    }
}
