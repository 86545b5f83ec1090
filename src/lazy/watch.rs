//! What changes in a directory: what a script in the sandbox tells of it, and the events between two states of that.
//!
//! The script (`src/resources/files/scripts/watch.sh`) writes messages: lines of base64, and a line that ends it, which is the
//! means by which it watches, a space, and `=` if the message is all that there is, `-` if it is what differs from the message
//! before. A message is records with a NUL behind each; of a difference one that is new begins with a tab, one that is gone
//! with none.
//!
//! What was told last is kept beside what is known, and both share what is the same. So whoever is slow to ask costs no more
//! than the tree has, and hears of each path once.

use alloc::rc::Rc;
use alloc::vec::Vec;

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
    pub entry: Option<Rc<Entry>>,
}

impl Event {
    fn of(change: Change, path: &[u8], entry: Option<&Rc<Entry>>) -> Self {
        Self {
            change,
            path: path.to_vec(),
            from: Path::new(),
            entry: entry.cloned(),
        }
    }
}

/// Something by a name. All lists of these are in the order of their names.
#[derive(Debug, Clone)]
struct Named {
    name: Rc<[u8]>,
    entry: Rc<Entry>,
    /// Whether something else has taken its place.
    is_gone: bool,
}

impl Named {
    /// The path and the entry of a record.
    fn of(record: &[u8]) -> Option<Self> {
        let mut end = 0;
        for _ in 0..FACTS {
            end += position(record.get(end..)?, b" ")? + 1;
        }
        let (facts, rest) = record.split_at_checked(end)?;
        let slashes = position(rest, b"//")?;
        let (path, target) = (rest.get(..slashes)?, rest.get(slashes + 2..)?);
        (!path.is_empty()).then(|| Self {
            name: path.into(),
            entry: Rc::new(Entry {
                facts: facts.to_vec(),
                target: target.to_vec(),
            }),
            is_gone: false,
        })
    }
}

type List = Vec<Named>;

/// Puts a list in order; of the same name the last stays.
fn sort(list: &mut List) {
    list.sort_by(|one, other| one.name.cmp(&other.name));
    list.dedup_by(|next, kept| {
        let is_same = next.name == kept.name;
        if is_same {
            core::mem::swap(next, kept);
        }
        is_same
    });
}

/// Where a name is in a list, or would be.
fn place(list: &[Named], name: &[u8]) -> usize {
    list.partition_point(|one| &*one.name < name)
}

fn find<'a>(list: &'a [Named], name: &[u8]) -> Option<&'a Named> {
    let found = list.get(place(list, name))?;
    (&*found.name == name && !found.is_gone).then_some(found)
}

fn take(list: &mut [Named], name: &[u8]) {
    let at = place(list, name);
    if let Some(found) = list.get_mut(at)
        && &*found.name == name
    {
        found.is_gone = true;
    }
}

