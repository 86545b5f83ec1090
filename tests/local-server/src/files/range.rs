//! `Range` and its conditions, as RFC 9110 has them.

use std::time::SystemTime;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde::{Deserialize, Serialize};

/// What a request says of the part that it wants.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Wanted {
    pub range: Option<String>,
    pub if_range: Option<String>,
}

/// Which part of a file an answer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    Whole,
    /// The first byte and how many.
    Some(u64, u64),
    /// What was asked for lies behind the end.
    Unsatisfiable,
}

/// A file's time as the headers have it.
pub fn http_date(time: SystemTime) -> Option<String> {
    let time = Timestamp::try_from(time).ok()?;
    DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&time)
        .ok()
}

impl Wanted {
    /// The part of a file that is asked for. What cannot be read as one range asks for the whole
    /// file, and so does a condition that no longer holds.
    pub fn part(&self, length: u64, modified: Option<&str>) -> Part {
        let stale = self.if_range.is_some() && self.if_range.as_deref() != modified;
        match &self.range {
            Some(range) if !stale => parse(range, length).unwrap_or(Part::Whole),
            _ => Part::Whole,
        }
    }
}

fn parse(range: &str, length: u64) -> Option<Part> {
    let (unit, range) = range.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = range.trim().split_once('-')?;
    let (first, last) = (number(first)?, number(last)?);
    let (start, end) = match (first, last) {
        (None, None) => return None,
        (None, Some(suffix)) => (length.saturating_sub(suffix), length),
        (Some(first), None) => (first, length),
        (Some(first), Some(last)) if first > last => return None,
        (Some(first), Some(last)) => (first, last.saturating_add(1).min(length)),
    };
    Some(match end.checked_sub(start) {
        Some(count @ 1..) => Part::Some(start, count),
        _ => Part::Unsatisfiable,
    })
}

/// A number, or the absence of one.
fn number(text: &str) -> Option<Option<u64>> {
    let text = text.trim();
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if text.is_empty() {
        return Some(None);
    }
    // More than there can be is as good as the most.
    Some(Some(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_held_against_the_length() {
        for (range, expected) in [
            ("bytes=0-0", Part::Some(0, 1)),
            ("bytes=0-9", Part::Some(0, 10)),
            ("bytes=0-10", Part::Some(0, 10)),
            ("bytes=3-", Part::Some(3, 7)),
            ("bytes=9-99999999999999999999", Part::Some(9, 1)),
            ("BYTES = 2-3 ", Part::Some(2, 2)),
            ("bytes=-4", Part::Some(6, 4)),
            ("bytes=-40", Part::Some(0, 10)),
            ("bytes=10-", Part::Unsatisfiable),
            ("bytes=10-20", Part::Unsatisfiable),
            ("bytes=-0", Part::Unsatisfiable),
        ] {
            assert_eq!(parse(range, 10), Some(expected), "{range}");
        }
        for whole in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5-4",
            "bytes=0-1,3-4",
            "lines=0-1",
            "bytes=a-b",
            "bytes=+1-2",
        ] {
            assert_eq!(parse(whole, 10), None, "{whole}");
        }
    }

    #[test]
    fn a_condition_that_does_not_hold_asks_for_the_whole() {
        let mut wanted = Wanted {
            range: Some("bytes=1-2".to_owned()),
            if_range: None,
        };
        let date = http_date(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(date, "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(wanted.part(9, Some(&date)), Part::Some(1, 2));
        wanted.if_range = Some(date.clone());
        assert_eq!(wanted.part(9, Some(&date)), Part::Some(1, 2));
        assert_eq!(wanted.part(9, Some("other")), Part::Whole);
        assert_eq!(wanted.part(9, None), Part::Whole);
    }
}
