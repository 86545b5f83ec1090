//! `superserve-local`, started for as long as someone needs it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process::{self, say};
use crate::workspace::Workspace;

/// How long the server may take to end its sandboxes before it is killed.
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// Compiles the server and returns the program.
///
/// A debug build: it is ready minutes earlier, and waiting for processes is all it does.
pub fn build(ws: &Workspace) -> Result<PathBuf> {
    build_with(ws, &[])
}

/// The same for tests: with what the server's own tests turn on in its dependencies, so that it is not compiled anew
/// after they have run.
pub fn build_for_tests(ws: &Workspace) -> Result<PathBuf> {
    build_with(ws, &["--all-targets"])
}

fn build_with(ws: &Workspace, options: &[&str]) -> Result<PathBuf> {
    say("cargo build -p superserve-local");
    let mut cargo = process::cargo();
    cargo
        .args(["build", "--quiet", "--package", "superserve-local"])
        .args(options)
        .current_dir(&ws.root);
    process::run(&mut cargo)?;
    Ok(ws.target.join("debug/superserve-local"))
}

/// A running server; it ends when this is dropped.
pub struct Server {
    child: Child,
    /// Where it answers.
    pub base_url: String,
    /// The key it takes.
    pub api_key: String,
}

impl Server {
    /// Starts that program on a free port and waits until it is ready.
    pub fn start(ws: &Workspace, program: &Path) -> Result<Self> {
        let log = ws.target.join("superserve-local.log");
        say(format_args!(
            "start superserve-local, log in {}",
            log.display()
        ));
        let mut child = Command::new(program)
            .args(["--port", "0"])
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let mut server = Self {
            child,
            base_url: String::new(),
            api_key: String::new(),
        };
        let ready: Value = serde_json::from_str(&line).with_context(|| {
            let log = fs::read_to_string(&log).unwrap_or_default();
            format!(
                "superserve-local did not get ready; it said\n{}{}",
                line.trim(),
                log.trim()
            )
        })?;
        let field = |name: &str| {
            let text = ready.get(name).and_then(Value::as_str);
            text.map(str::to_owned)
                .with_context(|| format!("superserve-local names no {name}"))
        };
        server.base_url = field("base_url")?;
        server.api_key = field("api_key")?;
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM lets it end the sandboxes; the standard library only knows SIGKILL.
        let asked = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let until = Instant::now() + STOP_LIMIT;
        while asked.is_ok() && Instant::now() < until {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        say("superserve-local does not stop: killing it");
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
