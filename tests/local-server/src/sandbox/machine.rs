//! A running sandbox as the operating system knows it: init, its root, its freezer.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use nix::dir::Dir;
use nix::fcntl::{OFlag, readlinkat};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::net::unix::OwnedReadHalf;
use tokio::net::{TcpSocket, TcpStream, UnixStream};
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc, oneshot};

use super::files::Files;
use super::freeze::{Freezer, FreezerRoot};
use super::inside;
use super::link::{Link, Process, StartError, read_report, receive_descriptor, send_frame};
use super::record;
use super::root::{HostView, Isolation};
use super::tidy::remove_tree;
use crate::network::log::NetworkLog;
use crate::network::own::{Networks, OwnNetwork};
use crate::network::sockets;
use crate::wire::{self, CommandSpec, INIT_SUBCOMMAND, Report, Request, Setup};

/// Starts init processes from one thread that lives as long as the server.
///
/// A child asks to die with its parent, and to the kernel its parent is the thread that forked it.
#[derive(Debug, Clone)]
pub struct Launcher(mpsc::UnboundedSender<Launch>);

type Launch = (Command, oneshot::Sender<io::Result<Child>>);

impl Launcher {
    /// Must be called inside the runtime.
    pub fn start() -> io::Result<Self> {
        let (sender, mut receiver) = mpsc::unbounded_channel::<Launch>();
        let runtime = tokio::runtime::Handle::current();
        std::thread::Builder::new()
            .name("launcher".to_owned())
            .spawn(move || {
                let _entered = runtime.enter();
                while let Some((mut command, answer)) = receiver.blocking_recv() {
                    answer.send(command.spawn()).ok();
                }
            })?;
        Ok(Self(sender))
    }

    async fn launch(&self, command: Command) -> io::Result<Child> {
        let (answer, child) = oneshot::channel();
        let gone = || io::Error::other("the launcher thread is gone");
        self.0.send((command, answer)).map_err(|_| gone())?;
        child.await.map_err(|_| gone())?
    }
}

/// One sandbox's processes and files.
#[derive(Debug)]
pub struct Machine {
    pub link: Arc<Link>,
    pub files: Files,
    /// The sandbox's `/`, as a descriptor that only names it.
    pub root: OwnedFd,
    pub network_log: Arc<NetworkLog>,
    isolation: Isolation,
    pid: Pid,
    /// `None` where the network is this machine's.
    network: Option<OwnNetwork>,
    freezer: Option<Freezer>,
    outer: Mutex<Child>,
    directory: PathBuf,
}

impl Machine {
    /// Starts init over a fresh upper layer in `directory`; `layers` are topmost first.
    pub async fn start(
        launcher: &Launcher,
        view: &HostView,
        directory: &Path,
        layers: &[PathBuf],
        freezers: Option<&FreezerRoot>,
        networks: Option<&Networks>,
    ) -> io::Result<Self> {
        let isolated = view.isolation != Isolation::None;
        std::fs::create_dir_all(directory)?;
        let root = isolated.then(|| view.plan(directory, layers)).transpose()?;
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let (connections, given) = std::os::unix::net::UnixStream::pair()?;
        connections.set_nonblocking(true)?;
        let mut command = Command::new("/proc/self/exe");
        command
            .arg0("superserve-sandbox")
            .arg(INIT_SUBCOMMAND)
            // The server's own environment is no business of a sandbox.
            .env_clear()
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .kill_on_drop(true)
            // A Ctrl-C in the server's terminal is the server's to handle.
            .process_group(0);
        let outer = launcher.launch(command).await?;
        let (mut reader, writer) = UnixStream::from_std(ours)?.into_split();
        let setup = wire::encode(&Request::Setup(Setup {
            isolation: view.isolation,
            root,
            network: networks.map(|networks| networks.plan.clone()),
        }))?;
        let (ends, theirs) = UnixStream::pair()?;
        let mut fds = vec![given.as_raw_fd()];
        fds.extend(networks.map(|_| theirs.as_raw_fd()));
        send_frame(writer.as_ref(), &setup, &fds).await?;
        drop((given, theirs));
        let pid = wait_ready(&mut reader).await?;
        let network_log = Arc::<NetworkLog>::default();
        let network = match networks {
            Some(networks) => {
                let ends = receive_all(&ends).await?;
                Some(OwnNetwork::start(networks, ends, network_log.clone())?)
            }
            None => None,
        };
        let root = match view.isolation {
            Isolation::None => open_root("/")?,
            _ => open_root(&format!("/proc/{pid}/root"))?,
        };
        let name = directory
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let freezer = match (freezers, name) {
            // Without it processes are stopped by signals.
            (Some(freezers), Some(name)) if isolated => freezers
                .add(&name, pid)
                .inspect_err(|error| tracing::warn!(%error, "no cgroup for a sandbox"))
                .ok(),
            _ => None,
        };
        Ok(Self {
            link: Link::new(reader, writer),
            files: Files::new(UnixStream::from_std(connections)?),
            root,
            network_log,
            isolation: view.isolation,
            pid,
            network,
            freezer,
            outer: Mutex::new(outer),
            directory: directory.to_owned(),
        })
    }

    /// Starts a command in the sandbox.
    pub async fn spawn(
        &self,
        command: CommandSpec,
        stdio: [OwnedFd; 3],
    ) -> Result<Process, StartError> {
        self.link.spawn(command, stdio).await
    }

    /// Whether its network is its own, or this machine's.
    pub fn has_own_network(&self) -> bool {
        self.network.is_some()
    }

    /// Changes which destinations it may reach, where its network is its own.
    pub fn set_rules(&self, rules: Option<&record::Network>) {
        if let Some(network) = &self.network {
            network.set_rules(rules);
        }
    }

