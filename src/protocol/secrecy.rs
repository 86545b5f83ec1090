//! What no error may show: keys, tokens, tickets and the values of secrets; whole, in part, or written otherwise.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::protocol::request::encode_component;
use crate::protocol::text::split_once;

/// Shorter secrets are everyday words.
const MIN_BYTES: usize = 8;
/// So many bytes in a row that are a secret's are no coincidence.
const RUN: usize = 12;
const REDACTED: &str = "[redacted]";

/// `text` without the secrets, whatever a server or `fetch` may have repeated of them; `None` where it has none. A secret
/// that is cut off at the end of the text counts too.
///
/// The secrets are one text, in which they stand with [`SEPARATOR`] between them.
pub fn redact(text: &str, mut secrets: &str) -> Option<String> {
    let mut search = Search::new(text);
    while let Some((secret, rest)) = split_once(secrets, SEPARATOR) {
        search.secret(secret);
        secrets = rest;
    }
    search.secret(secrets);
    search.result()
}

/// Stands between secrets that go together: no key or token has it.
pub const SEPARATOR: u8 = 0;

/// A service's error code, empty where it is a secret. Words alone are a code, whatever a secret may be.
pub fn redact_code<'a>(code: &'a str, secrets: &str) -> &'a str {
    let is_word = code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if is_word || redact(code, secrets).is_none() {
        return code;
    }
    ""
}

/// Looks for secrets in one text.
struct Search<'a> {
    text: &'a str,
    /// Its bytes in one case.
    folded: Vec<u8>,
    /// Which of them are a secret's.
    hits: Vec<bool>,
    /// Which pairs of neighbours the text has: a set of their hashes, by which most of a long secret is passed over.
    pairs: Vec<bool>,
}

const PAIRS: usize = 1 << 13;

fn pair_hash(first: u8, second: u8) -> usize {
    (usize::from(first) * 61 + usize::from(second)) % PAIRS
}

impl<'a> Search<'a> {
    fn new(text: &'a str) -> Self {
        let folded = text.as_bytes().to_ascii_lowercase();
        let mut pairs = vec![false; PAIRS];
        let mut last = 0;
        for &byte in &folded {
            if let Some(known) = pairs.get_mut(pair_hash(last, byte)) {
                *known = true;
            }
            last = byte;
        }
        Self {
            text,
            hits: vec![false; folded.len()],
            folded,
            pairs,
        }
    }

    /// Marks a secret in all its forms, and those of its lines.
    fn secret(&mut self, secret: &str) {
        self.line(secret);
        let trimmed = secret.trim_ascii();
        if trimmed != secret {
            self.line(trimmed);
        }
        let mut rest = secret;
        while let Some((line, after)) = split_once(rest, b'\n') {
            self.line(line.trim_ascii());
            rest = after;
        }
        if rest.len() < secret.len() {
            self.line(rest);
        }
    }

    fn line(&mut self, line: &str) {
        if line.len() < MIN_BYTES {
            return;
        }
        self.form(line);
        for write in [json, json_ascii, html, encode_component, base64] {
            let mut form = String::new();
            write(line, &mut form);
            // Most forms are the secret itself.
            if form != line {
                self.form(&form);
            }
        }
    }

    /// Marks each run of bytes of a form, and its beginning where the text ends with that.
    fn form(&mut self, form: &str) {
        let form = form.as_bytes().to_ascii_lowercase();
        let run = form.len().min(RUN);
        let mut known_pairs = 0;
        let mut last = 0;
        for (at, &byte) in form.iter().enumerate() {
            let is_known = self.pairs.get(pair_hash(last, byte)) == Some(&true);
            known_pairs = if is_known && at > 0 {
                known_pairs + 1
            } else {
                0
            };
            last = byte;
            if known_pairs + 1 >= run
                && let Some(window) = form.get(at + 1 - run..=at)
            {
                self.mark(window);
            }
        }
        let dots = self.folded.iter().rev();
        let dots =
            dots.take_while(|b| b.is_ascii_whitespace() || matches!(b, b'.' | 0x80 | 0xa6 | 0xe2));
        let end = self.folded.len() - dots.count();
        for length in MIN_BYTES..run {
            let start = end.wrapping_sub(length);
            if self.folded.get(start..end) == form.get(..length)
                && let Some(hits) = self.hits.get_mut(start..end)
            {
                hits.fill(true);
            }
        }
    }

    fn mark(&mut self, window: &[u8]) {
        for start in 0..self.folded.len() {
            let range = start..start + window.len();
            if self.folded.get(range.clone()) == Some(window)
                && let Some(hits) = self.hits.get_mut(range)
            {
                hits.fill(true);
            }
        }
    }

