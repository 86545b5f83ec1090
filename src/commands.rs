//! How long a command may take, and the events of its stream.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;

use crate::error::Error;
use crate::json::{Scanner, Value, is_key};
use crate::sse::Decoder;

/// Most bytes of the answer of a call without callbacks, unless the caller says otherwise.
pub const DEFAULT_MAX_OUTPUT_BYTES: f64 = 10_485_760.0;
/// Milliseconds without a byte after which a stream has stalled.
pub const STREAM_IDLE_MS: f64 = 300_000.0;
/// The service's own limit for a command whose call gives none.
const DEFAULT_COMMAND_MS: f64 = 30_000.0;
/// What the call waits beyond the command's limit, so that the service's own answer comes first.
const GRACE_MS: f64 = 5_000.0;

/// Milliseconds that a call waits: for the whole answer, or for the next byte of a stream.
pub fn patience_ms(timeout_ms: Option<f64>, streams: bool) -> f64 {
    match timeout_ms {
        Some(ms) => ms + GRACE_MS,
        None if streams => STREAM_IDLE_MS,
        None => DEFAULT_COMMAND_MS + GRACE_MS,
    }
}

/// Output that arrived together, ready for the engine: a JSON array in which the number of a channel and
/// a piece of its text take turns. Texts are copied as they came, escapes and all, so that one parse in
/// the engine makes all the strings.
#[derive(Debug, Default)]
pub struct Output {
    json: Vec<u8>,
}

impl Output {
    /// The JSON text, or `None` when nothing came.
    pub fn take(&mut self) -> Option<&[u8]> {
        if self.json.is_empty() {
            return None;
        }
        self.json.push(b']');
        Some(&self.json)
    }

    /// Forgets what was taken, and keeps the memory.
    pub fn clear(&mut self) {
        self.json.clear();
    }

    fn push(&mut self, channel: u8, text: &[u8]) {
        if text.is_empty() {
            return;
        }
        self.json
            .push(if self.json.is_empty() { b'[' } else { b',' });
        self.json.extend_from_slice(&[b'0' + channel, b',', b'"']);
        self.json.extend_from_slice(text);
        self.json.push(b'"');
    }
}

/// Channel of standard output in [`Output`].
pub const STDOUT: u8 = 1;
/// Channel of standard error in [`Output`]. What the service itself has to say comes here too.
pub const STDERR: u8 = 2;
/// Exit code of a command that ended by an error, where the service reports none.
const ENDED_BY_ERROR: i32 = -1;

/// What is wrong with an event that does not end.
pub const TOO_LARGE: &str = "an event of the stream is too large";

/// Reads the stream of one command.
#[derive(Default)]
pub struct Events {
    decoder: Decoder,
    /// What came since it was last cleared.
    pub output: Output,
    exit_code: Option<i32>,
}

impl Events {
    /// Takes the next chunk.
    ///
    /// # Errors
    /// `InvalidResponse` for an event so large that it cannot be the service's.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Error> {
        let Self {
            decoder,
            output,
            exit_code,
        } = self;
        decoder.push(chunk, &mut |data| read_event(data, output, exit_code));
        if decoder.is_overfull() {
            return Err(Error::InvalidResponse(TOO_LARGE.to_owned()));
        }
        Ok(())
    }

    /// The stream has ended.
    pub fn finish(&mut self) {
        let Self {
            decoder,
            output,
            exit_code,
        } = self;
        decoder.finish(&mut |data| read_event(data, output, exit_code));
    }

    /// The exit code, once the command has finished.
    pub fn exit_code(&self) -> Option<i32> {
        self.exit_code
    }
}

