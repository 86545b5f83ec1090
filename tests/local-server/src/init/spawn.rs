//! Starts one command in the sandbox.

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::sys::signal::{SigHandler, Signal, signal};
use nix::unistd::{Gid, Pid, Uid, getuid, setgid, setgroups, setsid, setuid};

use crate::accounts::Account;
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
    let user = spec.user.as_deref().map(User::find).transpose()?;
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
                user.become_it()?;
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

/// The one that a command becomes; all is looked up before the fork.
struct User {
    uid: Uid,
    gid: Gid,
    groups: Vec<Gid>,
}

impl User {
    fn find(name: &str) -> Result<Self, String> {
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let group = fs::read_to_string("/etc/group").unwrap_or_default();
        let account = Account::find(name, &passwd, &group);
        let account = account.ok_or_else(|| format!("no such user: {name}"))?;
        Ok(Self {
            uid: Uid::from_raw(account.uid),
            gid: Gid::from_raw(account.gid),
            groups: account.groups.into_iter().map(Gid::from_raw).collect(),
        })
    }

    fn become_it(&self) -> std::io::Result<()> {
        // In a user namespace every name stands for its only user.
        if getuid() == self.uid {
            return Ok(());
        }
        setgroups(&self.groups)?;
        setgid(self.gid)?;
        setuid(self.uid)?;
        Ok(())
    }
}
