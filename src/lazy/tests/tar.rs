//! Archives: what is written is read again, by this crate and by GNU tar; what is no archive is refused.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::collections::HashMap;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use superserve_lazy::tar::{BLOCK, Broken, Entry, Kind, Reader, Step, write};
use support::{Random, Scratch, run};

/// How many headers the fuzz makes: a million takes `FOLDERS_FUZZ=1000000 cargo test --release -p superserve-folders`.
fn rounds() -> usize {
    std::env::var("FOLDERS_FUZZ")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(4_000)
}

fn any_entry(random: &mut Random, path: Vec<u8>) -> Entry {
    let kind = random.one_of(&[Kind::File, Kind::File, Kind::Directory, Kind::Symlink]);
    let most = random.one_of(&[10, 99, 101, 255]);
    Entry {
        kind,
        name: path,
        target: if kind == Kind::Symlink {
            random.path(3, most)
        } else {
            Vec::new()
        },
        size: if kind == Kind::File {
            random.below(2000) as u64
        } else {
            0
        },
        mode: random.below(0o10000) as u32,
        modified_ms: random.one_of(&[
            0,
            1_700_000_000_000,
            1_700_000_000_123,
            -1,
            -1_000_500,
            1 << 43,
        ]),
    }
}

/// Reads an archive, of which it skips the bytes of files.
fn read(archive: &[u8]) -> Result<Vec<Entry>, Broken> {
    let mut reader = Reader::default();
    let mut entries = Vec::new();
    let mut rest = archive;
    loop {
        let Some((block, after)) = rest.split_at_checked(BLOCK) else {
            return Err(Broken);
        };
        rest = after;
        let (size, is_note) = match reader.header(block)? {
            Step::End => return Ok(entries),
            Step::Note(size) => (size, true),
            Step::Entry(entry) => {
                let size = entry.size;
                entries.push(entry);
                (size, false)
            }
        };
        let size = usize::try_from(size).unwrap();
        let body = rest.get(..size).ok_or(Broken)?;
        if is_note {
            reader.note(body)?;
        }
        rest = rest.get(size.next_multiple_of(BLOCK)..).ok_or(Broken)?;
    }
}

fn archive_of(entries: &[Entry]) -> Vec<u8> {
    let mut archive = Vec::new();
    for entry in entries {
        write(entry, &mut archive);
        assert_eq!(archive.len() % BLOCK, 0);
        archive.resize(archive.len() + entry.size as usize, b'x');
        archive.resize(archive.len().next_multiple_of(BLOCK), 0);
    }
    archive.resize(archive.len() + 2 * BLOCK, 0);
    archive
}

#[test]
fn what_is_written_is_read() {
    let mut random = Random(1);
    for _ in 0..2000 {
        let entries: Vec<Entry> = (0..1 + random.below(4))
            .map(|_| {
                let most = random.one_of(&[5, 60, 100, 255]);
                let path = random.path(6, most);
                any_entry(&mut random, path)
            })
            .collect();
        assert_eq!(read(&archive_of(&entries)).unwrap(), entries);
    }
}

#[test]
fn names_of_every_length_are_read() {
    for length in (1..=600).step_by(3) {
        for step in [1, 7, 50, 99, 100, 101, 155, 156, 255] {
            for kind in [Kind::File, Kind::Directory] {
                let mut name: Vec<u8> = (0..length)
                    .map(|at| if at % step == step - 1 { b'/' } else { b'n' })
                    .collect();
                if let Some(last) = name.last_mut() {
                    *last = b'z';
                }
                if let Some(first) = name.first_mut() {
                    *first = b'a';
                }
                let entry = Entry {
                    kind,
                    name,
                    target: Vec::new(),
                    size: 0,
                    mode: 0o644,
                    modified_ms: 0,
                };
                assert_eq!(
                    read(&archive_of(std::slice::from_ref(&entry))).unwrap(),
                    [entry]
                );
            }
        }
    }
}

