//! The process beside a sandbox's init that starts a worker for each connection it is given.
//!
//! It is no process of the sandbox's PID namespace: nothing inside can see or signal it, and to
//! it and its workers `/proc/self` is nothing.

use std::collections::HashSet;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork};

use super::worker;
use crate::wire;

/// Serves until the server hangs up or `init` ends.
pub fn run(connections: &UnixStream, init: Option<Pid>) -> io::Result<()> {
    let mut mask = SigSet::empty();
    mask.add(Signal::SIGCHLD);
    mask.thread_block()?;
    let signals = SignalFd::with_flags(&mask, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
    let mut workers = HashSet::new();
    while !ended(init, &mut workers)? {
        let mut fds = [
            PollFd::new(connections.as_fd(), PollFlags::POLLIN),
            PollFd::new(signals.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut fds, PollTimeout::NONE) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [connection, child] = fds.map(|fd| fd.any().unwrap_or(false));
        if child {
            while signals.read_signal()?.is_some() {}
        }
        if connection {
            let mut mark = [0];
            let (count, given) = wire::receive_with_fds(connections, &mut mark)?;
            if count == 0 {
                break;
            }
            for connection in given {
                start(connection.into(), &mut workers);
            }
        }
    }
    for worker in workers {
        kill(worker, Signal::SIGKILL).ok();
        waitpid(worker, None).ok();
    }
    Ok(())
}

/// Without a process for it the connection ends, and the server says so.
fn start(connection: UnixStream, workers: &mut HashSet<Pid>) {
    // SAFETY: this process has one thread, so the child may do anything after the fork.
    match unsafe { fork() } {
        Ok(ForkResult::Parent { child }) => {
            workers.insert(child);
        }
        Ok(ForkResult::Child) => {
            prctl::set_pdeathsig(Signal::SIGKILL).ok();
            worker::serve(&connection);
            // No destructor of the parent's, and nothing else, may run here.
            // SAFETY: it ends the process.
            unsafe { libc::_exit(0) }
        }
        Err(error) => eprintln!("sandbox files: {error}"),
    }
}

/// Reaps; whether init is among them.
fn ended(init: Option<Pid>, workers: &mut HashSet<Pid>) -> io::Result<bool> {
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(pid, _) | WaitStatus::Signaled(pid, ..)) => {
                if Some(pid) == init {
                    return Ok(true);
                }
                workers.remove(&pid);
            }
            Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD) => return Ok(false),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
