//! Server-sent events: bytes in, the data of each event out.
//!
//! Follows the [EventSource parsing rules](https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream),
//! with two leniences: a last event needs no blank line after it, and fields other than `data` are passed over.

use alloc::vec::Vec;

use crate::batch::Batch;
use crate::bytes::line_end;

/// Takes events.
pub(crate) trait Sink {
    /// Takes the data of an event.
    fn event(&mut self, data: &[u8]);
    /// Takes an event with that data, blank line and all, if it can tell where that ends. Answers with how long it is.
    fn ahead(&mut self, data: &[u8]) -> Option<usize>;
}

/// Takes the data of each event, and looks at none before.
struct Each<'a>(&'a mut dyn FnMut(&[u8]));

impl Sink for Each<'_> {
    fn event(&mut self, data: &[u8]) {
        (self.0)(data);
    }

    fn ahead(&mut self, _: &[u8]) -> Option<usize> {
        None
    }
}

/// Splits a stream into events, whatever the chunks it comes in.
#[derive(Default)]
pub struct Decoder {
    /// The beginning of a line whose end has not come yet.
    line: Vec<u8>,
    /// Data lines of the event under way, each ended by a line feed.
    data: Vec<u8>,
    /// The last chunk ended in a carriage return: a line feed that comes next belongs to it.
    after_cr: bool,
    /// The first line has been seen, so that a byte-order mark is no longer one.
    started: bool,
}

/// An event beyond this is not one that the service sends.
const MAX_EVENT_BYTES: usize = 64 << 20;

/// What a line of the usual length needs.
const KEPT_BYTES: usize = 256;

impl Decoder {
    /// Whether an event has begun that is too large to be the service's.
    pub fn is_overfull(&self) -> bool {
        self.line.len() + self.data.len() > MAX_EVENT_BYTES
    }

    /// Takes the next chunk and gives the data of every event that it completes to `event`.
    pub fn push(&mut self, chunk: &[u8], event: &mut dyn FnMut(&[u8])) {
        self.split(chunk, &mut Each(event));
    }

    fn split(&mut self, chunk: &[u8], sink: &mut dyn Sink) {
        let mut rest = chunk;
        if core::mem::take(&mut self.after_cr) {
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        loop {
            // An event of one line, all in this chunk: the common case, which is looked at once.
            if self.started
                && self.line.is_empty()
                && self.data.is_empty()
                && let Some(data) = data_of(rest)
                && let Some(after) = sink.ahead(data).and_then(|length| data.get(length..))
            {
                rest = after;
                continue;
            }
            let Some((line, tail)) = line_end(rest).and_then(|end| rest.split_at_checked(end))
            else {
                break;
            };
            rest = match tail {
                [b'\r', b'\n', after @ ..] | [_, after @ ..] => after,
                [] => tail,
            };
            self.after_cr = rest.is_empty() && tail == b"\r";
            if self.line.is_empty() {
                self.end_line(line, sink);
            } else {
                self.line.extend_from_slice(line);
                let whole = core::mem::take(&mut self.line);
                self.end_line(&whole, sink);
                self.line = whole;
                empty(&mut self.line);
            }
        }
        self.line.extend_from_slice(rest);
    }

    /// The stream has ended: what is left may be a last event.
    pub fn finish(&mut self, event: &mut dyn FnMut(&[u8])) {
        self.end(&mut Each(event));
    }

    fn end(&mut self, sink: &mut dyn Sink) {
        let last = core::mem::take(&mut self.line);
        if !last.is_empty() {
            self.end_line(&last, sink);
        }
        self.end_line(b"", sink);
    }

    fn end_line(&mut self, line: &[u8], sink: &mut dyn Sink) {
        let line = if self.started {
            line
        } else {
            line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line)
        };
        self.started = true;
        if line.is_empty() {
            if let Some((_, data)) = self.data.split_last() {
                sink.event(data);
            }
            empty(&mut self.data);
        } else if let Some(value) = data_of(line) {
            self.data.extend_from_slice(value);
            self.data.push(b'\n');
        }
    }
}

/// Reads the stream of one command.
#[derive(Default)]
pub struct Events {
    decoder: Decoder,
}

impl Events {
    /// Takes the next chunk, and puts what it completes into `batch`. Answers whether an event has begun that is too large to be
    /// the service's.
    pub fn push(&mut self, chunk: &[u8], batch: &mut Batch) -> bool {
        self.decoder.split(chunk, batch);
        self.decoder.is_overfull()
    }

    /// The stream has ended.
    pub fn finish(&mut self, batch: &mut Batch) {
        self.decoder.end(batch);
    }
}

/// Empties a buffer, and keeps little of its memory: a program may have thousands of streams open.
fn empty(buffer: &mut Vec<u8>) {
    buffer.clear();
    buffer.shrink_to(KEPT_BYTES);
}

/// The value of a `data` line.
fn data_of(line: &[u8]) -> Option<&[u8]> {
    match line.strip_prefix(b"data")? {
        [b':', b' ', value @ ..] | [b':', value @ ..] => Some(value),
        [] => Some(&[]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(chunks: &[&[u8]]) -> Vec<String> {
        let mut decoder = Decoder::default();
        let mut seen = Vec::new();
        let mut event = |data: &[u8]| seen.push(String::from_utf8_lossy(data).into_owned());
        for chunk in chunks {
            decoder.push(chunk, &mut event);
        }
        decoder.finish(&mut event);
        seen
    }

    const TRANSCRIPT: &[u8] = b"\xEF\xBB\xBFdata: first\n\n: a comment\n\ndata:no space\r\n\r\ndata: two\ndata:  lines\rdata\r\r\
        event: other\nid: 7\ndata: {\"stdout\":\"caf\xC3\xA9\"}\n\nretry: 5\nunknown: x\n\ndatax: no\n\ndata:\n\ndata: last";

    #[test]
    fn a_transcript_gives_its_events() {
        assert_eq!(
            events(&[TRANSCRIPT]),
            [
                "first",
                "no space",
                "two\n lines\n",
                "{\"stdout\":\"café\"}",
                "",
                "last"
            ]
        );
    }

    #[test]
    fn every_split_gives_the_same_events() {
        let whole = events(&[TRANSCRIPT]);
        for cut in 0..=TRANSCRIPT.len() {
            let (head, tail) = TRANSCRIPT.split_at(cut);
            assert_eq!(events(&[head, tail]), whole, "cut at byte {cut}");
            for second in 0..=tail.len() {
                let (middle, end) = tail.split_at(second);
                assert_eq!(
                    events(&[head, middle, end]),
                    whole,
                    "cut at {cut} and {second}"
                );
            }
        }
        let bytes: Vec<&[u8]> = TRANSCRIPT.chunks(1).collect();
        assert_eq!(events(&bytes), whole);
    }

    #[test]
    fn the_three_line_ends_are_the_same() {
        let text = "data: a\ndata: b\n\ndata: c\n\n";
        let whole = events(&[text.as_bytes()]);
        for end in ["\r\n", "\r"] {
            let other = text.replace('\n', end);
            for cut in 0..=other.len() {
                let (head, tail) = other.as_bytes().split_at(cut);
                assert_eq!(events(&[head, tail]), whole, "{end:?} cut at {cut}");
            }
        }
    }
}
