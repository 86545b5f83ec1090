//! What came together of a stream.

use alloc::string::String;
use alloc::vec::Vec;

use crate::json::{self, Text, Value};
use crate::sse::Sink;
use crate::text::{Added, Texts};

/// Channel of standard output in a session and in a [`Batch`].
pub const STDOUT: u8 = 1;
/// Channel of standard error, likewise.
pub const STDERR: u8 = 2;
/// A whole event in a [`Batch`], one that is the last or not of the usual form: the engine reads it. It has the bits of both
/// channels, so that those of a batch tell whether there is more than one kind.
pub const EVENT: u8 = STDOUT | STDERR;

/// What a [`Batch`] needs for the usual chunk.
const KEPT_PIECES: usize = 4_096;

/// Bits of a piece below its length: what it is, and whether it is wide.
const KIND_BITS: u32 = 3;
const WIDE: u32 = 4;

/// Pieces of output and events, as they came: their texts one behind another, and the length of each.
#[derive(Debug, Default)]
pub struct Batch {
    texts: Texts,
    /// Of each eight times the length in units of UTF-16, and what it is.
    pieces: Vec<u32>,
    /// The bits of all that they are.
    kinds: u8,
}

impl Batch {
    /// An empty one.
    pub const fn new() -> Self {
        Self {
            texts: Texts::new(),
            pieces: Vec::new(),
            kinds: 0,
        }
    }

    /// The texts of ASCII, and the others in UTF-16; of each piece eight times its length as JavaScript counts it, four if its text
    /// is one of the others, and what it is: a channel or [`EVENT`]; and what they all are, where that is one channel.
    pub fn parts(&self) -> (&[u8], &[u16], &[u32], u8) {
        let (narrow, wide) = self.texts.get();
        (narrow, wide, &self.pieces, self.kinds)
    }

    /// Forgets what is there, and keeps the memory, unless it is much.
    pub fn clear(&mut self) {
        self.texts.clear();
        self.kinds = 0;
        self.pieces.clear();
        self.pieces.shrink_to(KEPT_PIECES);
    }

    fn piece(&mut self, kind: u8, (length, is_wide): Added) {
        if length > 0 {
            let bits = u32::from(kind) | if is_wide { WIDE } else { 0 };
            self.pieces.push((length as u32) << KIND_BITS | bits);
            self.kinds |= kind;
        }
    }

    /// Takes what begins with a usual event. Answers with where that ends; with nothing, and takes nothing, where the engine has
    /// to read it, or where what comes behind it is not what `ends` wants.
    fn usual(&mut self, data: &[u8], ends: impl Fn(&[u8]) -> bool) -> Option<usize> {
        let (mut stdout, mut stderr) = (None, None);
        let mut is_usual = true;
        let end = json::flat_object(data, |key, value| {
            let place = match key {
                b"stdout" => &mut stdout,
                b"stderr" => &mut stderr,
                b"error" | b"finished" => return is_usual &= value == Value::Other,
                _ => return,
            };
            match value {
                Value::String(found) if place.is_none() => *place = Some(found),
                _ => is_usual = false,
            }
        })?;
        if !is_usual || !ends(data.get(end..)?) {
            return None;
        }
        let before = (self.texts.len(), self.pieces.len());
        let mut take = |kind, text: Option<Text>| match text {
            Some(text) => self.add(kind, data, &text),
            None => Some(()),
        };
        if take(STDOUT, stdout)
            .and_then(|()| take(STDERR, stderr))
            .is_none()
        {
            self.texts.cut(before.0);
            self.pieces.truncate(before.1);
            return None;
        }
        Some(end)
    }

    /// Adds a text of an event, unless it is one that the engine has to read.
    fn add(&mut self, kind: u8, data: &[u8], text: &Text) -> Option<()> {
        let bytes = data.get(text.range.clone())?;
        let added = if text.is_ascii && !text.has_escapes {
            (self.texts.push_ascii(bytes), false)
        } else {
            self.texts.unescape(bytes, text.is_ascii)?
        };
        self.piece(kind, added);
        Some(())
    }
}