#[test]
fn large_files_and_far_times_are_read() {
    for size in [0, (1 << 33) - 1, 1 << 33, 1 << 40, (1 << 53) - 1] {
        for modified_ms in [0, -1, 1 << 50, -(1 << 50)] {
            let entry = Entry {
                kind: Kind::File,
                name: b"a".to_vec(),
                target: Vec::new(),
                size,
                mode: 0,
                modified_ms,
            };
            let mut blocks = Vec::new();
            write(&entry, &mut blocks);
            let mut reader = Reader::default();
            let mut last = None;
            while !blocks.is_empty() {
                let block: Vec<u8> = blocks.drain(..BLOCK).collect();
                match reader.header(&block).unwrap() {
                    Step::Note(size) => {
                        let body: Vec<u8> = blocks
                            .drain(..(size as usize).next_multiple_of(BLOCK))
                            .collect();
                        reader.note(&body[..size as usize]).unwrap();
                    }
                    step => last = Some(step),
                }
            }
            assert_eq!(last, Some(Step::Entry(entry)));
        }
    }
}

fn is_gnu() -> bool {
    let version = run(Command::new("tar").arg("--version"), b"");
    version.is_some_and(|output| output.stdout.starts_with(b"tar (GNU tar)"))
}

/// GNU tar unpacks what is written here: the same names, bytes, permissions, times and links.
#[test]
fn gnu_tar_reads_what_is_written() {
    if !is_gnu() {
        return;
    }
    let mut random = Random(2);
    let mut entries: HashMap<Vec<u8>, Entry> = HashMap::new();
    for at in 0..300 {
        // A number keeps one from being within another.
        let most = random.one_of(&[5, 60, 120, 200]);
        let mut path = format!("{at}").into_bytes();
        path.extend(random.path(4, most));
        let mut entry = any_entry(&mut random, path);
        entry.mode = random.one_of(&[0o644, 0o755, 0o600, 0o700, 0o4755, 0o1777]);
        entries.insert(entry.name.clone(), entry);
    }
    let entries: Vec<Entry> = entries.into_values().collect();
    let scratch = Scratch::new("gnu");
    let output = run(
        Command::new("tar")
            .args([
                "-xpf",
                "-",
                "--no-same-owner",
                "--warning=no-timestamp",
                "-C",
            ])
            .arg(&*scratch),
        &archive_of(&entries),
    )
    .unwrap();
    let stderr = output.stderr.escape_ascii().to_string();
    assert!(
        output.status.success() && stderr.is_empty(),
        "{stderr:.500}"
    );
    for entry in &entries {
        let path = scratch.join(Path::new(std::ffi::OsStr::from_bytes(&entry.name)));
        let found = fs::symlink_metadata(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        match entry.kind {
            Kind::Symlink => {
                let target = fs::read_link(&path).unwrap().into_os_string().into_vec();
                assert_eq!(target, entry.target);
                continue;
            }
            Kind::Directory => assert!(found.is_dir()),
            _ => assert_eq!(fs::read(&path).unwrap(), vec![b'x'; entry.size as usize]),
        }
        assert_eq!(found.permissions().mode() & 0o7777, entry.mode, "{path:?}");
        let ms = found.mtime() * 1000 + found.mtime_nsec() / 1_000_000;
        assert_eq!(ms, entry.modified_ms, "{path:?}");
    }
}

/// What is shown in `--quoting-style=escape`, as it was.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let (&next, after) = rest.split_first().unwrap();
        if next.is_ascii_digit() {
            let octal = rest[..3]
                .iter()
                .fold(0_u32, |sum, digit| sum * 8 + u32::from(digit - b'0'));
            out.push(octal as u8);
            rest = &rest[3..];
            continue;
        }
        out.push(match next {
            b'a' => 7,
            b'b' => 8,
            b't' => 9,
            b'n' => 10,
            b'v' => 11,
            b'f' => 12,
            b'r' => 13,
            other => other,
        });
        rest = after;
    }
    out
}

