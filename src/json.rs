//! The little JSON this crate reads itself: the events of a command's stream, whose strings are found but
//! not decoded. All other JSON is the JavaScript engine's.

use core::ops::Range;

/// Nesting beyond which a document is refused, so that no input can exhaust the stack.
const MAX_DEPTH: u8 = 200;

/// A value seen by the [`Scanner`]. Ranges are offsets into the scanned bytes.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A string, its quotes not included, its escapes not decoded.
    String(Range<usize>),
    /// A number that `f64` can hold.
    Number(f64),
    /// `true` or `false`.
    Bool(bool),
    /// `null`, an array or an object.
    Other,
}

/// Walks one JSON document without building it.
pub struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    /// A scanner at the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Reads the document as an object and gives each of its members to `member`; `None` when it is
    /// anything else, or is not well formed.
    pub fn object(mut self, mut member: impl FnMut(&'a [u8], Value)) -> Option<()> {
        let bytes = self.bytes;
        self.space();
        self.members(0, &mut |key, value| {
            member(bytes.get(key).unwrap_or_default(), value)
        })?;
        self.space();
        (self.at == bytes.len()).then_some(())
    }

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

    fn members(&mut self, depth: u8, member: &mut dyn FnMut(Range<usize>, Value)) -> Option<()> {
        self.take(b'{')?;
        self.space();
        if self.take(b'}').is_some() {
            return Some(());
        }
        loop {
            self.space();
            let key = self.string()?;
            self.space();
            self.take(b':')?;
            let value = self.value(depth)?;
            member(key, value);
            if self.take(b',').is_none() {
                return self.take(b'}');
            }
        }
    }

    fn items(&mut self, depth: u8) -> Option<()> {
        self.take(b'[')?;
        self.space();
        if self.take(b']').is_some() {
            return Some(());
        }
        loop {
            self.value(depth)?;
            if self.take(b',').is_none() {
                return self.take(b']');
            }
        }
    }

    fn value(&mut self, depth: u8) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.space();
        let value = match self.peek()? {
            b'"' => Value::String(self.string()?),
            b'{' => {
                self.members(depth + 1, &mut |_, _| {})?;
                Value::Other
            }
            b'[' => {
                self.items(depth + 1)?;
                Value::Other
            }
            b't' => self.word(b"true", Value::Bool(true))?,
            b'f' => self.word(b"false", Value::Bool(false))?,
            b'n' => self.word(b"null", Value::Other)?,
            _ => self.number()?,
        };
        self.space();
        Some(value)
    }

    fn word(&mut self, word: &[u8], value: Value) -> Option<Value> {
        let rest = self.bytes.get(self.at..)?;
        rest.starts_with(word).then(|| {
            self.at += word.len();
            value
        })
    }

    fn number(&mut self) -> Option<Value> {
        let rest = self.bytes.get(self.at..)?;
        let end = rest
            .iter()
            .position(|b| !matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
            .unwrap_or(rest.len());
        self.at += end;
        parse_number(rest.get(..end)?).map(Value::Number)
    }

    /// The range between the quotes. Escapes are stepped over, not judged.
    fn string(&mut self) -> Option<Range<usize>> {
        self.take(b'"')?;
        let start = self.at;
        loop {
            let rest = self.bytes.get(self.at..)?;
            let found = memchr::memchr2(b'"', b'\\', rest)?;
            self.at += found + 1;
            if rest.get(found) == Some(&b'"') {
                return Some(start..self.at - 1);
            }
            self.at += 1;
        }
    }
}

/// Whether a key as it stands in the document, escapes and all, is `name`.
pub fn is_key(key: &[u8], name: &[u8]) -> bool {
    match (key, name) {
        ([], []) => true,
        ([b'\\', b'u', b'0', b'0', high, low, key @ ..], [first, name @ ..]) => {
            let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap_or(16);
            digit(high) << 4 | digit(low) == u32::from(*first) && is_key(key, name)
        }
        ([byte, key @ ..], [first, name @ ..]) => byte == first && is_key(key, name),
        _ => false,
    }
}

/// An integer, or the integer part of a decimal: all that the events' numbers are used for.
///
/// `str::parse::<f64>` would add 10 KB to the module.
fn parse_number(text: &[u8]) -> Option<f64> {
    let (sign, digits) = match text.split_first()? {
        (b'-', rest) => (-1.0, rest),
        _ => (1.0, text),
    };
    let mut value = 0.0;
    let mut seen = false;
    for byte in digits {
        match byte {
            b'0'..=b'9' => value = value * 10.0 + f64::from(byte - b'0'),
            b'.' | b'e' | b'E' => break,
            _ => return None,
        }
        seen = true;
    }
    seen.then_some(sign * value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(text: &str) -> Option<Vec<(String, Value)>> {
        let mut seen = Vec::new();
        Scanner::new(text.as_bytes()).object(|key, value| {
            seen.push((String::from_utf8_lossy(key).into_owned(), value));
        })?;
        Some(seen)
    }

    #[test]
    fn members_are_found_whatever_surrounds_them() {
        let text =
            r#" { "a" : "x\"y" , "b":-12, "c":true,"d":{"e":[1,"]",{}]},"f":null,"g":1.5e3 } "#;
        let seen = members(text).unwrap();
        let names: Vec<&str> = seen.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "d", "f", "g"]);
        let Value::String(range) = &seen[0].1 else {
            panic!("{seen:?}")
        };
        assert_eq!(&text[range.clone()], r#"x\"y"#);
        assert_eq!(seen[1].1, Value::Number(-12.0));
        assert_eq!(seen[2].1, Value::Bool(true));
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
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
        ] {
            assert_eq!(members(text), None, "{text}");
        }
        let nested = |depth| format!("{{\"a\":{}1{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(members(&nested(150)).is_some());
        assert_eq!(members(&nested(10_000)), None);
    }

    #[test]
    fn every_cut_of_a_document_is_refused() {
        let text = r#"{"error":{"code":"a","message":"b\u00e9\"c"},"n":[1,{"k":"v"}]}"#;
        for cut in 0..text.len() {
            assert_eq!(members(&text[..cut]), None, "cut at {cut}");
        }
        assert!(members(text).is_some());
    }
}
