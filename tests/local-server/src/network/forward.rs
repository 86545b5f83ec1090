//! Carries a sandbox's connections on.
//!
//! The kernel's own TCP speaks to the sandbox: the server listens inside, and a packet that goes out
//! is given back to the sandbox's network as one to that listener, its sender a port of `PEER` that
//! stands for the connection. What the listener answers goes back the same way. A connection's first
//! packet waits until the destination has been reached: what is refused is refused inside too.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddrV4;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::datagrams::Datagrams;
use super::device::Device;
use super::log::{Connection, Traffic, Verdict};
use super::own::{Place, Policy};
use super::packet::{End, Packet, TCP};
use super::plan::{ADDRESS, LISTENER_PORT, MTU, PEER};
use super::relay::relay;

/// How long a port stands for a connection that has ended: its last packets are still under way.
const LINGER: Duration = Duration::from_secs(60);
const SWEEP: Duration = Duration::from_secs(10);

const LISTENER: SocketAddrV4 = SocketAddrV4::new(ADDRESS, LISTENER_PORT);

/// What the sandbox calls a connection: its own port, and where it goes.
type Key = (u16, SocketAddrV4);

struct Flow {
    key: Key,
    state: State,
}

enum State {
    /// Not reached yet; the packet that asked.
    Dialing(Vec<u8>, Connection),
    /// Reached, and the sandbox is told so.
    Reached(Reached, Instant),
    Open,
    Ended(Instant),
}

struct Reached {
    outside: TcpStream,
    traffic: Arc<Traffic>,
    place: Place,
}

/// What ran beside the packets has an outcome, for the port that stands for its connection.
enum Outcome {
    Dialed(io::Result<TcpStream>, Place),
    Over,
}

pub struct Forwarder {
    device: Arc<Device>,
    listener: TcpListener,
    policy: Arc<Policy>,
    datagrams: Datagrams,
    ports: HashMap<Key, u16>,
    flows: HashMap<u16, Flow>,
    last_port: u16,
    tasks: JoinSet<(u16, Outcome)>,
}

impl Forwarder {
    pub fn new(device: Arc<Device>, listener: TcpListener, policy: Arc<Policy>) -> Self {
        Self {
            datagrams: Datagrams::new(device.clone(), policy.clone()),
            device,
            listener,
            policy,
            ports: HashMap::new(),
            flows: HashMap::new(),
            last_port: 0,
            tasks: JoinSet::new(),
        }
    }

