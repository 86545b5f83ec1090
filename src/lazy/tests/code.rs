//! What runs code in a sandbox: the scripts and the drivers, by the shells and the programs of this machine.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use support::{Limit, Scratch};

fn read(path: &str) -> String {
    let resources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../resources");
    fs::read_to_string(resources.join(path)).unwrap()
}

/// What the service is sent for that script.
fn text(name: &str) -> String {
    let [prelude, state, context] =
        ["scripts/prelude.sh", "scripts/state.sh", "code/context.sh"].map(read);
    let drivers = ["driver.py", "driver.js", "driver.sh"]
        .map(|driver| read(&format!("code/drivers/{driver}")));
    let [python, javascript, bash] = drivers;
    let driver = format!(
        "driver() {{\ncase $1 in\npython) cat <<'superserve-end' ;;\n{python}superserve-end\n\
         javascript) cat <<'superserve-end' ;;\n{javascript}superserve-end\n\
         *) cat <<'superserve-end' ;;\n{bash}superserve-end\nesac\n}}\n"
    );
    let driver = if name == "start" { &driver } else { "" };
    let own = read(&format!("code/scripts/{name}.sh"));
    format!("{prelude}{state}{context}{driver}{own}")
}

/// A home, the shell of its scripts, and what they find first.
struct Home {
    shell: &'static str,
    scratch: Scratch,
    tools: PathBuf,
}

impl Home {
    fn new(name: &str, shell: &'static str) -> Self {
        let scratch = Scratch::new(&format!("code-{name}"));
        let tools = scratch.join("tools");
        fs::create_dir(&tools).unwrap();
        Self {
            shell,
            scratch,
            tools,
        }
    }

