//! The edge to JavaScript: a few functions that take bytes and answer with bytes, and no glue.
//!
//! A call: [`input`] says where its bytes go, one of the others does it and says how many its answer has, or what it is, and
//! [`answer`] where those are. -1 is what cannot be. An instance of the module is one upload, download or comparison, and
//! all that it knows goes with it.

use alloc::vec::Vec;
use core::cell::RefCell;

use crate::ignore::Ignore;
use crate::place;
use crate::tar::{self, Entry, Kind, Reader, Step};
use crate::tree;
use crate::watch::{self, Watch};

#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// What an instance knows.
struct State {
    given: Vec<u8>,
    answer: Vec<u8>,
    /// What the caller leaves out, and what the tree itself says: neither takes back what the other does.
    ignore: [Option<Ignore>; 2],
    reader: Option<Reader>,
    here: Vec<Entry>,
    there: Vec<Entry>,
    watch: Option<Watch>,
}

struct Single(RefCell<State>);

// SAFETY: the module has one thread.
unsafe impl Sync for Single {}

static STATE: Single = Single(RefCell::new(State {
    given: Vec::new(),
    answer: Vec::new(),
    ignore: [None, None],
    reader: None,
    here: Vec::new(),
    there: Vec::new(),
    watch: None,
}));

/// What cannot be.
const BAD: i32 = -1;

/// Does something with what was given, and answers with how long its answer is.
fn with(work: impl FnOnce(&mut State, &[u8], &mut Vec<u8>) -> Option<i32>) -> i32 {
    let Ok(mut state) = STATE.0.try_borrow_mut() else {
        return BAD;
    };
    let given = core::mem::take(&mut state.given);
    let mut out = core::mem::take(&mut state.answer);
    out.clear();
    let done = work(&mut state, &given, &mut out);
    state.given = given;
    state.answer = out;
    done.unwrap_or(BAD)
}

fn length(of: &[u8]) -> Option<i32> {
    i32::try_from(of.len()).ok()
}

/// Where the bytes of the next call go.
#[unsafe(no_mangle)]
extern "C" fn input(length: usize) -> *mut u8 {
    let Ok(mut state) = STATE.0.try_borrow_mut() else {
        return core::ptr::null_mut();
    };
    state.given.clear();
    state.given.resize(length, 0);
    state.given.as_mut_ptr()
}

/// Where those of the last answer are.
#[unsafe(no_mangle)]
extern "C" fn answer() -> *const u8 {
    STATE
        .0
        .try_borrow()
        .map_or(core::ptr::null(), |state| state.answer.as_ptr())
}

/// An entry's header, from the entry.
#[unsafe(no_mangle)]
extern "C" fn write() -> i32 {
    with(|_, given, out| {
        tar::write(&entry(given)?, out);
        length(out)
    })
}

/// What a header of an archive says: 0 is its end; 1, how many bytes follow that say something of the next entry; 2, an entry.
#[unsafe(no_mangle)]
extern "C" fn header() -> i32 {
    with(|state, given, out| {
        match state.reader.get_or_insert_default().header(given).ok()? {
            Step::End => out.push(0),
            Step::Note(size) => {
                out.push(1);
                out.extend_from_slice(&(size as f64).to_le_bytes());
            }
            Step::Entry(entry) => {
                out.push(2);
                put(&entry, out);
            }
        }
        length(out)
    })
}

/// Takes those bytes.
#[unsafe(no_mangle)]
extern "C" fn note() -> i32 {
    with(|state, given, _| {
        state
            .reader
            .get_or_insert_default()
            .note(given)
            .ok()
            .map(|()| 0)
    })
}

/// The place of a name within a folder, after a byte that says whether that is one of Windows.
#[unsafe(no_mangle)]
extern "C" fn place_of() -> i32 {
    with(|_, given, out| {
        let (is_windows, name) = given.split_first()?;
        out.extend_from_slice(&place::of_name(name, *is_windows != 0)?);
        length(out)
    })
}

/// Whether a link at that place stays within: the same byte, the place, a NUL, and what it leads to.
#[unsafe(no_mangle)]
extern "C" fn holds() -> i32 {
    with(|_, given, _| {
        let (is_windows, rest) = given.split_first()?;
        let end = rest.iter().position(|&byte| byte == 0)?;
        let (at, target) = (rest.get(..end)?, rest.get(end + 1..)?);
        Some(i32::from(place::holds(at, target, *is_windows != 0)))
    })
}

/// Takes rules, after a byte that says whether they are the tree's own: the directory that they stand in, a NUL, and the text.
#[unsafe(no_mangle)]
extern "C" fn rules() -> i32 {
    with(|state, given, _| {
        let (is_own, given) = given.split_first()?;
        let end = given.iter().position(|&byte| byte == 0)?;
        let (directory, text) = (given.get(..end)?, given.get(end + 1..)?);
        let ignore = state.ignore.get_mut(usize::from(*is_own))?;
        ignore.get_or_insert_default().add(directory, text);
        Some(0)
    })
}

