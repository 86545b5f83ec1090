//! The scripts of processes at work: on this machine, by the shells and the tools that a sandbox may have.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::files::failure;
use super::script::{self, PRELUDE_TEXT};

/// A shell, the tools that it finds, and a home of its own: what runs there ends with it.
struct Machine {
    name: &'static str,
    shell: PathBuf,
    path: String,
    scratch: PathBuf,
    home: PathBuf,
}

impl Drop for Machine {
    fn drop(&mut self) {
        for id in self.ids() {
            let _ = self.run("remove", &[&id]);
        }
        let _ = fs::remove_dir_all(&self.scratch);
    }
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut places = std::env::split_paths(&path).map(|dir| dir.join(name));
    places.find(|place| place.is_file())
}

fn machines() -> impl Iterator<Item = Machine> {
    ["dash", "bash", "busybox"].into_iter().filter_map(|name| {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let scratch = format!("processes-{}-{number}", std::process::id());
        let scratch = std::env::temp_dir().join(scratch);
        let home = scratch.join("home");
        let tool = in_path(name)?;
        fs::create_dir_all(&home).unwrap();
        let (shell, path) = if name == "busybox" {
            let tools = scratch.join("tools");
            fs::create_dir(&tools).unwrap();
            let applets = Command::new(&tool).arg("--list").output().unwrap();
            for applet in String::from_utf8(applets.stdout).unwrap().lines() {
                symlink(&tool, tools.join(applet)).unwrap();
            }
            // Not every busybox has it.
            let _ = symlink(in_path("flock").unwrap(), tools.join("flock"));
            (tools.join("sh"), tools.to_str().unwrap().to_owned())
        } else {
            (tool, std::env::var("PATH").unwrap())
        };
        Some(Machine {
            name,
            shell,
            path,
            scratch,
            home,
        })
    })
}

/// What a probe answers, once it does.
fn eventually<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(value) = probe() {
            return value;
        }
        assert!(Instant::now() < end, "{what} did not happen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether a process goes on: one that has ended may wait for somebody to take note of it.
fn is_alive(pid: &str) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        let state = stat.rsplit(") ").next().unwrap();
        !state.starts_with(['Z', 'X'])
    })
}

/// Whether anything goes on that bears the mark of that process.
fn has_any(id: &str) -> bool {
    let mark = format!("SUPERSERVE_PROCESS={id}");
    let bears = |process: fs::DirEntry| {
        let environ = fs::read(process.path().join("environ")).unwrap_or_default();
        environ
            .split(|byte| *byte == 0)
            .any(|one| one == mark.as_bytes())
    };
    fs::read_dir("/proc").unwrap().flatten().any(bears)
}

/// The bytes of a stream that a follower told, and where they begin.
fn bytes_of(told: &str, stream: &str) -> (usize, Vec<u8>) {
    let (mut first, mut bytes) = (None, Vec::new());
    let mut base64 = String::new();
    for line in told.lines() {
        let Some(word) = line.strip_prefix(':') else {
            base64.push_str(line);
            continue;
        };
        let words: Vec<&str> = word.split(' ').collect();
        if words[0] == stream {
            let at: usize = words[1].parse().unwrap();
            assert_eq!(
                at,
                *first.get_or_insert(at) + bytes.len(),
                "one after another"
            );
            let mut child = Command::new("base64")
                .arg("-d")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut stdin = child.stdin.take().unwrap();
            std::io::Write::write_all(&mut stdin, base64.as_bytes()).unwrap();
            drop(stdin);
            let piece = child.wait_with_output().unwrap().stdout;
            assert_eq!(piece.len().to_string(), words[2]);
            bytes.extend(piece);
        }
        base64.clear();
    }
    (first.unwrap_or(0), bytes)
}

/// A record's line, after its specification: the id, what has become of it, and the rest.
#[derive(Debug, PartialEq)]
struct Record {
    id: String,
    status: String,
    pid: String,
    restarts: String,
    code: String,
}

