//! Strings put together without `core::fmt` and `slice::concat`, which would add several KB to the module.

use alloc::string::String;

use crate::json;

/// The parts, one after another.
pub fn concat(parts: &[&str]) -> String {
    let mut out = String::with_capacity(parts.iter().map(|part| part.len()).sum());
    out.extend(parts.iter().copied());
    out
}

/// A number in decimal.
pub fn number(number: u64) -> String {
    let mut out = String::new();
    json::write_number(&mut out, number);
    out
}
