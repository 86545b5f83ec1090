//! A sandbox's init: the binary re-executed, so that namespaces are made in a process of one thread.
//!
//! It enters new namespaces, forks PID 1 of a new PID namespace, which mounts the sandbox's root
//! and then serves the server: starts commands, signals them, reaps whatever ends. The outer
//! process, out of the sandbox's sight, has its file work done. Both die with the server, and with
//! PID 1 dies everything in the sandbox.

mod capabilities;
mod keyring;
mod mounts;
mod network;
mod reactor;
mod spawn;
mod tree;

use std::fs;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::Signal;
use nix::unistd::{ForkResult, Pid, chdir, fork, getgid, getuid};

use crate::files::service;
use crate::network::plan::NetworkPlan;
use crate::sandbox::root::Isolation;
use crate::wire::{self, Report, Request, Setup};

/// Runs as `superserve-local sandbox-init`, with the control socket as standard input.
pub fn main() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sandbox init: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start() -> io::Result<()> {
    let control = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let null = fs::File::open("/dev/null")?;
    // The socket must not stay open under a second number: init would never see its end.
    nix::unistd::dup2_stdin(&null)?;
    let Some((Request::Setup(setup), fds)) = wire::receive(&control)? else {
        return Ok(());
    };
    let Setup {
        isolation,
        root,
        network,
    } = setup;
    let mut fds = fds.into_iter().map(UnixStream::from);
    let Some(connections) = fds.next() else {
        return fail(&control, &io::Error::other("no socket for file work"));
    };
    let network = network.zip(fds.next());
    keep_descriptors_private();
    lower_file_limit();
    let outcome = match (isolation, &root) {
        (Isolation::None, _) | (_, None) => {
            prctl::set_child_subreaper(true)?;
            // SAFETY: this process has one thread, so the child may do anything after the fork.
            if matches!(unsafe { fork() }?, ForkResult::Child) {
                prctl::set_pdeathsig(Signal::SIGKILL)?;
                drop(control);
                return service::run(&connections, None);
            }
            drop(connections);
            wire::send(
                &control,
                &Report::Started {
                    pid: nix::unistd::getpid().as_raw(),
                },
            )?;
            wire::send(&control, &Report::Ready)?;
            return reactor::Reactor::new(&control, false)?.run();
        }
        (_, Some(root)) => enter_namespaces(isolation, network)
            // Before the fork: file work shall see no keys either.
            .and_then(|()| keyring::hide())
            .map(|()| root),
    };
    let root = match outcome {
        Ok(root) => root,
        Err(error) => return fail(&control, &error),
    };
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    match fork_into_pid_namespace().map_err(|error| context(error, "a PID namespace")) {
        Ok(Some(child)) => {
            wire::send(
                &control,
                &Report::Started {
                    pid: child.as_raw(),
                },
            )?;
            drop(control);
            if isolation == Isolation::Privileged {
                capabilities::drop_now()?;
            }
            // Where this is in the old root, the new one takes its place.
            chdir("/")?;
            service::run(&connections, Some(child))
        }
        Ok(None) => {
            prctl::set_pdeathsig(Signal::SIGKILL)?;
            drop(connections);
            let bound = || match isolation {
                Isolation::Privileged => capabilities::bound(),
                _ => Ok(()),
            };
            if let Err(error) = mounts::enter(root, isolation).and_then(|()| bound()) {
                return fail(&control, &error);
            }
            wire::send(&control, &Report::Ready)?;
            reactor::Reactor::new(&control, true)?.run()
        }
        Err(error) => fail(&control, &error),
    }
}

/// Like `fork`, with the child as PID 1 of a new PID namespace; `None` in the child.
///
/// `unshare` would do the same to every later child, and those that do file work stay outside.
fn fork_into_pid_namespace() -> io::Result<Option<Pid>> {
    let flags = libc::CLONE_NEWPID | libc::SIGCHLD;
    // SAFETY: without CLONE_VM this is a fork, and this process has one thread.
    match unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) } {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(None),
        pid => Ok(Some(Pid::from_raw(i32::try_from(pid).unwrap_or(-1)))),
    }
}

/// Whoever started the server may have left descriptors open; no command shall have them.
fn keep_descriptors_private() {
    // SAFETY: only the flags of descriptors change. Without the call's support nothing does.
    unsafe {
        libc::close_range(
            3,
            libc::c_uint::MAX,
            libc::CLOSE_RANGE_CLOEXEC.cast_signed(),
        )
    };
}

/// The server's own limit is high; programs that use `select` or close all descriptors expect less.
fn lower_file_limit() {
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        setrlimit(Resource::RLIMIT_NOFILE, hard.min(1024), hard).ok();
    }
}

fn fail(control: &UnixStream, error: &io::Error) -> io::Result<()> {
    wire::send(
        control,
        &Report::Failed {
            message: error.to_string(),
        },
    )
}

fn enter_namespaces(
    isolation: Isolation,
    network: Option<(NetworkPlan, UnixStream)>,
) -> io::Result<()> {
    let mut own = CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWIPC;
    if network.is_some() {
        own |= CloneFlags::CLONE_NEWNET;
    }
    if isolation == Isolation::Privileged {
        unshare(own).map_err(|error| context(error.into(), "unshare"))?;
    } else {
        enter_user_namespace(own)?;
    }
    network.map_or(Ok(()), |(plan, server)| network::build(&plan, &server))
}

fn enter_user_namespace(own: CloneFlags) -> io::Result<()> {
    let (uid, gid) = (getuid(), getgid());
    unshare(own | CloneFlags::CLONE_NEWUSER)
        .map_err(|error| context(error.into(), "unshare with a user namespace"))?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("0 {uid} 1"))
        .map_err(|error| context(error, "uid_map"))?;
    fs::write("/proc/self/gid_map", format!("0 {gid} 1")).map_err(|error| context(error, "gid_map"))
}

fn context(error: io::Error, what: &str) -> io::Error {
    io::Error::new(error.kind(), format!("{what}: {error}"))
}
