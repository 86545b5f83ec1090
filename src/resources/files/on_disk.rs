//! The scripts at work: in a directory of this machine, by the shells and the tools that a sandbox may have.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::{ESCAPE, failure};
use crate::resources::script::{self, FOLDER_TEXT, PRELUDE_TEXT, SEPARATOR, STOP_TEXT};

/// A shell, and the tools that it finds.
struct Machine {
    name: &'static str,
    shell: PathBuf,
    path: String,
    /// Who it runs as, if that is not who runs the tests.
    user: Option<&'static str>,
}

/// A directory that ends with its test.
struct Dir(PathBuf);

impl Dir {
    fn new() -> Self {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("scripts-{}-{number}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    fn text(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn at(&self, path: impl AsRef<OsStr>) -> PathBuf {
        self.0.join(path.as_ref())
    }

    fn path(&self, below: &str) -> String {
        format!("{}/{below}", self.text())
    }

    fn write(&self, path: impl AsRef<OsStr>, content: impl AsRef<[u8]>) {
        let path = self.at(path.as_ref());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// A program that a shell finds here.
    fn program(&self, name: &str, text: &str) {
        self.write(name, format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(self.at(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut places = std::env::split_paths(&path).map(|dir| dir.join(name));
    places.find(|place| place.is_file())
}

/// Tools of GNU's that take what busybox's take, and no more. Each pattern is an option that they refuse.
const REFUSED: &[(&str, &str)] = &[
    ("find", "-printf|-regextype"),
    ("grep", "-*Z*|--color*|--no-group*|-*b*|-I*"),
    ("cut", "--*"),
    ("head", "-z|--*"),
    ("stat", "--*"),
    ("mv", "--?*|-*T*"),
    ("cp", "--no-target*"),
    ("sort", "--*"),
];

/// Those of this machine. `tools` is where some of them find theirs.
fn machines(tools: &Dir) -> Vec<Machine> {
    let own = std::env::var("PATH").unwrap();
    let mut all = Vec::new();
    let mut add = |name, shell: Option<PathBuf>, path: &str| {
        let path = path.to_owned();
        all.extend(shell.map(|shell| Machine {
            name,
            shell,
            path,
            user: None,
        }));
    };
    add("dash", in_path("dash"), &own);
    add("bash", in_path("bash"), &own);
    for (name, refused) in REFUSED {
        let real = in_path(name).unwrap();
        let text = format!(
            "for o do case $o in --) break;; {refused}) echo \"{name}: unrecognized option\" >&2; exit 1;; esac; done\n\
             exec {} \"$@\"",
            real.display()
        );
        tools.program(&format!("plain/{name}"), &text);
    }
    let plain = format!("{}:{own}", tools.at("plain").display());
    add("plain tools", in_path("sh"), &plain);
    if let Some(busybox) = in_path("busybox") {
        let applets = Command::new(&busybox).arg("--list").output().unwrap();
        fs::create_dir(tools.at("busybox")).unwrap();
        for applet in String::from_utf8(applets.stdout).unwrap().lines() {
            symlink(&busybox, tools.at("busybox").join(applet)).unwrap();
        }
        // Not every busybox has it.
        let _ = symlink(in_path("flock").unwrap(), tools.at("busybox/flock"));
        let path = tools.at("busybox");
        add("busybox", Some(path.join("sh")), path.to_str().unwrap());
    }
    all
}

/// A path as it crosses.
fn crossed(path: impl AsRef<OsStr>) -> String {
    let mut out = String::new();
    for chunk in path.as_ref().as_bytes().utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\0{byte:02x}"));
        }
    }
    out
}

/// What `printf %b` makes that value of.
fn escaped(value: &str) -> String {
    let mut parts = value.split(char::from(ESCAPE));
    let mut out = parts.next().unwrap().replace('\\', "\\\\");
    for part in parts {
        let byte = u8::from_str_radix(&part[..2], 16).unwrap();
        out.push_str(&format!("\\0{byte:03o}{}", part[2..].replace('\\', "\\\\")));
    }
    out
}

impl Machine {
    /// Runs a script with these values, which may not leave `root`.
    fn output(&self, name: &str, root: &str, values: &[&str]) -> (Output, Vec<String>) {
        let script = script::of(&format!("/files/{name}")).unwrap();
        let values = script.values(&values.join(SEPARATOR)).unwrap();
        let guard = match root {
            "" => String::new(),
            _ => format!("lock=\n{FOLDER_TEXT}"),
        };
        let text = [PRELUDE_TEXT, &guard, script.text].concat();
        let words = script.words(root, &values);
        let words: Vec<&str> = words.split(SEPARATOR).collect();
        let is_escaped = words.iter().any(|word| word.contains(char::from(ESCAPE)));
        let mut command = match self.user {
            None => Command::new(&self.shell),
            Some(user) => {
                let mut command = Command::new(in_path("setpriv").unwrap());
                command.args(["--reuid", user, "--regid", user, "--clear-groups", "--"]);
                command.arg(&self.shell);
                command
            }
        };
        command
            .arg("-c")
            .arg(text)
            .arg(if is_escaped { "e" } else { "s" });
        for word in &words {
            match is_escaped {
                true => command.arg(escaped(word)),
                false => command.arg(word),
            };
        }
        // Variables of a sandbox's own are not the script's.
        for name in [
            "b", "c", "d", "e", "g", "h", "i", "n", "r", "t", "k", "f", "m",
        ] {
            command.env(name, "7");
        }
        command
            .env("LC_ALL", "C")
            .env("PATH", &self.path)
            .current_dir("/");
        (command.output().unwrap(), values)
    }

    /// The same within no root: the JSON that it comes to, or the code of what it fails with.
    fn run(&self, name: &str, values: &[&str]) -> Result<Value, String> {
        self.run_in("", name, values)
    }

    fn run_in(&self, root: &str, name: &str, values: &[&str]) -> Result<Value, String> {
        let (output, values) = self.output(name, root, values);
        let script = script::of(&format!("/files/{name}")).unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        let code = output.status.code().unwrap();
        if let Some(problem) = failure::of(f64::from(code), &stderr, script, &values) {
            return Err(match problem.code.as_str() {
                "file_error" => problem.message,
                code => code.to_owned(),
            });
        }
        let stdout = String::from_utf8(output.stdout).unwrap();
        let json = script.json(&stdout, &values).unwrap().unwrap_or_default();
        // A text of Rust's has no halves of characters.
        let json = String::from_utf8(json).unwrap().replace("\\udc", "\\uf7");
        Ok(match &*json {
            "" => Value::Null,
            json => serde_json::from_str(json).unwrap(),
        })
    }

    fn list(&self, path: &str, rest: [&str; 3]) -> Vec<String> {
        let [depth, hidden, pattern] = rest;
        paths(
            &self.run("list", &[path, depth, hidden, pattern]).unwrap(),
            path,
        )
    }

    fn find(&self, path: &str, pattern: &str, kind: &str, ignore: &[&str]) -> Vec<String> {
        let values = [&[path, pattern, kind, "10000", "1"], ignore].concat();
        let found = self.run("find", &values).unwrap();
        assert_eq!(found["truncated"], false);
        paths(&found["entries"], path)
    }
}

/// Paths of some entries, below `base`, in order.
fn paths(entries: &Value, base: &str) -> Vec<String> {
    let below = |entry: &Value| {
        let path = entry["path"].as_str().unwrap();
        path.strip_prefix(base)
            .unwrap()
            .trim_start_matches('/')
            .to_owned()
    };
    let mut paths: Vec<String> = entries.as_array().unwrap().iter().map(below).collect();
    paths.sort();
    paths
}

/// A name as [`Machine::run`] has it.
fn shown(name: &[u8]) -> String {
    let mut out = String::new();
    for chunk in name.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(
            chunk
                .invalid()
                .iter()
                .map(|byte| char::from_u32(0xf700 + u32::from(*byte)).unwrap()),
        );
    }
    out
}

/// Names that shells, tools and parsers trip over.
const NAMES: &[&[u8]] = &[
    b"plain",
    b"a b",
    b"'\" `x` $(x) ${x}",
    b"-rf",
    b"--help",
    b"*",
    b"[a]?",
    b"back\\slash \\0101 %s",
    b"two\nlines\n",
    b"\t\x01",
    "\u{6f22}\u{1f600}".as_bytes(),
    b".hidden",
    b"...",
    b"~",
    b"\xff\x80 and \\ more",
    b"caf\xe9",
];

#[test]
fn names_are_any_bytes() {
    let tools = Dir::new();
    for (nth, machine) in machines(&tools).iter().enumerate() {
        let dir = Dir::new();
        for name in NAMES {
            dir.write(OsStr::from_bytes(name), "12345");
        }
        let mut expected: Vec<String> = NAMES.iter().map(|name| shown(name)).collect();
        expected.sort();
        let found = machine.find(dir.text(), "*", "file", &[]);
        assert_eq!(found, expected, "{}", machine.name);
        assert_eq!(
            machine.list(dir.text(), ["", "", ""]),
            expected,
            "{}",
            machine.name
        );
        // Only the first does all of it: what is done to a name is the shell's.
        let every = if nth == 0 { 1 } else { 5 };
        for name in NAMES.iter().step_by(every) {
            let path = crossed(dir.at(OsStr::from_bytes(name)));
            let entry = machine.run("stat", &[&path]).unwrap();
            let seen = (entry["name"].as_str().unwrap(), entry["size"].as_u64());
            assert_eq!(seen, (&*shown(name), Some(5)), "{}", machine.name);
            let moved = format!("{path}.moved");
            let steps: &[(&str, &[&str])] = &[
                ("rename", &[&path, &moved, ""]),
                ("copy", &[&moved, &path, "", ""]),
                ("chmod", &[&path, "384", ""]),
                ("remove", &[&moved, ""]),
                ("symlink", &[&crossed(OsStr::from_bytes(name)), &moved]),
            ];
            for (step, values) in steps {
                let told = machine.run(step, values);
                assert_eq!(told, Ok(Value::Null), "{} {step} {path:?}", machine.name);
            }
            let link = machine.run("stat", &[&moved]).unwrap();
            assert_eq!(
                link["target"].as_str(),
                Some(&*shown(name)),
                "{}",
                machine.name
            );
            machine.run("remove", &[&moved, ""]).unwrap();
            let mode = fs::metadata(dir.at(OsStr::from_bytes(name)))
                .unwrap()
                .permissions();
            assert_eq!(mode.mode() & 0o7777, 0o600, "{}", machine.name);
        }
        assert_eq!(
            machine.list(dir.text(), ["", "", ""]),
            expected,
            "{}",
            machine.name
        );
    }
}

#[test]
fn an_entry_tells_the_same_by_all_tools() {
    let tools = Dir::new();
    let dir = Dir::new();
    dir.write("sub/file", "abc");
    symlink("two\nlines\n", dir.at("link")).unwrap();
    symlink("loop", dir.at("loop")).unwrap();
    Command::new("mkfifo").arg(dir.at("pipe")).status().unwrap();
    let mut seen: Vec<(&str, String)> = Vec::new();
    for machine in machines(&tools) {
        let mut told = machine.run("list", &[dir.text(), "3", "", ""]).unwrap();
        let entries = told.as_array_mut().unwrap();
        entries.sort_by_key(|entry| entry["path"].to_string());
        for entry in entries.iter_mut() {
            // Not all tools know parts of a second.
            let ms = entry["modified_ms"].as_u64().unwrap();
            entry["modified_ms"] = (ms / 1000).into();
        }
        let kinds: Vec<&str> = entries
            .iter()
            .map(|entry| entry["type"].as_str().unwrap())
            .collect();
        assert_eq!(
            kinds,
            ["symlink", "symlink", "other", "directory", "file"],
            "{}",
            machine.name
        );
        seen.push((machine.name, told.to_string()));
    }
    for (name, told) in &seen {
        assert_eq!(told, &seen[0].1, "{name}");
    }
}

#[test]
fn what_fails_says_why_by_all_tools() {
    let tools = Dir::new();
    for machine in machines(&tools) {
        let dir = Dir::new();
        dir.write("full/x", "");
        dir.write("file", "");
        symlink("loop", dir.at("loop")).unwrap();
        symlink("gone", dir.at("dangling")).unwrap();
        let long = "n".repeat(256);
        let [none, file, full, dangling] =
            ["none", "file", "full", "dangling"].map(|name| dir.path(name));
        let [below, at_loop, long, new] =
            ["file/x", "loop/x", &long, "new/x"].map(|name| dir.path(name));
        let cases: &[(&str, &[&str], &str)] = &[
            ("stat", &[&none], "not_found"),
            ("stat", &[&below], "not_directory"),
            ("stat", &[&at_loop], "too_many_links"),
            ("stat", &[&long], "name_too_long"),
            ("list", &[&none, "", "", ""], "not_found"),
            ("list", &[&file, "", "", ""], "not_directory"),
            ("find", &[&file, "", "", "9", "", ""], "not_directory"),
            ("find", &[&none, "", "", "9", "", ""], "not_found"),
            (
                "grep",
                &[&none, "x", "", "", "", "9", "", "", ""],
                "not_found",
            ),
            (
                "grep",
                &[&dangling, "x", "", "", "", "9", "", "", ""],
                "not_found",
            ),
            (
                "grep",
                &[&at_loop, "x", "", "", "", "9", "", "", ""],
                "too_many_links",
            ),
            (
                "grep",
                &[&file, "(", "", "", "1", "9", "", "", ""],
                "bad_pattern",
            ),
            (
                "grep",
                &[&file, "[", "", "", "1", "9", "", "", ""],
                "bad_pattern",
            ),
            (
                "grep",
                &[&file, "a\\", "", "", "1", "9", "", "", ""],
                "bad_pattern",
            ),
            ("mkdir", &[&full, ""], "already_exists"),
            ("mkdir", &[&new, ""], "not_found"),
            ("mkdir", &[&file, "1"], "already_exists"),
            ("mkdir", &[&long, ""], "name_too_long"),
            ("mkdir", &[&below, "1"], "already_exists"),
            ("remove", &[&none, ""], "not_found"),
            ("remove", &[&none, "1"], "not_found"),
            ("remove", &[&full, ""], "not_empty"),
            ("rename", &[&none, &new, ""], "not_found"),
            ("rename", &[&file, &new, ""], "not_found"),
            ("rename", &[&file, &full, ""], "already_exists"),
            ("rename", &[&file, &dangling, ""], "already_exists"),
            ("rename", &[&file, &full, "1"], "is_directory"),
            ("rename", &[&full, &file, "1"], "not_directory"),
            ("copy", &[&none, &new, "", ""], "not_found"),
            ("copy", &[&full, &new, "", ""], "is_directory"),
            ("copy", &[&file, &dangling, "", ""], "already_exists"),
            ("copy", &[&file, &new, "", ""], "not_found"),
            ("copy", &[&full, &file, "1", "1"], "not_directory"),
            ("copy", &[&file, &full, "1", "1"], "is_directory"),
            ("chmod", &[&none, "384", ""], "not_found"),
            ("symlink", &["x", &dangling], "already_exists"),
            ("symlink", &["x", &new], "not_found"),
        ];
        for (name, values, code) in cases {
            let told = machine.run(name, values);
            assert_eq!(
                told,
                Err((*code).to_owned()),
                "{} {name} {values:?}",
                machine.name
            );
        }
        assert_eq!(
            machine.list(dir.text(), ["5", "", ""]),
            ["dangling", "file", "full", "full/x", "loop"]
        );
    }
}

#[test]
fn what_is_made_moved_and_copied() {
    let tools = Dir::new();
    for machine in machines(&tools) {
        let dir = Dir::new();
        let at = |below: &str| dir.path(below);
        let run = |name: &str, values: &[&str]| {
            assert_eq!(
                machine.run(name, values),
                Ok(Value::Null),
                "{} {name} {values:?}",
                machine.name
            );
        };
        run("mkdir", &[&at("a/b"), "1"]);
        run("mkdir", &[&at("a/b"), "1"]);
        dir.write("a/b/one", "1");
        run("symlink", &["one", &at("a/b/link")]);
        run("chmod", &[&at("a/b/one"), "457", ""]);
        run("copy", &[&at("a"), &at("c"), "1", ""]);
        assert_eq!(
            machine.list(&at("c"), ["9", "", ""]),
            ["b", "b/link", "b/one"],
            "{}",
            machine.name
        );
        assert_eq!(fs::read_link(dir.at("c/b/link")).unwrap(), Path::new("one"));
        assert_eq!(
            fs::metadata(dir.at("c/b/one"))
                .unwrap()
                .permissions()
                .mode()
                & 0o777,
            0o711
        );
        dir.write("two", "2");
        run("copy", &[&at("two"), &at("a/b/one"), "", "1"]);
        assert_eq!(fs::read(dir.at("a/b/one")).unwrap(), b"2");
        // What is a link is replaced, not what it leads to.
        run("copy", &[&at("two"), &at("a/b/link"), "", "1"]);
        assert!(
            fs::symlink_metadata(dir.at("a/b/link")).unwrap().is_file(),
            "{}",
            machine.name
        );
        // A directory gets what the other has.
        dir.write("a/own", "");
        run("copy", &[&at("c"), &at("a"), "1", "1"]);
        assert_eq!(
            machine.list(&at("a"), ["9", "", ""]),
            ["b", "b/link", "b/one", "own"],
            "{}",
            machine.name
        );
        run("rename", &[&at("two"), &at("a/b/one"), "1"]);
        assert_eq!(fs::read(dir.at("a/b/one")).unwrap(), b"2");
        run("rename", &[&at("c"), &at("d"), ""]);
        run("mkdir", &[&at("empty"), ""]);
        run("rename", &[&at("d"), &at("empty"), "1"]);
        run("chmod", &[&at("empty"), "448", "1"]);
        assert_eq!(
            fs::metadata(dir.at("empty/b/one"))
                .unwrap()
                .permissions()
                .mode()
                & 0o777,
            0o700
        );
        // A link to a directory is one file more.
        symlink("a", dir.at("link")).unwrap();
        run("rename", &[&at("link"), &at("other"), ""]);
        dir.write("file", "");
        run("rename", &[&at("file"), &at("other"), "1"]);
        assert!(
            fs::symlink_metadata(dir.at("other")).unwrap().is_file(),
            "{}",
            machine.name
        );
        symlink("a", dir.at("link")).unwrap();
        run("remove", &[&at("link"), "1"]);
        run("remove", &[&at("empty"), "1"]);
        run("remove", &[&at("other"), ""]);
        assert_eq!(
            machine.list(dir.text(), ["1", "", ""]),
            ["a"],
            "{}",
            machine.name
        );
        assert!(dir.at("a/own").exists());
    }
}

#[test]
fn a_tool_that_is_not_there_is_named() {
    let tools = Dir::new();
    let some = Dir::new();
    for name in ["ls", "sh", "find"] {
        symlink(in_path(name).unwrap(), some.at(name)).unwrap();
    }
    for machine in machines(&tools) {
        let poor = Machine {
            path: some.text().to_owned(),
            ..machine
        };
        // Busybox needs no file for what is in it.
        if poor.name == "busybox" {
            continue;
        }
        let (output, _) = poor.output("list", "", &[some.text(), "", "", ""]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            stderr.ends_with("superserve:tool_missing:base64\n"),
            "{}: {stderr}",
            poor.name
        );
        let told = poor.run("grep", &[some.text(), "x", "", "", "", "9", "", "", ""]);
        assert_eq!(told, Err("tool_missing".to_owned()), "{}", poor.name);
        let nothing = Machine {
            path: "/nowhere".to_owned(),
            ..poor
        };
        let told = nothing.run("find", &["/", "", "", "9", "", ""]);
        assert_eq!(told, Err("tool_missing".to_owned()), "{}", nothing.name);
    }
}

/// Numbers that are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % most
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

/// Whether a path fits a pattern without braces, by its characters.
fn fits(pattern: &[char], path: &[char]) -> bool {
    match pattern {
        [] => path.is_empty(),
        ['*', '*', '/', rest @ ..] => {
            fits(rest, path)
                || (0..path.len()).any(|at| path[at] == '/' && fits(rest, &path[at + 1..]))
        }
        ['*', rest @ ..] => {
            fits(rest, path) || !path.is_empty() && path[0] != '/' && fits(pattern, &path[1..])
        }
        ['?', rest @ ..] => !path.is_empty() && path[0] != '/' && fits(rest, &path[1..]),
        ['[', rest @ ..] => {
            let negates = rest[0] == '!';
            let set = &rest[usize::from(negates)..];
            let end = 1 + set[1..].iter().position(|c| *c == ']').unwrap();
            let (set, rest) = (&set[..end], &set[end + 1..]);
            let Some(&first) = path.first() else {
                return false;
            };
            let mut at = 0;
            let mut has = false;
            while at < set.len() {
                if set.len() > at + 2 && set[at + 1] == '-' {
                    has |= (set[at]..=set[at + 2]).contains(&first);
                    at += 3;
                } else {
                    has |= set[at] == first;
                    at += 1;
                }
            }
            first != '/' && has != negates && fits(rest, &path[1..])
        }
        ['\\', literal, rest @ ..] | [literal, rest @ ..] => {
            path.first() == Some(literal) && fits(rest, &path[1..])
        }
    }
}

/// All patterns that one with braces stands for.
fn without_braces(pattern: &str) -> Vec<String> {
    let Some((before, rest)) = pattern.split_once('{') else {
        return vec![pattern.to_owned()];
    };
    let (inner, after) = rest.split_once('}').unwrap();
    let all = inner.split(',').map(|one| format!("{before}{one}{after}"));
    all.flat_map(|pattern| without_braces(&pattern)).collect()
}

fn fits_any(pattern: &str, path: &str) -> bool {
    let whole = match pattern.contains('/') {
        true => pattern.trim_start_matches('/').to_owned(),
        false => format!("**/{pattern}"),
    };
    let path: Vec<char> = path.chars().collect();
    without_braces(&whole)
        .iter()
        .any(|pattern| fits(&pattern.chars().collect::<Vec<char>>(), &path))
}

#[test]
fn patterns_fit_what_they_say() {
    const CHARACTERS: &[&str] = &[
        "a",
        "b",
        "c",
        "^",
        "]",
        "[",
        "-",
        "+",
        "?",
        "*",
        ".",
        "$",
        "\\",
        "{",
        "}",
        "(",
        "|",
        ",",
        "\n",
        " ",
        "\u{7f}",
        "\u{80}",
        "\u{e9}",
        "\u{7ff}",
        "\u{800}",
        "\u{6f22}",
        "\u{d7ff}",
        "\u{e000}",
        "\u{ffff}",
        "\u{1f600}",
    ];
    const PARTS: &[&str] = &[
        "*",
        "*",
        "?",
        "?",
        "a",
        "b",
        "\u{e9}",
        "\u{6f22}",
        ".",
        "[a-c]",
        "[!a-c]",
        "[]^-]",
        "[\u{e9}\u{1f600}a-c]",
        "[\u{6f22}]",
        "[!^]",
        "[!-a]",
        "[-]",
        "[!]]",
        "[Z-^]",
        "[\\\\-a]",
        "[]-a]",
        "[+-9]",
        "\\*",
        "\\[",
        "\\\\",
        "+",
        "$",
        "^",
        "|",
        "(",
        "{a,\u{e9},b*}",
        "{?,}",
        "]",
    ];
    let tools = Dir::new();
    let mut numbers = Numbers(0x5eed);
    let dir = Dir::new();
    for _ in 0..150 {
        let mut path = String::new();
        for _ in 0..numbers.below(3) {
            path.push_str(numbers.one(&["a", "b\u{e9}", "\u{6f22}"]));
            path.push('/');
        }
        for _ in 0..=numbers.below(3) {
            path.push_str(numbers.one(CHARACTERS));
        }
        if !path.ends_with('.') && !dir.at(&path).is_dir() {
            dir.write(&path, "");
        }
    }
    for (nth, machine) in machines(&tools).iter().enumerate() {
        let all = machine.find(dir.text(), "", "", &[]);
        assert!(all.len() > 100);
        for _ in 0..if nth == 0 { 40 } else { 10 } {
            let mut pattern = String::new();
            for _ in 0..numbers.below(3) {
                pattern.push_str(numbers.one(&[
                    "**/",
                    "*/",
                    "a/",
                    "?\u{e9}/",
                    "{a,\u{6f22}}/",
                    "/",
                ]));
            }
            for _ in 0..=numbers.below(3) {
                pattern.push_str(numbers.one(PARTS));
            }
            // Where two of them meet, they are not what they are alone.
            if pattern.contains("**") && !pattern.replace("**/", "").contains("**")
                || !pattern.contains("**")
            {
                let expected: Vec<&String> =
                    all.iter().filter(|path| fits_any(&pattern, path)).collect();
                let found = machine.find(dir.text(), &pattern, "", &[]);
                assert_eq!(
                    found.iter().collect::<Vec<_>>(),
                    expected,
                    "{}: {pattern:?}",
                    machine.name
                );
            }
        }
    }
}

/// What `grep` tells of a path: below it, line, column, text.
fn matches(told: &Value, base: &str) -> Vec<String> {
    let told = told["matches"].as_array().unwrap().iter();
    let of = |line: &Value| {
        let path = line["path"].as_str().unwrap();
        let path = path.strip_prefix(base).unwrap().trim_start_matches('/');
        format!(
            "{path}:{}:{}:{}",
            line["line"],
            line["column"],
            line["text"].as_str().unwrap()
        )
    };
    told.map(of).collect()
}

#[test]
fn lines_are_found_by_all_tools() {
    let tools = Dir::new();
    let dir = Dir::new();
    dir.write("a\nb: 1:x", "hello\nfoo here\n");
    dir.write("bytes", b"\xff\xe9 foo\n\xf0\x9f\x98\x80 foo foo");
    dir.write("sub/-n", "xfoo\r\nfo\nFOO\n");
    dir.write(".hidden/x", "foo");
    dir.write("node/x", "foo");
    dir.write("binary", b"foo\0\n");
    dir.write("marked", "\x1b[31mfoo\x1b[m and \x1b[m");
    dir.write(
        "long",
        format!(
            "{}foo\n{}\u{e9}foo\n",
            "x".repeat(20_000),
            "y".repeat(3_999)
        ),
    );
    dir.write("odd", "a.b*c [x] (y) $z ^ \\d {1} | + ? / & ' \"\n");
    symlink("bytes", dir.at("link")).unwrap();
    let [file, linked, nothing] = ["bytes", "link", "binary"].map(|name| dir.path(name));
    for (nth, machine) in machines(&tools).iter().enumerate() {
        let grep = |path: &str, pattern: &str, rest: [&str; 6], ignore: &[&str]| {
            let values = [&[path, pattern], &rest[..], ignore].concat();
            let told = machine.run("grep", &values);
            let told = told.unwrap_or_else(|code| panic!("{} {pattern:?}: {code}", machine.name));
            (matches(&told, path), told["truncated"].as_bool().unwrap())
        };
        let plain = ["", "", "", "1000", "", "0"];
        let long = |first: &str, length| first.repeat(length);
        assert_eq!(
            grep(dir.text(), "foo", plain, &["node"]),
            (
                vec![
                    "a\nb: 1:x:2:1:foo here".to_owned(),
                    "bytes:1:4:\u{fffd}\u{fffd} foo".to_owned(),
                    "bytes:2:4:\u{1f600} foo foo".to_owned(),
                    format!("long:1:4001:{}", long("x", 4000)),
                    format!("long:2:4000:{}", long("y", 3999)),
                    "marked:1:6:\x1b[31mfoo\x1b[m and \x1b[m".to_owned(),
                    "sub/-n:1:2:xfoo\r".to_owned(),
                ],
                false
            ),
            "{}",
            machine.name
        );
        let found = |pattern, rest, ignore: &[&str]| {
            let mut found = grep(dir.text(), pattern, rest, ignore).0;
            found.sort();
            found
        };
        let regex = ["-*", "1", "1", "1000", "", ""];
        assert_eq!(
            found("^fo{2}|fo$", regex, &[]),
            ["sub/-n:2:1:fo", "sub/-n:3:1:FOO"],
            "{}",
            machine.name
        );
        assert_eq!(
            found("(o|f)$", ["x", "", "1", "9", "", ""], &["node/**"]),
            [".hidden/x:1:3:foo"]
        );
        assert_eq!(
            found("foo", ["x", "", "", "9", "", ""], &[".*"]),
            ["node/x:1:1:foo"]
        );
        assert_eq!(
            found("o*", ["**/x", "", "1", "9", "", "0"], &[]),
            ["node/x:1:1:foo"],
            "{}",
            machine.name
        );
        for part in [
            "a.b*c", "[x]", "(y)", "$z", "^", "\\d", "{1}", "|", "+", "?", "/", "&", "' \"",
        ]
        .iter()
        .skip(nth)
        .step_by(1 + 3 * nth.min(1))
        {
            let column = 1 + "a.b*c [x] (y) $z ^ \\d {1} | + ? / & ' \""
                .find(part)
                .unwrap();
            let (found, _) = grep(&dir.path("odd"), part, plain, &[]);
            assert!(
                found[0].starts_with(&format!(":1:{column}:")),
                "{} {part}: {found:?}",
                machine.name
            );
        }
        for path in [&file, &linked] {
            let (found, is_cut) = grep(path, "foo", ["*.no", "", "", "1", "", "0"], &["*"]);
            assert_eq!(
                (&*found[0], found.len(), is_cut),
                (":1:4:\u{fffd}\u{fffd} foo", 1, true),
                "{}",
                machine.name
            );
        }
        assert_eq!(
            grep(&file, "nothing", plain, &[]),
            (Vec::new(), false),
            "{}",
            machine.name
        );
        assert_eq!(
            grep(&nothing, "foo", plain, &[]),
            (Vec::new(), false),
            "{}",
            machine.name
        );
        // Twice as many as may be told are there, and more lines of names than of what is in them.
        assert!(
            grep(dir.text(), "foo", ["", "", "", "3", "", ""], &[]).1,
            "{}",
            machine.name
        );
        let link = machine
            .run("grep", &[&linked, "foo", "", "", "", "9", "", "", ""])
            .unwrap();
        assert_eq!(
            link["matches"][0]["path"].as_str(),
            Some(&*linked),
            "{}",
            machine.name
        );
    }
}

#[test]
fn lines_around_are_told_with_each() {
    let tools = Dir::new();
    let dir = Dir::new();
    let lines = |range: std::ops::Range<u32>| range.map(|n| format!("{n}")).collect::<Vec<_>>();
    dir.write("a", format!("{}\n", lines(1..30).join("\n")));
    dir.write("b", "5\n");
    for machine in machines(&tools) {
        let values = [dir.text(), "^(5|7|2[05])$", "", "", "1", "9", "2", "", ""];
        let told = machine.run("grep", &values).unwrap();
        let around: Vec<String> = told["matches"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| format!("{} {} {}", line["before"], line["text"], line["after"]))
            .collect();
        let expected = [
            r#"["3","4"] "5" ["6","7"]"#,
            r#"["5","6"] "7" ["8","9"]"#,
            r#"["18","19"] "20" ["21","22"]"#,
            r#"["23","24"] "25" ["26","27"]"#,
            r#"[] "5" []"#,
        ];
        assert_eq!(around, expected, "{}", machine.name);
        assert_eq!(told["truncated"], false);
    }
}

#[test]
fn a_limit_cuts_off_what_is_found() {
    let tools = Dir::new();
    let dir = Dir::new();
    for n in 0..40 {
        dir.write(format!("a\n{n}"), "");
    }
    for machine in machines(&tools) {
        for (limit, count, is_cut) in [("39", 39, true), ("40", 40, false), ("41", 40, false)] {
            let told = machine
                .run("find", &[dir.text(), "", "", limit, "", ""])
                .unwrap();
            let seen = (
                told["entries"].as_array().unwrap().len(),
                told["truncated"].as_bool(),
            );
            assert_eq!(seen, (count, Some(is_cut)), "{}", machine.name);
        }
    }
}

#[test]
fn what_is_looked_for_is_of_a_type_and_not_ignored() {
    let tools = Dir::new();
    let dir = Dir::new();
    dir.write("src/a.ts", "");
    dir.write("src/deep/b.tsx", "");
    dir.write("src/node_modules/c.ts", "");
    dir.write(".git/d.ts", "");
    symlink("src", dir.at("link")).unwrap();
    Command::new("mkfifo").arg(dir.at("pipe")).status().unwrap();
    for machine in machines(&tools) {
        let find = |pattern: &str, kind: &str, ignore: &[&str]| {
            machine.find(dir.text(), pattern, kind, ignore)
        };
        let no = &["node_modules/", ".git"];
        assert_eq!(
            find("*.{ts,tsx}", "", no),
            ["src/a.ts", "src/deep/b.tsx"],
            "{}",
            machine.name
        );
        assert_eq!(find("src/*", "file", &[]), ["src/a.ts"]);
        assert_eq!(
            find("{src/**,x}", "file", no),
            ["src/a.ts", "src/deep/b.tsx"]
        );
        assert_eq!(
            find("/src/**/*.ts", "", &[]),
            ["src/a.ts", "src/node_modules/c.ts"]
        );
        assert_eq!(find("", "directory", no), ["src", "src/deep"]);
        assert_eq!(find("", "symlink", &[]), ["link"]);
        assert_eq!(find("", "other", &[]), ["pipe"]);
        assert_eq!(
            machine.list(dir.text(), ["9", "0", "*.ts"]),
            ["src/a.ts", "src/node_modules/c.ts"]
        );
    }
}

#[test]
fn no_pattern_is_refused_before_it_is_sent() {
    let values = |name: &str, values: &[&str]| {
        let script = script::of(&format!("/files/{name}")).unwrap();
        script
            .values(&values.join(SEPARATOR))
            .map_err(|error| error.message())
    };
    for bad in [
        "[",
        "[]",
        "[!]",
        "[a",
        "{",
        "{a,b",
        "a\\",
        "[\0ff]",
        "[a-\\",
        "[!\u{e9}]",
        "[\u{e9}-\u{fc}]",
        "[/-\u{e9}]",
    ] {
        let told = values("find", &["/a", bad, "", "9", "", ""]).unwrap_err();
        assert!(told.starts_with("pattern must"), "{bad:?}: {told}");
        let told = values("find", &["/a", "", "", "9", "", "ok", bad]).unwrap_err();
        assert!(told.starts_with("ignore must"), "{bad:?}: {told}");
        let told = values("grep", &["/a", "x", bad, "", "", "9", "", "", ""]).unwrap_err();
        assert!(told.starts_with("glob must"), "{bad:?}: {told}");
    }
    for (bad, regex) in [
        ("", ""),
        ("a\nb", ""),
        ("a\x01e", "1"),
        ("(a)\\1", "1"),
        ("\\\\\\2", "1"),
    ] {
        let told = values("grep", &["/a", bad, "", "", regex, "9", "", "", ""]).unwrap_err();
        assert!(told.starts_with("pattern must"), "{bad:?}: {told}");
    }
    for good in ["\\1", "\\\\1"] {
        let regex = if good.len() > 2 { "1" } else { "" };
        assert!(
            values("grep", &["/a", good, "", "", regex, "9", "", "", ""]).is_ok(),
            "{good}"
        );
    }
}

#[test]
fn what_may_not_be_read_says_so() {
    // Root may read everything.
    let Some(user) = in_path("setpriv").map(|_| "65534") else {
        return;
    };
    if !Command::new("setpriv")
        .args(["--reuid", user, "true"])
        .status()
        .unwrap()
        .success()
    {
        return;
    }
    let tools = Dir::new();
    let dir = Dir::new();
    dir.write("closed/file", "foo");
    dir.write("open/file", "foo");
    dir.write("open/secret", "foo");
    for (path, mode) in [("closed", 0o700), ("open/secret", 0o600)] {
        fs::set_permissions(dir.at(path), fs::Permissions::from_mode(mode)).unwrap();
    }
    for machine in machines(&tools) {
        let machine = Machine {
            user: Some(user),
            ..machine
        };
        let [closed, inner, open, secret] =
            ["closed", "closed/file", "open", "open/secret"].map(|name| dir.path(name));
        let new = format!("{open}/new");
        let cases: &[(&str, &[&str])] = &[
            ("list", &[&closed, "", "", ""]),
            ("find", &[&closed, "", "", "9", "", ""]),
            ("grep", &[&closed, "foo", "", "", "", "9", "", "", ""]),
            ("grep", &[&secret, "foo", "", "", "", "9", "", "", ""]),
            ("stat", &[&inner]),
            ("mkdir", &[&new, ""]),
            ("mkdir", &[&new, "1"]),
            ("remove", &[&format!("{open}/file"), ""]),
            ("remove", &[&open, "1"]),
            ("rename", &[&format!("{open}/file"), &new, ""]),
            ("copy", &[&format!("{open}/file"), &new, "", ""]),
            ("chmod", &[&secret, "511", ""]),
            ("symlink", &["x", &new]),
        ];
        for (name, values) in cases {
            let told = machine.run(name, values);
            assert_eq!(
                told,
                Err("permission_denied".to_owned()),
                "{} {name} {values:?}",
                machine.name
            );
        }
        // What is beside it is told of.
        assert_eq!(
            machine.list(dir.text(), ["2", "", ""]),
            ["closed", "open", "open/file", "open/secret"]
        );
        let told = machine
            .run("grep", &[dir.text(), "foo", "", "", "", "9", "", "", ""])
            .unwrap();
        assert_eq!(
            matches(&told, dir.text()),
            ["open/file:1:1:foo"],
            "{}",
            machine.name
        );
    }
}

#[test]
fn nothing_leads_out_of_the_root() {
    let tools = Dir::new();
    for machine in machines(&tools) {
        let dir = Dir::new();
        dir.write("root/own", "foo");
        dir.write("rooted/x", "foo");
        dir.write("out/secret", "foo");
        symlink("../out", dir.at("root/link")).unwrap();
        symlink("../out/secret", dir.at("root/file")).unwrap();
        let root = dir.path("root");
        let [link, file, below, beside] = ["link", "file", "link/secret", "../rooted/x"]
            .map(|name| format!("{root}/{name}").replace("root/../", ""));
        let new = format!("{root}/new");
        let cases: &[(&str, &[&str])] = &[
            ("list", &[&link, "", "", ""]),
            ("list", &[dir.text(), "", "", ""]),
            ("find", &[&link, "", "", "9", "", ""]),
            ("grep", &[&link, "foo", "", "", "", "9", "", "", ""]),
            ("grep", &[&file, "foo", "", "", "", "9", "", "", ""]),
            ("stat", &[&below]),
            ("stat", &[&beside]),
            ("mkdir", &[&format!("{link}/a/b"), "1"]),
            ("mkdir", &[&format!("{link}/a"), ""]),
            ("remove", &[&below, ""]),
            ("rename", &[&below, &new, ""]),
            (
                "rename",
                &[&format!("{root}/own"), &format!("{link}/x"), ""],
            ),
            ("copy", &[&below, &new, "", ""]),
            (
                "copy",
                &[&format!("{root}/own"), &format!("{link}/x"), "", ""],
            ),
            ("chmod", &[&file, "511", ""]),
            ("chmod", &[&below, "511", ""]),
            ("symlink", &["x", &format!("{link}/x")]),
        ];
        for (name, values) in cases {
            let told = machine.run_in(&root, name, values);
            assert_eq!(
                told,
                Err("outside_root".to_owned()),
                "{} {name} {values:?}",
                machine.name
            );
        }
        let ok = machine.run_in(&root, "copy", &[&format!("{root}/own"), &file, "", "1"]);
        assert_eq!(ok, Ok(Value::Null), "{}", machine.name);
        let found = machine
            .run_in(&root, "grep", &[&root, "foo", "", "", "", "9", "", "", ""])
            .unwrap();
        assert_eq!(
            matches(&found, &root),
            ["file:1:1:foo", "own:1:1:foo"],
            "{}",
            machine.name
        );
        let outer = machine.list(&dir.path("out"), ["", "", ""]);
        assert_eq!(outer, ["secret"], "{}", machine.name);
        assert_eq!(
            fs::metadata(dir.at("out/secret"))
                .unwrap()
                .permissions()
                .mode()
                & 0o777,
            0o644
        );
    }
}

#[test]
fn what_a_call_has_started_ends_with_it() {
    let tools = Dir::new();
    let machines = machines(&tools);
    let check = |machine: &Machine| {
        let name = machine.name.replace(' ', "");
        let call = format!("{name}-{}", std::process::id());
        let mut child = Command::new(&machine.shell)
            .args(["-c", "trap '' TERM; echo; while sleep 100; do :; done"])
            .env("SUPERSERVE_CALL", &call)
            .env("PATH", &machine.path)
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = [0];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut ready).unwrap();
        let mut stop = Command::new(&machine.shell);
        stop.args(["-c", STOP_TEXT, "s", &call])
            .env("PATH", &machine.path);
        assert!(stop.status().unwrap().success(), "{}", machine.name);
        assert_eq!(child.wait().unwrap().code(), None, "{}", machine.name);
    };
    std::thread::scope(|scope| {
        for machine in &machines {
            scope.spawn(|| check(machine));
        }
    });
}

#[test]
fn a_full_disk_leaves_nothing_behind() {
    let tools = Dir::new();
    let dir = Dir::new();
    dir.write("big", vec![7; 300_000]);
    dir.write("fits/x", "12");
    fs::create_dir(dir.at("disk")).unwrap();
    let mut mount = Command::new("mount");
    mount
        .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
        .arg(dir.at("disk"));
    // Not everybody may, nor everywhere.
    if !mount.output().is_ok_and(|told| told.status.success()) {
        return;
    }
    let checked = std::panic::catch_unwind(|| {
        for machine in machines(&tools) {
            let [big, disk, new, old] =
                ["big", "disk", "disk/big", "disk/old"].map(|name| dir.path(name));
            dir.write("disk/old", "old");
            let cases: &[(&str, &[&str])] = &[
                ("copy", &[&big, &new, "", ""]),
                ("copy", &[&big, &old, "", "1"]),
                ("rename", &[&big, &new, ""]),
                ("rename", &[&big, &old, "1"]),
            ];
            for (name, values) in cases {
                let told = machine.run(name, values);
                assert_eq!(
                    told,
                    Err("sandbox_storage_full".to_owned()),
                    "{} {name}",
                    machine.name
                );
                assert_eq!(
                    machine.list(&disk, ["", "", ""]),
                    ["old"],
                    "{} {name}",
                    machine.name
                );
                assert_eq!(
                    fs::read(dir.at("disk/old")).unwrap(),
                    b"old",
                    "{}",
                    machine.name
                );
            }
            // From one file system to another, and back.
            let [fits, there] = ["fits", "disk/fits"].map(|name| dir.path(name));
            for (from, to) in [(&fits, &there), (&there, &fits)] {
                assert_eq!(
                    machine.run("rename", &[from, to, ""]),
                    Ok(Value::Null),
                    "{}",
                    machine.name
                );
                assert_eq!(machine.list(to, ["", "", ""]), ["x"], "{}", machine.name);
            }
        }
    });
    let unmount = Command::new("umount").arg(dir.at("disk")).status().unwrap();
    assert!(unmount.success());
    checked.unwrap();
}