/// What `ls -l` begins with.
fn permissions(entry: &Entry) -> String {
    let kind = match entry.kind {
        Kind::Directory => 'd',
        Kind::Symlink => 'l',
        _ => '-',
    };
    let mut text = String::from(kind);
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = entry.mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (entry.mode & special != 0, bits & 1 != 0) {
            (false, false) => '-',
            (false, true) => 'x',
            (true, true) => letter,
            (true, false) => letter.to_ascii_uppercase(),
        });
    }
    text
}

/// GNU tar reads each header as it was meant: kind, permissions, size, name and target.
#[test]
fn gnu_tar_lists_what_is_written() {
    if !is_gnu() {
        return;
    }
    let mut random = Random(7);
    let mut left = rounds();
    while left > 0 {
        let count = left.min(10_000);
        left -= count;
        let entries: Vec<Entry> = (0..count)
            .map(|_| {
                let most = random.one_of(&[5, 60, 100, 255]);
                let path = random.path(4, most);
                let mut entry = any_entry(&mut random, path);
                entry.size %= 600;
                entry
            })
            .collect();
        let mut tar = Command::new("tar");
        tar.args([
            "-tvf",
            "-",
            "--numeric-owner",
            "--quoting-style=escape",
            "--warning=none",
        ]);
        let output = run(&mut tar, &archive_of(&entries)).unwrap();
        assert!(
            output.status.success(),
            "{:.300}",
            output.stderr.escape_ascii()
        );
        let lines = output
            .stdout
            .strip_suffix(b"\n")
            .unwrap()
            .split(|&byte| byte == b'\n');
        let lines: Vec<&[u8]> = lines.collect();
        assert_eq!(lines.len(), count);
        for (line, entry) in lines.into_iter().zip(&entries) {
            let shown = line.escape_ascii();
            let mut fields = Vec::new();
            let mut rest = line;
            while fields.len() < 5 {
                rest = rest.trim_ascii_start();
                let end = rest.iter().position(|&byte| byte == b' ').unwrap();
                fields.push(&rest[..end]);
                rest = &rest[end..];
            }
            assert_eq!(fields[0], permissions(entry).as_bytes(), "{shown}");
            assert_eq!(fields[2], entry.size.to_string().as_bytes(), "{shown}");
            let expected = match entry.kind {
                Kind::Directory => [&entry.name[..], b"/"].concat(),
                Kind::Symlink => [&entry.name[..], b" -> ", &entry.target].concat(),
                _ => entry.name.clone(),
            };
            assert_eq!(unescaped(&rest[1..]), expected, "{shown}");
        }
    }
}

/// What GNU tar writes, in each of its forms, is read.
#[test]
fn what_gnu_tar_writes_is_read() {
    if !is_gnu() {
        return;
    }
    let mut random = Random(3);
    let scratch = Scratch::new("gnu-writes");
    let tree = scratch.join("tree");
    let mut files = HashMap::new();
    for at in 0..60 {
        let mut path = format!("{at}").into_bytes();
        let most = random.one_of(&[5, 60, 150]);
        path.extend(random.path(4, most));
        let place = tree.join(Path::new(std::ffi::OsStr::from_bytes(&path)));
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        let bytes = vec![b'y'; random.below(1500)];
        fs::write(&place, &bytes).unwrap();
        files.insert(path, bytes.len() as u64);
    }
    std::os::unix::fs::symlink("0".repeat(200), tree.join("link")).unwrap();
    fs::create_dir(tree.join("empty")).unwrap();
    for format in ["gnu", "posix", "ustar"] {
        // Names of ustar are short: those that are not are left out, with a complaint.
        let archive = run(
            Command::new("tar")
                .arg(format!("--format={format}"))
                .args(["-cf", "-", "-C"])
                .arg(&tree)
                .arg("."),
            b"",
        )
        .unwrap();
        let entries = read(&archive.stdout).unwrap();
        let of = |kind| entries.iter().filter(move |entry| entry.kind == kind);
        for entry in of(Kind::File) {
            let name = entry.name.strip_prefix(b"./").unwrap();
            assert_eq!(
                files.get(name),
                Some(&entry.size),
                "{}",
                name.escape_ascii()
            );
        }
        assert!(of(Kind::Directory).any(|entry| entry.name == b"./empty"));
        if format != "ustar" {
            assert_eq!(of(Kind::File).count(), files.len(), "{format}");
            assert!(of(Kind::Symlink).any(|entry| entry.target == b"0".repeat(200)));
        }
    }
}

