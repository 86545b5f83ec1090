//! Numbers in headers: octal digits, or where those do not suffice bytes with the highest bit set, as GNU tar has them.

/// Writes a number over the whole of `place`.
pub fn write(place: &mut [u8], value: i64) {
    let digits = place.len().saturating_sub(1);
    let fits = value >= 0 && (digits >= 21 || value >> (3 * digits) == 0);
    let mut rest = value;
    if fits {
        if let Some((end, digits)) = place.split_last_mut() {
            *end = 0;
            for digit in digits.iter_mut().rev() {
                *digit = b'0' + (rest & 7) as u8;
                rest >>= 3;
            }
        }
        return;
    }
    for byte in place.iter_mut().rev() {
        *byte = (rest & 0xff) as u8;
        rest >>= 8;
    }
    if let Some(first) = place.first_mut() {
        *first |= 0x80;
    }
}

/// Reads a number; what is left out is 0. None for what is no number, or none that fits.
pub fn read(place: &[u8]) -> Option<i64> {
    let (&first, rest) = place.split_first()?;
    if first & 0x80 != 0 {
        let mut value: i64 = if first & 0x40 == 0 {
            i64::from(first & 0x3f)
        } else {
            i64::from(first | 0x80) - 256
        };
        for &byte in rest {
            value = value.checked_mul(256)?.checked_add(i64::from(byte))?;
        }
        return Some(value);
    }
    let end = place.iter().position(|&byte| byte == 0);
    let text = place.get(..end.unwrap_or(place.len()))?.trim_ascii();
    let mut value: i64 = 0;
    for &byte in text {
        if !(b'0'..=b'7').contains(&byte) {
            return None;
        }
        value = value.checked_mul(8)?.checked_add(i64::from(byte - b'0'))?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for width in [8, 12] {
            let most = 8_i64.pow(width as u32 - 1);
            for value in [
                0,
                1,
                0o644,
                most - 1,
                most,
                most + 1,
                -1,
                -257,
                i64::MAX >> 9,
            ] {
                let mut place = vec![0; width];
                write(&mut place, value);
                if width == 12 || value < 1 << 54 {
                    assert_eq!(read(&place), Some(value), "{value} in {width}");
                }
            }
        }
    }

    #[test]
    fn reads_what_others_write() {
        for (text, value) in [
            (&b"0000644\0"[..], Some(0o644)),
            (b"   644 \0", Some(0o644)),
            (b"644 \0\0\0\0", Some(0o644)),
            (b"\0\0\0\0\0\0\0\0", Some(0)),
            (b"        ", Some(0)),
            (b"77777777", Some(0o77_777_777)),
            (b"0000648\0", None),
            (b"-0000644", None),
            (b"\x80\0\0\0\0\0\x01\0", Some(256)),
            (b"\xff\xff\xff\xff\xff\xff\xff\xfe", Some(-2)),
            (b"\xbf\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", None),
        ] {
            assert_eq!(read(text), value, "{text:?}");
        }
    }
}
