//! The little JSON that this crate reads itself: the usual events of a command's stream, whose strings are found
//! but not decoded. All other JSON is the JavaScript engine's, so that nothing is read in two ways.

use core::ops::Range;

use crate::protocol::bytes::string_end;

/// A value of a member. Ranges are offsets into the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A string, its quotes not included, its escapes not decoded.
    String(Range<usize>),
    /// `true`.
    True,
    /// `false`, `null` or an integer.
    Other,
}

/// Reads a document that is a flat object of the usual form, and gives each of its members to `member`.
///
/// `None` stands for anything else, which may be JSON all the same: nested values, numbers with a fraction, keys with
/// escapes. What is read here, every JSON parser reads alike.
pub fn flat_object(document: &[u8], member: &mut dyn FnMut(&[u8], Value)) -> Option<()> {
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
            let key = document.get(scanner.string()?)?;
            if key.contains(&b'\\') {
                return None;
            }
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
    scanner.space();
    (scanner.at == document.len()).then_some(())
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

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
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

    /// The range between the quotes. Escapes are checked, not decoded.
    fn string(&mut self) -> Option<Range<usize>> {
        self.take(b'"')?;
        let start = self.at;
        loop {
            self.at += string_end(self.bytes.get(self.at..)?)?;
            match self.bytes.get(self.at..)? {
                [b'"', ..] => {
                    self.at += 1;
                    return Some(start..self.at - 1);
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
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(text: &str) -> Option<Vec<(String, Value)>> {
        let mut seen = Vec::new();
        flat_object(text.as_bytes(), &mut |key, value| {
            seen.push((String::from_utf8_lossy(key).into_owned(), value));
        })?;
        Some(seen)
    }

    #[test]
    fn members_are_found_whatever_surrounds_them() {
        let text = r#" { "a" : "x\"y\u00e9" , "b":-12,"c":true,"d":0,"f":null,"g":false } "#;
        let seen = members(text).unwrap();
        let names: Vec<&str> = seen.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "d", "f", "g"]);
        let Value::String(range) = &seen[0].1 else {
            panic!("{seen:?}")
        };
        assert_eq!(&text[range.clone()], r#"x\"y\u00e9"#);
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
