//! Init's loop: requests from the server on one side, ended processes on the other.

use std::collections::HashMap;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal, kill, killpg};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::{network, spawn, tree};
use crate::wire::{self, Report, Request};

/// Serves one control socket until its other end is gone.
pub struct Reactor<'a> {
    control: &'a UnixStream,
    signals: SignalFd,
    running: HashMap<Pid, u64>,
    /// Whether this process is PID 1 of a namespace of its own.
    isolated: bool,
}

impl<'a> Reactor<'a> {
    pub fn new(control: &'a UnixStream, isolated: bool) -> io::Result<Self> {
        let mut mask = SigSet::empty();
        mask.add(Signal::SIGCHLD);
        mask.thread_block()?;
        let signals = SignalFd::with_flags(&mask, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        Ok(Self {
            control,
            signals,
            running: HashMap::new(),
            isolated,
        })
    }

    /// Returns when the server has hung up; the caller's exit then ends the sandbox.
    pub fn run(mut self) -> io::Result<()> {
        loop {
            let (request, child) = self.wait()?;
            if child {
                while self.signals.read_signal()?.is_some() {}
                self.reap()?;
            }
            if !request {
                continue;
            }
            match wire::receive(self.control) {
                Ok(Some((request, fds))) => self.serve(request, fds)?,
                Ok(None) | Err(_) => break,
            }
        }
        if !self.isolated {
            tree::signal_descendants(Signal::SIGKILL);
        }
        Ok(())
    }

    fn wait(&self) -> io::Result<(bool, bool)> {
        let mut fds = [
            PollFd::new(self.control.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.signals.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut fds, PollTimeout::NONE) {
            Ok(_) => {}
            Err(Errno::EINTR) => return Ok((false, false)),
            Err(error) => return Err(error.into()),
        }
        let [request, child] = fds.map(|fd| fd.any().unwrap_or(false));
        Ok((request, child))
    }

    fn serve(&mut self, request: Request, fds: Vec<std::os::fd::OwnedFd>) -> io::Result<()> {
        match request {
            Request::Setup(_) => Ok(()),
            Request::Socket { v6 } => {
                // Whoever asked sees that there is none.
                if let Some(server) = fds.first() {
                    network::lend_socket(v6, server).ok();
                }
                Ok(())
            }
            Request::Spawn { id, command } => match spawn::start(&command, fds) {
                Ok(pid) => {
                    self.running.insert(pid, id);
                    wire::send(self.control, &Report::Spawned { id })
                }
                Err(message) => wire::send(self.control, &Report::Refused { id, message }),
            },
            Request::Signal { id, signal } => {
                let leader = self.running.iter().find(|(_, running)| **running == id);
                if let (Some((pid, _)), Ok(signal)) = (leader, Signal::try_from(signal)) {
                    // Not before its setsid, which comes before its exec: the group exists.
                    killpg(*pid, signal).ok();
                }
                Ok(())
            }
            Request::SignalAll { signal } => {
                if let Ok(signal) = Signal::try_from(signal) {
                    self.signal_all(signal);
                }
                wire::send(self.control, &Report::Signalled)
            }
        }
    }

    fn signal_all(&self, signal: Signal) {
        if self.isolated {
            // Everything in the PID namespace but init itself.
            kill(Pid::from_raw(-1), signal).ok();
        } else {
            tree::signal_descendants(signal);
        }
    }

    fn reap(&mut self) -> io::Result<()> {
        loop {
            let (pid, code) = match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::Exited(pid, code)) => (pid, code),
                Ok(WaitStatus::Signaled(pid, signal, _)) => (pid, 128 + signal as i32),
                Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD) => return Ok(()),
                Ok(_) | Err(Errno::EINTR) => continue,
                Err(error) => return Err(error.into()),
            };
            if let Some(id) = self.running.remove(&pid) {
                wire::send(self.control, &Report::Exited { id, code })?;
            }
        }
    }
}