#[test]
fn what_is_no_archive_is_refused() {
    let entry = Entry {
        kind: Kind::File,
        name: b"a".to_vec(),
        target: Vec::new(),
        size: 0,
        mode: 0o644,
        modified_ms: 0,
    };
    let mut good = Vec::new();
    write(&entry, &mut good);
    for at in 0..BLOCK {
        let mut bad = good.clone();
        bad[at] ^= 1;
        // The sum itself may be written otherwise, with the same value, only in the byte at its end.
        assert!(
            at == 155 || Reader::default().header(&bad).is_err(),
            "byte {at}"
        );
    }
    for length in [0, 1, 511, 513] {
        assert_eq!(Reader::default().header(&vec![0; length]), Err(Broken));
    }
    assert_eq!(Reader::default().note(b"x"), Err(Broken));
}

/// Headers that are nearly right: none may panic, take a step that leads nowhere, or give a name with a NUL.
#[test]
fn no_header_does_harm() {
    let mut random = Random(4);
    let mut kinds: HashMap<&str, usize> = HashMap::new();
    let mut reader = Reader::default();
    for _ in 0..rounds() {
        let most = random.one_of(&[5, 60, 120]);
        let path = random.path(4, most);
        let mut blocks = Vec::new();
        write(&any_entry(&mut random, path), &mut blocks);
        let start = random.below(blocks.len() / BLOCK) * BLOCK;
        let mut block: Vec<u8> = blocks[start..start + BLOCK].to_vec();
        for _ in 0..random.below(8) {
            // Numbers and the kind more often than the rest.
            let at = match random.below(3) {
                0 => 100 + random.below(58),
                1 => 156,
                _ => random.below(BLOCK),
            };
            block[at] = match random.below(3) {
                0 => random.next() as u8,
                1 => random.one_of(b"01234567LKxgSVDM\0 \x80\xff"),
                _ => b'0' + random.below(8) as u8,
            };
        }
        if random.below(10) > 0 {
            let sum: u32 = block
                .iter()
                .enumerate()
                .map(|(at, &byte)| u32::from(if (148..156).contains(&at) { b' ' } else { byte }))
                .sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
        let seen = match reader.header(&block) {
            Ok(Step::End) => "end",
            Ok(Step::Note(size)) => {
                assert!(size <= 1 << 20);
                let mut body: Vec<u8> = (0..random.below(60))
                    .map(|_| random.one_of(b"0123456789 =\npathmtimesizelinkpath.-\0"))
                    .collect();
                if random.below(2) == 0 {
                    body = random
                        .one_of(&[
                            &b"12 path=a/b\n"[..],
                            b"11 size=12\n",
                            b"16 mtime=-12.345\n",
                            b"17 linkpath=.././\n",
                        ])
                        .to_vec();
                }
                if reader.note(&body).is_ok() {
                    "note"
                } else {
                    "broken note"
                }
            }
            Ok(Step::Entry(entry)) => {
                assert!(!entry.name.contains(&0) && !entry.target.contains(&0));
                assert!(entry.size < 1 << 53 && entry.mode <= 0o7777);
                assert!(
                    entry.kind != Kind::Directory
                        || entry.name == b"/"
                        || !entry.name.ends_with(b"/")
                );
                "entry"
            }
            Err(Broken) => "broken",
        };
        *kinds.entry(seen).or_default() += 1;
        if seen.starts_with("broken") || random.below(50) == 0 {
            reader = Reader::default();
        }
    }
    for kind in ["note", "broken note", "entry", "broken"] {
        assert!(
            kinds.get(kind).is_some_and(|count| *count * 200 > rounds()),
            "{kinds:?}"
        );
    }
}
