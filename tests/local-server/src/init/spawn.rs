//! Starts one command in the sandbox.

use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::sys::signal::{SigHandler, Signal, signal};
use nix::unistd::{Pid, setsid};

use crate::accounts::{Account, Credentials};
use crate::wire::CommandSpec;

/// Starts the command in a session of its own; the error is a message for the caller.
pub fn start(spec: &CommandSpec, fds: Vec<OwnedFd>) -> Result<Pid, String> {
    let Ok([stdin, stdout, stderr]) = <[OwnedFd; 3]>::try_from(fds) else {
        return Err("a command needs three descriptors".to_owned());
    };
    let Some((program, arguments)) = spec.argv.split_first() else {
        return Err("a command needs a program".to_owned());
    };
    if !Path::new(&spec.cwd).is_dir() {
        return Err(format!("working directory does not exist: {}", spec.cwd));
    }
    let account = spec.user.as_deref().map(Account::look_up).transpose()?;
    let user = account.as_ref().map(Credentials::of);
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(spec.env.iter().map(|(key, value)| (key, value)))
        .current_dir(&spec.cwd)
        .stdin(stdin)
        .stdout(stdout)
        .stderr(stderr);
    let terminal = spec.terminal;
    // SAFETY: init has one thread, and only system calls are made between fork and exec.
    unsafe {
        command.pre_exec(move || {
            // Under `nohup`, say, some are ignored, and a shell cannot undo that.
            for ignored in Signal::iterator() {
                signal(ignored, SigHandler::SigDfl).ok();
            }
            setsid()?;
            if terminal && libc::ioctl(0, libc::TIOCSCTTY, 0) != 0 {
                return Err(std::io::Error::last_os_error());
            }
            if let Some(user) = &user {
                user.assume()?;
            }
            Ok(())
        });
    }
    // The child is reaped by the reactor, like every other process of the sandbox.
    let child = command
        .spawn()
        .map_err(|error| format!("cannot start {program}: {error}"))?;
    Ok(Pid::from_raw(child.id().cast_signed()))
}
