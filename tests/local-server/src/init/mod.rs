//! A sandbox's init: the binary re-executed, so that namespaces are made in a process of one thread.
//!
//! It enters new namespaces, forks PID 1 of the new PID namespace, which mounts the sandbox's root
//! and then serves the server: starts commands, signals them, reaps whatever ends. The outer
//! process only waits. Both die with the server, and with PID 1 dies everything in the sandbox.

mod confine;
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
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, fork, getgid, getuid};

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
    let Some((Request::Setup(setup), mut fds)) = wire::receive(&control)? else {
        return Ok(());
    };
    let Setup {
        isolation,
        root,
        network,
    } = setup;
    let network = network.zip(fds.pop().map(UnixStream::from));
    keep_descriptors_private();
    lower_file_limit();
    let outcome = match (isolation, &root) {
        (Isolation::None, _) | (_, None) => {
            prctl::set_child_subreaper(true)?;
            wire::send(
                &control,
                &Report::Started {
                    pid: nix::unistd::getpid().as_raw(),
                },
            )?;
            wire::send(&control, &Report::Ready)?;
            return reactor::Reactor::new(&control, false)?.run();
        }
        (_, Some(root)) => enter_namespaces(isolation, network).map(|()| root),
    };
    let root = match outcome {
        Ok(root) => root,
        Err(error) => return fail(&control, &error),
    };
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    // SAFETY: this process has one thread, so the child may do anything after the fork.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => {
            wire::send(
                &control,
                &Report::Started {
                    pid: child.as_raw(),
                },
            )?;
            drop(control);
            waitpid(child, None)?;
            Ok(())
        }
        ForkResult::Child => {
            prctl::set_pdeathsig(Signal::SIGKILL)?;
            if let Err(error) = mounts::enter(root, isolation).and_then(|()| confine(isolation)) {
                return fail(&control, &error);
            }
            wire::send(&control, &Report::Ready)?;
            reactor::Reactor::new(&control, true)?.run()
        }
    }
}

/// What is left of the machine after its files.
fn confine(isolation: Isolation) -> io::Result<()> {
    confine::close_keyrings()?;
    match isolation {
        Isolation::Privileged => confine::drop_capabilities(),
        _ => Ok(()),
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
    let mut own = CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWIPC;
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
