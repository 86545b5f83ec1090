//! One rule.

use alloc::vec::Vec;

/// What a segment of a path is held against.
#[derive(Debug)]
enum Segment {
    /// Any number of segments.
    Any,
    /// One, of these characters.
    One(Vec<Token>),
}

#[derive(Debug)]
enum Token {
    /// Any number of bytes.
    Star,
    /// Any byte.
    Any,
    Byte(u8),
    /// One of the set, or none of it.
    Set {
        is_negated: bool,
        ranges: Vec<(u8, u8)>,
    },
    /// Nothing: what git holds to be no pattern.
    Never,
}

/// A line of a file of rules.
#[derive(Debug)]
pub struct Pattern {
    /// Whether it takes back what another left out.
    pub is_negated: bool,
    /// Whether it is for directories only.
    is_for_directories: bool,
    /// Whether it is held against the whole path below its file, or against the last segment of it.
    is_anchored: bool,
    /// What the path begins with, before the first character that stands for others.
    prefix: Vec<u8>,
    segments: Vec<Segment>,
}

impl Pattern {
    /// None for a line that says nothing.
    pub fn of_line(line: &[u8]) -> Option<Self> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.starts_with(b"#") {
            return None;
        }
        let line = trimmed(line);
        let (is_negated, line) = match line.strip_prefix(b"!") {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let (is_for_directories, line) = match line.strip_suffix(b"/") {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let is_anchored = line.contains(&b'/');
        let line = line.strip_prefix(b"/").unwrap_or(line);
        if line.is_empty() {
            return None;
        }
        // As git does it, so that `a**/b` is what it is there: `**/b` after an `a`.
        let special = line.iter().position(|byte| b"*?[\\".contains(byte));
        let end = special.filter(|_| is_anchored).unwrap_or_default();
        let (prefix, line) = line.split_at_checked(end)?;
        let mut segments = segments(line);
        if is_anchored && matches!(segments.last(), Some(Segment::Any)) {
            // What is in a directory, not the directory.
            segments.push(Segment::One([Token::Star].into()));
        }
        Some(Self {
            is_negated,
            is_for_directories,
            is_anchored,
            prefix: prefix.to_vec(),
            segments,
        })
    }

    /// Whether it is about that path below its file.
    pub fn fits(&self, path: &[u8], is_directory: bool) -> bool {
        if self.is_for_directories && !is_directory {
            return false;
        }
        let Some(path) = path.strip_prefix(&self.prefix[..]) else {
            return false;
        };
        let mut parts: Vec<&[u8]> = path.split(|&byte| byte == b'/').collect();
        if !self.is_anchored {
            parts.drain(..parts.len() - 1);
        }
        let fits = |segment: &Segment, part: &&[u8]| match segment {
            Segment::Any => true,
            Segment::One(tokens) => {
                let is_star = |token: &Token| matches!(token, Token::Star);
                matches(tokens, part, is_star, |token, byte| token.fits(*byte))
            }
        };
        matches(
            &self.segments,
            &parts,
            |one| matches!(one, Segment::Any),
            fits,
        )
    }
}

impl Token {
    fn fits(&self, byte: u8) -> bool {
        match self {
            Self::Star | Self::Never => false,
            Self::Any => true,
            Self::Byte(own) => *own == byte,
            Self::Set { is_negated, ranges } => {
                ranges
                    .iter()
                    .any(|(first, last)| (*first..=*last).contains(&byte))
                    != *is_negated
            }
        }
    }
}

/// Whether all items fit the pattern, of which those that are stars stand for any number. A star takes one more item only
/// where the rest does not fit, and only the last star does: so a pattern never takes longer than its length times theirs.
fn matches<P, I>(
    pattern: &[P],
    items: &[I],
    is_star: impl Fn(&P) -> bool,
    fits: impl Fn(&P, &I) -> bool,
) -> bool {
    let (mut at, mut item) = (0, 0);
    let mut star = None;
    loop {
        let own = pattern.get(at);
        if own.is_some_and(&is_star) {
            at += 1;
            star = Some((at, item));
            continue;
        }
        match (own, items.get(item)) {
            (None, None) => return true,
            (Some(own), Some(given)) if fits(own, given) => {
                at += 1;
                item += 1;
                continue;
            }
            _ => {}
        }
        let Some((after, taken)) = star else {
            return false;
        };
        if taken >= items.len() {
            return false;
        }
        star = Some((after, taken + 1));
        (at, item) = (after, taken + 1);
    }
}

/// A line without the spaces at its end, unless they are escaped.
fn trimmed(line: &[u8]) -> &[u8] {
    let (mut at, mut end) = (0, 0);
    while let Some(&byte) = line.get(at) {
        at += if byte == b'\\' { 2 } else { 1 };
        if byte != b' ' {
            end = at;
        }
    }
    line.get(..end).unwrap_or(line)
}

fn segments(line: &[u8]) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut tokens = Vec::new();
    let mut rest = line;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'/' => segments.push(segment(core::mem::take(&mut tokens))),
            b'*' => tokens.push(Token::Star),
            b'?' => tokens.push(Token::Any),
            b'[' => match set(rest) {
                Some((set, after)) => {
                    tokens.push(set);
                    rest = after;
                }
                None => {
                    tokens.push(Token::Never);
                    break;
                }
            },
            b'\\' => match rest.split_first() {
                Some((b'/', _)) => {}
                Some((&byte, after)) => {
                    tokens.push(Token::Byte(byte));
                    rest = after;
                }
                None => tokens.push(Token::Never),
            },
            byte => tokens.push(Token::Byte(byte)),
        }
    }
    segments.push(segment(tokens));
    segments
}

