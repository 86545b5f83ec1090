//! Strings put together without `core::fmt` and `slice::concat`, which would add several KB to the module.

use alloc::string::String;

/// The parts, one after another.
pub fn concat(parts: &[&str]) -> String {
    let mut out = String::with_capacity(parts.iter().map(|part| part.len()).sum());
    out.extend(parts.iter().copied());
    out
}

/// A number in decimal.
pub fn number(number: u64) -> String {
    let mut out = if number < 10 {
        String::new()
    } else {
        self::number(number / 10)
    };
    out.push(char::from(b'0' + (number % 10) as u8));
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_are_decimal() {
        for number in [0, 7, 10, 4_294_967_295, 9_007_199_254_740_993, u64::MAX] {
            assert_eq!(super::number(number), number.to_string());
        }
    }
}
