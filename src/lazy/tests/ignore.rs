//! Ignore rules: what git says of the same rules and paths is what this crate says.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;

use superserve_lazy::ignore::Ignore;
use support::{Random, Scratch, run};

fn ignore(rules: &[(&str, &str)]) -> Ignore {
    let mut ignore = Ignore::default();
    for (directory, text) in rules {
        ignore.add(directory.as_bytes(), text.as_bytes());
    }
    ignore
}

#[test]
fn rules_are_those_of_the_manual() {
    for (rules, path, expected) in [
        ("", "a", false),
        ("# a\n\n", "a", false),
        ("\\#a", "#a", true),
        ("!a", "a", false),
        ("\\!a", "!a", true),
        ("a", "a", true),
        ("a", "d/e/a", true),
        ("a", "a/b", true),
        ("a/", "a", false),
        ("a/", "a/b", true),
        ("/a", "a", true),
        ("/a", "d/a", false),
        ("d/a", "d/a", true),
        ("d/a", "e/d/a", false),
        ("*.o", "d/x.o", true),
        ("*.o", "d/x.oo", false),
        ("d/*", "d/e/f", true),
        ("d/*.c", "d/e/f.c", false),
        ("**/a", "a", true),
        ("**/a", "d/e/a", true),
        ("d/**", "d", false),
        ("d/**", "d/e", true),
        ("d/**/a", "d/a", true),
        ("d/**/a", "d/e/f/a", true),
        ("a**b", "axxb", true),
        ("a**/b", "ax/b", true),
        ("a**/b", "a/x/b", true),
        ("d/a*", "d/a", true),
        ("a?c", "abc", true),
        ("/a?c", "a/c", false),
        ("[a-c]x", "bx", true),
        ("[!a-c]x", "bx", false),
        ("[^a-c]x", "dx", true),
        ("[]]x", "]x", true),
        ("[a", "[a", false),
        ("[[:digit:]]x", "7x", true),
        ("[[:nothing:]]x", "7x", false),
        ("a\\", "a\\", false),
        ("a ", "a", true),
        ("a\\ ", "a ", true),
        ("a\r\nb\r\n", "a", true),
        ("\u{feff}a", "a", true),
        ("*.o\n!keep.o", "keep.o", false),
        ("*.o\n!keep.o", "d/keep.o", false),
        // What is below a directory that is left out cannot be taken back.
        ("d/\n!d/keep", "d/keep", true),
        ("/", "a", false),
        ("**", "a", true),
    ] {
        assert_eq!(
            ignore(&[("", rules)]).has(path.as_bytes(), false),
            expected,
            "{rules:?} {path}"
        );
    }
}

#[test]
fn the_deepest_file_of_rules_counts() {
    let rules = ignore(&[
        ("", "*.log\n/x"),
        ("d", "!keep.log\n/x\ny/z"),
        ("d/e", "keep.log"),
    ]);
    for (path, expected) in [
        ("keep.log", true),
        ("d/keep.log", false),
        ("d/e/keep.log", true),
        ("d/other.log", true),
        ("d/x", true),
        ("d/e/x", false),
        ("dd/keep.log", true),
        ("d/y/z", true),
        ("y/z", false),
    ] {
        assert_eq!(rules.has(path.as_bytes(), false), expected, "{path}");
    }
}

#[test]
fn a_pattern_of_many_stars_is_quick() {
    let stars = "a*".repeat(2000) + "b";
    let path = "a".repeat(20_000);
    assert!(!ignore(&[("", &stars)]).has(path.as_bytes(), false));
    let deep = "**/a/".repeat(500) + "b";
    let path = ["a"; 3000].join("/");
    assert!(!ignore(&[("", &deep)]).has_itself(path.as_bytes(), false));
}

