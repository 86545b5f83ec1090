//! Templates that exist from the start.

use uuid::Uuid;

use crate::sandbox::record::Runtime;

/// What a sandbox is made from when its creator names nothing.
pub const DEFAULT: &str = "superserve/base";

/// Name and id; the ids are fixed, so that a program may keep them over restarts.
const SYSTEM: [(&str, Uuid); 3] = [
    (
        DEFAULT,
        Uuid::from_u128(0x5e17_0000_0000_4000_8000_0000_0000_0001),
    ),
    (
        "superserve/python-3.11",
        Uuid::from_u128(0x5e17_0000_0000_4000_8000_0000_0000_0002),
    ),
    (
        "superserve/node-22",
        Uuid::from_u128(0x5e17_0000_0000_4000_8000_0000_0000_0003),
    ),
];

/// A template by name or id.
pub fn find(name_or_id: &str) -> Option<Runtime> {
    SYSTEM
        .iter()
        .find(|(name, id)| *name == name_or_id || id.to_string() == name_or_id)
        .map(|_| Runtime {
            vcpu: 1,
            memory_mib: 1024,
            ..Runtime::default()
        })
}