fn records(told: &str) -> Vec<Record> {
    let lines: Vec<&str> = told.lines().collect();
    let record = |pair: &[&str]| {
        assert_eq!(pair[0], "{}");
        let words: Vec<String> = pair[1].split(' ').map(str::to_owned).collect();
        let [id, status, _, pid, restarts, code, _] = words.try_into().unwrap();
        Record {
            id,
            status,
            pid,
            restarts,
            code,
        }
    };
    lines.chunks(2).map(record).collect()
}

impl Machine {
    fn command(&self, name: &str, values: &[&str]) -> Command {
        let script = script::of(&format!("/processes/{name}")).unwrap();
        let mut text = PRELUDE_TEXT.to_owned();
        text.extend(script.common.iter().copied());
        text.push_str(script.text);
        let mut command = Command::new(&self.shell);
        command.arg("-c").arg(text).args(["s", ""]).args(values);
        // Variables of a sandbox's own are not the script's.
        for name in [
            "a", "b", "d", "e", "f", "k", "l", "n", "p", "s", "_d", "_st", "_as", "_m",
        ] {
            command.env(name, "7");
        }
        command
            .env("LC_ALL", "C")
            .env("HOME", &self.home)
            .env("PATH", &self.path)
            .stdin(Stdio::null())
            .current_dir("/");
        command
    }

    /// What a script tells, or the code of what it fails with.
    fn run(&self, name: &str, values: &[&str]) -> Result<String, String> {
        let output = self.command(name, values).output().unwrap();
        let script = script::of(&format!("/processes/{name}")).unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        let code = output.status.code().unwrap();
        match failure::of(f64::from(code), &stderr, script, &[]) {
            Some(problem) => Err(format!("{} {}", problem.code, problem.message)),
            None => Ok(String::from_utf8(output.stdout)
                .unwrap()
                .trim_end()
                .to_owned()),
        }
    }

    fn starting<'a>(&self, id: &'a str, restart: &'a str, line: &'a str) -> [&'a str; 9] {
        ["/tmp", id, "{}", "", restart, "4096", "/bin/sh", "-c", line]
    }

    fn start(&self, id: &str, line: &str) -> Result<Record, String> {
        let told = self.run("start", &self.starting(id, "never", line))?;
        match records(&told).pop() {
            Some(record) => Ok(record),
            None => Err(told),
        }
    }

    /// Those of its home: what lies elsewhere may be another test's.
    fn list(&self) -> Vec<Record> {
        let place = self.home.join(".superserve/processes");
        let mut all = records(&self.run("list", &[]).unwrap());
        all.retain(|record| place.join(&record.id).exists());
        all
    }

    fn lists(&self, id: &str) -> bool {
        let all = records(&self.run("list", &[]).unwrap());
        all.iter().any(|record| record.id == id)
    }

    fn ids(&self) -> Vec<String> {
        self.list().into_iter().map(|record| record.id).collect()
    }

    fn describe(&self, id: &str) -> Record {
        let told = self.run("describe", &[id]).unwrap();
        records(&told).pop().unwrap()
    }

    fn ended(&self, id: &str) -> Record {
        let told = self.run("wait", &[id, "1", "30"]).unwrap();
        let record = records(&told).pop().unwrap();
        assert_ne!(record.status, "running", "{}", self.name);
        record
    }

    /// What there is of its output.
    fn logs(&self, id: &str) -> String {
        self.run("follow", &[id, "1", "0", "0", "4194304", "0", "-1"])
            .unwrap()
    }

    fn stdout(&self, id: &str) -> String {
        String::from_utf8(bytes_of(&self.logs(id), "stdout").1).unwrap()
    }

    /// Beside the lock.
    fn kept(&self) -> Vec<PathBuf> {
        let place = self.home.join(".superserve/processes");
        let entries = fs::read_dir(place).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        paths.filter(|path| !path.ends_with("lock")).collect()
    }
}

