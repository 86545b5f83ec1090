//! What it takes for one tree to become as another.

use alloc::vec;
use alloc::vec::Vec;

use crate::tar::{Entry, Kind};

/// Stands for permissions that a file system does not have.
pub const NO_MODE: u32 = u32::MAX;

/// What is to be done.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The places, in the tree that is the model, of what the other lacks or has otherwise.
    pub send: Vec<usize>,
    /// What the other has to lose before, with all that is below it.
    pub remove: Vec<Vec<u8>>,
    /// How much stays as it is.
    pub unchanged: usize,
}

/// What makes `there` as `here` is. Only what `deletes` says is taken away there, and never what `is_kept`: of what is here by
/// another kind, only a file or a link is.
///
/// Files are the same by size, time and permissions, links by what they lead to. A time without a fraction is the same as
/// one with any: not all tools keep it. Of directories nothing is compared.
///
/// # Errors
/// The path of a directory there that would have to go for what is here, when nothing is to be deleted.
pub fn compare(
    here: &[Entry],
    there: &[Entry],
    deletes: bool,
    is_kept: &dyn Fn(&Entry) -> bool,
) -> Result<Plan, Vec<u8>> {
    let mut plan = Plan::default();
    let (own, other) = (Index::of(here), Index::of(there));
    // Of each there, whether something below it stays that is not here.
    let mut holds = vec![false; there.len()];
    let stays = |entry: &Entry| own.find(&entry.name).is_none() && is_kept(entry);
    if deletes {
        for entry in there.iter().filter(|entry| stays(entry)) {
            for at in above(&entry.name).filter_map(|directory| other.find(directory)) {
                if let Some(holds) = holds.get_mut(at) {
                    *holds = true;
                }
            }
        }
    }
    let holds = |at: usize| holds.get(at).is_some_and(|holds| *holds);
    for (at, entry) in here.iter().enumerate() {
        let place = other.find(&entry.name);
        let found = place.and_then(|place| there.get(place));
        if found.is_some_and(|found| is_same(entry, found)) {
            plan.unchanged += 1;
            continue;
        }
        if let (Some(place), Some(found)) = (place, found)
            && found.kind != entry.kind
        {
            if found.kind == Kind::Directory && (!deletes || holds(place)) {
                return Err(entry.name.clone());
            }
            plan.remove.push(entry.name.clone());
        }
        plan.send.push(at);
    }
    if deletes {
        let goes = |at: usize| {
            let is_gone = |entry: &Entry| own.find(&entry.name).is_none() && !is_kept(entry);
            !holds(at) && there.get(at).is_some_and(is_gone)
        };
        let is_replaced = |directory: &[u8]| {
            let own = own.find(directory).and_then(|at| here.get(at));
            own.is_some_and(|own| own.kind != Kind::Directory)
        };
        for (at, entry) in there.iter().enumerate() {
            // What is below something that goes, goes with it.
            let mut directories = above(&entry.name);
            let is_below =
                directories.any(|one| is_replaced(one) || other.find(one).is_some_and(goes));
            if !is_below && goes(at) {
                plan.remove.push(entry.name.clone());
            }
        }
    }
    Ok(plan)
}

/// The places of entries by their names.
struct Index<'a>(Vec<(&'a [u8], usize)>);

impl<'a> Index<'a> {
    fn of(entries: &'a [Entry]) -> Self {
        let places = entries.iter().enumerate();
        let mut names: Vec<_> = places.map(|(at, entry)| (&entry.name[..], at)).collect();
        names.sort_unstable();
        Self(names)
    }

    fn find(&self, name: &[u8]) -> Option<usize> {
        let at = self
            .0
            .binary_search_by(|(known, _)| (*known).cmp(name))
            .ok()?;
        Some(self.0.get(at)?.1)
    }
}

/// The directories that a path is in.
fn above(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    slashes.filter_map(move |(at, _)| path.get(..at))
}

fn is_same(one: &Entry, other: &Entry) -> bool {
    let is_whole = |ms: i64| ms.rem_euclid(1000) == 0;
    let seconds = |entry: &Entry| entry.modified_ms.div_euclid(1000);
    one.kind == other.kind
        && match one.kind {
            Kind::Directory => true,
            Kind::Symlink => one.target == other.target,
            _ => {
                let has_no_mode = one.mode == NO_MODE || other.mode == NO_MODE;
                one.size == other.size
                    && (has_no_mode || one.mode == other.mode)
                    && seconds(one) == seconds(other)
                    && (one.modified_ms == other.modified_ms
                        || is_whole(one.modified_ms)
                        || is_whole(other.modified_ms))
            }
        }
}
