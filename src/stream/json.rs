//! The little JSON that is read here: the usual events of a command's stream, whose strings are found but not decoded. All
//! other JSON is the JavaScript engine's.

use core::ops::Range;

use crate::bytes::{high, place, string_ends};

/// Where a string stands in the document, its quotes not included, its escapes not decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    pub range: Range<usize>,
    pub has_escapes: bool,
    /// Whether all of it is known to be ASCII.
    pub is_ascii: bool,
}

/// A value of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A string.
    String(Text),
    /// `true`.
    True,
    /// `false`, `null` or an integer.
    Other,
}

/// Reads what begins with a flat object of the usual form, and gives each of its members to `member`. Answers with where the
/// object ends.
///
/// `None` stands for anything else, which may be JSON all the same: nested values, numbers with a fraction, keys with
/// escapes. What is read here, every JSON parser reads alike.
pub fn flat_object(document: &[u8], mut member: impl FnMut(&[u8], Value)) -> Option<usize> {
    let mut scanner = Scanner {
        bytes: document,
        at: 0,
    };
    scanner.space();
    scanner.take(b'{')?;
    scanner.space();
    if scanner.take(b'}').is_none() {
        loop {
            scanner.space();
            let key = scanner.string()?;
            if key.has_escapes {
                return None;
            }
            let key = document.get(key.range)?;
            scanner.space();
            scanner.take(b':')?;
            scanner.space();
            member(key, scanner.value()?);
            scanner.space();
            if scanner.take(b',').is_none() {
                scanner.take(b'}')?;
                break;
            }
        }
    }
    Some(scanner.at)
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// An event that is spread over lines is not usual.
    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Option<Value> {
        match self.peek()? {
            b'"' => self.string().map(Value::String),
            b't' => self.word(b"true", Value::True),
            b'f' => self.word(b"false", Value::Other),
            b'n' => self.word(b"null", Value::Other),
            _ => self.integer(),
        }
    }

    fn word(&mut self, word: &[u8], value: Value) -> Option<Value> {
        let rest = self.bytes.get(self.at..)?;
        rest.starts_with(word).then(|| {
            self.at += word.len();
            value
        })
    }

    /// An integer without a leading zero. What follows it, the caller judges.
    fn integer(&mut self) -> Option<Value> {
        let _ = self.take(b'-');
        if self.take(b'0').is_some() {
            return Some(Value::Other);
        }
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        (self.at > start).then_some(Value::Other)
    }

    /// What is between the quotes. Escapes are checked, not decoded.
    fn string(&mut self) -> Option<Text> {
        self.take(b'"')?;
        let start = self.at;
        let (mut seen, mut has_escapes) = (0, false);
        loop {
            self.plain(&mut seen)?;
            match self.bytes.get(self.at..)? {
                [b'"', ..] => {
                    self.at += 1;
                    return Some(Text {
                        range: start..self.at - 1,
                        has_escapes,
                        is_ascii: high(seen) == 0,
                    });
                }
                [
                    b'\\',
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
                    ..,
                ] => self.at += 2,
                [b'\\', b'u', digits @ ..] => {
                    let digits = digits.get(..4)?;
                    if !digits.iter().all(u8::is_ascii_hexdigit) {
                        return None;
                    }
                    self.at += 6;
                }
                // A control character, or an escape that is none.
                _ => return None,
            }
            has_escapes = true;
        }
    }

    /// Goes on to the end of what a string holds as it is. What was looked at, a little beyond included, is put into `seen`.
    fn plain(&mut self, seen: &mut u64) -> Option<()> {
        let (words, rest) = self.bytes.get(self.at..)?.as_chunks::<8>();
        for word in words {
            let word = u64::from_le_bytes(*word);
            *seen |= word;
            let ends = string_ends(word);
            if ends != 0 {
                self.at += place(ends);
                return Some(());
            }
            self.at += 8;
        }
        // What is filled in is no end.
        let mut last = [0x7F; 8];
        for (to, byte) in last.iter_mut().zip(rest) {
            *to = *byte;
        }
        let word = u64::from_le_bytes(last);
        *seen |= word;
        let ends = string_ends(word);
        (ends != 0).then(|| self.at += place(ends))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(text: &str) -> Option<Vec<(String, Value)>> {
        let mut seen = Vec::new();
        let end = flat_object(text.as_bytes(), |key, value| {
            seen.push((String::from_utf8_lossy(key).into_owned(), value));
        })?;
        text[end..].trim().is_empty().then_some(seen)
    }

    #[test]
    fn members_are_found_whatever_surrounds_them() {
        let text = r#" { "a" : "x\"y\u00e9" , "b":-12,"c":true,"d":0,"f":null,"g":false } "#;
        let seen = members(text).unwrap();
        let names: Vec<&str> = seen.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "d", "f", "g"]);
        let Value::String(found) = &seen[0].1 else {
            panic!("{seen:?}")
        };
        assert_eq!(&text[found.range.clone()], r#"x\"y\u00e9"#);
        assert!(found.has_escapes && found.is_ascii);
        assert_eq!(seen[2].1, Value::True);
        assert_eq!(members("{}"), Some(Vec::new()));
    }

    #[test]
    fn what_is_unusual_or_no_json_is_left_to_the_engine() {
        for text in [
            "",
            "x",
            "[]",
            "1",
            "{",
            "{\"a\"",
            "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\":1}x",
            "{\"a\":tru}",
            "{\"a\":01}",
            "{\"a\":+1}",
            "{\"a\":-}",
            "{\"a\":1.5}",
            "{\"a\":1e2}",
            "{\"a\":{}}",
            "{\"a\":[]}",
            "{\"\\u0061\":1}",
            "{\"a\":\"\\q\"}",
            "{\"a\":\"\\u12x4\"}",
            "{\"a\":\"\u{1}\"}",
        ] {
            assert_eq!(members(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_read_here_is_json() {
        // Every document of a few pieces: whatever is taken must be what a parser of JSON takes, too.
        let pieces = [
            "{", "}", "\"a\"", "\"\\n\"", ":", ",", "1", "-", "0", "true", "\"", "\\", "\u{1}", " ",
        ];
        let mut taken = 0;
        for length in 1..=5 {
            for mut number in 0..pieces.len().pow(length) {
                let mut text = String::new();
                for _ in 0..length {
                    text += pieces[number % pieces.len()];
                    number /= pieces.len();
                }
                if members(&text).is_some() {
                    taken += 1;
                    let read: Result<serde_json::Value, _> = serde_json::from_str(&text);
                    assert!(read.is_ok_and(|value| value.is_object()), "{text}");
                }
            }
        }
        assert!(taken > 20, "{taken}");
    }

    #[test]
    fn every_cut_of_a_document_is_refused() {
        let text = r#"{"stdout":"b\u00e9\"c and some more text","n":1}"#;
        for cut in 0..text.len() {
            assert_eq!(members(&text[..cut]), None, "cut at {cut}");
        }
        assert!(members(text).is_some());
    }
}
