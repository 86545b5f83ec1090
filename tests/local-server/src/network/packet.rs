//! IPv4 packets: read, given other addresses, made.

use std::net::{Ipv4Addr, SocketAddrV4};

pub const TCP: u8 = 6;
pub const UDP: u8 = 17;

const IP_HEADER: usize = 20;
const UDP_HEADER: usize = 8;
const TCP_HEADER: usize = 20;

const SYN: u8 = 2;
const RST: u8 = 4;
const ACK: u8 = 16;

/// Offsets in the header of IP.
const TOTAL_LENGTH: usize = 2;
const FRAGMENT: usize = 6;
const PROTOCOL: usize = 9;
const IP_CHECKSUM: usize = 10;
const SOURCE: usize = 12;
const DESTINATION: usize = 16;

/// A whole packet of TCP or UDP.
#[derive(Debug)]
pub struct Packet<'a> {
    bytes: &'a mut [u8],
    /// How long the header of IP is.
    header: usize,
    pub protocol: u8,
}

/// One end of a packet's way.
#[derive(Debug, Clone, Copy)]
pub enum End {
    Source,
    Destination,
}

impl<'a> Packet<'a> {
    /// `None` for all that is not whole, or neither TCP nor UDP over IPv4.
    pub fn parse(bytes: &'a mut [u8]) -> Option<Self> {
        let first = *bytes.first()?;
        let header = usize::from(first & 15) * 4;
        let total = usize::from(word(bytes, TOTAL_LENGTH)?);
        let protocol = *bytes.get(PROTOCOL)?;
        let transport = match protocol {
            TCP => TCP_HEADER,
            UDP => UDP_HEADER,
            _ => return None,
        };
        // All bits of the word but the one that forbids to divide the packet.
        let divided = word(bytes, FRAGMENT)? & 0xBFFF != 0;
        let fits = header >= IP_HEADER && header + transport <= total;
        if first >> 4 != 4 || divided || !fits {
            return None;
        }
        Some(Self {
            bytes: bytes.get_mut(..total)?,
            header,
            protocol,
        })
    }

    pub fn bytes(&self) -> &[u8] {
        self.bytes
    }

    pub fn end(&self, end: End) -> SocketAddrV4 {
        let (address, port) = self.places(end);
        let octets = self.bytes.get(address..).and_then(<[u8]>::first_chunk);
        let ip = octets
            .copied()
            .map_or(Ipv4Addr::UNSPECIFIED, |octets: [u8; 4]| octets.into());
        SocketAddrV4::new(ip, word(self.bytes, port).unwrap_or_default())
    }

    /// Puts another address and port in place of one; the checksums go along.
    pub fn set_end(&mut self, end: End, to: SocketAddrV4) {
        let (address, port) = self.places(end);
        let transport_checksum = self.header + if self.protocol == TCP { 16 } else { 6 };
        let octets = to.ip().octets();
        self.replace(address, octets, &[IP_CHECKSUM, transport_checksum]);
        self.replace(port, to.port().to_be_bytes(), &[transport_checksum]);
    }

    /// Whether the packet begins a connection.
    pub fn is_first(&self) -> bool {
        self.flags() & (SYN | ACK | RST) == SYN
    }

    /// What a datagram says.
    pub fn datagram(&self) -> &[u8] {
        self.bytes
            .get(self.header + UDP_HEADER..)
            .unwrap_or_default()
    }

    /// The answer of a host that takes no connection.
    pub fn refusal(&self) -> Vec<u8> {
        let sequence = self
            .bytes
            .get(self.header + 4..)
            .and_then(<[u8]>::first_chunk);
        let sequence = sequence.copied().map_or(0, u32::from_be_bytes);
        let (from, to) = (self.end(End::Destination), self.end(End::Source));
        let mut tcp = [0; TCP_HEADER];
        put(&mut tcp, 0, from.port().to_be_bytes());
        put(&mut tcp, 2, to.port().to_be_bytes());
        put(&mut tcp, 8, sequence.wrapping_add(1).to_be_bytes());
        put(&mut tcp, 12, [5 << 4, RST | ACK]);
        let mut pseudo = [0; 12];
        put(&mut pseudo, 0, from.ip().octets());
        put(&mut pseudo, 4, to.ip().octets());
        put(&mut pseudo, 8, [0, TCP, 0, TCP_HEADER as u8]);
        let checksum = !folded(sum(&pseudo) + sum(&tcp));
        put(&mut tcp, 16, checksum.to_be_bytes());
        packet(TCP, *from.ip(), *to.ip(), &tcp)
    }

    fn flags(&self) -> u8 {
        self.bytes
            .get(self.header + 13)
            .copied()
            .unwrap_or_default()
    }

    fn places(&self, end: End) -> (usize, usize) {
        match end {
            End::Source => (SOURCE, self.header),
            End::Destination => (DESTINATION, self.header + 2),
        }
    }

