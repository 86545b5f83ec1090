//! One sandbox's network log.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Older events go.
const MAX_EVENTS: usize = 10_000;

/// How a connection went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Allowed,
    Blocked,
    Failed,
}

/// What is known of a connection when its verdict is.
#[derive(Debug, Clone)]
pub struct Connection {
    pub destination: SocketAddr,
    pub verdict: Verdict,
    /// The name under which the sandbox looked the destination up.
    pub host: Option<String>,
    pub rule: Option<String>,
}

impl Connection {
    pub fn new(destination: SocketAddr, verdict: Verdict) -> Self {
        Self {
            destination,
            verdict,
            host: None,
            rule: None,
        }
    }
}

/// The bytes that a connection has carried so far.
#[derive(Debug, Default)]
pub struct Traffic {
    pub sent: AtomicU64,
    pub received: AtomicU64,
}

/// One outbound connection.
#[derive(Debug, Clone)]
pub struct Event {
    id: u64,
    pub at: Timestamp,
    connection: Connection,
    /// Where the server carries it itself.
    traffic: Option<Arc<Traffic>>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    match_rule: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes_sent: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes_recv: Option<u64>,
}

impl Event {
    pub fn view(&self) -> EventView {
        let Connection {
            destination,
            verdict,
            host,
            rule,
        } = &self.connection;
        let traffic = self.traffic.as_ref();
        EventView {
            kind: "connection",
            id: self.id,
            ts: self.at.to_string(),
            dst_ip: destination.ip().to_string(),
            dst_port: destination.port(),
            verdict: *verdict,
            host: host.clone(),
            match_rule: rule.clone(),
            bytes_sent: traffic.map(|it| it.sent.load(Ordering::Relaxed)),
            bytes_recv: traffic.map(|it| it.received.load(Ordering::Relaxed)),
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
    /// Notes a connection that others carry.
    pub fn add(&self, destination: SocketAddr, verdict: Verdict) {
        self.push(Connection::new(destination, verdict), None);
    }

    /// Notes one of the server's own, whose bytes are counted from now on.
    pub fn open(&self, connection: Connection) -> Arc<Traffic> {
        let traffic = Arc::<Traffic>::default();
        self.push(connection, Some(traffic.clone()));
        traffic
    }

    fn push(&self, connection: Connection, traffic: Option<Arc<Traffic>>) {
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
            connection,
            traffic,
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
                    .is_none_or(|verdict| event.connection.verdict == verdict)
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
            ports.extend(page.iter().map(|event| event.connection.destination.port()));
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
