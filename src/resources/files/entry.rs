//! What scripts tell of files: base64 of fields that end with a NUL each, and the JSON that the surface's objects are made of.

use alloc::vec::Vec;

use super::ESCAPE;
use crate::resources::script::Output;

/// Fields of one entry: type, size, mode, time of its last change, owner, path below where it was looked for, target.
const FIELDS: usize = 7;

/// The bytes of base64 with line ends in it; `None` for what is none.
pub fn bytes(base64: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(base64.len());
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

/// Takes the next field, unless there is none that ends.
pub fn next<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.iter().position(|byte| *byte == 0)?;
    let field = rest.get(..end)?;
    *rest = rest.get(end + 1..)?;
    Some(field)
}

/// The JSON of the first entry that was told of, of all, or of at most `limit`, with whether there are more. `base` is the path that they are below of, as it
/// crosses. `None` for what is no such output.
pub fn json(stdout: &str, base: &str, output: Output, limit: u32) -> Option<Vec<u8>> {
    let bytes = bytes(stdout)?;
    let base = unescaped(base);
    let mut rest = &*bytes;
    let mut out = Vec::with_capacity(2 * bytes.len());
    let begin: &[u8] = match output {
        Output::Found => b"{\"entries\":[",
        _ => b"[",
    };
    out.extend_from_slice(begin);
    let mut count = 0;
    while !rest.is_empty() && count < limit {
        if count > 0 {
            out.push(b',');
        }
        count += 1;
        let mut fields: [&[u8]; FIELDS] = [&[]; FIELDS];
        for field in &mut fields {
            *field = next(&mut rest)?;
        }
        let start = out.len();
        entry(&mut out, fields, &base)?;
        if output == Output::Entry {
            return out.get(start..).map(<[u8]>::to_vec);
        }
    }
    out.push(b']');
    if output == Output::Found {
        truncated(&mut out, !rest.is_empty());
    }
    (output != Output::Entry).then_some(out)
}

/// Adds the end of an object that says whether there is more.
pub fn truncated(out: &mut Vec<u8>, is_cut: bool) {
    let end: &[u8] = match is_cut {
        true => b",\"truncated\":true}",
        false => b",\"truncated\":false}",
    };
    out.extend_from_slice(end);
}

fn entry(out: &mut Vec<u8>, fields: [&[u8]; FIELDS], base: &[u8]) -> Option<()> {
    let [kind, size, mode, time, owner, path, target] = fields;
    let mut whole = base.to_vec();
    if !path.is_empty() {
        if base != b"/" {
            whole.push(b'/');
        }
        whole.extend_from_slice(path);
    }
    let name = whole.iter().rposition(|byte| *byte == b'/')? + 1;
    member(out, b"{\"name\":", whole.get(name..)?);
    member(out, b",\"path\":", &whole);
    out.extend_from_slice(match kind {
        b"f" => b",\"type\":\"file\",\"size\":",
        b"d" => b",\"type\":\"directory\",\"size\":",
        b"l" => b",\"type\":\"symlink\",\"size\":",
        _ => b",\"type\":\"other\",\"size\":",
    });
    number(out, size, 0)?;
    out.extend_from_slice(b",\"mode\":");
    let mut bits = 0;
    for digit in mode {
        bits = bits * 8 + u32::from(digit.wrapping_sub(b'0') & 7);
    }
    decimal(out, bits);
    out.extend_from_slice(b",\"modified_ms\":");
    number(out, time, 3)?;
    member(out, b",\"owner\":", owner);
    if kind == b"l" {
        member(out, b",\"target\":", target);
    }
    out.push(b'}');
    Some(())
}

