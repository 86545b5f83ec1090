//! A build's steps, and the commands that it runs.
//!
//! Errors are the API's: `<code>: <detail>`.

use std::sync::Arc;
use std::time::Instant;

use nix::sys::signal::Signal;
use tokio::sync::{mpsc, watch};

use super::log::{Log, LogStream};
use super::spec::{BuildSpec, Step, User};
use super::store;
use crate::sandbox::environment::Environment;
use crate::sandbox::machine::Machine;
use crate::sandbox::output::{self, End, Event, Source};
use crate::sandbox::record::Strings;
use crate::utf8::Utf8Decoder;
use crate::wire::CommandSpec;

/// Makes a user if there is none: in a user namespace as another name of the only one.
const ADD_USER: &str = r#"set -e
if ! grep -q "^$1:" /etc/passwd; then
    if [ "$(wc -l < /proc/self/uid_map)" = 1 ] && [ "$(awk '{print $3}' /proc/self/uid_map)" = 1 ]; then
        echo "$1:x:0:0::/home/$1:/bin/bash" >> /etc/passwd
        mkdir -p "/home/$1"
    else
        useradd --create-home --shell /bin/bash "$1"
    fi
fi
if [ "$2" = sudo ]; then
    mkdir -p /etc/sudoers.d
    echo "$1 ALL=(ALL) NOPASSWD:ALL" > "/etc/sudoers.d/$1"
    chmod 440 "/etc/sudoers.d/$1"
fi"#;

const MAKE_WORKDIR: &str = r#"set -e
mkdir -p -- "$1"
[ -z "$2" ] || chown -- "$2" "$1""#;

/// A line that is longer is several events.
const MAX_LINE: usize = 64 << 10;

/// A failure of the server's own.
pub fn failed(error: impl std::fmt::Display) -> String {
    format!("build_failed: {error}")
}

fn describe(step: &Step) -> String {
    match step {
        Step::Run(command) => format!("run {command}"),
        // A value may be a secret.
        Step::Env(variable) => format!("env {}", variable.key),
        Step::Workdir(path) => format!("workdir {path}"),
        Step::User(user) => format!("user {}", user.name),
    }
}

/// Does all steps, one after another; the environment that they leave.
pub async fn run_steps(
    machine: &Machine,
    spec: &BuildSpec,
    home: String,
    log: &Log,
) -> Result<Environment, String> {
    let mut environment = store::environment(&spec.from, home);
    let total = spec.steps.len();
    for (index, fields) in spec.steps.iter().enumerate() {
        let number = index + 1;
        let Some(step) = fields.step() else { continue };
        log.add(
            LogStream::System,
            &format!("step {number}/{total}: {}", describe(&step)),
        );
        let begun = Instant::now();
        let exit_code = run_step(machine, &mut environment, step, log).await?;
        // What a step leaves running is no part of its result.
        machine
            .link
            .signal_all(Signal::SIGKILL)
            .await
            .map_err(failed)?;
        if exit_code != 0 {
            return Err(format!(
                "step_failed: step {number}/{total} failed after {:.1}s: exited with code {exit_code}",
                begun.elapsed().as_secs_f64(),
            ));
        }
    }
    Ok(environment)
}

async fn run_step(
    machine: &Machine,
    environment: &mut Environment,
    step: Step,
    log: &Log,
) -> Result<i32, String> {
    match step {
        Step::Run(command) => run(machine, environment.shell(&command), log).await,
        Step::Env(variable) => {
            environment.variables.insert(variable.key, variable.value);
            Ok(0)
        }
        Step::Workdir(path) => {
            let path = environment.resolve(&path);
            let owner = environment.user.clone().unwrap_or_default();
            let code = as_root(machine, MAKE_WORKDIR, &[&path, &owner], log).await?;
            environment.workdir = Some(path);
            Ok(code)
        }
        Step::User(user) => set_user(machine, environment, user, log).await,
    }
}

async fn set_user(
    machine: &Machine,
    environment: &mut Environment,
    user: User,
    log: &Log,
) -> Result<i32, String> {
    let sudo = if user.sudo { "sudo" } else { "" };
    let code = as_root(machine, ADD_USER, &[&user.name, sudo], log).await?;
    if code == 0 {
        environment.home = machine.files.home(&user.name).await.map_err(failed)?;
        environment.user = Some(user.name);
    }
    Ok(code)
}

/// A script of the server's own, with arguments.
async fn as_root(
    machine: &Machine,
    script: &str,
    arguments: &[&str],
    log: &Log,
) -> Result<i32, String> {
    let argv = ["/bin/sh", "-c", script, "sh"]
        .into_iter()
        .chain(arguments.iter().copied());
    let root = Environment::new("/".to_owned());
    run(
        machine,
        root.command(argv.map(str::to_owned).collect(), "/", Strings::new()),
        log,
    )
    .await
}

/// Runs a command to its end, its output in the log.
pub async fn run(machine: &Machine, command: CommandSpec, log: &Log) -> Result<i32, String> {
    let events = output::start(machine, command, None)
        .await
        .map_err(failed)?;
    Ok(drain(events, log).await.exit_code)
}

/// Starts a command that is to stay; the receiver has its exit code once it has ended.
pub async fn watch_start(
    machine: &Machine,
    command: CommandSpec,
    log: &Arc<Log>,
) -> Result<watch::Receiver<Option<i32>>, String> {
    let events = output::start(machine, command, None)
        .await
        .map_err(|error| format!("start_cmd_failed: {error}"))?;
    let (ended, receiver) = watch::channel(None);
    let log = log.clone();
    tokio::spawn(async move {
        let end = drain(events, &log).await;
        ended.send_replace(Some(end.exit_code));
    });
    Ok(receiver)
}

async fn drain(mut events: mpsc::Receiver<Event>, log: &Log) -> End {
    let (mut stdout, mut stderr) = (Lines::default(), Lines::default());
    while let Some(event) = events.recv().await {
        match event {
            Event::Output(Source::Stdout, bytes) => stdout.push(&bytes, LogStream::Stdout, log),
            Event::Output(Source::Stderr, bytes) => stderr.push(&bytes, LogStream::Stderr, log),
            Event::Finished(end) => {
                stdout.finish(LogStream::Stdout, log);
                stderr.finish(LogStream::Stderr, log);
                return end;
            }
        }
    }
    output::gone()
}

/// One log event for each line.
#[derive(Debug, Default)]
struct Lines {
    decoder: Utf8Decoder,
    open: String,
}

impl Lines {
    fn push(&mut self, bytes: &[u8], stream: LogStream, log: &Log) {
        self.open.push_str(&self.decoder.push(bytes));
        if let Some((whole, rest)) = self.open.rsplit_once('\n') {
            for line in whole.split('\n') {
                log.add(stream, line);
            }
            self.open = rest.to_owned();
        }
        // What has no end is no line.
        if self.open.len() > MAX_LINE {
            log.add(stream, &std::mem::take(&mut self.open));
        }
    }

    fn finish(&mut self, stream: LogStream, log: &Log) {
        self.open.push_str(&self.decoder.finish());
        if !self.open.is_empty() {
            log.add(stream, &std::mem::take(&mut self.open));
        }
    }
}