impl Sink for Batch {
    fn event(&mut self, data: &[u8]) {
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        if self.usual(data, |rest| rest.iter().all(is_space)).is_none() {
            let added = self.texts.push(&String::from_utf8_lossy(data));
            self.piece(EVENT, added);
        }
    }

    fn ahead(&mut self, data: &[u8]) -> Option<usize> {
        self.usual(data, |rest| rest.starts_with(b"\n\n"))
            .map(|end| end + 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sse::Events;
    use serde_json::{Value as Json, json};

    /// What the engine makes of a batch: its numbers and texts in turn.
    fn engine(batch: &mut Batch) -> Vec<Json> {
        let (narrow, wide, pieces, _) = batch.parts();
        let narrow: Vec<u16> = narrow.iter().map(|byte| u16::from(*byte)).collect();
        let mut rest = [narrow.as_slice(), wide];
        let mut seen = Vec::new();
        for piece in pieces {
            let rest = &mut rest[usize::from(piece & WIDE != 0)];
            let (one, behind) = rest.split_at((piece >> KIND_BITS) as usize);
            seen.push(json!(piece & 3));
            seen.push(json!(String::from_utf16(one).unwrap()));
            *rest = behind;
        }
        assert!(rest.concat().is_empty());
        batch.clear();
        seen
    }

    fn read(chunks: &[&[u8]]) -> Json {
        let (mut events, mut batch) = (Events::default(), Batch::new());
        let mut seen = Vec::new();
        for chunk in chunks {
            assert!(!events.push(chunk, &mut batch));
            seen.extend(engine(&mut batch));
        }
        events.finish(&mut batch);
        seen.extend(engine(&mut batch));
        json!(seen)
    }

    const LAST: &str = r#"{"finished":true,"exit_code":7,"error":"killed\n"}"#;

    #[test]
    fn every_split_gives_the_same_output() {
        let unusual = r#"{"stdout":"in","new":{"stdout":"inner"}}"#;
        let transcript = [
            ": hello\n\n",
            "data: {\"timestamp\":\"t\",\"stdout\":\"a\\n\\u00e9 \\\"q\\\"\"}\n\n",
            "data: {\"stderr\":\"\u{1F600}\",\"stdout\":\"both\",\"finished\":false,\"exit_code\":0}\r\n\r\n",
            "data: {\"stdout\":\"\"}\n\n",
            "data: ",
            unusual,
            "\n\ndata: ",
            LAST,
            "\n\n",
        ]
        .concat();
        let expected = json!([
            1,
            "a\n\u{e9} \"q\"",
            1,
            "both",
            2,
            "\u{1F600}",
            3,
            unusual,
            3,
            LAST
        ]);
        for cut in 0..=transcript.len() {
            let (head, tail) = transcript.as_bytes().split_at(cut);
            assert_eq!(read(&[head, tail]), expected, "cut at byte {cut}");
        }
    }

    #[test]
    fn what_is_not_of_the_usual_form_comes_whole() {
        for event in [
            r#"{"stdout":"a","stdout":null}"#,
            r#"{"stdout":"a","stdout":"b"}"#,
            r#"{"stdout":1}"#,
            r#"{"stdout":true}"#,
            r#"{"error":"x"}"#,
            r#"{"finished":true}"#,
            r#"{"finished":"yes"}"#,
            r#"{"std\u006fut":"a"}"#,
            "not json",
            "[1]",
            "{\"stdout\":\"a\u{1}b\"}",
            r#"{"stdout":"\ud800"}"#,
            r#"{"stdout":"a","stderr":"\udc00 and"}"#,
            r#"{"stdout":"\ud800\ud800\udc00"}"#,
            r#"{"stdout":"\ud800\u0041"}"#,
            "{\"stdout\":\"a\"}\u{c}",
        ] {
            let wire = format!("data: {event}\n\n");
            assert_eq!(read(&[wire.as_bytes()]), json!([3, event]), "{event}");
        }
    }

    #[test]
    fn an_endless_event_is_refused() {
        let (mut events, mut batch) = (Events::default(), Batch::new());
        let chunk = vec![b'x'; 1 << 20];
        assert!((0..100).any(|_| events.push(&chunk, &mut batch)));
    }
}
