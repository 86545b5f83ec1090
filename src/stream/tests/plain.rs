//! A million events, usual and not, in chunks of any size: what comes of them is what a plain parser makes of the whole.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::Value;
use superserve_stream::{Batch, EVENT, Events, STDERR, STDOUT};

const EVENTS: usize = 1_000_000;
const OF_A_TRANSCRIPT: usize = 2_000;

/// Numbers that look random, the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// Once in so many times.
    fn once(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// Adds what may stand between the quotes of a string; rarely what may not.
fn push_text(random: &mut Random, out: &mut Vec<u8>) {
    let length = match random.below(4_000) {
        0 => 20_000,
        1..1_000 => 0,
        1_000..3_000 => 3,
        _ => 12,
    };
    let kind = random.below(4);
    for _ in 0..length {
        match (kind, random.below(12)) {
            (0, _) | (_, 0..4) => out.extend(
                random
                    .one(&[
                        "a",
                        "word ",
                        "{",
                        "}",
                        "data:",
                        "0123456789abcdef",
                        "/",
                        "\u{7f}",
                    ])
                    .bytes(),
            ),
            (1, _) | (_, 4..8) => out.extend(
                random
                    .one(&[
                        r"\n", r"\r", r"\t", r"\b", r"\f", r"\/", r"\\", "\\\"", r"\u0000",
                        r"\u001b", r"\u0041", r"\u007F",
                    ])
                    .bytes(),
            ),
            (2, _) | (_, 8..11) => out.extend(
                random
                    .one(&[
                        "\u{e9}",
                        "\u{7ff}",
                        "\u{800}",
                        "\u{ffff}",
                        "\u{feff}",
                        "\u{2028}",
                        "\u{10000}",
                        "\u{10ffff}",
                        r"\u00e9",
                        r"\uD83D\uDE00",
                        r"\uFFFD",
                        r"\uFEFF",
                    ])
                    .bytes(),
            ),
            _ if random.once(400) => out.extend(random.one::<&[u8]>(&[
                br"\uD800",
                br"\udfff",
                br"\uD800\uD800",
                br"\uDE00\uD83D",
                br"\uD83Dx",
                br"\uD83D\n",
                br"\x",
                br"\u12",
                b"\x01",
                b"\x80",
                b"\xC3",
                b"\xC0\xAF",
                b"\xED\xA0\x80",
                b"\xF4\x90\x80\x80",
                b"\xF8",
                b"\xE2\x82",
                b"\xE0\x80\x80",
                b"\"",
            ])),
            _ => out.push(b'z'),
        }
    }
}

fn push_member(random: &mut Random, out: &mut Vec<u8>) {
    let name = if random.once(6) {
        random.one(&["error", "finished", "exit_code", "new", r"std\u006fut", ""])
    } else {
        random.one(&["stdout", "stderr", "timestamp"])
    };
    let space = |random: &mut Random| random.one(&["", "", "", "", " ", "\t"]);
    out.extend(format!("\"{name}\"{}:{}", space(random), space(random)).bytes());
    if random.once(30) || matches!(name, "exit_code" | "finished") {
        out.extend(
            random
                .one(&[
                    "0",
                    "-1",
                    "false",
                    "null",
                    "null",
                    "127",
                    "true",
                    "1.5",
                    "1e3",
                    "01",
                    "{\"stdout\":\"in\"}",
                    "[\"x\"]",
                    "nul",
                ])
                .bytes(),
        );
    } else {
        out.push(b'"');
        push_text(random, out);
        out.push(b'"');
    }
}

fn push_event(random: &mut Random, out: &mut Vec<u8>) {
    let end = random.one(&["\n", "\n", "\n", "\n", "\n", "\r\n", "\r"]);
    if random.once(30) {
        let line = random.one(&[
            ": a comment",
            "event: x",
            "id",
            "retry: 5",
            "data",
            "data:",
            "data: [1]",
            "data: no",
            "datax: y",
            "\u{feff}data: z",
        ]);
        out.extend(format!("{line}{end}").bytes());
    }
    out.extend(
        random
            .one(&["data: ", "data: ", "data:", "data: \t"])
            .bytes(),
    );
    out.extend(random.one(&["{", "{", "{ "]).bytes());
    for member in 0..random.one(&[1, 1, 2, 2, 2, 3, 0]) {
        if member > 0 {
            // JSON may be spread over lines.
            let next = if random.once(40) {
                format!("{end}data:")
            } else {
                String::new()
            };
            out.extend(format!(",{next}").bytes());
        }
        push_member(random, out);
    }
    let ends = if random.once(20) {
        &["} ", "\t}", "", "}x"]
    } else {
        &["}"; 4]
    };
    out.extend(random.one(ends).bytes());
    out.extend(format!("{end}{end}").bytes());
}

/// The data of each event, by the rules of server-sent events, of the whole at once.
fn plain_data(wire: &[u8]) -> Vec<Vec<u8>> {
    let wire = wire.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(wire);
    let mut lines = vec![Vec::new()];
    let mut after_cr = false;
    for &byte in wire {
        match byte {
            b'\n' if after_cr => {}
            b'\n' | b'\r' => lines.push(Vec::new()),
            _ => lines.last_mut().unwrap().push(byte),
        }
        after_cr = byte == b'\r';
    }
    lines.push(Vec::new());
    let (mut all, mut data) = (Vec::new(), Vec::<Vec<u8>>::new());
    for line in lines {
        if line.is_empty() {
            if !data.is_empty() {
                all.push(data.join(&b'\n'));
            }
            data.clear();
        } else if line == b"data" {
            data.push(Vec::new());
        } else if let Some(value) = line.strip_prefix(b"data:") {
            data.push(value.strip_prefix(b" ").unwrap_or(value).to_vec());
        }
    }
    all
}

/// JSON with another character for each half of a surrogate pair, which JavaScript's strings hold and Rust's do not.
fn without_halves(json: &str) -> String {
    let unit = |at: usize| {
        let digits = json.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut out = String::new();
    let mut at = 0;
    while let Some(char) = json[at..].chars().next() {
        let length = match (unit(at), unit(at + 6)) {
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => 12,
            (Some(0xD800..0xE000), _) => {
                out.push('\u{e000}');
                at += 6;
                continue;
            }
            _ if char == '\\' => 1 + json[at + 1..].chars().next().map_or(0, char::len_utf8),
            _ => char.len_utf8(),
        };
        out.push_str(&json[at..at + length]);
        at += length;
    }
    out
}

/// What an event says, read by a parser of JSON. What that does not take stays as it is: whoever else takes it is found out.
fn plain_event(data: &str, told: &mut Vec<(u8, String)>) {
    let Ok(Value::Object(event)) = serde_json::from_str(&without_halves(data)) else {
        if !data.is_empty() {
            told.push((0, data.to_owned()));
        }
        return;
    };
    for (channel, name) in [(STDOUT, "stdout"), (STDERR, "stderr"), (STDERR, "error")] {
        if let Some(Value::String(text)) = event.get(name)
            && !text.is_empty()
        {
            told.push((channel, text.clone()));
        }
    }
    if event.get("finished") == Some(&Value::Bool(true)) {
        told.push((
            EVENT,
            event.get("exit_code").unwrap_or(&Value::Null).to_string(),
        ));
    }
}

/// What the engine makes of a batch. Answers with how many of its pieces were whole events.
fn take(batch: &mut Batch, told: &mut Vec<(u8, String)>) -> usize {
    let (narrow, wide, pieces, kinds) = batch.parts();
    assert!(narrow.is_ascii());
    let narrow: Vec<u16> = narrow.iter().map(|byte| u16::from(*byte)).collect();
    let mut rest = [narrow.as_slice(), wide];
    let (mut seen, mut whole) = (0, 0);
    for piece in pieces {
        let rest = &mut rest[(piece >> 2 & 1) as usize];
        let (text, behind) = rest.split_at((piece >> 3) as usize);
        *rest = behind;
        // Nothing in it that a decoder of UTF-16 would replace.
        let text = String::from_utf16(text).unwrap();
        let kind = (piece & 3) as u8;
        seen |= kind;
        if kind == EVENT {
            plain_event(&text, told);
            whole += 1;
        } else {
            told.push((kind, text));
        }
    }
    assert_eq!((rest.concat().len(), seen), (0, kinds));
    batch.clear();
    whole
}

#[test]
fn a_million_events_are_read_as_a_plain_parser_reads_them() {
    let mut random = Random(18);
    let mut batch = Batch::new();
    let (mut pieces, mut whole) = (0, 0);
    for transcript in 0..EVENTS / OF_A_TRANSCRIPT {
        let mut wire = Vec::new();
        if random.once(4) {
            wire.extend("\u{feff}".bytes());
        }
        for _ in 0..OF_A_TRANSCRIPT {
            push_event(&mut random, &mut wire);
        }
        wire.truncate(wire.len() - random.below(4));
        let mut expected = Vec::new();
        for data in plain_data(&wire) {
            plain_event(&String::from_utf8_lossy(&data), &mut expected);
        }
        let mut told = Vec::new();
        let mut events = Events::default();
        let most = random.one(&[1, 7, 100, 4_096, 65_536]);
        let mut rest = wire.as_slice();
        while !rest.is_empty() {
            let (chunk, behind) = rest.split_at(rest.len().min(1 + random.below(most)));
            assert!(!events.push(chunk, &mut batch));
            whole += take(&mut batch, &mut told);
            rest = behind;
        }
        events.finish(&mut batch);
        whole += take(&mut batch, &mut told);
        let differs = told
            .iter()
            .zip(&expected)
            .position(|(one, other)| one != other);
        if let Some(at) = differs {
            panic!(
                "transcript {transcript}: {:?} where {:?} was meant",
                told[at], expected[at]
            );
        }
        assert_eq!(told.len(), expected.len(), "transcript {transcript}");
        pieces += told.len();
    }
    // Either way is gone often.
    let usual = pieces - whole;
    assert!(usual.min(whole) > EVENTS / 4, "{usual} and {whole}");
}
