//! Makes the network of a sandbox's own: a device whose packets the server carries on.

use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;

use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};

use super::context;
use crate::network::plan::{
    ADDRESS, DEVICE, Double, LISTENER_PORT, MTU, NETMASK, NetworkPlan, Transport,
};
use crate::wire;

/// Sets up the network that this process is in and hands its ends to the server: the device, the
/// listener, then what stands for the machine's own sockets, each with its place in that order.
pub fn build(plan: &NetworkPlan, server: &UnixStream) -> io::Result<()> {
    let configure = Configure::new()?;
    configure.up("lo")?;
    let device = open_device().map_err(|error| context(error, "/dev/net/tun"))?;
    configure.address(libc::SIOCSIFADDR, ADDRESS)?;
    configure.address(libc::SIOCSIFNETMASK, NETMASK)?;
    configure.mtu()?;
    configure.up(DEVICE)?;
    configure.default_route()?;
    let listener = TcpListener::bind(SocketAddrV4::new(ADDRESS, LISTENER_PORT))?;
    let ends = [device, listener.into()].into_iter().map(Some);
    for (place, end) in (0u8..).zip(ends.chain(plan.doubles.iter().map(listen))) {
        if let Some(end) = end {
            wire::send_descriptor(server, place, end.as_fd())?;
        }
    }
    Ok(())
}

/// A socket in this network for the server to connect.
pub fn lend_socket(v6: bool, server: &OwnedFd) -> io::Result<()> {
    let family = if v6 {
        AddressFamily::Inet6
    } else {
        AddressFamily::Inet
    };
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let made = socket(family, SockType::Stream, flags, None)?;
    wire::send_descriptor(server, 0, made.as_fd())
}

/// Without one, what it stands for is missing in the sandbox and all else is there.
fn listen(double: &Double) -> Option<OwnedFd> {
    let bound = match double.transport {
        Transport::Tcp => TcpListener::bind(double.address).map(OwnedFd::from),
        Transport::Udp => UdpSocket::bind(double.address).map(OwnedFd::from),
    };
    let Double { transport, address } = double;
    bound
        .inspect_err(|error| eprintln!("sandbox init: {transport:?} {address}: {error}"))
        .ok()
}

fn open_device() -> io::Result<OwnedFd> {
    let device = File::options()
        .read(true)
        .write(true)
        .open("/dev/net/tun")?;
    let mut request = request_for(DEVICE);
    request.ifr_ifru.ifru_flags = (libc::IFF_TUN | libc::IFF_NO_PI) as libc::c_short;
    // SAFETY: the request is whole and outlives the call.
    checked(unsafe { libc::ioctl(device.as_raw_fd(), libc::TUNSETIFF, &raw const request) })?;
    Ok(device.into())
}

/// Interfaces by `ioctl`, through any socket of their network.
struct Configure(UdpSocket);

impl Configure {
    fn new() -> io::Result<Self> {
        let unbound = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        Ok(Self(UdpSocket::bind(unbound)?))
    }

    fn up(&self, device: &str) -> io::Result<()> {
        let mut request = request_for(device);
        request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
        self.apply(libc::SIOCSIFFLAGS, &request)
    }

    fn address(&self, what: libc::c_ulong, address: Ipv4Addr) -> io::Result<()> {
        let mut request = request_for(DEVICE);
        request.ifr_ifru.ifru_addr = socket_address(address);
        self.apply(what, &request)
    }

    fn mtu(&self) -> io::Result<()> {
        let mut request = request_for(DEVICE);
        request.ifr_ifru.ifru_mtu = MTU.into();
        self.apply(libc::SIOCSIFMTU, &request)
    }

    fn default_route(&self) -> io::Result<()> {
        let mut device = name_of(DEVICE);
        // SAFETY: a route of zeros is a valid one, and its pointer outlives the call.
        let mut route: libc::rtentry = unsafe { std::mem::zeroed() };
        route.rt_dst = socket_address(Ipv4Addr::UNSPECIFIED);
        route.rt_genmask = socket_address(Ipv4Addr::UNSPECIFIED);
        route.rt_flags = libc::RTF_UP;
        route.rt_dev = device.as_mut_ptr();
        self.apply(libc::SIOCADDRT, &route)
    }

    fn apply<T>(&self, what: libc::c_ulong, request: &T) -> io::Result<()> {
        // SAFETY: every caller's request is the structure that its call reads.
        checked(unsafe { libc::ioctl(self.0.as_raw_fd(), what as libc::Ioctl, request) })
            .map_err(|error| context(error, &format!("network ioctl {what:#x}")))
    }
}

fn checked(outcome: libc::c_int) -> io::Result<()> {
    match outcome {
        0.. => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn name_of(device: &str) -> [libc::c_char; libc::IFNAMSIZ] {
    let mut name = [0; libc::IFNAMSIZ];
    for (place, byte) in name.iter_mut().zip(device.bytes()) {
        *place = byte.cast_signed() as libc::c_char;
    }
    name
}

fn request_for(device: &str) -> libc::ifreq {
    // SAFETY: a request of zeros is a valid one.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    request.ifr_name = name_of(device);
    request
}

fn socket_address(address: Ipv4Addr) -> libc::sockaddr {
    let family = libc::AF_INET as libc::sa_family_t;
    // SAFETY: an address of zeros is a valid one.
    let mut plain: libc::sockaddr = unsafe { std::mem::zeroed() };
    plain.sa_family = family;
    // After the family come two bytes of port, then the address.
    for (place, byte) in plain.sa_data.iter_mut().skip(2).zip(address.octets()) {
        *place = byte.cast_signed() as libc::c_char;
    }
    plain
}
