//! What changes in a directory: what a script in the sandbox tells of it, and the events between two states of that.
//!
//! The script (`src/resources/files/scripts/watch.sh`) writes messages: lines of base64, and a line that ends it, which is the
//! means by which it watches, a space, and `=` if the message is all that there is, `-` if it is what differs from the message
//! before. A message is records with a NUL behind each; of a difference one that is new begins with a tab, one that is gone
//! with none.
//!
//! What is known and not yet told is kept by path, as it was when it was last told of. So whoever is slow to ask costs no more
//! than the tree has, and hears of each path once.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::ops::Bound;

type Path = Vec<u8>;

/// What is known of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its type and permissions, which file it is (device and inode), its size, the time of its last change, its permissions
    /// as a number, its owner.
    facts: Vec<u8>,
    target: Vec<u8>,
}

/// How many facts there are.
const FACTS: usize = 6;

impl Entry {
    /// The path and the entry of a record.
    fn of(record: &[u8]) -> Option<(Path, Self)> {
        let mut end = 0;
        for _ in 0..FACTS {
            end += position(record.get(end..)?, b" ")? + 1;
        }
        let (facts, rest) = record.split_at_checked(end)?;
        let slashes = position(rest, b"//")?;
        let (path, target) = (rest.get(..slashes)?, rest.get(slashes + 2..)?);
        (!path.is_empty()).then(|| {
            let facts = facts.to_vec();
            let target = target.to_vec();
            (path.to_vec(), Self { facts, target })
        })
    }

    fn all_facts(&self) -> [&[u8]; FACTS] {
        let mut all = [&[][..]; FACTS];
        for (place, fact) in all.iter_mut().zip(self.facts.split(|byte| *byte == b' ')) {
            *place = fact;
        }
        all
    }

    fn kind(&self) -> u8 {
        self.facts.first().copied().unwrap_or_default()
    }

    fn is_directory(&self) -> bool {
        self.kind() == b'd'
    }

    /// Whether it is the same thing by another name. A file that is gone may leave its number to the next, which has
    /// another time.
    fn is_moved(&self, other: &Self) -> bool {
        let ([_, file, size, time, ..], [_, others, other_size, other_time, ..]) =
            (self.all_facts(), other.all_facts());
        self.kind() == other.kind()
            && file == others
            && time == other_time
            && (size == other_size || self.is_directory())
    }

    /// Whether there is nothing to tell. What is made or removed in a directory is told of by itself.
    fn is_same(&self, other: &Self) -> bool {
        let [_, _, _, _, mode, owner] = self.all_facts();
        let [_, _, _, _, other_mode, other_owner] = other.all_facts();
        let is_tree = self.is_directory() && other.is_directory();
        self == other || is_tree && mode == other_mode && owner == other_owner
    }
}

/// What happened to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is there now.
    Created,
    /// What is there is another than it was.
    Changed,
    /// It is no longer there.
    Removed,
    /// What was by another path, with all below it, is by this one now.
    Renamed,
}

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub change: Change,
    /// To which path.
    pub path: Path,
    /// Where it was before, if it was renamed.
    pub from: Path,
    /// What there is now.
    pub entry: Option<Entry>,
}

impl Event {
    fn of(change: Change, path: &[u8], entry: Option<&Entry>) -> Self {
        Self {
            change,
            path: path.to_vec(),
            from: Path::new(),
            entry: entry.cloned(),
        }
    }
}

/// A directory that is watched.
#[derive(Debug, Default)]
pub struct Watch {
    /// The directory's own path.
    base: Path,
    /// What is known.
    now: BTreeMap<Path, Entry>,
    /// What differs from what was told, as that was.
    told: BTreeMap<Path, Option<Entry>>,
    /// By what means it is watched, once anything came.
    by: Vec<u8>,
    is_begun: bool,
    /// The line that has not ended, and the message.
    line: Vec<u8>,
    message: Vec<u8>,
}

/// A stream told what no script writes.
#[derive(Debug, PartialEq, Eq)]
pub struct Nonsense;

impl Watch {
    /// One of the directory with that path.
    pub fn new(base: &[u8]) -> Self {
        Self {
            base: base.strip_suffix(b"/").unwrap_or(base).to_vec(),
            ..Self::default()
        }
    }

    /// A stream begins: what came of the one before was cut off.
    pub fn open(&mut self) {
        self.line.clear();
        self.message.clear();
    }

    /// Takes a piece of a stream. Answers whether a message came to its end.
    ///
    /// # Errors
    /// [`Nonsense`].
    pub fn take(&mut self, piece: &[u8]) -> Result<bool, Nonsense> {
        let mut came = false;
        let mut rest = piece;
        while let Some(end) = position(rest, b"\n") {
            let (line, after) = rest.split_at_checked(end).unwrap_or_default();
            rest = after.get(1..).unwrap_or_default();
            self.line.extend_from_slice(line);
            let line = core::mem::take(&mut self.line);
            match line.as_slice() {
                [by @ .., b' ', sign @ (b'=' | b'-')] => {
                    self.end(by, *sign == b'=');
                    came = true;
                }
                line => decode(line, &mut self.message).ok_or(Nonsense)?,
            }
        }
        self.line.extend_from_slice(rest);
        Ok(came)
    }

