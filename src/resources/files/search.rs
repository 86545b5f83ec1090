//! What is looked for: the values of the scripts that do, as their tools take them.

use alloc::string::String;
use alloc::vec::Vec;

use super::glob;
use crate::protocol::error::Error;
use crate::protocol::text::has;

/// Where a script that looks for something has patterns for names: one, by that name, and from a place on those of what is
/// ignored.
pub fn places(script: &str) -> Option<(usize, &'static str, usize)> {
    match script {
        "/files/list" => Some((3, "pattern", 4)),
        "/files/find" => Some((1, "pattern", 5)),
        "/files/grep" => Some((2, "glob", 8)),
        _ => None,
    }
}

/// Makes the values of such a script what its tools take.
///
/// # Errors
/// `InvalidArgument` for what is no pattern.
pub fn prepare(script: &str, values: &mut Vec<String>) -> Result<(), Error> {
    let Some((own, name, ignored)) = places(script) else {
        return Ok(());
    };
    let mut all = Vec::new();
    for (place, value) in values.iter_mut().enumerate() {
        if place >= ignored {
            glob(&mut all, "ignore", value)?;
        } else if place == own {
            let mut one = Vec::new();
            glob(&mut one, name, value)?;
            *value = text(one);
        }
    }
    values.truncate(ignored);
    values.push(text(all));
    if let ("/files/grep", [_, pattern, _, _, regex, ..]) = (script, values.as_mut_slice()) {
        *pattern = expression(pattern, regex == "1")?;
    }
    Ok(())
}

/// Adds the expression of a pattern as one more alternative; nothing, for an empty one.
fn glob(out: &mut Vec<u8>, name: &str, pattern: &str) -> Result<(), Error> {
    if pattern.is_empty() {
        return Ok(());
    }
    if !out.is_empty() {
        out.extend_from_slice(b"\\|");
    }
    let added = glob::expression(out, pattern.as_bytes());
    added.ok_or_else(|| Error::must(name, "be a pattern"))
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}

/// What `grep -E` takes for a text or an expression.
fn expression(pattern: &str, is_regex: bool) -> Result<String, Error> {
    let must = |what| Err(Error::must("pattern", what));
    // Where `grep` does not tell the place, `sed` does, to which these two would end the pattern.
    if pattern.is_empty() || has(pattern, b"\n\x01") {
        return must("be some text of one line, without U+0001");
    }
    let mut out = Vec::with_capacity(2 * pattern.len());
    let mut is_escaped = false;
    for byte in pattern.bytes() {
        let means = b"\\.[()*+?{^$|".contains(&byte);
        if !is_regex && means {
            out.push(b'\\');
        }
        // It stands in a group of its own.
        if is_escaped && byte.is_ascii_digit() {
            return must("have no back reference");
        }
        is_escaped = is_regex && byte == b'\\' && !is_escaped;
        out.push(byte);
    }
    Ok(text(out))
}

/// The number that a value has in digits.
pub fn number(values: &[String], place: usize) -> u32 {
    digits(values.get(place).map_or(b"", |value| value.as_bytes()))
}

/// The number of those digits.
pub fn digits(digits: &[u8]) -> u32 {
    let add = |number: u32, digit: &u8| number.wrapping_mul(10).wrapping_add(u32::from(digit & 15));
    digits.iter().fold(0, add)
}