/// A directory that is watched.
#[derive(Debug, Default)]
pub struct Watch {
    /// The directory's own path.
    base: Path,
    /// What is known.
    now: List,
    /// What was told.
    told: List,
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
        if is_whole {
            self.now.clear();
        }
        for record in message.split(|byte| *byte == 0) {
            if !is_whole && let Some(gone) = Named::of(record) {
                take(&mut self.now, &gone.name);
            }
        }
        self.now.retain(|one| !one.is_gone);
        for record in message.split(|byte| *byte == 0) {
            let record = match is_whole {
                true => Some(record),
                false => record.strip_prefix(b"\t"),
            };
            self.now.extend(record.and_then(Named::of));
        }
        sort(&mut self.now);
        if self.by.is_empty() {
            self.by = by.to_vec();
            self.told = self.now.clone();
        }
    }

    /// What happened since this was last asked for. Applied in turn to what was told before, it gives what is there.
    pub fn events(&mut self) -> Vec<Event> {
        let differs = |one: &Named, others: &[Named]| {
            let other = find(others, &one.name).map(|other| &other.entry);
            !other.is_some_and(|other| Rc::ptr_eq(other, &one.entry) || *other == one.entry)
        };
        let mut new = self.now.clone();
        new.retain(|one| differs(one, &self.told));
        let mut old = core::mem::replace(&mut self.told, self.now.clone());
        old.retain(|one| differs(one, &self.now));
        changes(old, &new)
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

/// What leads from one state to another, each without what they have in common.
fn changes(mut old: List, new: &[Named]) -> Vec<Event> {
    let mut events = Vec::new();
    let is_replaced = |one: &Named| {
        let now = find(new, &one.name);
        now.is_some_and(|now| now.entry.kind() != one.entry.kind())
    };
    // A directory in a file's place is there before anything moves into it.
    for one in &mut old {
        if !one.entry.is_directory() && is_replaced(one) {
            events.push(Event::of(Change::Removed, &one.name, None));
            one.is_gone = true;
        }
    }
    // What is no longer where it was, by which file it is.
    let mut lost: List = Vec::new();
    let mut origins: Vec<Rc<[u8]>> = Vec::new();
    for one in old.iter().filter(|one| find(new, &one.name).is_none()) {
        // The place of its path comes behind, since several may be the same file.
        let [_, file, ..] = one.entry.all_facts();
        let name = [file, b" ", &(origins.len() as u32).to_be_bytes()].concat();
        origins.push(one.name.clone());
        lost.push(Named {
            name: name.into(),
            ..one.clone()
        });
    }
    sort(&mut lost);
    let mut is_told = Vec::new();
    for one in new {
        let Named { name, entry, .. } = one;
        let [_, file, ..] = entry.all_facts();
        let known = find(&old, name);
        let is_kept = known.is_some_and(|known| {
            let [_, other, ..] = known.entry.all_facts();
            file == other || known.entry.is_directory() && !entry.is_directory()
        });
        let is_new = known.is_none() && entry.is_directory();
        let from = match is_kept {
            true => None,
            false => origin(&lost, &origins, &old, entry),
        };
        is_told.push(from.is_some() || !is_kept && is_new);
        if let Some(from) = from {
            events.push(Event {
                from: from.to_vec(),
                ..Event::of(Change::Renamed, name, Some(entry))
            });
            let before = find(&old, &from).map(|before| before.entry.clone());
            if before.is_some_and(|before| !before.is_same(entry)) {
                events.push(Event::of(Change::Changed, name, Some(entry)));
            }
            take(&mut old, name);
            take(&mut old, &from);
            if entry.is_directory() {
                follow(&mut old, &from, name);
            }
        } else if !is_kept && is_new {
            events.push(Event::of(Change::Created, name, Some(entry)));
        }
    }
    // What is in a directory goes before it.
    for one in old.iter().rev().filter(|one| !one.is_gone) {
        if find(new, &one.name).is_none() || is_replaced(one) {
            events.push(Event::of(Change::Removed, &one.name, None));
        }
    }
    for (Named { name, entry, .. }, _) in new.iter().zip(is_told).filter(|(_, is_told)| !is_told) {
        match find(&old, name).filter(|known| known.entry.kind() == entry.kind()) {
            None => events.push(Event::of(Change::Created, name, Some(entry))),
            Some(known) if !known.entry.is_same(entry) => {
                events.push(Event::of(Change::Changed, name, Some(entry)));
            }
            Some(_) => {}
        }
    }
    events
}

/// Where that was before, if it is one of those that were lost, and has not moved along with a directory.
fn origin(lost: &[Named], origins: &[Rc<[u8]>], old: &[Named], entry: &Entry) -> Option<Rc<[u8]>> {
    let [_, file, ..] = entry.all_facts();
    let start = [file, b" "].concat();
    let same = lost.get(place(lost, &start)..)?.iter();
    for one in same.take_while(|one| one.name.starts_with(&start)) {
        let number = one.name.get(start.len()..)?.try_into().ok()?;
        let from = origins.get(u32::from_be_bytes(number) as usize)?;
        if one.entry.is_moved(entry)
            && find(old, from).is_some_and(|old| Rc::ptr_eq(&old.entry, &one.entry))
        {
            return Some(from.clone());
        }
    }
    None
}

/// What is in a directory has moved with it.
fn follow(old: &mut List, from: &[u8], to: &[u8]) {
    let below = [from, b"/"].concat();
    let start = place(old, &below);
    let end = start
        + old
            .get(start..)
            .unwrap_or_default()
            .partition_point(|one| one.name.starts_with(&below));
    let mut moved: List = old.drain(start..end).collect();
    for one in &mut moved {
        if let Some(rest) = one.name.get(from.len()..) {
            one.name = [to, rest].concat().into();
        }
    }
    // In place of what was there by the same names.
    old.append(&mut moved);
    sort(old);
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