    /// Runs until the device is gone.
    pub async fn run(mut self) {
        let mut buffer = vec![0; usize::from(MTU)];
        let mut sweep = interval(SWEEP);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                read = self.device.read(&mut buffer) => match read {
                    Ok(length) => self.take(buffer.get_mut(..length).unwrap_or_default()),
                    Err(_) => return,
                },
                Ok((stream, from)) = self.listener.accept() => self.open(stream, from.port()),
                Some(Ok((port, outcome))) = self.tasks.join_next() => self.settle(port, outcome),
                Some(Ok(key)) = self.datagrams.idle() => self.datagrams.forget(&key),
                _ = sweep.tick() => self.sweep(),
            }
        }
    }

    fn take(&mut self, bytes: &mut [u8]) {
        let Some(mut packet) = Packet::parse(bytes) else {
            return;
        };
        let (from, to) = (packet.end(End::Source), packet.end(End::Destination));
        if *from.ip() != ADDRESS {
            return;
        }
        if packet.protocol != TCP {
            self.datagrams.send(from.port(), to, packet.datagram());
            return;
        }
        if *to.ip() == PEER {
            match self.flows.get(&to.port()) {
                Some(flow) if from == LISTENER => {
                    let (port, destination) = flow.key;
                    packet.set_end(End::Source, destination);
                    packet.set_end(End::Destination, SocketAddrV4::new(ADDRESS, port));
                    self.device.write(packet.bytes());
                }
                _ if packet.is_first() => self.device.write(&packet.refusal()),
                _ => {}
            }
            return;
        }
        let key = (from.port(), to);
        if let Some(&port) = self.ports.get(&key) {
            let first = packet.is_first();
            match self.flows.get(&port).map(|flow| &flow.state) {
                Some(State::Dialing(..)) => return,
                Some(State::Ended(_)) if first => self.forget(port),
                Some(_) => return self.pass_in(&mut packet, port),
                None => {}
            }
        }
        if packet.is_first() {
            self.dial(key, &packet);
        }
    }

    /// Gives the listener a packet of the sandbox's.
    fn pass_in(&self, packet: &mut Packet, port: u16) {
        packet.set_end(End::Source, SocketAddrV4::new(PEER, port));
        packet.set_end(End::Destination, LISTENER);
        self.device.write(packet.bytes());
    }

    fn dial(&mut self, key: Key, packet: &Packet) {
        let (_, destination) = key;
        let admitted = self.policy.admit(destination.into());
        let connection =
            admitted.and_then(|it| Some((it, self.policy.place()?, self.free_port()?)));
        let Some((connection, place, port)) = connection else {
            return self.device.write(&packet.refusal());
        };
        let state = State::Dialing(packet.bytes().to_vec(), connection);
        self.ports.insert(key, port);
        self.flows.insert(port, Flow { key, state });
        self.tasks.spawn(async move {
            let dialed = TcpStream::connect(destination).await;
            (port, Outcome::Dialed(dialed, place))
        });
    }

    fn free_port(&mut self) -> Option<u16> {
        for _ in 0..=u16::MAX {
            self.last_port = self.last_port.wrapping_add(1);
            if self.last_port != 0 && !self.flows.contains_key(&self.last_port) {
                return Some(self.last_port);
            }
        }
        None
    }

    fn settle(&mut self, port: u16, outcome: Outcome) {
        let Some(flow) = self.flows.get_mut(&port) else {
            return;
        };
        let Outcome::Dialed(dialed, place) = outcome else {
            flow.state = State::Ended(Instant::now());
            return;
        };
        let State::Dialing(mut first, mut connection) =
            std::mem::replace(&mut flow.state, State::Open)
        else {
            return;
        };
        let Some(mut packet) = Packet::parse(&mut first) else {
            return;
        };
        match dialed {
            Ok(outside) => {
                outside.set_nodelay(true).ok();
                let traffic = self.policy.log.open(connection);
                let reached = Reached {
                    outside,
                    traffic,
                    place,
                };
                flow.state = State::Reached(reached, Instant::now());
                self.pass_in(&mut packet, port);
            }
            Err(_) => {
                connection.verdict = Verdict::Failed;
                self.policy.log.open(connection);
                self.device.write(&packet.refusal());
                self.forget(port);
            }
        }
    }

    /// Joins a connection that the listener took with the one outside.
    fn open(&mut self, inside: TcpStream, port: u16) {
        let Some(flow) = self.flows.get_mut(&port) else {
            return;
        };
        match std::mem::replace(&mut flow.state, State::Open) {
            State::Reached(reached, _) => {
                inside.set_nodelay(true).ok();
                self.tasks.spawn(async move {
                    let Reached {
                        outside,
                        traffic,
                        place: _held,
                    } = reached;
                    relay(inside, outside, &traffic).await;
                    (port, Outcome::Over)
                });
            }
            other => flow.state = other,
        }
    }

    fn forget(&mut self, port: u16) {
        if let Some(flow) = self.flows.remove(&port) {
            self.ports.remove(&flow.key);
        }
    }

    /// Forgets what ended a while ago, and what was reached and then not wanted.
    fn sweep(&mut self) {
        let old = |flow: &Flow| match &flow.state {
            State::Reached(_, since) | State::Ended(since) => since.elapsed() > LINGER,
            State::Dialing(..) | State::Open => false,
        };
        let ports = &mut self.ports;
        self.flows.retain(|_, flow| {
            let old = old(flow);
            if old {
                ports.remove(&flow.key);
            }
            !old
        });
    }
}
