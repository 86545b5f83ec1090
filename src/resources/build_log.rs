//! A build's log over a connection that may break: which events are new, and when to connect again.
//!
//! The service replays a log from its start at every connect, so the third event with the text `x` is the same on each
//! of them: an event is new when it has come more often on this connection than on any before. That holds also where
//! a replay leaves out, or adds, what was only said in passing, such as `build queued` every two seconds.
//!
//! ```text
//! first connection    queued  a  b  a            all four are delivered
//! second connection   queued  queued  a  b  a  c     the second `queued` and `c` are
//! ```

use alloc::vec::Vec;

use superserve_stream::Decoder;

/// Milliseconds that a log may be followed, unless the caller says otherwise.
pub const LIMIT_MS: f64 = 3_600_000.0;
/// Failed connects one after another before the log is given up.
const MAX_FAILURES: u32 = 8;
const FIRST_DELAY_MS: f64 = 100.0;
const MAX_DELAY_MS: f64 = 30_000.0;

/// A log of a million different events has lists of some 250.
const LISTS: usize = 4096;

/// Follows one log.
#[derive(Default)]
pub struct Log {
    decoder: Decoder,
    /// How often each event has come: lists of those whose hashes end alike.
    counts: Vec<Vec<Count>>,
    /// Number of this connection.
    connection: u32,
    /// Connects since the last that brought something new.
    fruitless: u32,
    /// Connects that failed since the last that did not.
    failures: u32,
}

struct Count {
    /// Of the event's bytes.
    hash: u64,
    /// How often it was delivered.
    delivered: u32,
    /// How often it came on the connection of that number.
    came: u32,
    connection: u32,
}

impl Log {
    /// A connection is made.
    pub fn connected(&mut self) {
        self.decoder = Decoder::default();
        self.connection += 1;
        self.failures = 0;
    }

    /// Takes the next chunk and gives what is new in it to `event`.
    pub fn push(&mut self, chunk: &[u8], event: &mut dyn FnMut(&[u8])) {
        let mut decoder = core::mem::take(&mut self.decoder);
        decoder.push(chunk, &mut |data| self.take(data, event));
        self.decoder = decoder;
    }

    /// The service ended the connection: a last event needs no blank line after it.
    pub fn finish(&mut self, event: &mut dyn FnMut(&[u8])) {
        let mut decoder = core::mem::take(&mut self.decoder);
        decoder.finish(&mut |data| self.take(data, event));
    }

    /// Whether an event has begun that is too large to be the service's.
    pub fn is_overfull(&self) -> bool {
        self.decoder.is_overfull()
    }

    fn take(&mut self, data: &[u8], event: &mut dyn FnMut(&[u8])) {
        let hash = hash(data);
        // A map of the standard library's would be a tenth of the module.
        self.counts.resize_with(LISTS, Vec::new);
        let Some(list) = self.counts.get_mut(hash as usize % LISTS) else {
            return;
        };
        let known = list.iter().position(|count| count.hash == hash);
        let at = known.unwrap_or_else(|| {
            list.push(Count {
                hash,
                delivered: 0,
                came: 0,
                connection: 0,
            });
            list.len() - 1
        });
        let Some(count) = list.get_mut(at) else {
            return;
        };
        if count.connection != self.connection {
            count.connection = self.connection;
            count.came = 0;
        }
        count.came += 1;
        if count.came > count.delivered {
            count.delivered = count.came;
            self.fruitless = 0;
            event(data);
        }
    }

    /// The connection ended before the last event, or was not made at all (`failed`). Milliseconds until the
    /// next try, or `None` to give up. `random` is in `0.0..1.0`; `asked_ms` is the server's `Retry-After`.
    pub fn again_ms(&mut self, failed: bool, asked_ms: Option<f64>, random: f64) -> Option<f64> {
        self.failures += u32::from(failed);
        if self.failures >= MAX_FAILURES {
            return None;
        }
        let backoff =
            FIRST_DELAY_MS * f64::from(1u32 << self.fruitless.min(10)) * (0.8 + 0.4 * random);
        self.fruitless += 1;
        Some(asked_ms.unwrap_or(backoff).clamp(0.0, MAX_DELAY_MS))
    }
}

