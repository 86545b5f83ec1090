//! The names under which a sandbox found the addresses that it goes to: what resolvers answered it.

use std::collections::HashMap;
use std::fs;
use std::net::Ipv4Addr;

/// Addresses that are kept, and names of each: whoever asks for more forgets the others.
const MAX_ADDRESSES: usize = 4096;
const MAX_NAMES: usize = 8;

#[derive(Debug, Default)]
pub struct Lookups {
    /// The latest name last.
    names: HashMap<Ipv4Addr, Vec<String>>,
}

impl Lookups {
    /// With what this machine knows without asking.
    pub fn new() -> Self {
        let mut lookups = Self::default();
        let hosts = fs::read_to_string("/etc/hosts").unwrap_or_default();
        for line in hosts.lines().filter_map(|line| line.split('#').next()) {
            let mut fields = line.split_whitespace();
            if let Some(Ok(address)) = fields.next().map(str::parse) {
                fields.for_each(|name| lookups.add(address, name.to_ascii_lowercase()));
            }
        }
        lookups
    }

    pub fn names_of(&self, address: Ipv4Addr) -> &[String] {
        self.names.get(&address).map_or(&[], Vec::as_slice)
    }

    /// Notes what a resolver's answer says.
    pub fn learn(&mut self, answer: &[u8]) {
        if let Some((name, addresses)) = read_answer(answer) {
            for address in addresses {
                self.add(address, name.clone());
            }
        }
    }

    fn add(&mut self, address: Ipv4Addr, name: String) {
        if self.names.len() >= MAX_ADDRESSES && !self.names.contains_key(&address) {
            self.names.clear();
        }
        let names = self.names.entry(address).or_default();
        names.retain(|known| *known != name);
        names.push(name);
        if names.len() > MAX_NAMES {
            names.remove(0);
        }
    }
}

/// The name that was asked for and its IPv4 addresses, through whatever aliases.
fn read_answer(message: &[u8]) -> Option<(String, Vec<Ipv4Addr>)> {
    const ANSWER: u8 = 0x80;
    const ERROR: u8 = 0x0F;
    const ADDRESS_RECORD: u16 = 1;
    let mut rest = Reader(message);
    rest.take(2)?;
    let flags = rest.take(2)?;
    let (high, low) = (*flags.first()?, *flags.last()?);
    let (questions, answers) = (rest.word()?, rest.word()?);
    rest.take(4)?;
    if high & ANSWER == 0 || low & ERROR != 0 || questions != 1 {
        return None;
    }
    let name = rest.name()?;
    rest.take(4)?;
    let mut addresses = Vec::new();
    for _ in 0..answers {
        let Some((kind, data)) = rest.record() else {
            break;
        };
        if let (ADDRESS_RECORD, Ok(octets)) = (kind, <[u8; 4]>::try_from(data)) {
            addresses.push(octets.into());
        }
    }
    Some((name, addresses))
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn word(&mut self) -> Option<u16> {
        let pair = self.take(2)?.try_into().ok()?;
        Some(u16::from_be_bytes(pair))
    }

    fn label(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(*self.take(1)?.first()?);
        self.take(length)
    }

    /// A name that is written out.
    fn name(&mut self) -> Option<String> {
        let mut labels = Vec::new();
        loop {
            match self.label()? {
                [] => return Some(labels.join(".").to_ascii_lowercase()),
                label if label.len() < 64 => labels.push(String::from_utf8_lossy(label)),
                _ => return None,
            }
        }
    }

    /// Passes over a name that may refer to one before it.
    fn skip_name(&mut self) -> Option<()> {
        loop {
            match usize::from(*self.take(1)?.first()?) {
                0 => return Some(()),
                192.. => return self.take(1).map(drop),
                length => self.take(length)?,
            };
        }
    }

    fn record(&mut self) -> Option<(u16, &'a [u8])> {
        self.skip_name()?;
        let kind = self.word()?;
        // Its class and how long it lasts.
        self.take(6)?;
        let length = self.word()?;
        Some((kind, self.take(length.into())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Www.Example.test` is an alias of `example.test`, at 192.0.2.1 and 192.0.2.2.
    fn answer() -> Vec<u8> {
        let mut message = vec![0, 1, 0x81, 0x80, 0, 1, 0, 3, 0, 0, 0, 0];
        message.extend(b"\x03Www\x07Example\x04test\0\0\x01\0\x01");
        message.extend(b"\xC0\x0C\0\x05\0\x01\0\0\0\x3C\0\x02\xC0\x10");
        for last in [1, 2] {
            message.extend(b"\xC0\x10\0\x01\0\x01\0\0\0\x3C\0\x04");
            message.extend([192, 0, 2, last]);
        }
        message
    }

    #[test]
    fn answers_name_addresses() {
        let mut lookups = Lookups::default();
        lookups.learn(&answer());
        for last in [1, 2] {
            assert_eq!(
                lookups.names_of([192, 0, 2, last].into()),
                ["www.example.test"]
            );
        }
        assert!(lookups.names_of([192, 0, 2, 3].into()).is_empty());
        for length in 0..answer().len() {
            Lookups::default().learn(&answer()[..length]);
        }
        let mut question = answer();
        question[2] = 1;
        assert_eq!(read_answer(&question), None);
    }

    #[test]
    fn no_flood_of_names_fills_the_memory() {
        let mut lookups = Lookups::default();
        for number in 0..10_000 {
            lookups.add(Ipv4Addr::from_bits(number), "a".to_owned());
            lookups.add(Ipv4Addr::LOCALHOST, number.to_string());
        }
        assert!(lookups.names.len() <= MAX_ADDRESSES);
        assert!(
            lookups
                .names_of(Ipv4Addr::LOCALHOST)
                .contains(&"9999".to_owned())
        );
        assert!(lookups.names_of(Ipv4Addr::LOCALHOST).len() <= MAX_NAMES);
    }
}