    fn replace<const N: usize>(&mut self, at: usize, new: [u8; N], checksums: &[usize]) {
        let Some(place) = self
            .bytes
            .get_mut(at..)
            .and_then(<[u8]>::first_chunk_mut::<N>)
        else {
            return;
        };
        let old = std::mem::replace(place, new);
        for checksum in checksums {
            let before = word(self.bytes, *checksum).unwrap_or_default();
            // RFC 1624: what was there is taken out of the sum, and what is there added.
            let complement = old.map(|byte| !byte);
            let after = !folded(u32::from(!before) + sum(&complement) + sum(&new));
            put(self.bytes, *checksum, after.to_be_bytes());
        }
    }
}

/// A datagram as a packet; `None` if it is too long for one.
pub fn datagram(from: SocketAddrV4, to: SocketAddrV4, content: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(content.len() + UDP_HEADER).ok()?;
    u16::try_from(content.len() + UDP_HEADER + IP_HEADER).ok()?;
    let mut udp = vec![0; UDP_HEADER];
    put(&mut udp, 0, from.port().to_be_bytes());
    put(&mut udp, 2, to.port().to_be_bytes());
    put(&mut udp, 4, length.to_be_bytes());
    // Its checksum stays zero: over IPv4 there may be none.
    udp.extend(content);
    Some(packet(UDP, *from.ip(), *to.ip(), &udp))
}

fn packet(protocol: u8, from: Ipv4Addr, to: Ipv4Addr, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; IP_HEADER];
    let total = u16::try_from(IP_HEADER + content.len()).unwrap_or_default();
    put(&mut bytes, 0, [4 << 4 | 5]);
    put(&mut bytes, TOTAL_LENGTH, total.to_be_bytes());
    // A life of 64 steps.
    put(&mut bytes, 8, [64, protocol]);
    put(&mut bytes, SOURCE, from.octets());
    put(&mut bytes, DESTINATION, to.octets());
    let checksum = !folded(sum(&bytes));
    put(&mut bytes, IP_CHECKSUM, checksum.to_be_bytes());
    bytes.extend(content);
    bytes
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    bytes
        .get(at..)?
        .first_chunk()
        .map(|pair| u16::from_be_bytes(*pair))
}

fn put<const N: usize>(bytes: &mut [u8], at: usize, value: [u8; N]) {
    if let Some(place) = bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *place = value;
    }
}

/// The sum of all words, an odd last byte as the first of one.
fn sum(bytes: &[u8]) -> u32 {
    let words = bytes.chunks(2).map(|pair| match pair {
        [high, low] => u32::from(u16::from_be_bytes([*high, *low])),
        [high] => u32::from(*high) << 8,
        _ => 0,
    });
    words.sum()
}

/// A sum in one word, what ran over added at its end.
fn folded(sum: u32) -> u16 {
    let once = (sum & 0xFFFF) + (sum >> 16);
    ((once & 0xFFFF) + (once >> 16)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddrV4 {
        text.parse().unwrap()
    }

    fn is_sound(packet: &Packet) -> bool {
        let content = &packet.bytes[packet.header..];
        let mut pseudo = packet.bytes[SOURCE..SOURCE + 8].to_vec();
        pseudo.extend([0, packet.protocol]);
        pseudo.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
        folded(sum(&packet.bytes[..packet.header])) == 0xFFFF
            && folded(sum(&pseudo) + sum(content)) == 0xFFFF
    }

    #[test]
    fn other_addresses_keep_the_checksums_right() {
        let (from, to) = (address("192.0.0.2:40000"), address("203.0.113.80:443"));
        let mut asked = packet(TCP, *from.ip(), *to.ip(), &{
            let mut tcp = [0; TCP_HEADER];
            put(&mut tcp, 0, from.port().to_be_bytes());
            put(&mut tcp, 2, to.port().to_be_bytes());
            put(&mut tcp, 12, [5 << 4, SYN]);
            tcp
        });
        let asked = Packet::parse(&mut asked).unwrap();
        assert!(asked.is_first());
        let mut refusal = asked.refusal();
        let mut refusal = Packet::parse(&mut refusal).unwrap();
        assert!(is_sound(&refusal) && !refusal.is_first());
        assert_eq!(
            (refusal.end(End::Source), refusal.end(End::Destination)),
            (to, from)
        );
        for (end, other) in [
            (End::Source, "0.0.0.0:0"),
            (End::Destination, "255.255.255.255:65535"),
            (End::Source, "10.1.2.3:4567"),
        ] {
            refusal.set_end(end, address(other));
            assert!(is_sound(&refusal), "{other}");
            assert_eq!(refusal.end(end), address(other));
        }
    }

    #[test]
    fn what_is_no_whole_packet_is_none() {
        let mut whole = datagram(address("1.2.3.4:5"), address("6.7.8.9:10"), b"word").unwrap();
        assert_eq!(Packet::parse(&mut whole).unwrap().datagram(), b"word");
        for length in 0..whole.len() {
            assert!(
                Packet::parse(&mut whole[..length].to_vec()).is_none(),
                "{length}"
            );
        }
        for (at, value) in [
            (0, 0x65),
            (0, 0x44),
            (FRAGMENT, 0x20),
            (PROTOCOL, 1),
            (3, 27),
        ] {
            let mut bad = whole.clone();
            bad[at] = value;
            assert!(Packet::parse(&mut bad).is_none(), "{at}");
        }
        assert!(datagram(address("1.2.3.4:5"), address("6.7.8.9:10"), &[0; 65_508]).is_none());
    }
}
