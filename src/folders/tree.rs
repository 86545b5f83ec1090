//! What it takes for one tree to become as another.

use alloc::collections::BTreeMap;
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
    let own: BTreeMap<&[u8], &Entry> = here.iter().map(|one| (&one.name[..], one)).collect();
    let other: BTreeMap<&[u8], &Entry> = there.iter().map(|one| (&one.name[..], one)).collect();
    // Whether something below a directory stays, though it is not here.
    let mut holds: BTreeMap<&[u8], ()> = BTreeMap::new();
    if deletes {
        for (path, entry) in &other {
            if !own.contains_key(path) && is_kept(entry) {
                holds.extend(above(path).map(|directory| (directory, ())));
            }
        }
    }
    for (at, entry) in here.iter().enumerate() {
        match other.get(&entry.name[..]) {
            Some(found) if is_same(entry, found) => plan.unchanged += 1,
            found => {
                let is_in_the_way = found.is_some_and(|found| found.kind != entry.kind);
                let is_tree = found.is_some_and(|found| found.kind == Kind::Directory);
                if is_in_the_way && is_tree && (!deletes || holds.contains_key(&entry.name[..])) {
                    return Err(entry.name.clone());
                }
                if is_in_the_way {
                    plan.remove.push(entry.name.clone());
                }
                plan.send.push(at);
            }
        }
    }
    if deletes {
        let goes = |path: &[u8], entry: &Entry| {
            !own.contains_key(path) && !is_kept(entry) && !holds.contains_key(path)
        };
        for (path, entry) in &other {
            // What is below something that goes, goes with it.
            let mut directories = above(path);
            let is_gone = directories.any(|directory| {
                let replaced = own
                    .get(directory)
                    .is_some_and(|own| own.kind != Kind::Directory);
                replaced
                    || other
                        .get(directory)
                        .is_some_and(|entry| goes(directory, entry))
            });
            if !is_gone && goes(path, entry) {
                plan.remove.push(path.to_vec());
            }
        }
    }
    plan.remove.sort();
    Ok(plan)
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
