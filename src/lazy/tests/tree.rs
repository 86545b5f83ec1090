//! Comparison of trees: what a plan makes of the one is the other.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::collections::BTreeMap;

use superserve_lazy::tar::{Entry, Kind};
use superserve_lazy::tree::{NO_MODE, Plan, compare};
use support::Random;

fn entry(kind: Kind, name: &str) -> Entry {
    Entry {
        kind,
        name: name.as_bytes().to_vec(),
        target: Vec::new(),
        size: 1,
        mode: 0o644,
        modified_ms: 1000,
    }
}

fn file(name: &str) -> Entry {
    entry(Kind::File, name)
}

fn directory(name: &str) -> Entry {
    entry(Kind::Directory, name)
}

fn plan(here: &[Entry], there: &[Entry], deletes: bool) -> Result<Plan, Vec<u8>> {
    compare(here, there, deletes, &|_| false)
}

fn names(names: &[&str]) -> Vec<Vec<u8>> {
    names.iter().map(|name| name.as_bytes().to_vec()).collect()
}

#[test]
fn only_what_differs_is_sent() {
    let mut other = file("a");
    for (change, sends) in [
        (
            Box::new(|_: &mut Entry| {}) as Box<dyn Fn(&mut Entry)>,
            false,
        ),
        (Box::new(|one| one.size = 2), true),
        (Box::new(|one| one.modified_ms = 2000), true),
        (Box::new(|one| one.modified_ms = 1999), false),
        (Box::new(|one| one.mode = 0o755), true),
        (Box::new(|one| one.mode = NO_MODE), false),
    ] {
        other.clone_from(&file("a"));
        change(&mut other);
        let found = plan(&[other.clone()], &[file("a")], false).unwrap();
        assert_eq!(found.send.len(), usize::from(sends), "{other:?}");
        assert_eq!(found.unchanged, usize::from(!sends));
    }
    // Both with a fraction: neither was cut.
    let (mut one, mut two) = (file("a"), file("a"));
    (one.modified_ms, two.modified_ms) = (1001, 1002);
    assert_eq!(plan(&[one], &[two], false).unwrap().send, [0]);
    let link = |target: &str| Entry {
        target: target.into(),
        modified_ms: target.len() as i64,
        ..entry(Kind::Symlink, "l")
    };
    assert_eq!(
        plan(&[link("x")], &[link("x")], false).unwrap().send,
        [] as [usize; 0]
    );
    assert_eq!(plan(&[link("x")], &[link("y")], false).unwrap().send, [0]);
}

#[test]
fn nothing_goes_unless_it_is_to() {
    let there = [directory("d"), file("d/a"), file("e")];
    assert_eq!(plan(&[], &there, false).unwrap(), Plan::default());
    assert_eq!(plan(&[], &there, true).unwrap().remove, names(&["d", "e"]));
    assert_eq!(
        plan(&[directory("d")], &there, true).unwrap().remove,
        names(&["d/a", "e"])
    );
    // A file in place of a directory takes all of that away.
    assert_eq!(plan(&[file("d")], &there, false), Err(b"d".to_vec()));
    assert_eq!(
        plan(&[file("d")], &there, true).unwrap().remove,
        names(&["d", "e"])
    );
    let replaced = plan(&[directory("e"), file("e/a")], &there, false).unwrap();
    assert_eq!(
        (replaced.remove, replaced.send),
        (names(&["e"]), vec![0, 1])
    );
}

#[test]
fn what_is_ignored_stays_and_so_does_what_it_is_in() {
    let there = [
        directory("d"),
        directory("d/e"),
        file("d/e/kept"),
        file("d/e/x"),
        directory("d/f"),
        file("d/f/x"),
    ];
    let keeps = |entry: &Entry| entry.name == b"d/e/kept";
    let found = compare(&[], &there, true, &keeps).unwrap();
    assert_eq!(found.remove, names(&["d/e/x", "d/f"]));
    assert_eq!(
        compare(&[file("d")], &there, true, &keeps),
        Err(b"d".to_vec())
    );
}

type Tree = BTreeMap<Vec<u8>, Entry>;

fn any_tree(random: &mut Random) -> Tree {
    let mut tree = Tree::new();
    let mut directories = vec![String::new()];
    for _ in 0..random.below(14) {
        let above = random.one_of(&directories);
        let path = format!("{above}{}", random.one_of(&["a", "b", "c"]));
        let kind = random.one_of(&[Kind::File, Kind::Directory, Kind::Symlink]);
        if tree.contains_key(path.as_bytes()) {
            continue;
        }
        let mut one = entry(kind, &path);
        one.size = random.below(2) as u64;
        one.target = vec![b'0' + random.below(2) as u8];
        if kind == Kind::Directory {
            directories.push(format!("{path}/"));
        }
        tree.insert(one.name.clone(), one);
    }
    tree
}

#[test]
fn a_plan_makes_one_tree_of_the_other() {
    let mut random = Random(6);
    let is_below =
        |path: &[u8], above: &[u8]| path == above || path.starts_with(&[above, b"/"].concat());
    for _ in 0..4_000 {
        let (own, mut other) = (any_tree(&mut random), any_tree(&mut random));
        let here: Vec<Entry> = own.values().cloned().collect();
        let there: Vec<Entry> = other.values().cloned().collect();
        let deletes = random.below(2) == 0;
        let Ok(found) = plan(&here, &there, deletes) else {
            assert!(!deletes);
            continue;
        };
        assert_eq!(found.send.len() + found.unchanged, here.len());
        let before = other.clone();
        for path in &found.remove {
            assert!(
                other.contains_key(path),
                "removed once, with what is below it"
            );
            other.retain(|name, _| !is_below(name, path));
        }
        for &at in &found.send {
            let one = here[at].clone();
            let found = other.get(&one.name).map(|found| found.kind);
            assert!(found.is_none_or(|kind| kind == one.kind));
            if let Some(slash) = one.name.iter().rposition(|&byte| byte == b'/') {
                assert_eq!(
                    other[&one.name[..slash]].kind,
                    Kind::Directory,
                    "directories come first"
                );
            }
            other.insert(one.name.clone(), one);
        }
        let differs = |one: &Entry, two: &Entry| {
            one.kind != two.kind
                || (one.kind == Kind::File && one.size != two.size)
                || (one.kind == Kind::Symlink && one.target != two.target)
        };
        for (name, one) in &own {
            assert!(!differs(one, &other[name]));
        }
        if deletes {
            assert_eq!(own.len(), other.len());
        } else {
            let all_there = before.keys().all(|name| {
                other.contains_key(name) || found.remove.iter().any(|gone| is_below(name, gone))
            });
            assert!(all_there);
        }
    }
}
