//! A sandbox's network of its own, as the server holds it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};

use nix::sys::resource::{Resource, getrlimit};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;

use super::device::Device;
use super::doubles;
use super::forward::Forwarder;
use super::log::{Connection, NetworkLog, Verdict};
use super::lookups::Lookups;
use super::plan::{NetworkPlan, resolvers};
use super::rules::{Decision, Rules};
use crate::sandbox::record;

/// Connections of one sandbox at once.
const MAX_CONNECTIONS: usize = 1024;

/// What all networks of a server share.
#[derive(Debug)]
pub struct Networks {
    pub plan: NetworkPlan,
    /// A place for each connection, of those that the server has descriptors for.
    places: Arc<Semaphore>,
}

impl Networks {
    pub fn new(host_ports: &[u16]) -> Self {
        let (descriptors, _) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or((1024, 1024));
        // Two for each, and as many for all else.
        let places = usize::try_from(descriptors / 4).unwrap_or(MAX_CONNECTIONS);
        Self {
            plan: NetworkPlan::new(host_ports),
            places: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))),
        }
    }
}

/// One sandbox's network; its connections end with it.
#[derive(Debug)]
pub struct OwnNetwork {
    policy: Arc<Policy>,
    tasks: Vec<AbortHandle>,
}

impl OwnNetwork {
    /// Takes over the ends that init made.
    pub fn start(
        networks: &Networks,
        ends: Vec<(u8, OwnedFd)>,
        log: Arc<NetworkLog>,
    ) -> io::Result<Self> {
        let policy = Arc::new(Policy::new(networks.places.clone(), log));
        let (mut device, mut listener, mut tasks) = (None, None, Vec::new());
        for (place, end) in ends {
            match place {
                0 => device = Some(Device::new(end)?),
                1 => listener = Some(listen(end)?),
                _ => {
                    let double = networks.plan.doubles.get(usize::from(place) - 2);
                    if let Some(double) = double {
                        tasks.push(doubles::serve(*double, end, policy.clone())?);
                    }
                }
            }
        }
        let (device, listener) = device
            .zip(listener)
            .ok_or_else(|| io::Error::other("init made no network"))?;
        let forwarder = Forwarder::new(Arc::new(device), listener, policy.clone());
        tasks.push(tokio::spawn(forwarder.run()).abort_handle());
        Ok(Self { policy, tasks })
    }

    /// Changes what may be reached; connections that are open stay so.
    pub fn set_rules(&self, network: Option<&record::Network>) {
        self.policy
            .change(|known| known.rules = Rules::new(network));
    }
}

impl Drop for OwnNetwork {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

/// A listening socket of the sandbox's network.
pub fn listen(end: OwnedFd) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::from(end);
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

/// What one sandbox may reach, and what is told of it.
#[derive(Debug)]
pub struct Policy {
    known: Mutex<Known>,
    /// The machine's resolvers: without them no name can be allowed.
    resolvers: Vec<IpAddr>,
    pub log: Arc<NetworkLog>,
    own_places: Arc<Semaphore>,
    all_places: Arc<Semaphore>,
}

#[derive(Debug)]
struct Known {
    rules: Rules,
    lookups: Lookups,
}

/// What a connection holds while it lasts.
#[derive(Debug)]
pub struct Place(#[expect(dead_code, reason = "held")] [OwnedSemaphorePermit; 2]);

impl Policy {
    fn new(all_places: Arc<Semaphore>, log: Arc<NetworkLog>) -> Self {
        Self {
            known: Mutex::new(Known {
                rules: Rules::default(),
                lookups: Lookups::new(),
            }),
            resolvers: resolvers(),
            log,
            own_places: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
            all_places,
        }
    }

    pub fn is_resolver(&self, destination: SocketAddr) -> bool {
        destination.port() == super::plan::DNS_PORT && self.resolvers.contains(&destination.ip())
    }

    /// The connection as the log will have it, or nothing where it is blocked, which is noted.
    pub fn admit(&self, destination: SocketAddr) -> Option<Connection> {
        let IpAddr::V4(ip) = destination.ip().to_canonical() else {
            // Only loopback's doubles have others.
            return Some(Connection::new(destination, Verdict::Allowed));
        };
        let mut connection = Connection::new(destination, Verdict::Allowed);
        if self.is_resolver(destination) {
            return Some(connection);
        }
        let decision = self.change(|known| {
            let names = known.lookups.names_of(ip);
            connection.host = names.last().cloned();
            known.rules.decide(ip, names)
        });
        match decision {
            Decision::Allowed(rule) => {
                connection.rule = rule;
                Some(connection)
            }
            Decision::Blocked(rule) => {
                connection.rule = rule;
                connection.verdict = Verdict::Blocked;
                self.log.open(connection);
                None
            }
        }
    }

    /// Notes the names that a resolver's answer has.
    pub fn learn(&self, answer: &[u8]) {
        self.change(|known| known.lookups.learn(answer));
    }

    /// A place for one more connection, if there is one.
    pub fn place(&self) -> Option<Place> {
        let own = self.own_places.clone().try_acquire_owned().ok()?;
        let shared = self.all_places.clone().try_acquire_owned().ok()?;
        Some(Place([own, shared]))
    }

    fn change<T>(&self, change: impl FnOnce(&mut Known) -> T) -> T {
        change(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Where the server itself connects to on the sandbox's behalf.
pub const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
