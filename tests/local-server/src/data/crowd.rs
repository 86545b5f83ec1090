//! How many WebSockets are open, to a sandbox and from an address.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use super::error::{Plain, PlainResult};
use crate::options::Options;

/// The sockets that are open.
#[derive(Debug, Clone, Default)]
pub struct Crowd(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    sandboxes: HashMap<Uuid, usize>,
    addresses: HashMap<IpAddr, usize>,
}

/// One socket's place, free again when it is dropped.
#[derive(Debug)]
pub struct Place {
    crowd: Crowd,
    sandbox: Uuid,
    address: IpAddr,
}

impl Crowd {
    pub fn enter(&self, sandbox: Uuid, address: IpAddr, limits: &Options) -> PlainResult<Place> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_sandbox = counts.sandboxes.get(&sandbox).copied().unwrap_or(0);
        let of_address = counts.addresses.get(&address).copied().unwrap_or(0);
        if of_sandbox >= limits.max_sockets_per_sandbox {
            return Err(Plain::too_many("too many connections to this sandbox"));
        }
        if of_address >= limits.max_sockets_per_address {
            return Err(Plain::too_many("too many connections from this address"));
        }
        counts.sandboxes.insert(sandbox, of_sandbox + 1);
        counts.addresses.insert(address, of_address + 1);
        Ok(Place {
            crowd: self.clone(),
            sandbox,
            address,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.crowd.0.lock().unwrap_or_else(PoisonError::into_inner);
        leave(&mut counts.sandboxes, &self.sandbox);
        leave(&mut counts.addresses, &self.address);
    }
}

fn leave<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}