/// Adds a number times ten to the power of `shift`, without what is left of a fraction then.
fn number(out: &mut Vec<u8>, text: &[u8], shift: usize) -> Option<()> {
    let mut digits = text;
    if let [b'-', rest @ ..] = text {
        out.push(b'-');
        digits = rest;
    }
    let point = digits.iter().position(|byte| *byte == b'.');
    let whole = point.unwrap_or(digits.len());
    let mut is_zero = true;
    for at in 0..whole + shift {
        let digit = match digits.get(at + usize::from(at >= whole)) {
            Some(digit) if digit.is_ascii_digit() => *digit,
            None if at >= whole => b'0',
            _ => return None,
        };
        is_zero &= digit == b'0';
        if !is_zero {
            out.push(digit);
        }
    }
    if is_zero {
        out.push(b'0');
    }
    (whole > 0).then_some(())
}

/// Adds a number as its digits.
pub fn decimal(out: &mut Vec<u8>, value: u32) {
    if value >= 10 {
        decimal(out, value / 10);
    }
    out.push(b'0' + (value % 10) as u8);
}

/// Adds a member of an object: what is before its value, and that.
pub fn member(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.extend_from_slice(name);
    text(out, value);
}

/// Adds bytes as a JSON string. Each that is no UTF-8 is half a character, from U+DC80 on.
pub fn text(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        let length = character(rest);
        let (taken, after) = match length {
            0 => (rest, after),
            length => rest.split_at_checked(length).unwrap_or((rest, after)),
        };
        rest = after;
        match *first {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *first]),
            control @ 0..0x20 => unit(out, b"\\u00", control),
            byte if length == 0 => unit(out, b"\\udc", byte),
            _ => out.extend_from_slice(taken),
        }
    }
    out.push(b'"');
}

fn unit(out: &mut Vec<u8>, begin: &[u8], byte: u8) {
    out.extend_from_slice(begin);
    for bits in [byte >> 4, byte & 15] {
        out.push(bits + if bits < 10 { b'0' } else { b'a' - 10 });
    }
}

/// How many bytes the first character has; 0 where that is no UTF-8.
pub fn character(bytes: &[u8]) -> usize {
    let (length, least, most) = match bytes.first() {
        Some(0..0x80) => return 1,
        Some(0xC2..=0xDF) => (2, 0x80, 0xBF),
        Some(0xE0) => (3, 0xA0, 0xBF),
        Some(0xED) => (3, 0x80, 0x9F),
        Some(0xE1..=0xEF) => (3, 0x80, 0xBF),
        Some(0xF0) => (4, 0x90, 0xBF),
        Some(0xF1..=0xF3) => (4, 0x80, 0xBF),
        Some(0xF4) => (4, 0x80, 0x8F),
        _ => return 0,
    };
    let goes_on = |byte: &u8| matches!(byte, 0x80..=0xBF);
    let second = bytes
        .get(1)
        .is_some_and(|byte| (least..=most).contains(byte));
    let others = bytes
        .get(2..length)
        .is_some_and(|rest| rest.iter().all(goes_on));
    if second && others { length } else { 0 }
}