#[test]
fn one_is_started_found_followed_written_to_and_removed() {
    for machine in machines() {
        let name = machine.name;
        let line = "echo out; echo err >&2; read line; echo \"got $line\"; exit 3";
        let started = machine.start("web@1", line).unwrap();
        assert_eq!((&*started.status, &*started.restarts), ("running", "0"));
        assert!(is_alive(&started.pid), "{name}");
        assert_eq!(machine.list(), [machine.describe("web")], "{name}");
        let follower = machine
            .command("follow", &["web", "1", "0", "0", "4194304", "1", "-1"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // "in" and a line's end.
        assert_eq!(
            machine.run("write", &["web", "aW4K", "0"]),
            Ok(String::new())
        );
        let ended = machine.ended("web@1");
        assert_eq!((&*ended.status, &*ended.code), ("exited", "3"), "{name}");
        let told = follower.wait_with_output().unwrap().stdout;
        let told = String::from_utf8(told).unwrap();
        assert_eq!(bytes_of(&told, "stdout"), (0, b"out\ngot in\n".to_vec()));
        assert_eq!(bytes_of(&told, "stderr"), (0, b"err\n".to_vec()));
        assert!(told.ends_with(":end\n"), "{name}: {told}");
        assert_eq!(machine.run("write", &["web", "", "0"]).unwrap(), "!ended");
        machine.run("remove", &["web"]).unwrap();
        for script in ["describe", "remove", "kill", "wait"] {
            let told = machine.run(script, &["web", "TERM", "0"]);
            assert_eq!(told.unwrap(), "!absent", "{name}, {script}");
        }
        assert_eq!(machine.kept(), [""; 0].map(PathBuf::from), "{name}");
        eventually("the end of all of it", || (!has_any("web@1")).then_some(()));
    }
}

#[test]
fn of_several_that_start_a_name_at_once_one_does() {
    for machine in machines() {
        let start = |id: &str| -> Child {
            let values = machine.starting(id, "never", "sleep 1000");
            let mut command = machine.command("start", &values);
            command.stdout(Stdio::piped()).spawn().unwrap()
        };
        let started: Vec<Child> = (0..8).map(|i| start(&format!("one@{i}"))).collect();
        let told: Vec<String> = started
            .into_iter()
            .map(|child| String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap())
            .collect();
        let lost = told.iter().filter(|told| **told == "!exists\n").count();
        assert_eq!(lost, 7, "{}: {told:?}", machine.name);
        let [winner] = &machine.list()[..] else {
            panic!("{}: {:?}", machine.name, machine.list())
        };
        assert!(winner.status == "running" && is_alive(&winner.pid));
        machine.run("kill", &["one", "KILL"]).unwrap();
        assert_eq!(machine.ended("one").code, "137");
        assert_eq!(machine.start("one@next", "true").unwrap().id, "one@next");
        assert_eq!(machine.ids(), ["one@next"], "{}", machine.name);
    }
}

#[test]
fn a_caller_that_is_killed_leaves_one_that_runs_and_is_listed_or_none() {
    for machine in machines() {
        let ids: Vec<String> = (0..20).map(|round| format!("r{round}")).collect();
        for (round, id) in (0..).zip(&ids) {
            let values = machine.starting(id, "never", "echo begun; exec sleep 1000");
            let mut command = machine.command("start", &values);
            let mut caller = command
                .process_group(0)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_micros(round * 1500));
            let group = format!("-{}", caller.id());
            Command::new("kill")
                .args(["-KILL", "--", &group])
                .status()
                .unwrap();
            caller.wait().unwrap();
        }
        let mut left = 0;
        for id in &ids {
            eventually("a process, or none", || {
                let told = machine.run("describe", &[id]).unwrap();
                match records(if told == "!absent" { "" } else { &told }).pop() {
                    None => (!has_any(id) && machine.kept().iter().all(|path| !path.ends_with(id)))
                        .then_some(()),
                    Some(record) => {
                        assert_eq!(record.status, "running", "{}", machine.name);
                        let is_it = machine.stdout(id) == "begun\n" && is_alive(&record.pid);
                        is_it.then(|| left += 1)
                    }
                }
            });
        }
        assert_eq!(machine.ids().len(), left, "{}", machine.name);
    }
}

#[test]
fn output_is_bounded_and_places_in_it_stay_true() {
    for machine in machines() {
        let line = "i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done";
        machine.start("much", line).unwrap();
        machine.ended("much");
        let whole: String = (0..20_000).map(|i| format!("{i}\n")).collect();
        let (first, bytes) = bytes_of(&machine.logs("much"), "stdout");
        assert!(
            bytes.len() <= 8 * 4096 && bytes.len() >= 6 * 4096,
            "{} {}",
            machine.name,
            bytes.len()
        );
        assert_eq!(bytes, whole.as_bytes()[first..], "{}", machine.name);
        assert_eq!(first + bytes.len(), whole.len(), "{}", machine.name);
        let values = ["much", "1", "-2", "-1", "4194304", "0", "3"];
        let (_, last) = bytes_of(&machine.run("follow", &values).unwrap(), "stdout");
        assert_eq!(last, b"19997\n19998\n19999\n", "{}", machine.name);
    }
}

#[test]
fn one_that_fails_is_started_again_until_it_is_told_to_end() {
    for machine in machines() {
        let values = machine.starting("again", "on-failure", "echo run; read line; exit 7");
        machine.run("start", &values).unwrap();
        // A line's end.
        machine.run("write", &["again", "Cg==", "0"]).unwrap();
        eventually("another run", || {
            (machine.stdout("again") == "run\nrun\n").then_some(())
        });
        let record = machine.describe("again");
        assert_eq!((&*record.status, &*record.restarts), ("running", "1"));
        machine.run("kill", &["again", "TERM"]).unwrap();
        let ended = machine.ended("again");
        assert_eq!(
            (&*ended.code, &*ended.restarts),
            ("143", "1"),
            "{}",
            machine.name
        );
    }
}

#[test]
fn what_one_has_left_running_gets_its_signals_and_goes_with_it() {
    for machine in machines() {
        let line = "sleep 1000 & echo $!; setsid sleep 1000 & echo $!; env -i sleep 1000 & echo $!; exit 4";
        for end in ["kill", "remove"] {
            machine.start("left", line).unwrap();
            assert_eq!(machine.ended("left").code, "4", "{}", machine.name);
            let pids = machine.stdout("left");
            assert_eq!(pids.lines().filter(|pid| is_alive(pid)).count(), 3);
            machine.run(end, &["left", "TERM"]).unwrap();
            eventually("the end of all", || {
                (!pids.lines().any(is_alive)).then_some(())
            });
            if end == "kill" {
                machine.run("remove", &["left"]).unwrap();
            }
        }
    }
}

#[test]
fn another_program_that_has_its_numbers_now_gets_no_signal() {
    for machine in machines() {
        machine.start("gone", "exit 0").unwrap();
        machine.ended("gone");
        let mut other = Command::new("setsid")
            .args(["sleep", "1000"])
            .spawn()
            .unwrap();
        let pid = other.id().to_string();
        eventually("a session of its own", || {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
            (stat.split(' ').nth(5) == Some(&*pid)).then_some(())
        });
        let record = machine.home.join(".superserve/processes/gone/pid");
        fs::write(&record, format!("{pid} 1 0\n")).unwrap();
        for end in ["kill", "remove"] {
            machine.run(end, &["gone", "KILL"]).unwrap();
        }
        assert!(other.try_wait().unwrap().is_none(), "{}", machine.name);
        other.kill().unwrap();
        other.wait().unwrap();
    }
}

#[test]
fn where_the_home_cannot_be_written_it_lies_elsewhere() {
    for mut machine in machines() {
        machine.home = Path::new("/proc/no-such-home").to_owned();
        let id = format!("elsewhere-{}-{}", machine.name, std::process::id());
        machine.start(&id, "echo begun; exec sleep 1000").unwrap();
        eventually("its output", || {
            (machine.stdout(&id) == "begun\n").then_some(())
        });
        assert!(machine.lists(&id), "{}", machine.name);
        machine.run("remove", &[&id]).unwrap();
        assert!(!machine.lists(&id), "{}", machine.name);
        // That one is everybody's.
        machine.home = machine.scratch.join("home");
    }
}

/// A home on a file system of its own, of so many bytes; `None` where none may be mounted.
struct Disk(PathBuf);

impl Disk {
    fn at(home: &Path, kibibytes: u32) -> Option<Self> {
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={kibibytes}k"), "tmpfs"])
            .arg(home)
            .output();
        // Not everybody may, nor everywhere.
        let is_there = mount.is_ok_and(|told| told.status.success());
        is_there.then(|| Self(home.to_owned()))
    }

    fn remount(&self, how: &str) {
        let options = format!("remount,{how}");
        let mut mount = Command::new("mount");
        let status = mount.args(["-o", &options]).arg(&self.0).status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // What has just ended may still stand in it.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn on_a_full_disk_one_starts_whole_or_not_at_all() {
    for machine in machines() {
        let name = machine.name;
        let Some(disk) = Disk::at(&machine.home, 64) else {
            return;
        };
        let filler = machine.home.join("filler");
        let (mut started, mut refused) = (0, 0);
        for pages in 0..8 {
            let id = format!("{name}{pages}");
            fs::write(&filler, vec![7; (16 - pages) * 4096]).unwrap_or_default();
            match machine.start(&id, "exec sleep 1000") {
                Ok(record) => {
                    assert_eq!(record.status, "running", "{name} {pages}");
                    started += 1;
                    machine.run("remove", &[&id]).unwrap();
                }
                Err(why) => {
                    assert!(
                        why.starts_with("sandbox_storage_full "),
                        "{name} {pages}: {why}"
                    );
                    refused += 1;
                }
            }
            assert_eq!(machine.kept(), [""; 0].map(PathBuf::from), "{name} {pages}");
            eventually("the end of all of it", || (!has_any(&id)).then_some(()));
            fs::remove_file(&filler).unwrap();
        }
        assert!(started > 0 && refused > 0, "{name}: {started} {refused}");
        // One that fills it goes on, and is ended and removed as any other.
        let id = format!("{name}-much");
        machine
            .start(&id, "head -c 300000 /dev/zero; echo told >&2; sleep 1000")
            .unwrap();
        eventually("the end of its output", || {
            let told = machine.run("follow", &[&id, "1", "-1", "0", "4194304", "0", "-1"]);
            (bytes_of(&told.unwrap(), "stderr").1 == b"told\n").then_some(())
        });
        machine.run("kill", &[&id, "KILL"]).unwrap();
        assert_eq!(machine.ended(&id).code, "137", "{name}");
        machine.run("remove", &[&id]).unwrap();
        assert_eq!(machine.kept(), [""; 0].map(PathBuf::from), "{name}");
        drop(disk);
    }
}

#[test]
fn a_home_that_is_read_only_is_read_and_another_place_written() {
    for machine in machines() {
        let Some(disk) = Disk::at(&machine.home, 1024) else {
            return;
        };
        let [old, new] =
            ["old", "new"].map(|one| format!("{one}-{}-{}", machine.name, std::process::id()));
        machine.start(&old, "exit 5").unwrap();
        assert_eq!(machine.ended(&old).code, "5");
        disk.remount("ro");
        assert_eq!(machine.describe(&old).code, "5", "{}", machine.name);
        let why = machine.run("remove", &[&old]).unwrap_err();
        assert!(why.starts_with("read_only "), "{}: {why}", machine.name);
        let started = machine.start(&new, "exec sleep 1000");
        assert_eq!(
            started.map(|record| record.status),
            Ok("running".to_owned()),
            "{}",
            machine.name
        );
        assert!(
            machine.lists(&old) && machine.lists(&new),
            "{}",
            machine.name
        );
        machine.run("remove", &[&new]).unwrap();
        disk.remount("rw");
    }
}

#[test]
fn a_tool_that_is_missing_is_named() {
    for mut machine in machines() {
        let tools = machine.scratch.join("few");
        fs::create_dir(&tools).unwrap();
        for tool in ["cat", "id", "mkdir", "sleep"] {
            symlink(in_path(tool).unwrap(), tools.join(tool)).unwrap();
        }
        let all = std::mem::replace(&mut machine.path, tools.to_str().unwrap().to_owned());
        if machine.name != "busybox" {
            let missing = "tool_missing the sandbox has no ";
            let told = machine.start("x", "true").unwrap_err();
            assert_eq!(told, format!("{missing}setsid"), "{}", machine.name);
            let values = ["1", "1", "/", "0", "1", ""];
            let told = machine.run("port", &values).unwrap_err();
            assert_eq!(told, format!("{missing}curl, python3, bash, wget or node"));
        }
        machine.path = all;
        let told = machine
            .run("port", &["65001", "1", "", "0", "0", ""])
            .unwrap();
        assert_eq!(told, "!waiting", "{}", machine.name);
    }
}

#[test]
fn input_that_waits_for_one_that_ends_does_not_wait_on() {
    for machine in machines() {
        machine.start("deaf", "exec sleep 1000").unwrap();
        let much = "A".repeat(120_000);
        let writer = machine
            .command("write", &["deaf", &much, "0"])
            .stdout(Stdio::piped())
            .spawn();
        let mut writer = writer.unwrap();
        machine.run("kill", &["deaf", "KILL"]).unwrap();
        eventually("the writer's end", || writer.try_wait().unwrap());
        let told = writer.wait_with_output().unwrap().stdout;
        assert_eq!(
            String::from_utf8(told).unwrap(),
            "!ended\n",
            "{}",
            machine.name
        );
    }
}

#[test]
fn one_that_is_removed_meanwhile_is_told_whole_or_not_at_all() {
    for machine in machines() {
        for id in ["kept", "more"] {
            machine.start(id, "true").unwrap();
            machine.ended(id);
        }
        let spec = machine.home.join(".superserve/processes/more/spec.json");
        fs::remove_file(spec).unwrap();
        assert_eq!(machine.ids(), ["kept"], "{}", machine.name);
        for script in ["describe", "wait"] {
            let told = machine.run(script, &["more", "1", "0"]).unwrap();
            assert_eq!(told, "!absent", "{}, {script}", machine.name);
        }
    }
}

#[test]
fn what_listens_is_told_by_its_process() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // What some shells' `echo` would take for a line's end is none.
    let mut other = Command::new("/bin/sh")
        .args(["-c", "read line; exit", r"a\nb\c"])
        .stdin(Stdio::piped())
        .stdout(std::os::fd::OwnedFd::from(listener.try_clone().unwrap()))
        .spawn()
        .unwrap();
    for machine in machines() {
        let told = machine.run("ports", &[]).unwrap();
        let command = format!(r" {} /bin/sh -c read line; exit a\nb\c", other.id());
        assert!(
            told.lines().any(|line| line.trim_end().ends_with(&command)),
            "{}: {told}",
            machine.name
        );
        let place = format!("port 0100007F:{port:04X} ");
        let socket = told
            .lines()
            .find_map(|line| line.strip_prefix(&place))
            .unwrap();
        let owner = format!("process {socket} {} ", std::process::id());
        assert!(
            told.lines().any(|line| line.starts_with(&owner)),
            "{}: {told}",
            machine.name
        );
        let values = [&*port.to_string(), "1", "", "0", "1", ""];
        assert_eq!(
            machine.run("port", &values).unwrap(),
            "!open",
            "{}",
            machine.name
        );
    }
    other.kill().unwrap();
    other.wait().unwrap();
}