    /// The text with each run of hits replaced.
    fn result(self) -> Option<String> {
        if !self.hits.contains(&true) {
            return None;
        }
        let mut out = String::new();
        let mut was_hit = false;
        for (at, c) in self.text.char_indices() {
            let bytes = self.hits.get(at..at + c.len_utf8());
            let is_hit = bytes.is_some_and(|bytes| bytes.contains(&true));
            if !is_hit {
                out.push(c);
            } else if !was_hit {
                out.push_str(REDACTED);
            }
            was_hit = is_hit;
        }
        Some(out)
    }
}

fn hex(digit: u8) -> char {
    let digit = digit & 15;
    char::from(digit + if digit < 10 { b'0' } else { b'a' - 10 })
}

fn escape_unit(unit: u16, out: &mut String) {
    let [high, low] = unit.to_be_bytes();
    out.push_str("\\u");
    for byte in [high, low] {
        out.push(hex(byte >> 4));
        out.push(hex(byte));
    }
}

/// As in a JSON document.
fn json(text: &str, out: &mut String) {
    for c in text.chars() {
        json_char(c, out);
    }
}

fn json_char(c: char, out: &mut String) {
    let short = match c {
        '"' | '\\' => c,
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        '\0'..' ' => return escape_unit(c as u16, out),
        _ => return out.push(c),
    };
    out.push('\\');
    out.push(short);
}

/// As in a JSON document of ASCII alone.
fn json_ascii(text: &str, out: &mut String) {
    for c in text.chars() {
        if c < '\u{7f}' {
            json_char(c, out);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escape_unit(*unit, out);
            }
        }
    }
}

/// As in a page.
fn html(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            _ => out.push(c),
        }
    }
}

/// As in a header of basic authentication.
fn base64(text: &str, out: &mut String) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in text.as_bytes().chunks(3) {
        let mut bits = 0;
        for i in 0..3 {
            bits = bits << 8 | u32::from(chunk.get(i).copied().unwrap_or_default());
        }
        for i in 0..4 {
            let digit = DIGITS.get((bits >> (18 - 6 * i)) as usize & 63);
            out.push(match digit {
                Some(digit) if i <= chunk.len() => char::from(*digit),
                _ => '=',
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "ss_live_usw_Q7x/\u{e9}+&<9\"k\\zz";

    fn hidden(text: &str) -> String {
        redact(text, SECRET).unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn a_secret_is_hidden_in_every_form() {
        for write in [json, json_ascii, html, encode_component, base64] {
            let mut form = String::new();
            write(SECRET, &mut form);
            for form in [form.clone(), form.to_ascii_uppercase(), SECRET.to_owned()] {
                assert_eq!(hidden(&format!("a {form} b")), "a [redacted] b", "{form}");
            }
        }
        assert_eq!(base64_of("ab"), "YWI=");
        assert_eq!(base64_of("abc"), "YWJj");
        assert_eq!(base64_of("\u{ff}"), "w78=");
    }

    fn base64_of(text: &str) -> String {
        let mut out = String::new();
        base64(text, &mut out);
        out
    }

    #[test]
    fn a_part_of_it_is_hidden_too() {
        let middle = &SECRET[3..3 + RUN];
        assert_eq!(hidden(&format!("x{middle}y")), "x[redacted]y");
        let short = &SECRET[3..2 + RUN];
        assert!(redact(&format!("x{short}y"), SECRET).is_none());
    }

    #[test]
    fn a_secret_that_is_cut_off_ends_the_text() {
        let start = &SECRET[..MIN_BYTES];
        for rest in ["", "...", "\u{2026}", " \n"] {
            assert_eq!(
                hidden(&format!("no {start}{rest}")),
                format!("no [redacted]{rest}")
            );
        }
        assert!(redact(&format!("{start} and more"), SECRET).is_none());
    }

    #[test]
    fn several_secrets_and_their_lines_are_hidden() {
        let secrets = "first-secret\0-----BEGIN\r\nline-number-two\nline-number-three\0";
        let text = "first-secret, line-number-two, LINE-NUMBER-THREE, second";
        let expected = "[redacted], [redacted], [redacted], second";
        assert_eq!(redact(text, secrets).as_deref(), Some(expected));
        assert!(redact("everyday", "every\0day\0").is_none());
    }

    #[test]
    fn a_code_stays_unless_it_is_a_secret() {
        assert_eq!(
            redact_code("not_found_here", "not_found_here"),
            "not_found_here"
        );
        assert_eq!(redact_code("key-1234-5678", "key-1234-5678"), "");
        assert_eq!(redact_code("E42", "key-1234-5678"), "E42");
    }

    #[test]
    fn a_long_secret_takes_little_time() {
        let secret: String = (0..65_536u32)
            .map(|n| char::from(b'!' + (n * n % 89) as u8))
            .collect();
        let text = "the quick brown fox ".repeat(200);
        for _ in 0..20 {
            assert!(redact(&text, &secret).is_none());
        }
    }
}
