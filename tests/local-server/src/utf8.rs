//! Bytes in, text out: characters never split, invalid bytes as U+FFFD.

/// Keeps the start of a character until its rest comes.
#[derive(Debug, Default)]
pub struct Utf8Decoder {
    pending: Vec<u8>,
}

impl Utf8Decoder {
    /// All text that is whole by now.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let whole = self.pending.len() - unfinished(&self.pending);
        let rest = self.pending.split_off(whole);
        let text = String::from_utf8_lossy(&self.pending).into_owned();
        self.pending = rest;
        text
    }

    /// What is left at the end: a character that never came whole.
    pub fn finish(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.pending)).into_owned()
    }
}

/// How many bytes at the end are the valid start of a character.
fn unfinished(bytes: &[u8]) -> usize {
    let tail = bytes
        .get(bytes.len().saturating_sub(3)..)
        .unwrap_or_default();
    let mut length = 0;
    for start in 0..tail.len() {
        let candidate = tail.get(start..).unwrap_or_default();
        // An error without a length means that more bytes could make it valid.
        if std::str::from_utf8(candidate)
            .is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
        {
            length = candidate.len();
            break;
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cut_gives_the_same_text() {
        let samples: [&[u8]; 6] = [
            "aé€𝄞z".as_bytes(),
            b"plain",
            b"\xff\xfe ok \xc3",
            b"\xf0\x9d\x84",
            b"\xe2\x82x\xac\xe2\x82\xac",
            b"\xed\xa0\x80\xf4\x90\x80\x80\xc0\xaf",
        ];
        for bytes in samples {
            let whole = String::from_utf8_lossy(bytes);
            for first in 0..=bytes.len() {
                for second in first..=bytes.len() {
                    let mut decoder = Utf8Decoder::default();
                    let mut text = decoder.push(&bytes[..first]);
                    text += &decoder.push(&bytes[first..second]);
                    text += &decoder.push(&bytes[second..]);
                    text += &decoder.finish();
                    assert_eq!(text, whole, "{bytes:?} cut at {first} and {second}");
                }
            }
        }
    }

    #[test]
    fn a_whole_character_does_not_wait() {
        let mut decoder = Utf8Decoder::default();
        assert_eq!(decoder.push(b"a\xe2\x82"), "a");
        assert_eq!(decoder.push(b"\xac"), "€");
        assert_eq!(decoder.push(b"\xe2"), "");
        assert_eq!(decoder.finish(), "\u{fffd}");
    }
}