impl State {
    fn ignores(&self, path: &[u8], is_directory: bool) -> bool {
        let mut all = self.ignore.iter().flatten();
        all.any(|rules| rules.has(path, is_directory))
    }
}

/// Whether the rules leave out a path, after a byte that says whether it is a directory.
#[unsafe(no_mangle)]
extern "C" fn ignores() -> i32 {
    with(|state, given, _| {
        let (is_directory, path) = given.split_first()?;
        Some(i32::from(state.ignores(path, *is_directory != 0)))
    })
}

/// Takes an entry of the tree that is the model.
#[unsafe(no_mangle)]
extern "C" fn here() -> i32 {
    with(|state, given, _| {
        state.here.push(entry(given)?);
        Some(0)
    })
}

/// Takes an entry of the other.
#[unsafe(no_mangle)]
extern "C" fn there() -> i32 {
    with(|state, given, _| {
        state.there.push(entry(given)?);
        Some(0)
    })
}

/// What makes the other as the model is, from a byte that says whether it deletes: how many stay, how many are sent, which,
/// and what is removed, each with a NUL. Where something must not be, the highest number stays, and what follows is that.
#[unsafe(no_mangle)]
extern "C" fn compare() -> i32 {
    with(|state, given, out| {
        let is_kept = |entry: &Entry| state.ignores(&entry.name, entry.kind == Kind::Directory);
        let deletes = given.first().is_some_and(|&byte| byte != 0);
        match tree::compare(&state.here, &state.there, deletes, &is_kept) {
            Ok(plan) => {
                let count = |value: usize| (value as u32).to_le_bytes();
                out.extend_from_slice(&count(plan.unchanged));
                out.extend_from_slice(&count(plan.send.len()));
                for at in plan.send {
                    out.extend_from_slice(&count(at));
                }
                for path in plan.remove {
                    out.extend_from_slice(&path);
                    out.push(0);
                }
                length(out)
            }
            Err(path) => {
                out.extend_from_slice(&[0xff; 4]);
                out.extend_from_slice(&[0; 4]);
                out.extend_from_slice(&path);
                out.push(0);
                length(out)
            }
        }
    })
}

/// Begins to watch the directory of that path.
#[unsafe(no_mangle)]
extern "C" fn watch_from() -> i32 {
    with(|state, given, _| {
        state.watch = Some(Watch::new(given));
        Some(0)
    })
}

/// A stream of what happens there begins.
#[unsafe(no_mangle)]
extern "C" fn watch_open() -> i32 {
    with(|state, _, _| {
        state.watch.as_mut()?.open();
        Some(0)
    })
}

/// Takes a piece of it: 1 where there may be something to be told.
#[unsafe(no_mangle)]
extern "C" fn watch_take() -> i32 {
    with(|state, given, _| state.watch.as_mut()?.take(given).ok().map(i32::from))
}

/// What happened since, as JSON.
#[unsafe(no_mangle)]
extern "C" fn watch_events() -> i32 {
    with(|state, _, out| {
        state.watch.as_mut()?.json(out);
        length(out)
    })
}

/// Milliseconds until a stream is opened anew, from how many were lost and the words of the error.
#[unsafe(no_mangle)]
extern "C" fn watch_pause() -> i32 {
    with(|_, given, _| {
        let (losses, error) = given.split_first()?;
        let error = core::str::from_utf8(error).ok()?;
        i32::try_from(watch::pause_ms(error, u32::from(*losses))?).ok()
    })
}

/// So many bytes come before an entry's name: its kind, permissions, size, time, and the name's length.
const FIXED: usize = 25;

/// Kinds by their numbers.
const KINDS: [Kind; 5] = [
    Kind::File,
    Kind::Directory,
    Kind::Symlink,
    Kind::Link,
    Kind::Other,
];

fn entry(given: &[u8]) -> Option<Entry> {
    let (fixed, rest) = given.split_at_checked(FIXED)?;
    let at = |start: usize| {
        fixed
            .get(start..start + 4)?
            .try_into()
            .ok()
            .map(u32::from_le_bytes)
    };
    let real = |start: usize| {
        fixed
            .get(start..start + 8)?
            .try_into()
            .ok()
            .map(f64::from_le_bytes)
    };
    let (name, target) = rest.split_at_checked(at(21)? as usize)?;
    Some(Entry {
        kind: KINDS.get(usize::from(*fixed.first()?)).copied()?,
        name: name.to_vec(),
        target: target.to_vec(),
        size: real(5)? as u64,
        mode: at(1)?,
        modified_ms: real(13)? as i64,
    })
}

fn put(entry: &Entry, out: &mut Vec<u8>) {
    let kind = KINDS.iter().position(|kind| *kind == entry.kind);
    out.push(kind.unwrap_or_default() as u8);
    out.extend_from_slice(&entry.mode.to_le_bytes());
    out.extend_from_slice(&(entry.size as f64).to_le_bytes());
    out.extend_from_slice(&(entry.modified_ms as f64).to_le_bytes());
    out.extend_from_slice(&(entry.name.len() as u32).to_le_bytes());
    out.extend_from_slice(&entry.name);
    out.extend_from_slice(&entry.target);
}
