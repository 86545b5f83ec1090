//! Strings without `core::fmt`, which would add several KB to the module.

use alloc::string::String;

use crate::json;

/// The parts, one after another.
pub fn concat(parts: &[&str]) -> String {
    parts.concat()
}

/// A number in decimal.
pub fn number(number: u64) -> String {
    let mut out = String::new();
    json::write_number(&mut out, number);
    out
}
