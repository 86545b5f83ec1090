//! What is told of a directory that is watched: of states that a model goes through, and of a real one by the script.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;

use superserve_lazy::watch::{Change, Entry, Event, Nonsense, Watch, pause_ms};
use support::{Random, Scratch};

type Name = Vec<u8>;

#[derive(Clone, PartialEq)]
struct Node {
    is_directory: bool,
    file: u64,
    size: u64,
    time: u64,
    mode: u64,
}

/// A tree, the operations on it, and what a script tells of it.
#[derive(Default)]
struct Model {
    nodes: BTreeMap<Name, Node>,
    /// What the script told last.
    last: Vec<Vec<u8>>,
    clock: u64,
}

fn parent(path: &[u8]) -> Name {
    let end = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
    path[..end].to_vec()
}

fn is_below(path: &[u8], directory: &[u8]) -> bool {
    path.strip_prefix(directory)
        .is_some_and(|rest| rest.starts_with(b"/"))
}

impl Model {
    fn directories(&self) -> Vec<Name> {
        let own = self.nodes.iter().filter(|(_, node)| node.is_directory);
        let mut all: Vec<Name> = own.map(|(path, _)| path.clone()).collect();
        all.push(Name::new());
        all
    }

    fn some(&self, random: &mut Random) -> Option<Name> {
        let all: Vec<Name> = self.nodes.keys().cloned().collect();
        (!all.is_empty()).then(|| random.one_of(&all))
    }

    fn touch(&mut self, directory: &[u8]) {
        let clock = self.clock;
        if let Some(node) = self.nodes.get_mut(directory) {
            node.time = clock;
        }
    }

    fn new_path(&self, random: &mut Random, within: &[Name]) -> Name {
        let names: [&[u8]; 6] = [b"a", b"b", b"two\nlines", b"d\t-", b"caf\xe9", b"\"\\ x"];
        let mut path = random.one_of(within);
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend(random.one_of(&names));
        path
    }

    fn remove(&mut self, path: &[u8]) {
        self.nodes
            .retain(|other, _| other != path && !is_below(other, path));
    }

    fn step(&mut self, random: &mut Random) {
        self.clock += 1;
        let node = Node {
            is_directory: random.below(3) == 0,
            // A number that another may have had before.
            file: self.clock - random.below(2) as u64,
            size: random.below(3) as u64,
            time: self.clock,
            mode: 0o644,
        };
        match (random.below(8), self.some(random)) {
            (0..3, _) | (_, None) => {
                let path = self.new_path(random, &self.directories());
                self.remove(&path);
                self.touch(&parent(&path));
                let is_free = self.nodes.values().all(|other| other.file != node.file);
                let file = if is_free {
                    node.file
                } else {
                    self.clock + 1_000_000
                };
                self.nodes.insert(path, Node { file, ..node });
            }
            (3, Some(path)) => {
                self.remove(&path);
                self.touch(&parent(&path));
            }
            (4, Some(path)) => {
                let clock = self.clock;
                let node = self.nodes.get_mut(&path).unwrap();
                (node.time, node.size) = (clock, node.size + 1);
            }
            (5, Some(path)) => self.nodes.get_mut(&path).unwrap().mode ^= 0o111,
            (_, Some(from)) => {
                let directories: Vec<Name> = self
                    .directories()
                    .into_iter()
                    .filter(|one| *one != from && !is_below(one, &from))
                    .collect();
                let to = self.new_path(random, &directories);
                if to == from || is_below(&from, &to) {
                    return;
                }
                self.remove(&to);
                let moved: Vec<Name> = self
                    .nodes
                    .keys()
                    .filter(|path| **path == from || is_below(path, &from))
                    .cloned()
                    .collect();
                for path in moved {
                    let node = self.nodes.remove(&path).unwrap();
                    let at = [&to, &path[from.len()..]].concat();
                    self.nodes.insert(at, node);
                }
                self.touch(&parent(&from));
                self.touch(&parent(&to));
            }
        }
    }

    fn records(&self) -> Vec<Vec<u8>> {
        let record = |(path, node): (&Name, &Node)| {
            let kind = if node.is_directory { "d" } else { "-" };
            let facts = format!(
                "{kind}rw-r--r-- 1.{} {} {}.5 {:o} me ",
                node.file, node.size, node.time, node.mode
            );
            [facts.as_bytes(), path, b"//"].concat()
        };
        let mut all: Vec<Vec<u8>> = self.nodes.iter().map(record).collect();
        all.sort();
        all
    }

