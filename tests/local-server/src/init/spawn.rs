//! Starts one command in the sandbox.

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::unistd::{Gid, Pid, Uid, setgid, setgroups, setsid, setuid};

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
    let user = spec.user.as_deref().map(Account::find).transpose()?;
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

struct Account {
    uid: Uid,
    gid: Gid,
    groups: Vec<Gid>,
}

impl Account {
    /// Reads the sandbox's own files: the host's name service knows nothing of its users.
    fn find(name: &str) -> Result<Self, String> {
        let missing = || format!("no such user: {name}");
        let passwd = fs::read_to_string("/etc/passwd").map_err(|_| missing())?;
        let fields: Vec<&str> = passwd
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>())
            .find(|fields| fields.first() == Some(&name))
            .ok_or_else(missing)?;
        let number = |index: usize| {
            fields
                .get(index)
                .and_then(|field| field.parse::<u32>().ok())
        };
        let (Some(uid), Some(gid)) = (number(2), number(3)) else {
            return Err(missing());
        };
        let group_file = fs::read_to_string("/etc/group").unwrap_or_default();
        let mut groups = vec![Gid::from_raw(gid)];
        for line in group_file.lines() {
            let mut fields = line.split(':').skip(2);
            let id = fields.next().and_then(|field| field.parse().ok());
            let member = fields
                .next()
                .is_some_and(|list| list.split(',').any(|one| one == name));
            if let (Some(id), true) = (id, member) {
                groups.push(Gid::from_raw(id));
            }
        }
        Ok(Self {
            uid: Uid::from_raw(uid),
            gid: Gid::from_raw(gid),
            groups,
        })
    }

    fn become_it(&self) -> std::io::Result<()> {
        setgroups(&self.groups)?;
        setgid(self.gid)?;
        setuid(self.uid)?;
        Ok(())
    }
}
