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

/// Runs two commands at the same time; what the second prints on stdout follows the first's.
pub fn run_both(first: &mut Command, second: &mut Command) -> Result<()> {
    second.stdout(Stdio::piped()).stderr(Stdio::inherit());
    let started = second
        .spawn()
        .with_context(|| format!("cannot start {}", name(second)))?;
    let reader = thread::spawn(|| started.wait_with_output());
    let ran = run(first);
    let Ok(read) = reader.join() else {
        bail!("reading what {} prints ended in a panic", name(second));
    };
    let output = read.with_context(|| format!("cannot wait for {}", name(second)))?;
    std::io::stdout().write_all(&output.stdout)?;
    ran.and_then(|()| succeeded(second, output.status))
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