    /// The next message.
    fn message(&mut self, is_whole: bool) -> Vec<u8> {
        let records = self.records();
        let mut bytes = Vec::new();
        if is_whole {
            for record in &records {
                bytes.extend([record.as_slice(), b"\0"].concat());
            }
        } else {
            for record in self.last.iter().filter(|one| !records.contains(one)) {
                bytes.extend([record.as_slice(), b"\0"].concat());
            }
            for record in records.iter().filter(|one| !self.last.contains(one)) {
                bytes.extend([b"\t", record.as_slice(), b"\0"].concat());
            }
        }
        self.last = records;
        let mut text = base64(&bytes);
        text.push_str(if is_whole {
            "polling =\n"
        } else {
            "polling -\n"
        });
        text.into_bytes()
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for (at, chunk) in bytes.chunks(3).enumerate() {
        let mut bits = 0u32;
        for place in 0..3 {
            bits = bits << 8 | u32::from(chunk.get(place).copied().unwrap_or(0));
        }
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            out.push(if place > chunk.len() {
                '='
            } else {
                digit.into()
            });
        }
        if at % 19 == 18 {
            out.push('\n');
        }
    }
    if !out.ends_with('\n') && !out.is_empty() {
        out.push('\n');
    }
    out
}

/// What whoever hears the events knows.
type Known = BTreeMap<Name, Option<Rc<Entry>>>;

fn apply(known: &mut Known, events: &[Event]) {
    for event in events {
        let Event {
            change,
            path,
            from,
            entry,
        } = event;
        let directory = parent(path);
        let is_placed = directory.is_empty() || known.contains_key(&directory);
        assert!(is_placed || *change == Change::Changed, "{event:?}");
        match change {
            Change::Created => {
                assert!(
                    known.insert(path.clone(), entry.clone()).is_none(),
                    "{event:?}"
                );
            }
            Change::Changed => {
                assert!(
                    known.insert(path.clone(), entry.clone()).is_some(),
                    "{event:?}"
                );
            }
            Change::Removed => {
                assert!(known.remove(path).is_some(), "{event:?}");
                assert!(
                    !known.keys().any(|other| is_below(other, path)),
                    "{event:?}"
                );
            }
            Change::Renamed => {
                let moved: Vec<Name> = known
                    .keys()
                    .filter(|other| *other == from || is_below(other, from))
                    .cloned()
                    .collect();
                assert!(moved.contains(from), "{event:?}");
                for old in moved {
                    let node = known.remove(&old).unwrap();
                    known.insert([path, &old[from.len()..]].concat(), node);
                }
                known.insert(path.clone(), entry.clone());
            }
        }
    }
}

#[test]
fn events_lead_from_one_state_to_the_next() {
    let mut renamed = 0;
    for seed in 0..200 {
        let random = &mut Random(seed);
        let mut model = Model::default();
        for _ in 0..random.below(20) {
            model.step(random);
        }
        let mut watch = Watch::new(b"/w");
        assert_eq!(watch.take(&model.message(true)), Ok(true));
        assert!(watch.events().is_empty());
        let mut known: Known = model
            .nodes
            .keys()
            .map(|path| (path.clone(), None))
            .collect();
        let mut told = model.nodes.clone();
        for round in 0..60 {
            for _ in 0..random.below(4) {
                model.step(random);
            }
            let is_cut = random.below(5) == 0;
            if is_cut {
                // A piece of a message that nobody ends, and changes that no message told of.
                let half = model.message(false);
                let end = random.below(half.len());
                assert!(watch.take(&half[..end]).is_ok());
                watch.open();
            }
            let message = model.message(is_cut || random.below(4) == 0);
            let cut = random.below(message.len());
            assert_eq!(watch.take(&message[..cut]), Ok(false));
            assert_eq!(watch.take(&message[cut..]), Ok(true));
            if random.below(3) == 0 {
                continue;
            }
            let events = watch.events();
            renamed += events
                .iter()
                .filter(|one| one.change == Change::Renamed)
                .count();
            apply(&mut known, &events);
            let what = format!("seed {seed}, round {round}: {events:?}");
            assert!(known.keys().eq(model.nodes.keys()), "{what}");
            // Each path that is otherwise than it was told is told of.
            for (path, node) in &model.nodes {
                let is_kept = told.get(path).is_some_and(|old| {
                    let is_tree = old.is_directory && node.is_directory;
                    old == node || is_tree && old.mode == node.mode
                });
                let is_told = events.iter().any(|event| {
                    event.path == *path
                        || event.change == Change::Renamed && is_below(path, &event.path)
                });
                assert!(is_kept || is_told, "{path:?} {what}");
            }
            assert!(watch.events().is_empty());
            told = model.nodes.clone();
        }
    }
    assert!(renamed > 250, "{renamed}");
}

