//! How long a command may take, and the events of its stream.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use core::ops::Range;

use crate::protocol::error::Error;
use crate::protocol::json::{self, Value};
use crate::protocol::sse::Decoder;

/// Most bytes of the answer of a call without callbacks, unless the caller says otherwise.
pub const DEFAULT_MAX_OUTPUT_BYTES: f64 = 10_485_760.0;
/// Milliseconds without a byte after which a stream has stalled.
pub const STREAM_IDLE_MS: f64 = 300_000.0;
/// Milliseconds that a stream may take as a whole, where the call does not say: no session of the service is longer.
pub const STREAM_LIMIT_MS: f64 = 43_200_000.0;
/// The service's own limit for a command whose call gives none.
const DEFAULT_COMMAND_MS: f64 = 30_000.0;
/// What the call waits beyond the command's limit, so that the service's own answer comes first.
pub const GRACE_MS: f64 = 5_000.0;

/// What sends all that a command has started the signal `$1`, once that is there: `$0` is what it is found by.
#[cfg(not(target_arch = "wasm32"))]
pub const SIGNAL_TEXT: &str = include_str!("commands/signal.sh");

/// Most columns, and rows, of a terminal.
pub const MAX_TERMINAL_SIDE: u64 = 1000;
/// Columns and rows of a terminal, unless the caller says otherwise.
pub const FIRST_TERMINAL_SIZE: (u32, u32) = (80, 24);

/// Milliseconds that a call waits: for the whole answer, or for the next byte of a stream.
pub fn timeout_ms_of(timeout_ms: Option<f64>, streams: bool) -> f64 {
    match timeout_ms {
        Some(ms) => ms + GRACE_MS,
        None if streams => STREAM_IDLE_MS,
        None => DEFAULT_COMMAND_MS + GRACE_MS,
    }
}

/// What came together of a stream, ready for the engine: a JSON array in which a number and a text take turns, that
/// of a channel and a piece of its output, or [`EVENT`] and an event. Texts are copied as they came, escapes and all,
/// so that one parse in the engine makes all the strings.
#[derive(Debug, Default)]
pub struct Batch {
    json: Vec<u8>,
}

/// What a [`Batch`] needs for the usual chunk.
const KEPT_BYTES: usize = 262_144;

/// Channel of standard input in a session.
pub const STDIN: u8 = 0;
/// Channel of standard output in a session and in a [`Batch`].
pub const STDOUT: u8 = 1;
/// Channel of standard error, likewise.
pub const STDERR: u8 = 2;
/// Stands before a whole event in a [`Batch`], one that is the last or not of the usual form: the engine reads it.
pub const EVENT: u8 = 3;

impl Batch {
    /// An empty one.
    pub const fn new() -> Self {
        Self { json: Vec::new() }
    }

    /// The JSON text, or `None` when nothing came.
    pub fn take(&mut self) -> Option<&[u8]> {
        if self.json.is_empty() {
            return None;
        }
        self.json.push(b']');
        Some(&self.json)
    }

    /// Forgets what was taken, and keeps the memory, unless it is much.
    pub fn clear(&mut self) {
        self.json.clear();
        self.json.shrink_to(KEPT_BYTES);
    }

    /// Adds an event.
    pub fn event(&mut self, data: &[u8]) {
        let Some((stdout, stderr)) = output_of(data) else {
            return self.whole(data);
        };
        for (channel, range) in [(STDOUT, stdout), (STDERR, stderr)] {
            let text = data.get(range).unwrap_or_default();
            if !text.is_empty() {
                self.begin(channel);
                self.json.extend_from_slice(text);
                self.json.push(b'"');
            }
        }
    }

    fn whole(&mut self, data: &[u8]) {
        self.begin(EVENT);
        for &byte in data {
            let hex = |digit: u8| digit + if digit < 10 { b'0' } else { b'a' - 10 };
            match byte {
                b'"' | b'\\' => self.json.extend_from_slice(&[b'\\', byte]),
                0..0x20 => {
                    self.json.extend_from_slice(b"\\u00");
                    self.json
                        .extend_from_slice(&[hex(byte >> 4), hex(byte & 15)]);
                }
                _ => self.json.push(byte),
            }
        }
        self.json.push(b'"');
    }

    fn begin(&mut self, channel: u8) {
        self.json
            .push(if self.json.is_empty() { b'[' } else { b',' });
        self.json.extend_from_slice(&[b'0' + channel, b',', b'"']);
    }
}

/// Where an event has its standard output and error; `None` for one that the engine has to read.
fn output_of(data: &[u8]) -> Option<(Range<usize>, Range<usize>)> {
    let (mut stdout, mut stderr) = (None, None);
    let mut usual = true;
    json::flat_object(data, &mut |key, value| {
        let place = match key {
            b"stdout" => &mut stdout,
            b"stderr" => &mut stderr,
            b"error" | b"finished" => return usual &= value == Value::Other,
            _ => return,
        };
        match value {
            Value::String(found) if place.is_none() => *place = Some(found),
            _ => usual = false,
        }
    })?;
    usual.then(|| (stdout.unwrap_or_default(), stderr.unwrap_or_default()))
}

/// What is wrong with an event that does not end.
pub const TOO_LARGE: &str = "an event of the stream is too large";

/// Reads the stream of one command.
#[derive(Default)]
pub struct Events {
    decoder: Decoder,
}

impl Events {
    /// Takes the next chunk, and puts what it completes into `batch`.
    ///
    /// # Errors
    /// `InvalidResponse` for an event so large that it cannot be the service's.
    pub fn push(&mut self, chunk: &[u8], batch: &mut Batch) -> Result<(), Error> {
        self.decoder.push(chunk, &mut |data| batch.event(data));
        if self.decoder.is_overfull() {
            return Err(Error::InvalidResponse(TOO_LARGE.to_owned()));
        }
        Ok(())
    }

    /// The stream has ended.
    pub fn finish(&mut self, batch: &mut Batch) {
        self.decoder.finish(&mut |data| batch.event(data));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    fn read(chunks: &[&[u8]]) -> Json {
        let (mut events, mut batch) = (Events::default(), Batch::default());
        let mut seen = Vec::new();
        let mut collect = |batch: &mut Batch| {
            if let Some(json) = batch.take() {
                let batch: Vec<Json> = serde_json::from_slice(json).unwrap();
                seen.extend(batch);
            }
            batch.clear();
        };
        for chunk in chunks {
            events.push(chunk, &mut batch).unwrap();
            collect(&mut batch);
        }
        events.finish(&mut batch);
        collect(&mut batch);
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
        ] {
            let wire = format!("data: {event}\n\n");
            assert_eq!(read(&[wire.as_bytes()]), json!([3, event]), "{event}");
        }
    }

    #[test]
    fn an_endless_event_is_refused() {
        let (mut events, mut batch) = (Events::default(), Batch::default());
        let chunk = vec![b'x'; 1 << 20];
        let outcome = (0..100).try_for_each(|_| events.push(&chunk, &mut batch));
        assert!(matches!(outcome, Err(Error::InvalidResponse(_))));
    }

    #[test]
    fn the_service_answers_before_the_call_gives_up() {
        assert_eq!(timeout_ms_of(Some(1_000.0), false), 6_000.0);
        assert_eq!(timeout_ms_of(None, false), 35_000.0);
        assert_eq!(timeout_ms_of(None, true), 300_000.0);
    }
}
