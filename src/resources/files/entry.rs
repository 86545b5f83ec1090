//! What scripts tell of files: base64 of fields that end with a NUL each, and the JSON that the surface's objects are made of.

use alloc::string::String;
use alloc::vec::Vec;

use super::script::{hex, text};
use crate::protocol::text::{rsplit_once, split_once};

/// Fields of one entry but its type: size, mode, time of its last change, owner, path below where it was looked for, target.
const OTHER_FIELDS: usize = 6;

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

/// The JSON of the first entry that was told of. `base` is the path that they are below of. `None` for what is no such
/// output.
pub fn first(stdout: &str, base: &str) -> Option<String> {
    let bytes = bytes(stdout)?;
    let mut out = String::new();
    let mut fields = fields(&bytes);
    entry(&mut out, fields.next()?, &mut fields, base)?;
    Some(out)
}

/// The JSON of all of them, an array of objects.
pub fn all(stdout: &str, base: &str) -> Option<String> {
    let mut out = String::new();
    list(&mut out, stdout, base, u32::MAX)?;
    Some(out)
}

/// The JSON of at most `limit` of them, and of whether there are more.
pub fn some(stdout: &str, base: &str, limit: u32) -> Option<String> {
    let mut out = String::from("{\"entries\":");
    let is_cut = list(&mut out, stdout, base, limit)?;
    truncated(&mut out, is_cut);
    Some(out)
}

/// Adds the end of an object that says whether there is more.
pub fn truncated(out: &mut String, is_cut: bool) {
    out.push_str(",\"truncated\":");
    out.push_str(if is_cut { "true}" } else { "false}" });
}

/// Adds at most `limit` of them; answers with whether there are more.
fn list(out: &mut String, stdout: &str, base: &str, limit: u32) -> Option<bool> {
    let bytes = bytes(stdout)?;
    let mut fields = fields(&bytes);
    out.reserve(2 * bytes.len());
    out.push('[');
    let mut count = 0;
    let is_cut = loop {
        let Some(kind) = fields.next() else {
            break false;
        };
        if count == limit {
            break true;
        }
        if count > 0 {
            out.push(',');
        }
        count += 1;
        entry(out, kind, &mut fields, base)?;
    };
    out.push(']');
    Some(is_cut)
}

fn entry<'a>(
    out: &mut String,
    kind: &[u8],
    fields: &mut impl Iterator<Item = &'a [u8]>,
    base: &str,
) -> Option<()> {
    let mut others: [&[u8]; OTHER_FIELDS] = Default::default();
    for field in &mut others {
        *field = fields.next()?;
    }
    let [size, mode, time, owner, path, target] = others;
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
pub fn decimal(out: &mut String, value: u32) {
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