fn whole(records: &[&str]) -> Vec<u8> {
    let bytes: Vec<u8> = records
        .iter()
        .flat_map(|one| format!("{one}\0").into_bytes())
        .collect();
    [base64(&bytes).as_bytes(), b"inotify =\n"].concat()
}

fn told(watch: &mut Watch, records: &[&str]) -> Vec<String> {
    assert_eq!(watch.take(&whole(records)), Ok(true));
    let name = |path: &[u8]| String::from_utf8_lossy(path).into_owned();
    let line = |event: &Event| match event.change {
        Change::Renamed => format!("{} > {}", name(&event.from), name(&event.path)),
        change => format!("{change:?} {}", name(&event.path)),
    };
    watch.events().iter().map(line).collect()
}

#[test]
fn what_moves_is_told_once() {
    let mut watch = Watch::new(b"/");
    told(
        &mut watch,
        &[
            "drwx 1.1 0 1.0 755 me d//",
            "-rw- 1.2 5 2.0 644 me d/a//",
            "-rw- 1.3 5 3.0 644 me d/b//",
        ],
    );
    let moved = [
        "drwx 1.1 0 1.0 755 me e//",
        "-rw- 1.2 6 4.0 644 me e/a//",
        "-rw- 1.4 5 3.0 644 me e/c//",
    ];
    let events = told(&mut watch, &moved);
    assert_eq!(
        events,
        ["d > e", "Removed e/b", "Changed e/a", "Created e/c"]
    );
    // Another file may get the number of one that is gone.
    let reused = ["-rw- 1.2 6 9.0 644 me f//"];
    let events = told(&mut watch, &reused);
    assert_eq!(
        events,
        ["Removed e/c", "Removed e/a", "Removed e", "Created f"]
    );
}

#[test]
fn what_is_in_a_directory_does_not_change_it() {
    let mut watch = Watch::new(b"/");
    told(&mut watch, &["drwx 1.1 0 1.0 755 me d//"]);
    let events = told(
        &mut watch,
        &["drwx 1.1 9 2.0 755 me d//", "-rw- 1.2 5 2.0 644 me d/a//"],
    );
    assert_eq!(events, ["Created d/a"]);
    let events = told(
        &mut watch,
        &["drwx 1.1 9 2.0 700 me d//", "-rw- 1.2 5 2.0 644 me d/a//"],
    );
    assert_eq!(events, ["Changed d"]);
}

#[test]
fn what_nobody_asked_for_does_not_add_up() {
    let mut watch = Watch::new(b"/");
    told(&mut watch, &[]);
    for time in 0..1_000 {
        let record = format!("-rw- 1.2 5 {time}.0 644 me a//");
        assert_eq!(watch.take(&whole(&[&record])), Ok(true));
    }
    assert_eq!(watch.events().len(), 1);
    // What is as it was told is not told again.
    watch.take(&whole(&[])).unwrap();
    watch
        .take(&whole(&["-rw- 1.2 5 999.0 644 me a//"]))
        .unwrap();
    assert!(watch.events().is_empty());
}