    fn end(&mut self, by: &[u8], is_whole: bool) {
        let message = core::mem::take(&mut self.message);
        let records = || message.split(|byte| *byte == 0);
        let mut gone = if is_whole {
            core::mem::take(&mut self.now)
        } else {
            let old = records().filter_map(Entry::of);
            let known = old.filter_map(|(path, _)| self.now.remove_entry(&path));
            known.collect()
        };
        for record in records() {
            let new = if is_whole {
                Entry::of(record)
            } else {
                record.strip_prefix(b"\t").and_then(Entry::of)
            };
            if let Some((path, entry)) = new {
                self.note(&path, gone.remove(&path), Some(&entry));
                self.now.insert(path, entry);
            }
        }
        for (path, entry) in gone {
            self.note(&path, Some(entry), None);
        }
        if self.by.is_empty() {
            self.by = by.to_vec();
            self.told.clear();
        }
    }

    /// Keeps how a path was told of that was `before` and is `now`.
    fn note(&mut self, path: &[u8], before: Option<Entry>, now: Option<&Entry>) {
        if before.as_ref() == now {
            return;
        }
        let told = self.told.get(path).unwrap_or(&before);
        if told.as_ref() == now {
            self.told.remove(path);
        } else if !self.told.contains_key(path) {
            self.told.insert(path.to_vec(), before);
        }
    }

    /// What happened since this was last asked for. Applied in turn to what was told before, it gives what is there.
    pub fn events(&mut self) -> Vec<Event> {
        let mut old = BTreeMap::new();
        let mut new = BTreeMap::new();
        for (path, told) in core::mem::take(&mut self.told) {
            if let Some(entry) = self.now.get(&path) {
                new.insert(path.clone(), entry);
            }
            if let Some(entry) = told {
                old.insert(path, entry);
            }
        }
        let mut events = Vec::new();
        let is_replaced = |path: &Path, old: &Entry| {
            let now = new.get(path);
            now.is_some_and(|now| now.kind() != old.kind())
        };
        // A directory in a file's place is there before anything moves into it.
        old.retain(|path, old| {
            let goes = !old.is_directory() && is_replaced(path, old);
            if goes {
                events.push(Event::of(Change::Removed, path, None));
            }
            !goes
        });
        places(&mut old, &new, &mut events);
        // What is in a directory goes before it.
        for (path, old) in old.iter().rev() {
            if !new.contains_key(path) || is_replaced(path, old) {
                events.push(Event::of(Change::Removed, path, None));
            }
        }
        for (path, entry) in &new {
            match old.get(path).filter(|old| !is_replaced(path, old)) {
                None => events.push(Event::of(Change::Created, path, Some(entry))),
                Some(old) if !old.is_same(entry) => {
                    events.push(Event::of(Change::Changed, path, Some(entry)))
                }
                Some(_) => {}
            }
        }
        events
    }

    /// The same as JSON: an array of objects, of which the very first says by what means is watched.
    pub fn json(&mut self, out: &mut Vec<u8>) {
        out.push(b'[');
        if !self.is_begun && !self.by.is_empty() {
            self.is_begun = true;
            out.extend_from_slice(b"{\"type\":\"ready\",\"by\":\"");
            text(out, &self.by);
            out.extend_from_slice(b"\"}");
        }
        for event in self.events() {
            if out.len() > 1 {
                out.push(b',');
            }
            self.event(&event, out);
        }
        out.push(b']');
    }

    fn event(&self, event: &Event, out: &mut Vec<u8>) {
        out.extend_from_slice(match event.change {
            Change::Created => b"{\"type\":\"created",
            Change::Changed => b"{\"type\":\"changed",
            Change::Removed => b"{\"type\":\"removed",
            Change::Renamed => b"{\"type\":\"renamed",
        });
        let path = |out: &mut Vec<u8>, path: &[u8]| {
            text(out, &self.base);
            out.push(b'/');
            text(out, path);
        };
        out.extend_from_slice(b"\",\"path\":\"");
        path(out, &event.path);
        if !event.from.is_empty() {
            out.extend_from_slice(b"\",\"from\":\"");
            path(out, &event.from);
        }
        if let Some(entry) = &event.entry {
            let [_, _, size, time, mode, owner] = entry.all_facts();
            let name = event.path.rsplit(|byte| *byte == b'/').next();
            out.extend_from_slice(b"\",\"entry\":{\"name\":\"");
            text(out, name.unwrap_or_default());
            out.extend_from_slice(b"\",\"path\":\"");
            path(out, &event.path);
            out.extend_from_slice(b"\",\"type\":\"");
            out.extend_from_slice(match entry.kind() {
                b'-' => b"file",
                b'd' => b"directory",
                b'l' => b"symlink",
                _ => b"other",
            });
            // These are numbers as they came, as texts: JavaScript reads them.
            for (name, value) in [
                ("size", size),
                ("modifiedAt", time),
                ("mode", mode),
                ("owner", owner),
            ] {
                out.extend_from_slice(b"\",\"");
                out.extend_from_slice(name.as_bytes());
                out.extend_from_slice(b"\":\"");
                text(out, value);
            }
            if entry.kind() == b'l' {
                out.extend_from_slice(b"\",\"target\":\"");
                text(out, &entry.target);
            }
            out.extend_from_slice(b"\"}}");
        } else {
            out.extend_from_slice(b"\"}");
        }
    }
}