    /// Where it listens. The machine's other servers are not the sandbox's, whosever the network is.
    pub fn listening(&self) -> Vec<SocketAddr> {
        let own = match (&self.network, self.isolation) {
            (Some(_), _) | (None, Isolation::None) => None,
            (None, _) => Some(self.sockets()),
        };
        let rows = match self.network {
            Some(_) => sockets::of(self.pid),
            None => sockets::read(),
        };
        rows.into_iter()
            .filter(|row| row.is_listening())
            .filter(|row| own.as_ref().is_none_or(|own| own.contains(&row.inode)))
            .map(|row| row.local)
            .collect()
    }

    /// Connects to where it listens.
    pub async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        if self.network.is_none() {
            return TcpStream::connect(address).await;
        }
        let socket = self.link.socket(address.is_ipv6()).await?;
        TcpSocket::from_std_stream(socket.into())
            .connect(address)
            .await
    }

    /// Moves what was changed to a directory, as a layer for others; the machine must be killed.
    pub fn keep_layer(&self, path: &Path) -> io::Result<()> {
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        std::fs::rename(self.directory.join("upper"), path)
    }

    /// Copies what was changed to a directory, as a layer for others; the machine must be frozen.
    ///
    /// cp(1) knows of holes, hard links, devices and the attributes of overlayfs, and shares blocks
    /// where the file system can.
    pub async fn copy_layer(&self, path: &Path) -> io::Result<()> {
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        let copied = Command::new("cp")
            .args(["--archive", "--reflink=auto", "--sparse=auto", "--"])
            .arg(self.directory.join("upper"))
            .arg(path)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await?;
        if copied.status.success() {
            return Ok(());
        }
        let why = String::from_utf8_lossy(&copied.stderr);
        Err(io::Error::other(format!("cp: {}", why.trim())))
    }

    /// The sockets of all its processes but init, whose only ones lead to the server.
    pub fn sockets(&self) -> HashSet<u64> {
        let open = |path: &str| {
            inside::open(
                &self.root,
                Path::new(path),
                OFlag::O_RDONLY | OFlag::O_DIRECTORY,
            )
            .ok()
        };
        let mut sockets = HashSet::new();
        let init = (self.isolation != Isolation::None).then_some("1");
        for pid in open("proc").map(names).unwrap_or_default() {
            if !pid.bytes().all(|byte| byte.is_ascii_digit()) || Some(pid.as_str()) == init {
                continue;
            }
            let Some(directory) = open(&format!("proc/{pid}/fd")) else {
                continue;
            };
            let Ok(listed) = directory.try_clone() else {
                continue;
            };
            for fd in names(listed) {
                let target = readlinkat(&directory, fd.as_str()).unwrap_or_default();
                let target = target.to_string_lossy();
                let inode = target
                    .strip_prefix("socket:[")
                    .and_then(|it| it.strip_suffix(']'));
                sockets.extend(inode.and_then(|inode| inode.parse::<u64>().ok()));
            }
        }
        sockets
    }

    /// Stops every process, or lets them go on.
    pub async fn freeze(&self, frozen: bool) -> io::Result<()> {
        match &self.freezer {
            Some(freezer) => freezer.set(frozen).await,
            None => {
                let signal = if frozen {
                    Signal::SIGSTOP
                } else {
                    Signal::SIGCONT
                };
                self.link.signal_all(signal).await
            }
        }
    }

    /// Kills every process, frozen ones too, and returns when they are gone.
    pub async fn kill(&self) {
        if self.isolation == Isolation::None {
            // Nothing but init knows which processes are its.
            self.link.signal_all(Signal::SIGKILL).await.ok();
        }
        let mut outer = self.outer.lock().await;
        if matches!(outer.try_wait(), Ok(None)) {
            kill(self.pid, Signal::SIGKILL).ok();
            outer.wait().await.ok();
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let directory = std::mem::take(&mut self.directory);
        let remove = move || {
            if let Err(error) = remove_tree(&directory) {
                tracing::warn!(%error, directory = %directory.display(), "could not remove");
            }
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(remove)),
            Err(_) => remove(),
        }
    }
}

/// Waits until init has built the root, and returns its pid.
async fn wait_ready(reader: &mut OwnedReadHalf) -> io::Result<Pid> {
    let (mut pid, mut ready) = (None, false);
    loop {
        let report = read_report(reader).await;
        match report.map_err(|_| io::Error::other("init ended before it was ready"))? {
            Report::Started { pid: started } => pid = Some(Pid::from_raw(started)),
            Report::Ready => ready = true,
            Report::Failed { message } => return Err(io::Error::other(message)),
            _ => return Err(io::Error::other("init spoke out of turn")),
        }
        // Init and its parent speak at once, in either order.
        if let (Some(pid), true) = (pid, ready) {
            return Ok(pid);
        }
    }
}

/// The ends of a new network.
async fn receive_all(from: &UnixStream) -> io::Result<Vec<(u8, OwnedFd)>> {
    let mut ends = Vec::new();
    while let Some(end) = receive_descriptor(from).await? {
        ends.push(end);
    }
    Ok(ends)
}

/// What a directory holds.
fn names(directory: OwnedFd) -> Vec<String> {
    let Ok(mut directory) = Dir::from_fd(directory) else {
        return Vec::new();
    };
    let entries = directory.iter().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

fn open_root(path: &str) -> io::Result<OwnedFd> {
    let flags = libc::O_PATH | libc::O_DIRECTORY;
    Ok(File::options()
        .read(true)
        .custom_flags(flags)
        .open(path)?
        .into())
}