/// The bytes of a path as it crosses.
pub fn unescaped(path: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match after {
            [high, low, after @ ..] if *first == ESCAPE => {
                let bits = |digit: u8| match digit {
                    b'0'..=b'9' => digit & 15,
                    _ => (digit & 15) + 9,
                };
                out.push(bits(*high) << 4 | bits(*low));
                rest = after;
            }
            _ => out.push(*first),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;

    fn number_of(text: &str, shift: usize) -> Option<String> {
        let mut out = Vec::new();
        number(&mut out, text.as_bytes(), shift)?;
        String::from_utf8(out).ok()
    }

    #[test]
    fn times_are_whole_milliseconds() {
        for (seconds, expected) in [
            ("1700000000.1239999990", "1700000000123"),
            ("1700000000", "1700000000000"),
            ("1.5", "1500"),
            ("0.0000000000", "0"),
            ("0", "0"),
            ("0.0501", "50"),
            ("-1.5000000000", "-1500"),
        ] {
            let out = number_of(seconds, 3).unwrap();
            assert_eq!(out, expected, "{seconds}");
            assert!(serde_json::from_str::<i64>(&out).is_ok(), "{out}");
        }
        assert_eq!(number_of("007", 0).unwrap(), "7");
        for bad in ["", "a", ".5", "1.a", "-", "1-"] {
            assert!(number_of(bad, 3).is_none(), "{bad}");
        }
    }

    /// What Python calls surrogateescape, by the standard library's own decoder.
    fn expected(bytes: &[u8]) -> Vec<u16> {
        let mut units = Vec::new();
        for chunk in bytes.utf8_chunks() {
            units.extend(chunk.valid().encode_utf16());
            units.extend(chunk.invalid().iter().map(|byte| 0xDC00 + u16::from(*byte)));
        }
        units
    }

    fn read(json: &[u8]) -> Vec<u16> {
        // Half a character is JSON, but no text that Rust could hold.
        let mut units = Vec::new();
        let mut rest = core::str::from_utf8(json)
            .unwrap()
            .strip_prefix('"')
            .unwrap();
        while let Some(first) = rest.chars().next() {
            let escape = rest.strip_prefix("\\u");
            if let Some(digits) = escape.and_then(|rest| rest.get(..4)) {
                units.push(u16::from_str_radix(digits, 16).unwrap());
                rest = &rest[6..];
            } else if first == '"' {
                assert_eq!(rest, "\"");
                return units;
            } else {
                rest = rest.strip_prefix('\\').unwrap_or(rest);
                let character = rest.chars().next().unwrap();
                units.extend(character.encode_utf16(&mut [0; 2]).iter());
                rest = &rest[character.len_utf8()..];
            }
        }
        panic!("{json:?} does not end");
    }

    #[test]
    fn every_byte_of_a_name_is_kept() {
        // All that may begin, go on and end a character, in all orders of four.
        let bytes: [u8; 22] = [
            b'a', b'"', b'\\', b'\n', 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xDF,
            0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF,
        ];
        for number in 0..bytes.len().pow(4) {
            let at = |place: u32| bytes[number / bytes.len().pow(place) % bytes.len()];
            let name = [at(0), at(1), at(2), at(3)];
            let mut json = Vec::new();
            text(&mut json, &name);
            assert_eq!(read(&json), expected(&name), "{name:x?}");
        }
    }

    #[test]
    fn entries_are_told_as_json() {
        let told = |names: &[&str]| {
            use base64_of as base64;
            let mut bytes = Vec::new();
            for name in names {
                bytes.extend(format!("l\x0012\x00755\x001.25\0me\0{name}\0to\0").bytes());
            }
            base64(&bytes)
        };
        let all = json(&told(&["a/b", "c"]), "/\0ffx", Output::Entries, u32::MAX).unwrap();
        let all = String::from_utf8(all).unwrap();
        assert!(
            all.starts_with(r#"[{"name":"b","path":"/\udcffx/a/b","type":"symlink","size":12,"#),
            "{all}"
        );
        assert!(
            all.contains(
                r#""mode":493,"modified_ms":1250,"owner":"me","target":"to"},{"name":"c""#
            ),
            "{all}"
        );
        let one = json(&told(&[""]), "/", Output::Entry, u32::MAX).unwrap();
        assert!(one.starts_with(br#"{"name":"","path":"/","#));
        assert_eq!(json("", "/a", Output::Entries, u32::MAX).unwrap(), b"[]");
        assert!(json("", "/a", Output::Entry, u32::MAX).is_none());
        assert!(json(&told(&["a"])[..8], "/a", Output::Entries, u32::MAX).is_none());
        assert!(json("{}", "/a", Output::Entries, u32::MAX).is_none());
    }

    fn base64_of(bytes: &[u8]) -> String {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut out = String::new();
        for chunk in bytes.chunks(3) {
            let mut bits = 0u32;
            for at in 0..3 {
                bits = bits << 8 | u32::from(*chunk.get(at).unwrap_or(&0));
            }
            for at in 0..=chunk.len() {
                out.push(char::from(DIGITS[(bits >> (18 - 6 * at)) as usize & 63]));
            }
            out.push('\n');
        }
        out
    }
}