/// A pattern of few letters, so that it fits often.
fn pattern(random: &mut Random) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..1 + random.below(6) {
        let piece: &[u8] = random.one_of(&[
            &b"a"[..],
            b"b",
            b"a",
            b"b",
            b"*",
            b"*",
            b"**",
            b"?",
            b"/",
            b"/",
            b"**/",
            b"/**",
            b"[ab]",
            b"[!a]",
            b"[^b-c]",
            b"[]",
            b"[a",
            b"\\",
            b"\\*",
            b" ",
            b".",
            b"-",
            b"[[:alpha:]]",
            b"[a-",
            b"]",
            b"[\\]]",
            b"[b-a]",
            b"[[:x:]]",
            b"[a/b]",
            b"\xff",
            b"***",
            b"#",
            b"!",
            b"\\/",
            b"[[:]",
            b"[-a]",
            b"\t",
        ]);
        text.extend_from_slice(piece);
    }
    match random.below(6) {
        0 => text.insert(0, b'/'),
        1 => text.push(b'/'),
        2 => text.insert(0, b'!'),
        _ => {}
    }
    text
}

/// The rules of random files over a random tree, asked of git too.
#[test]
fn git_says_the_same() {
    let scratch = Scratch::new("git");
    let git = |args: &[&str], input: &[u8]| {
        let mut command = Command::new("git");
        command
            .args(["-c", "core.excludesFile=/dev/null"])
            .args(args)
            .current_dir(&*scratch);
        command
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("HOME", &*scratch);
        run(&mut command, input)
    };
    if !git(&["init", "-q", "."], b"").is_some_and(|output| output.status.success()) {
        return;
    }
    let _ = fs::remove_file(scratch.join(".git/info/exclude"));
    let mut random = Random(5);
    let names: Vec<Vec<u8>> = [
        &b"a"[..],
        b"b",
        b"ab",
        b"aa",
        b"a ",
        b"*",
        b"]",
        b"a.b",
        b"-a",
        b"\xff",
        b"[a",
        b"a\\",
        b"\\",
        b"#a",
        b"!b",
        b"a-",
        b"-",
        b"b\t",
        b"[",
    ]
    .map(<[u8]>::to_vec)
    .to_vec();
    let place = |path: &[u8]| scratch.join(Path::new(std::ffi::OsStr::from_bytes(path)));
    let mut directories = vec![Vec::new()];
    let mut paths: BTreeSet<(Vec<u8>, bool)> = BTreeSet::new();
    for at in 0..60 {
        let mut path = random.one_of(&directories);
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend(random.one_of(&names));
        let is_directory = at < 30;
        if fs::symlink_metadata(place(&path)).is_ok() {
            continue;
        }
        if is_directory {
            fs::create_dir(place(&path)).unwrap();
            directories.push(path.clone());
        } else {
            fs::write(place(&path), "").unwrap();
        }
        paths.insert((path, is_directory));
    }
    let mut left_out = 0;
    for round in 0..150 {
        let mut ignore = Ignore::default();
        let mut with_rules = Vec::new();
        for directory in &directories {
            let is_root = directory.is_empty();
            let mut file = directory.clone();
            file.extend_from_slice(if is_root {
                b".gitignore"
            } else {
                b"/.gitignore"
            });
            let _ = fs::remove_file(place(&file));
            if is_root || random.below(8) == 0 {
                let lines: Vec<Vec<u8>> = (0..1 + random.below(4))
                    .map(|_| pattern(&mut random))
                    .collect();
                let text = lines.join(&b'\n');
                fs::write(place(&file), &text).unwrap();
                with_rules.push((directory.clone(), text));
            }
        }
        with_rules.sort_by_key(|(directory, _)| {
            directory.split(|&byte| byte == b'/').count() + usize::from(!directory.is_empty())
        });
        for (directory, text) in &with_rules {
            ignore.add(directory, text);
        }
        let input: Vec<u8> = paths
            .iter()
            .flat_map(|(path, _)| [&path[..], b"\0"].concat())
            .collect();
        let output = git(&["check-ignore", "-z", "--stdin", "--no-index"], &input).unwrap();
        let by_git: BTreeSet<&[u8]> = output.stdout.split(|&byte| byte == 0).collect();
        for (path, is_directory) in &paths {
            let own = ignore.has(path, *is_directory);
            left_out += usize::from(own);
            let shown: Vec<String> = with_rules
                .iter()
                .map(|(directory, text)| {
                    format!("{}: {}", directory.escape_ascii(), text.escape_ascii())
                })
                .collect();
            assert_eq!(
                own,
                by_git.contains(&path[..]),
                "round {round}: {} by {shown:?}",
                path.escape_ascii()
            );
        }
    }
    assert!(
        left_out > 500 && left_out < 150 * paths.len() - 500,
        "{left_out}"
    );
}
