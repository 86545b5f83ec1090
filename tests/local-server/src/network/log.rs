//! One sandbox's network log.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Older events go.
const MAX_EVENTS: usize = 10_000;

/// How a connection went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Allowed,
    /// Nothing is blocked here; it can be asked for.
    Blocked,
    Failed,
}

/// One outbound connection.
#[derive(Debug, Clone)]
pub struct Event {
    id: u64,
    pub at: Timestamp,
    destination: SocketAddr,
    verdict: Verdict,
}

/// An event in an answer.
#[derive(Debug, Serialize)]
pub struct EventView {
    kind: &'static str,
    id: u64,
    ts: String,
    dst_ip: String,
    dst_port: u16,
    verdict: Verdict,
}

impl Event {
    pub fn view(&self) -> EventView {
        EventView {
            kind: "connection",
            id: self.id,
            ts: self.at.to_string(),
            dst_ip: self.destination.ip().to_string(),
            dst_port: self.destination.port(),
            verdict: self.verdict,
        }
    }
}

#[derive(Debug, Default)]
struct Kept {
    /// Oldest first, no two at the same moment.
    events: VecDeque<Event>,
    last_id: u64,
}

/// The log.
#[derive(Debug, Default)]
pub struct NetworkLog(Mutex<Kept>);

/// Which events are asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// Strictly older than this.
    pub before: Option<Timestamp>,
    /// At or after this.
    pub since: Option<Timestamp>,
    pub verdict: Option<Verdict>,
}

impl NetworkLog {
    pub fn add(&self, destination: SocketAddr, verdict: Verdict) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut at = Timestamp::now();
        // Moments are the cursors of pages: two events at one of them could not be told apart.
        if let Some(last) = kept.events.back()
            && at <= last.at
        {
            at = last.at + SignedDuration::from_nanos(1);
        }
        kept.last_id += 1;
        let id = kept.last_id;
        kept.events.push_back(Event {
            id,
            at,
            destination,
            verdict,
        });
        if kept.events.len() > MAX_EVENTS {
            kept.events.pop_front();
        }
    }

    /// A page, newest first, and whether there is more.
    pub fn page(&self, filter: &Filter, limit: usize) -> (Vec<Event>, bool) {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = kept.events.iter().rev().filter(|event| {
            filter.before.is_none_or(|before| event.at < before)
                && filter.since.is_none_or(|since| event.at >= since)
                && filter
                    .verdict
                    .is_none_or(|verdict| event.verdict == verdict)
        });
        let mut page: Vec<_> = wanted.take(limit + 1).cloned().collect();
        let more = page.len() > limit;
        page.truncate(limit);
        (page, more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_meet_without_a_gap() {
        let log = NetworkLog::default();
        for port in 1..=25 {
            let verdict = if port % 5 == 0 {
                Verdict::Failed
            } else {
                Verdict::Allowed
            };
            log.add(SocketAddr::from(([10, 0, 0, 1], port)), verdict);
        }
        let mut filter = Filter::default();
        let mut ports = Vec::new();
        loop {
            let (page, more) = log.page(&filter, 10);
            ports.extend(page.iter().map(|event| event.destination.port()));
            filter.before = page.last().map(|event| event.at);
            if !more {
                break;
            }
        }
        assert_eq!(ports, (1..=25).rev().collect::<Vec<_>>());
        let failed = Filter {
            verdict: Some(Verdict::Failed),
            ..Filter::default()
        };
        assert_eq!(log.page(&failed, 100).0.len(), 5);
        let third = log.page(&Filter::default(), 3).0[2].at;
        let since = Filter {
            since: Some(third),
            ..Filter::default()
        };
        assert_eq!(log.page(&since, 100).0.len(), 3);
    }
}