fn segment(tokens: Vec<Token>) -> Segment {
    let is_any = tokens.len() > 1 && tokens.iter().all(|token| matches!(token, Token::Star));
    if is_any {
        Segment::Any
    } else {
        Segment::One(tokens)
    }
}

/// The set that begins after a `[`, and what comes after it. None for one without an end, or with a class that there is not.
fn set(text: &[u8]) -> Option<(Token, &[u8])> {
    let (is_negated, mut rest) = match text.split_first()? {
        (b'!' | b'^', rest) => (true, rest),
        _ => (false, text),
    };
    let mut ranges = Vec::new();
    // The byte before a `-`, if one can be.
    let mut before = None;
    let mut is_first = true;
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b']' if !is_first => return Some((Token::Set { is_negated, ranges }, rest)),
            b'-' if before.is_some() && !rest.starts_with(b"]") => {
                let (mut last, mut after) = rest.split_first()?;
                if *last == b'\\' {
                    (last, after) = after.split_first()?;
                }
                rest = after;
                ranges.push((before.take()?, *last));
            }
            b'[' if rest.starts_with(b":") => match class(rest) {
                Some((name, after)) => {
                    ranges.extend_from_slice(ranges_of(name)?);
                    rest = after;
                    before = None;
                }
                // Another set's beginning ends nothing.
                None => {
                    ranges.push((b'[', b'['));
                    before = Some(b'[');
                }
            },
            mut byte => {
                if byte == b'\\' {
                    let (&next, after) = rest.split_first()?;
                    byte = next;
                    rest = after;
                }
                ranges.push((byte, byte));
                before = Some(byte);
            }
        }
        is_first = false;
    }
}

/// The name in `:name:]`, and what comes after it.
fn class(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|&byte| byte == b']')?;
    let name = text.get(..end)?.strip_prefix(b":")?.strip_suffix(b":")?;
    Some((name, text.get(end + 1..)?))
}

fn ranges_of(class: &[u8]) -> Option<&'static [(u8, u8)]> {
    Some(match class {
        b"alnum" => &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')],
        b"alpha" => &[(b'A', b'Z'), (b'a', b'z')],
        b"blank" => &[(b' ', b' '), (b'\t', b'\t')],
        b"cntrl" => &[(0, 31), (127, 127)],
        b"digit" => &[(b'0', b'9')],
        b"graph" => &[(b'!', b'~')],
        b"lower" => &[(b'a', b'z')],
        b"print" => &[(b' ', b'~')],
        b"punct" => &[(b'!', b'/'), (b':', b'@'), (b'[', b'`'), (b'{', b'~')],
        b"space" => &[(b' ', b' '), (b'\t', b'\r')],
        b"upper" => &[(b'A', b'Z')],
        b"xdigit" => &[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')],
        _ => return None,
    })
}
