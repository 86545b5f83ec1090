//! Records of pax headers: `length key=value\n`.

use alloc::vec::Vec;

/// The record of a time with a fraction: whole seconds, and thousandths.
pub fn mtime(seconds: i64, thousandths: i64) -> Vec<u8> {
    // The fraction counts towards zero, as the sign is of the whole.
    let (seconds, thousandths, sign) = if seconds < 0 {
        (-(seconds + 1), 1000 - thousandths, &b"-"[..])
    } else {
        (seconds, thousandths, &b""[..])
    };
    let mut value = b"mtime=".to_vec();
    value.extend_from_slice(sign);
    decimal(seconds.unsigned_abs(), 1, &mut value);
    value.push(b'.');
    decimal(thousandths.unsigned_abs(), 3, &mut value);
    value.push(b'\n');
    let mut record = Vec::new();
    // Two digits and a space: no time is so long that its record has three.
    decimal(value.len() as u64 + 3, 2, &mut record);
    record.push(b' ');
    record.extend_from_slice(&value);
    record
}

/// Writes a number with so many digits at least.
fn decimal(mut value: u64, least: usize, out: &mut Vec<u8>) {
    let start = out.len();
    while value > 0 || out.len() < start + least {
        out.push(b'0' + (value % 10) as u8);
        value /= 10;
    }
    if let Some(digits) = out.get_mut(start..) {
        digits.reverse();
    }
}

/// The first record, as key and value, and what comes after it. None for what is none.
pub fn record(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = text.iter().position(|&byte| byte == b' ')?;
    let length = usize::try_from(whole(text.get(..space)?)?).ok()?;
    let (record, rest) = text.split_at_checked(length)?;
    let body = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = body.iter().position(|&byte| byte == b'=')?;
    Some((body.get(..equals)?, body.get(equals + 1..)?, rest))
}

/// A whole number in decimal digits.
pub fn whole(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    let mut value: u64 = 0;
    for &byte in text {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
    }
    Some(value)
}

/// A time in seconds, perhaps with a fraction, in milliseconds: what is less is cut off, towards the past.
pub fn millis(text: &[u8]) -> Option<i64> {
    let (is_before, text) = match text.strip_prefix(b"-") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let dot = text.iter().position(|&byte| byte == b'.');
    let seconds = whole(text.get(..dot.unwrap_or(text.len()))?)?;
    let fraction = dot.and_then(|dot| text.get(dot + 1..)).unwrap_or_default();
    let mut thousandths = 0;
    let mut is_more = false;
    for at in 0..fraction.len().max(3) {
        let digit = match fraction.get(at) {
            Some(byte) if byte.is_ascii_digit() => i64::from(byte - b'0'),
            Some(_) => return None,
            None => 0,
        };
        if at < 3 {
            thousandths = thousandths * 10 + digit;
        } else {
            is_more |= digit > 0;
        }
    }
    let millis = i64::try_from(seconds).ok()?.checked_mul(1000)?;
    let millis = millis.checked_add(thousandths)?;
    Some(if is_before {
        -millis - i64::from(is_more)
    } else {
        millis
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_it_was_written() {
        for ms in [
            1,
            999,
            1001,
            1_700_000_000_123,
            -1,
            -999,
            -1001,
            -1_000_000_001,
        ] {
            let written = mtime(i64::div_euclid(ms, 1000), i64::rem_euclid(ms, 1000));
            let (key, value, rest) = record(&written).unwrap();
            assert_eq!((key, rest), (&b"mtime"[..], &b""[..]));
            assert_eq!(
                millis(value),
                Some(ms),
                "{:?}",
                value.escape_ascii().to_string()
            );
        }
    }

    #[test]
    fn records_are_as_long_as_they_say() {
        let (key, value, rest) = record(b"12 path=a\nb\n9 size=1\n").unwrap();
        assert_eq!(
            (key, value, rest),
            (&b"path"[..], &b"a\nb"[..], &b"9 size=1\n"[..])
        );
        for bad in [
            &b""[..],
            b"12",
            b"12 ",
            b"x path=a\n",
            b"99 path=a\n",
            b"8 path=a\n",
            b"10 pathaaa\n",
            b"0 ",
            b"2 \n",
            b"99999999999999999999999 path=a\n",
        ] {
            assert_eq!(record(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn times_are_cut_to_milliseconds() {
        for (text, expected) in [
            ("0", Some(0)),
            ("1.5", Some(1500)),
            ("1.123456789", Some(1123)),
            ("-1.0005", Some(-1001)),
            ("1.", Some(1000)),
            ("", None),
            ("1.x", None),
            (".5", None),
            ("1e3", None),
        ] {
            assert_eq!(millis(text.as_bytes()), expected, "{text}");
        }
    }
}
