//! What a network of a sandbox's own looks like from inside.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

/// The sandbox's address, the same in all: each has its network for itself. No network has these
/// (RFC 7335), so that none is hidden by them.
pub const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 0, 2);
/// In whose name the server speaks to its own listener in there.
pub const PEER: Ipv4Addr = Ipv4Addr::new(192, 0, 0, 1);
pub const NETMASK: Ipv4Addr = Ipv4Addr::new(255, 255, 255, 248);
/// Where the server's listener in there is: on a port that no preview may have.
pub const LISTENER_PORT: u16 = 1;
/// The device; packets as long as can be, for they go no further than to the server.
pub const DEVICE: &str = "eth0";
pub const MTU: u16 = 65_535;
pub const DNS_PORT: u16 = 53;

/// What init makes in the new network besides the device and the listener.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct NetworkPlan {
    /// Sockets on the sandbox's loopback that stand for the ones of this machine.
    pub doubles: Vec<Double>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Double {
    pub transport: Transport,
    pub address: SocketAddr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Transport {
    Tcp,
    Udp,
}

impl NetworkPlan {
    /// The machine's resolvers, where they are on its loopback, and the ports that were asked for.
    pub fn new(ports: &[u16]) -> Self {
        let resolvers = resolvers().into_iter().filter(IpAddr::is_loopback);
        let resolvers = resolvers.flat_map(|ip| {
            [Transport::Tcp, Transport::Udp].map(|transport| Double {
                transport,
                address: SocketAddr::new(ip, DNS_PORT),
            })
        });
        let ports = ports.iter().map(|port| Double {
            transport: Transport::Tcp,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, *port)),
        });
        Self {
            doubles: resolvers.chain(ports).collect(),
        }
    }
}

/// The machine's name servers.
pub fn resolvers() -> Vec<IpAddr> {
    let configuration = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    let named: Vec<IpAddr> = configuration
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("nameserver"))
        .filter_map(|rest| rest.trim().parse().ok())
        .collect();
    if named.is_empty() {
        // As the C library has it.
        return vec![Ipv4Addr::LOCALHOST.into()];
    }
    named
}