    fn script(&self, name: &str, values: &[&str]) -> Command {
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new(self.shell);
        if self.shell == "busybox" {
            command.arg("sh");
        }
        command
            .args(["-c", &text(name), "s", ""])
            .args(values)
            .env("PATH", format!("{}:{path}", self.tools.display()))
            .env("HOME", &*self.scratch)
            .env("LC_ALL", "C")
            .env("SUPERSERVE_CALL", format!("call-{name}"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        command
    }

    fn output(&self, name: &str, values: &[&str]) -> Output {
        self.script(name, values).output().unwrap()
    }

    /// What a script tells that ends well.
    fn told(&self, name: &str, values: &[&str]) -> String {
        let output = self.output(name, values);
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{name}: {words}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn run(&self, language: &str, run: &str, source: &str) -> String {
        self.told("run", &[language, run, "", "", "0", source])
    }

    fn begin(&self, language: &str, run: &str, source: &str) -> Running {
        let mut child = self
            .script("run", &[language, run, "", "", "0", source])
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Running { child, lines }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        for line in self.told("list", &[]).lines() {
            let id = line.split(' ').next().unwrap();
            let _ = self.output("end", &[id, "remove", ""]);
        }
    }
}

struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    /// Waits for a line in which that stands.
    fn tells(&mut self, what: &str) {
        while !self.lines.next().unwrap().unwrap().contains(what) {}
    }

    /// Waits until the code has written something.
    fn writes(&mut self) {
        self.tells("\"stdout\"");
    }

    /// Waits for its end, and tells what came.
    fn ends(mut self) -> String {
        let all: Vec<String> = self.lines.map(Result::unwrap).collect();
        assert!(self.child.wait().unwrap().success());
        all.join("\n")
    }
}

/// Whether there is such a program, and it runs.
fn works(program: &str, args: &[&str]) -> bool {
    let mut command = Command::new(program);
    let status = command
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

struct Language {
    name: &'static str,
    set: &'static str,
    get: &'static str,
    got: &'static str,
    endless: &'static str,
}

const PYTHON: Language = Language {
    name: "python",
    set: "x = 20",
    get: "x + 1",
    got: r#""text/plain": "21""#,
    endless: "print('begun', flush=True)\nwhile True: pass",
};
const JAVASCRIPT: Language = Language {
    name: "javascript",
    set: "const x = 20",
    get: "x + 1",
    got: r#""text/plain":"21""#,
    endless: "console.log('begun'); while (true);",
};
const BASH: Language = Language {
    name: "bash",
    set: "x=20",
    get: "echo $((x+1))",
    got: r#""stdout": "MjEK""#,
    endless: "echo begun; while :; do :; done",
};

/// State is kept, a loop is interrupted, and a driver that is killed ends its run.
fn goes_on(home: &Home, language: &Language) {
    let _limit = Limit::of(&home.scratch.join(".superserve/code"));
    let id = language.name;
    assert_eq!(home.run(id, "none", "1"), "!absent\n");
    assert_eq!(home.told("start", &[id, id]), "");
    home.run(id, "a", language.set);
    let told = home.run(id, "b", language.get);
    assert!(told.contains(language.got), "{told}");

    let told = home.told("run", &[id, "nowhere", "", "/no/such", "0", "1"]);
    assert_eq!(told, "!nowhere\n");

    let mut running = home.begin(id, "c", language.endless);
    running.writes();
    let listed = home.told("list", &[]);
    assert!(
        listed.starts_with(&format!("{id} {id} running ")),
        "{listed}"
    );
    assert_eq!(home.told("end", &[id, "interrupt", "another"]), "");
    assert_eq!(home.told("end", &[id, "interrupt", "c"]), "");
    let told = running.ends();
    assert!(told.contains("Interrupted"), "{told}");
    let told = home.run(id, "d", language.get);
    assert!(told.contains(language.got), "{told}");

    // As soon as it has begun, too.
    for moment in 0..20 {
        let run = format!("at-once-{moment}");
        let mut running = home.begin(id, &run, language.endless);
        running.tells("\"begin\"");
        assert_eq!(home.told("end", &[id, "interrupt", &run]), "");
        let told = running.ends();
        assert!(told.contains("Interrupted"), "{told}");
    }

    let mut running = home.begin(id, "gone", language.endless);
    running.writes();
    let group = format!("-{}", running.child.id());
    assert!(works("kill", &["-KILL", "--", &group]));
    running.child.wait().unwrap();
    // Nobody waits for it any more: so it is interrupted.
    while home.told("list", &[]).contains(" running ") {}
    let told = home.run(id, "after", language.get);
    assert!(told.contains(language.got), "{told}");

    let mut running = home.begin(id, "e", language.endless);
    running.writes();
    let pids = fs::read_to_string(home.scratch.join(format!(".superserve/code/{id}/pid"))).unwrap();
    let driver = pids.split(' ').next().unwrap();
    assert!(works("kill", &["-KILL", driver]));
    let told = running.ends();
    assert!(!told.contains("\"end\""), "{told}");
    // Its pipes are closed a moment before it is gone.
    while home.run(id, "f", "1") != "!stopped\n" {}
    assert_eq!(home.told("list", &[]), format!("{id} {id} stopped -\n"));
    assert_eq!(home.told("start", &[id, ""]), "");
    let told = home.run(id, "g", language.get);
    assert!(!told.contains(language.got), "{told}");
    assert_eq!(home.told("end", &[id, "remove", ""]), "");
    let left = fs::read_dir(home.scratch.join(".superserve/code")).unwrap();
    assert_eq!(left.count(), 0);
}

#[test]
fn contexts_go_on_in_every_shell() {
    for shell in ["dash", "bash", "busybox"] {
        let name = format!("shell-{shell}");
        if works(
            shell,
            if shell == "busybox" {
                &["true"]
            } else {
                &["-c", ""]
            },
        ) {
            goes_on(&Home::new(&name, shell), &BASH);
        } else {
            println!("passed over: {shell}, which is not there");
        }
    }
}

#[test]
fn contexts_go_on_by_every_program() {
    let mut found = 0;
    for program in ["python3", "python3.8", "python3.13", "node"] {
        if !works(program, &["--version"]) {
            println!("passed over: {program}, which is not there");
            continue;
        }
        found += 1;
        let home = Home::new(program, "sh");
        let language = if program == "node" {
            JAVASCRIPT
        } else {
            PYTHON
        };
        if language.name == "python" {
            // What is found there may be a script that looks at its name.
            let own = Command::new(program)
                .args(["-c", "import sys; print(sys.executable)"])
                .output();
            let own = String::from_utf8(own.unwrap().stdout).unwrap();
            symlink(own.trim(), home.tools.join("python3")).unwrap();
        }
        goes_on(&home, &language);
    }
    assert!(found > 0);
}

#[test]
fn figures_are_seen() {
    if !works("python3", &["-c", "import matplotlib"]) {
        println!("passed over: matplotlib, which python3 has not");
        return;
    }
    let home = Home::new("figures", "sh");
    home.told("start", &["python", "python"]);
    let draws =
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nplt.plot([3]);\nNone";
    let told = home.run("python", "a", draws);
    assert!(!told.contains("\"error\""), "{told}");
    assert_eq!(told.matches(r#""image/png": "iVBORw0KGgo"#).count(), 2);
    // They are closed then.
    let told = home.run("python", "b", "1");
    assert!(!told.contains("image/png"));
}

#[test]
fn what_is_missing_is_told() {
    let home = Home::new("missing", "sh");
    for tool in ["python3", "python", "node", "nodejs"] {
        fs::write(home.tools.join(tool), "").unwrap();
    }
    for tool in [
        "sh", "env", "id", "mkdir", "mkfifo", "mv", "rm", "cat", "setsid", "flock", "stat", "sleep",
    ] {
        let path = Command::new("sh")
            .args(["-c", &format!("command -v {tool}")])
            .output()
            .unwrap();
        let _ = symlink(
            String::from_utf8(path.stdout).unwrap().trim(),
            home.tools.join(tool),
        );
    }
    for (language, tool) in [("python", "python3"), ("javascript", "node")] {
        let output = home
            .script("start", &[language, language])
            .env("PATH", &home.tools)
            .output()
            .unwrap();
        assert!(!output.status.success());
        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!(words.trim(), format!("superserve:tool_missing:{tool}"));
    }
    assert_eq!(home.told("list", &[]), "");
    assert_eq!(home.told("end", &["python", "remove", ""]), "!absent\n");
    assert_eq!(home.told("start", &["../up", "python"]), "!absent\n");
}
