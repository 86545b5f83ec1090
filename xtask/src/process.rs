//! Running other programs, and saying so.

use std::io::Write;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};

/// Says what goes on, one line a step, beside the results on stdout.
pub fn say(what: impl std::fmt::Display) {
    eprintln!("xtask: {what}");
}

/// The cargo that runs this program.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command to its end; its output is the user's to see.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", name(command)))?;
    succeeded(command, status)
}

/// Does some work while a command runs; what the command prints follows.
pub fn beside(command: &mut Command, work: impl FnOnce() -> Result<()>) -> Result<()> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let started = command
        .spawn()
        .with_context(|| format!("cannot start {}", name(command)))?;
    let reader = thread::spawn(|| started.wait_with_output());
    let worked = work();
    let Ok(read) = reader.join() else {
        bail!("reading what {} prints ended in a panic", name(command));
    };
    let output = read.with_context(|| format!("cannot wait for {}", name(command)))?;
    std::io::stdout().write_all(&output.stdout)?;
    std::io::stderr().write_all(&output.stderr)?;
    worked.and_then(|()| succeeded(command, output.status))
}

/// Runs a command and returns what it printed; its errors stay visible.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", name(command)))?;
    succeeded(command, output.status)?;
    String::from_utf8(output.stdout).with_context(|| format!("{} printed no text", name(command)))
}

fn succeeded(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("{} ended with {status}: {command:?}", name(command));
    }
    Ok(())
}

fn name(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    program
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