/// Takes what it knows of an event. What is not a JSON object is passed over, as is all that follows the
/// last event.
fn read_event(data: &[u8], output: &mut Output, exit_code: &mut Option<i32>) {
    if exit_code.is_some() {
        return;
    }
    let [mut stdout, mut stderr, mut error] = [const { 0..0 }; 3];
    let mut code = None;
    let mut finished = false;
    let whole = Scanner::new(data).object(|key, value| match value {
        Value::String(range) if is_key(key, b"stdout") => stdout = range,
        Value::String(range) if is_key(key, b"stderr") => stderr = range,
        Value::String(range) if is_key(key, b"error") => error = range,
        Value::Number(number) if is_key(key, b"exit_code") => code = Some(number as i32),
        Value::Bool(flag) if is_key(key, b"finished") => finished = flag,
        _ => {}
    });
    if whole.is_none() {
        return;
    }
    if finished {
        let absent = if error.is_empty() { 0 } else { ENDED_BY_ERROR };
        *exit_code = Some(code.unwrap_or(absent));
    }
    for (channel, range) in [(STDOUT, stdout), (STDERR, stderr), (STDERR, error)] {
        output.push(channel, data.get(range).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(chunks: &[&[u8]]) -> (serde_json::Value, Option<i32>) {
        let mut events = Events::default();
        let mut seen = Vec::new();
        let mut collect = |output: &mut Output| {
            if let Some(json) = output.take() {
                let batch: Vec<serde_json::Value> = serde_json::from_slice(json).unwrap();
                seen.extend(batch);
            }
            output.clear();
        };
        for chunk in chunks {
            events.push(chunk).unwrap();
            collect(&mut events.output);
        }
        events.finish();
        collect(&mut events.output);
        (json!(seen), events.exit_code())
    }

    const TRANSCRIPT: &str = concat!(
        ": hello\n\n",
        "data: {\"timestamp\":\"t\",\"stdout\":\"a\\n\\u00e9 \\\"q\\\"\"}\n\n",
        "data: not json\n\n",
        "data: {\"stderr\":\"\u{1F600}\",\"stdout\":\"both\"}\r\n\r\n",
        "data: {\"stdout\":\"\",\"new\":{\"stdout\":\"inner\"},\"list\":[1]}\n\n",
        "data: [1]\n\n",
        "data: {\"std\\u006fut\":\"key\"}\n\n",
        "data: {\"finished\":true,\"exit_code\":7,\"error\":\"killed\"}\n\n",
        "data: {\"stdout\":\"after the end\"}\n\n",
    );

    #[test]
    fn every_split_gives_the_same_output() {
        let whole = (
            json!([
                1,
                "a\né \"q\"",
                1,
                "both",
                2,
                "\u{1F600}",
                1,
                "key",
                2,
                "killed"
            ]),
            Some(7),
        );
        for cut in 0..=TRANSCRIPT.len() {
            let (head, tail) = TRANSCRIPT.as_bytes().split_at(cut);
            assert_eq!(read(&[head, tail]), whole, "cut at byte {cut}");
        }
    }

    #[test]
    fn a_stream_cut_short_has_no_exit_code() {
        let end = TRANSCRIPT.find("data: {\"finished").unwrap();
        assert_eq!(read(&[&TRANSCRIPT.as_bytes()[..end]]).1, None);
        assert_eq!(
            read(&[b"data: {\"finished\":true}"]).1,
            Some(0),
            "finished without a code"
        );
        assert_eq!(
            read(&[b"data: {\"finished\":true,\"error\":\"lost\"}"]).1,
            Some(-1),
            "finished by an error, without a code"
        );
    }

    #[test]
    fn an_endless_event_is_refused() {
        let mut events = Events::default();
        let chunk = vec![b'x'; 1 << 20];
        let outcome = (0..100).try_for_each(|_| events.push(&chunk));
        assert!(matches!(outcome, Err(Error::InvalidResponse(_))));
    }

    #[test]
    fn the_service_answers_before_the_call_gives_up() {
        assert_eq!(patience_ms(Some(1_000.0), false), 6_000.0);
        assert_eq!(patience_ms(None, false), 35_000.0);
        assert_eq!(patience_ms(None, true), 300_000.0);
    }
}