/// FNV-1a, 64 bits.
fn hash(data: &[u8]) -> u64 {
    data.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(events: &[&str]) -> Vec<u8> {
        events
            .iter()
            .flat_map(|event| format!("data: {event}\n\n").into_bytes())
            .collect()
    }

    #[test]
    fn a_last_event_needs_no_blank_line() {
        let (mut log, mut seen) = (Log::default(), Vec::new());
        read(&mut log, b"data: a\n\ndata: end", &mut seen);
        log.finish(&mut |data| seen.push(String::from_utf8_lossy(data).into_owned()));
        assert_eq!(seen, ["a", "end"]);
    }

    fn read(log: &mut Log, wire: &[u8], seen: &mut Vec<String>) {
        log.connected();
        log.push(wire, &mut |data| {
            seen.push(String::from_utf8_lossy(data).into_owned())
        });
    }

    const EVENTS: [&str; 7] = ["a", "b", "b", "a", "c", "b", "end"];

    #[test]
    fn a_log_cut_anywhere_is_seen_once_and_in_order() {
        let whole = wire(&EVENTS);
        for cut in 0..=whole.len() {
            for second in 0..=whole.len() {
                let (mut log, mut seen) = (Log::default(), Vec::new());
                read(&mut log, &whole[..cut], &mut seen);
                read(&mut log, &whole[..second], &mut seen);
                read(&mut log, &whole, &mut seen);
                assert_eq!(seen, EVENTS, "cut at {cut}, then at {second}");
            }
        }
    }

    #[test]
    fn what_was_said_in_passing_may_be_missing_from_a_replay() {
        let (mut log, mut seen) = (Log::default(), Vec::new());
        read(
            &mut log,
            &wire(&["queued 1", "queued 2", "a", "b"]),
            &mut seen,
        );
        let second = wire(&["queued 9", "a", "queued 10", "b", "c", "c"]);
        read(&mut log, &second, &mut seen);
        read(&mut log, &second, &mut seen);
        assert_eq!(
            seen,
            [
                "queued 1",
                "queued 2",
                "a",
                "b",
                "queued 9",
                "queued 10",
                "c",
                "c"
            ]
        );
    }

    #[test]
    fn what_is_said_in_passing_may_be_the_same_each_time() {
        let (mut log, mut seen) = (Log::default(), Vec::new());
        read(&mut log, &wire(&["q", "a", "b"]), &mut seen);
        read(&mut log, &wire(&["q", "q", "a", "b", "c"]), &mut seen);
        read(
            &mut log,
            &wire(&["q", "q", "a", "b", "c", "end"]),
            &mut seen,
        );
        assert_eq!(seen, ["q", "a", "b", "q", "c", "end"]);
    }

    #[test]
    fn it_gives_up_after_failures_but_not_after_silence() {
        let mut log = Log::default();
        for _ in 0..100 {
            log.connected();
            assert!(log.again_ms(false, None, 0.5).is_some());
        }
        assert_eq!(log.again_ms(false, None, 0.5), Some(30_000.0));
        let waits: Vec<_> = (0..8).map(|_| log.again_ms(true, Some(5.0), 0.5)).collect();
        assert_eq!(waits[..7], [Some(5.0); 7]);
        assert_eq!(waits[7], None);
    }

    #[test]
    fn something_new_starts_the_backoff_anew() {
        let (mut log, mut seen) = (Log::default(), Vec::new());
        let near = |ms: Option<f64>, expected: f64| (ms.unwrap() - expected).abs() < 1e-6;
        assert!(near(log.again_ms(false, None, 0.5), 100.0));
        assert!(near(log.again_ms(false, None, 0.5), 200.0));
        read(&mut log, &wire(&["a"]), &mut seen);
        assert!(near(log.again_ms(false, None, 0.5), 100.0));
    }
}
