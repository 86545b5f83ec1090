//! The kernel's tables of TCP sockets.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use nix::unistd::Pid;

const ESTABLISHED: u8 = 1;
const SYN_SENT: u8 = 2;
const LISTEN: u8 = 10;

/// One socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub local: SocketAddr,
    pub remote: SocketAddr,
    pub inode: u64,
    state: u8,
}

impl Row {
    pub fn is_listening(&self) -> bool {
        self.state == LISTEN
    }

    pub fn is_connecting(&self) -> bool {
        self.state == SYN_SENT
    }

    pub fn is_connected(&self) -> bool {
        self.state >= ESTABLISHED && !self.is_connecting() && !self.is_listening()
    }
}

/// All sockets of this machine that a process has; those that are only closing have no inode.
pub fn read() -> Vec<Row> {
    read_tables("/proc/net")
}

/// All sockets of the network that a process is in.
pub fn of(pid: Pid) -> Vec<Row> {
    read_tables(&format!("/proc/{pid}/net"))
}

fn read_tables(directory: &str) -> Vec<Row> {
    ["tcp", "tcp6"]
        .iter()
        .filter_map(|name| fs::read_to_string(format!("{directory}/{name}")).ok())
        .flat_map(|table| {
            let lines = table.lines().skip(1).filter(|line| !is_closing(line));
            lines.filter_map(parse).collect::<Vec<_>>()
        })
        .filter(|row| row.inode != 0)
        .collect()
}

/// A busy machine has thousands of sockets that only wait for their time to pass.
fn is_closing(line: &str) -> bool {
    const TIME_WAIT: &str = "06";
    line.split_ascii_whitespace().nth(3) == Some(TIME_WAIT)
}

fn parse(line: &str) -> Option<Row> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    Some(Row {
        local: parse_address(fields.get(1)?)?,
        remote: parse_address(fields.get(2)?)?,
        state: u8::from_str_radix(fields.get(3)?, 16).ok()?,
        inode: fields.get(9)?.parse().ok()?,
    })
}

/// Addresses are words in the machine's byte order, in hexadecimal.
fn parse_address(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let words: Vec<[u8; 4]> = (0..address.len())
        .step_by(8)
        .map(|at| {
            Some(
                u32::from_str_radix(address.get(at..at + 8)?, 16)
                    .ok()?
                    .to_ne_bytes(),
            )
        })
        .collect::<Option<_>>()?;
    let ip: IpAddr = match words.as_slice() {
        [word] => Ipv4Addr::from(*word).into(),
        words => Ipv6Addr::from(<[u8; 16]>::try_from(words.concat()).ok()?).to_canonical(),
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_and_its_client_are_found() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = std::net::TcpListener::bind(address) else {
                continue;
            };
            let at = listener.local_addr().unwrap();
            let client = std::net::TcpStream::connect(at).unwrap();
            let rows = read();
            assert!(rows.iter().any(|row| row.is_listening() && row.local == at));
            let own = client.local_addr().unwrap();
            let row = rows.iter().find(|row| row.local == own).unwrap();
            assert!(row.remote == at && row.is_connected() && !row.is_connecting());
        }
    }

    #[test]
    fn addresses() {
        if cfg!(target_endian = "little") {
            assert_eq!(
                parse_address("0100007F:1F90"),
                Some("127.0.0.1:8080".parse().unwrap())
            );
            let mapped = parse_address("0000000000000000FFFF00000100007F:0050");
            assert_eq!(mapped, Some("127.0.0.1:80".parse().unwrap()));
        }
        assert_eq!(parse_address("nonsense"), None);
    }
}
