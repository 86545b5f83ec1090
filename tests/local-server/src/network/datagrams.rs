//! Carries a sandbox's datagrams, and the answers to them.

use std::collections::HashMap;
use std::net::SocketAddrV4;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::sys::socket::{MsgFlags, send};
use tokio::net::UdpSocket;
use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;

use super::device::Device;
use super::log::Traffic;
use super::own::{ANY_PORT, Place, Policy};
use super::packet;
use super::plan::{ADDRESS, MTU};

/// How long nothing may be said until an answer no longer finds the sandbox.
const IDLE: Duration = Duration::from_secs(60);
/// A resolver answers or does not.
const RESOLVER_IDLE: Duration = Duration::from_secs(10);

/// What the sandbox sends from one of its ports to one destination.
type Key = (u16, SocketAddrV4);

struct Flow {
    /// `None` where the rules forbid it.
    socket: Option<Arc<UdpSocket>>,
    traffic: Option<Arc<Traffic>>,
    used: Arc<AtomicBool>,
}

pub struct Datagrams {
    device: Arc<Device>,
    policy: Arc<Policy>,
    flows: HashMap<Key, Flow>,
    readers: JoinSet<Key>,
}

impl Datagrams {
    pub fn new(device: Arc<Device>, policy: Arc<Policy>) -> Self {
        Self {
            device,
            policy,
            flows: HashMap::new(),
            readers: JoinSet::new(),
        }
    }

    pub fn send(&mut self, port: u16, to: SocketAddrV4, content: &[u8]) {
        let key = (port, to);
        if !self.flows.contains_key(&key) {
            let Some(flow) = self.open(key) else { return };
            self.flows.insert(key, flow);
        }
        let Some(flow) = self.flows.get(&key) else {
            return;
        };
        flow.used.store(true, Ordering::Relaxed);
        let Some(socket) = &flow.socket else { return };
        // Not by the runtime, which learns only later that a new socket can be written to.
        let sent = send(socket.as_raw_fd(), content, MsgFlags::MSG_DONTWAIT);
        if let (Some(traffic), Ok(length)) = (&flow.traffic, sent) {
            traffic.sent.fetch_add(length as u64, Ordering::Relaxed);
        }
    }

    /// The next flow over which nothing has gone for a while; `None` while there is no flow.
    pub async fn idle(&mut self) -> Option<Result<Key, JoinError>> {
        self.readers.join_next().await
    }

    pub fn forget(&mut self, key: &Key) {
        self.flows.remove(key);
    }

    fn open(&mut self, key: Key) -> Option<Flow> {
        let (_, to) = key;
        let place = self.policy.place()?;
        let used = Arc::new(AtomicBool::new(false));
        let Some(connection) = self.policy.admit(to.into()) else {
            // Noted once, not for every datagram.
            let idle = tokio::time::sleep(IDLE);
            self.readers.spawn(async move {
                idle.await;
                drop(place);
                key
            });
            return Some(Flow {
                socket: None,
                traffic: None,
                used,
            });
        };
        let socket = std::net::UdpSocket::bind(ANY_PORT).ok()?;
        socket.connect(to).ok()?;
        socket.set_nonblocking(true).ok()?;
        let socket = Arc::new(UdpSocket::from_std(socket).ok()?);
        let is_resolver = self.policy.is_resolver(to.into());
        let traffic = (!is_resolver).then(|| self.policy.log.open(connection));
        let reader = Reader {
            key,
            socket: socket.clone(),
            used: used.clone(),
            traffic: traffic.clone(),
            device: self.device.clone(),
            policy: self.policy.clone(),
            idle: if is_resolver { RESOLVER_IDLE } else { IDLE },
            _place: place,
        };
        self.readers.spawn(reader.run());
        Some(Flow {
            socket: Some(socket),
            traffic,
            used,
        })
    }
}

struct Reader {
    key: Key,
    socket: Arc<UdpSocket>,
    used: Arc<AtomicBool>,
    /// Not for a resolver's answers, which name hosts.
    traffic: Option<Arc<Traffic>>,
    device: Arc<Device>,
    policy: Arc<Policy>,
    idle: Duration,
    _place: Place,
}

impl Reader {
    async fn run(self) -> Key {
        let (port, from) = self.key;
        let to = SocketAddrV4::new(ADDRESS, port);
        let mut buffer = vec![0; usize::from(MTU)];
        loop {
            match timeout(self.idle, self.socket.recv(&mut buffer)).await {
                Ok(Ok(length)) => {
                    let content = buffer.get(..length).unwrap_or_default();
                    match &self.traffic {
                        Some(traffic) => {
                            traffic.received.fetch_add(length as u64, Ordering::Relaxed);
                        }
                        None => self.policy.learn(content),
                    }
                    if let Some(packet) = packet::datagram(from, to, content) {
                        self.device.write(&packet);
                    }
                }
                // Nobody is there: for the sandbox this is silence.
                Ok(Err(_)) if self.used.swap(false, Ordering::Relaxed) => {}
                Err(_) if self.used.swap(false, Ordering::Relaxed) => {}
                _ => return self.key,
            }
        }
    }
}