#[test]
fn events_are_json() {
    let mut watch = Watch::new(b"/w/");
    watch.take(&whole(&[])).unwrap();
    let mut out = Vec::new();
    watch.json(&mut out);
    assert_eq!(out, br#"[{"type":"ready","by":"inotify"}]"#);
    let record = [b"lrwx 1.2 5 7.25 777 me a \"\\\n/caf\xe9//to//\xff\0".as_slice()].concat();
    let message = [base64(&record).as_bytes(), b"inotify =\n"].concat();
    watch.take(&message).unwrap();
    out.clear();
    watch.json(&mut out);
    let expected = concat!(
        r#"[{"type":"created","path":"/w/a \"\\\u000a/caf\udce9","entry":{"name":"caf\udce9","#,
        r#""path":"/w/a \"\\\u000a/caf\udce9","type":"symlink","size":"5","modifiedAt":"7.25","mode":"777","#,
        r#""owner":"me","target":"to//\udcff"}}]"#
    );
    assert_eq!(String::from_utf8(out).unwrap(), expected);
    watch.take(&whole(&[])).unwrap();
    let mut out = Vec::new();
    watch.json(&mut out);
    let gone = r#"[{"type":"removed","path":"/w/a \"\\\u000a/caf\udce9"}]"#;
    assert_eq!(String::from_utf8(out).unwrap(), gone);
}

#[test]
fn what_no_script_writes_is_told_apart() {
    assert_eq!(Watch::new(b"/").take(b"<html>\n"), Err(Nonsense));
    let random = &mut Random(7);
    for _ in 0..2_000 {
        let mut watch = Watch::new(b"/");
        for _ in 0..4 {
            let bytes: Vec<u8> = (0..random.below(60)).map(|_| random.next() as u8).collect();
            let text = base64(&bytes);
            let _ = watch.take(text.as_bytes());
            let _ = watch.take(random.one_of(&["x =\n", "x -\n", "\n", "AAA"]).as_bytes());
            watch.events();
        }
    }
}

#[test]
fn a_lost_stream_is_opened_again_for_a_while() {
    for passes in [
        "TimeoutError timeout 0",
        "SandboxError network_error 0",
        "SandboxError stream_ended 0",
        "ServerError undefined 503",
        "RateLimitError rate_limited 429",
        "ConflictError conflict 409",
    ] {
        assert_eq!(pause_ms(passes, 0), Some(250), "{passes}");
        assert_eq!(pause_ms(passes, 11), Some(8_000), "{passes}");
        assert_eq!(pause_ms(passes, 12), None, "{passes}");
    }
    for stays in [
        "NotFoundError not_found 404",
        "ValidationError not_directory 400",
        "SandboxError permission_denied 403",
        "ServerError sandbox_storage_full 507",
        "SandboxError tool_missing 501",
        "SandboxError aborted 0",
        "TypeError",
        "",
    ] {
        assert_eq!(pause_ms(stays, 0), None, "{stays}");
    }
}

/// The script at work on a directory.
struct Running {
    child: Child,
    pieces: std::sync::mpsc::Receiver<Vec<u8>>,
    watch: Watch,
    by: Vec<u8>,
}

impl Running {
    fn new(shell: &str, tools: &Path, values: &[&std::ffi::OsStr]) -> Self {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../resources");
        let text = ["scripts/prelude.sh", "files/scripts/watch.sh"]
            .map(|name| fs::read_to_string(scripts.join(name)).unwrap());
        let path = std::env::var("PATH").unwrap();
        let mut child = Command::new(shell)
            .args(["-c", &text.concat(), "s", ""])
            .args(values)
            .env("PATH", format!("{}:{path}", tools.display()))
            .env("LC_ALL", "C")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut out = child.stdout.take().unwrap();
        let (sender, pieces) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 1000];
            while let Ok(count @ 1..) = out.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let mut own = Self {
            child,
            pieces,
            watch: Watch::new(b"/"),
            by: Vec::new(),
        };
        own.message();
        own
    }

    /// Waits for a message.
    fn message(&mut self) {
        loop {
            let piece = self
                .pieces
                .recv_timeout(std::time::Duration::from_secs(60))
                .unwrap();
            if let Some(by) = piece
                .split(|byte| *byte == b'\n')
                .rev()
                .find(|line| line.ends_with(b" ="))
            {
                self.by = by.strip_suffix(b" =").unwrap().to_vec();
            }
            if self.watch.take(&piece).unwrap() {
                return;
            }
        }
    }

    /// Waits until so much has happened, and tells what.
    fn happens(&mut self, count: usize) -> Vec<(Change, Name)> {
        let mut all = Vec::new();
        while all.len() < count {
            self.message();
            all.extend(
                self.watch
                    .events()
                    .into_iter()
                    .map(|event| (event.change, event.path)),
            );
        }
        all.sort_by(|one, other| one.1.cmp(&other.1));
        all
    }

    /// Waits for its end.
    fn ends(mut self) -> String {
        let mut words = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut words)
            .unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(1), "{words}");
        words
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill")
            .args(["-KILL", "--", &group])
            .stderr(Stdio::null())
            .status();
        let _ = self.child.wait();
    }
}