/// Tells what was renamed, the outermost directory of what moved alone, and which directories were made, each before what is
/// in it; and makes `old` what it is by then.
fn places(old: &mut BTreeMap<Path, Entry>, new: &BTreeMap<Path, &Entry>, events: &mut Vec<Event>) {
    let mut gone: BTreeMap<Vec<u8>, BTreeSet<Path>> = BTreeMap::new();
    for (path, entry) in old.iter().filter(|(path, _)| !new.contains_key(*path)) {
        let [_, file, ..] = entry.all_facts();
        gone.entry(file.to_vec()).or_default().insert(path.clone());
    }
    for (path, entry) in new {
        let [_, file, ..] = entry.all_facts();
        let known = old.get(path);
        let is_kept = known.is_some_and(|known| {
            let [_, other, ..] = known.all_facts();
            file == other || known.is_directory() && !entry.is_directory()
        });
        if is_kept {
            continue;
        }
        let is_moved = |from: &&Path| old.get(*from).is_some_and(|old| old.is_moved(entry));
        let paths = gone.get(file);
        let Some(from) = paths.and_then(|paths| paths.iter().find(is_moved)) else {
            if known.is_none() && entry.is_directory() {
                events.push(Event::of(Change::Created, path, Some(entry)));
                old.insert(path.clone(), (*entry).clone());
            }
            continue;
        };
        // What is in it has moved with it.
        let mut below = from.clone();
        below.push(b'/');
        let within: Vec<Path> = old
            .range::<[u8], _>((Bound::Included(&below[..]), Bound::Unbounded))
            .map(|(path, _)| path)
            .take_while(|path| path.starts_with(&below))
            .cloned()
            .collect();
        for moved in within.into_iter().chain([from.clone()]) {
            if let (Some(entry), Some(rest)) = (old.remove(&moved), moved.get(from.len()..)) {
                old.insert([path, rest].concat(), entry);
            }
        }
        events.push(Event {
            from: from.clone(),
            ..Event::of(Change::Renamed, path, Some(entry))
        });
    }
}

fn position(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// Adds the bytes of a line of base64.
fn decode(line: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (mut bits, mut count) = (0u32, 0);
    for digit in line {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' | b'\r' => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Some(())
}

/// Adds bytes as a text within JSON. Each that is no UTF-8 is half a character, from U+DC80 on.
fn text(out: &mut Vec<u8>, bytes: &[u8]) {
    let hex = |bits: u8| {
        b"0123456789abcdef"
            .get(usize::from(bits & 15))
            .copied()
            .unwrap_or_default()
    };
    for chunk in bytes.utf8_chunks() {
        for byte in chunk.valid().bytes() {
            match byte {
                b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
                0..b' ' => {
                    out.extend_from_slice(b"\\u00");
                    out.extend_from_slice(&[hex(byte >> 4), hex(byte)]);
                }
                _ => out.push(byte),
            }
        }
        for byte in chunk.invalid() {
            out.extend_from_slice(b"\\udc");
            out.extend_from_slice(&[hex(byte >> 4), hex(*byte)]);
        }
    }
}

/// Milliseconds after which a stream is opened anew that was lost with that error, the words of which are its name, its
/// code and its status; `None` where that would not help. `losses` is how many were lost one after another.
pub fn pause_ms(error: &str, losses: u32) -> Option<u32> {
    let mut words = error.split(' ');
    let (name, code, status) = (words.next()?, words.next()?, words.next()?);
    let passes = matches!(name, "TimeoutError" | "RateLimitError" | "ConflictError")
        || matches!(code, "network_error" | "stream_ended")
        || matches!(status, "500" | "502" | "503" | "504");
    (passes && losses < MOST_LOSSES).then(|| FIRST_PAUSE_MS << losses.min(DOUBLINGS))
}

const MOST_LOSSES: u32 = 12;
const FIRST_PAUSE_MS: u32 = 250;
const DOUBLINGS: u32 = 5;