fn tool(directory: &Path, name: &str, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(directory).unwrap();
    fs::write(directory.join(name), text).unwrap();
    fs::set_permissions(directory.join(name), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn the_script_tells_of_a_real_directory() {
    for (number, shell) in ["dash", "bash"].into_iter().enumerate() {
        if Command::new(shell).args(["-c", ""]).status().is_err() {
            continue;
        }
        let scratch = Scratch::new(&format!("watch-{number}"));
        let (poor, rich, none) = (
            scratch.join("poor"),
            scratch.join("rich"),
            scratch.join("none"),
        );
        // Tools without what those of GNU have of their own.
        tool(&poor, "comm", "#!/bin/sh\nexit 1\n");
        tool(
            &poor,
            "find",
            "#!/bin/sh\nfor a do [ \"$a\" != -printf ] || exit 1; done\nPATH=${PATH#*:}\nexec find \"$@\"\n",
        );
        // One that hears of changes by a pipe.
        let pipe = scratch.join("pipe");
        assert!(
            Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let hears = "#!/bin/sh\ncat >\"$0.seen\"\necho 'Setting up watches.' >&2\necho 'Watches established.' >&2\nread x <\"${0%/*/*}/pipe\"\necho x\n";
        tool(&rich, "inotifywait", hears);
        for tools in [&none, &poor, &rich] {
            let is_told = tools == &rich;
            let directory = scratch.join(std::ffi::OsString::from_vec(b"di\xffr\n".to_vec()));
            fs::create_dir_all(directory.join("sub/deep")).unwrap();
            fs::create_dir_all(directory.join("node_modules/x")).unwrap();
            fs::write(directory.join("a"), "1").unwrap();
            symlink("no//where", directory.join("link")).unwrap();
            let ms = if is_told { "3600000" } else { "20" };
            let words = ["1", ms, "0", "node_modules", "*.log"].map(std::ffi::OsStr::new);
            let mut values = vec![directory.as_os_str()];
            values.extend(words);
            let mut running = Running::new(shell, tools, &values);
            assert_eq!(
                running.by,
                if is_told {
                    b"inotify"
                } else {
                    b"polling".as_slice()
                }
            );
            let poke = || {
                if is_told {
                    fs::write(&pipe, "x\n").unwrap();
                }
            };
            let odd = b"-o dd\n\xfe'";
            fs::rename(directory.join("a"), directory.join("sub/b")).unwrap();
            fs::write(directory.join("passed over.log"), "1").unwrap();
            fs::write(directory.join("node_modules/x/y"), "1").unwrap();
            fs::write(directory.join(std::ffi::OsStr::from_bytes(odd)), "1").unwrap();
            poke();
            let events = running.happens(2);
            let expected = [
                (Change::Created, odd.to_vec()),
                (Change::Renamed, b"sub/b".to_vec()),
            ];
            // Without a message between the two the file has moved; with one it is gone, and there again.
            if events.len() == 2 {
                assert_eq!(events, expected, "{shell} {}", tools.display());
            }
            fs::remove_dir(directory.join("sub/deep")).unwrap();
            fs::write(directory.join("sub/b"), "longer").unwrap();
            poke();
            let events = running.happens(2);
            let expected = [
                (Change::Changed, b"sub/b".to_vec()),
                (Change::Removed, b"sub/deep".to_vec()),
            ];
            assert_eq!(events, expected, "{shell} {}", tools.display());
            if is_told {
                let seen = fs::read(rich.join("inotifywait.seen")).unwrap();
                assert_eq!(seen, b".\n./sub\n");
            }
            fs::remove_dir_all(&directory).unwrap();
            poke();
            let words = running.ends();
            assert!(words.ends_with("No such file or directory\n"), "{words}");
        }
    }
}
