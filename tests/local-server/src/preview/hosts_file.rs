//! Names of previews in `/etc/hosts`, where this machine does not know names below `localhost`.
//!
//! They mean this machine (RFC 6761), browsers know it, and other programs ask the system, which knows
//! it only with systemd's name service. The file has no patterns: each preview has a line while it
//! can be opened.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, ToSocketAddrs};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};
use tokio::time::{sleep, timeout};

use super::{Gate, gate, is_previewable};
use crate::sandbox::lifecycle::Sandbox;
use crate::sandbox::record::Status;
use crate::state::App;

const PATH: &str = "/etc/hosts";
/// Ends each line of a server's, before its process id.
const MARK: &str = "# superserve-local ";
/// How often the sandboxes' ports are looked at.
const INTERVAL: Duration = Duration::from_millis(250);
/// How long a resolver may take to say that it knows no such name.
const PATIENCE: Duration = Duration::from_secs(2);
/// A sandbox that listens everywhere shall not fill the file.
const MAX_PORTS: usize = 64;

const ADVICE: &str = "where the system does not know names below `localhost`, only browsers open \
    previews by their URLs; libnss-myhostname (`apt-get install libnss-myhostname`) or \
    systemd-resolved makes them known to all programs";

/// Keeps the file until the server's state is gone, if it is needed and may be.
pub async fn keep(app: Weak<App>, own: IpAddr) {
    if resolves().await {
        return;
    }
    let wanted = app.upgrade().is_some_and(|app| !app.options.no_hosts_file);
    let file = HostsFile::new(Path::new(PATH), own);
    match if wanted {
        file.set(&BTreeSet::new())
    } else {
        Ok(())
    } {
        Ok(()) if wanted => {
            tracing::warn!("names of previews are kept in {PATH} while this server runs: {ADVICE}");
        }
        Ok(()) => return tracing::warn!("{ADVICE}"),
        Err(error) => return tracing::warn!(%error, "{PATH} cannot be changed: {ADVICE}"),
    }
    let mut written = BTreeSet::new();
    loop {
        sleep(INTERVAL).await;
        let Some(app) = app.upgrade() else { return };
        let names = tokio::task::spawn_blocking(move || names(&app)).await;
        let Ok(names) = names else { return };
        if names != written {
            if let Err(error) = file.set(&names) {
                tracing::warn!(%error, "{PATH}");
            }
            written = names;
        }
    }
}

async fn resolves() -> bool {
    let ask = || {
        ("1024-superserve-local.localhost", 1024)
            .to_socket_addrs()
            .is_ok()
    };
    let answer = timeout(PATIENCE, tokio::task::spawn_blocking(ask)).await;
    matches!(answer, Ok(Ok(true)))
}

/// The hosts of all previews that can be opened now.
fn names(app: &App) -> BTreeSet<String> {
    let all = app.all();
    let active = all.iter().filter(|it| it.status() == Status::Active);
    let names = active.flat_map(|sandbox| {
        let name = |port| format!("{port}-{}.localhost", sandbox.id);
        ports(sandbox).into_iter().take(MAX_PORTS).map(name)
    });
    names.collect()
}

fn ports(sandbox: &Arc<Sandbox>) -> BTreeSet<u16> {
    let (access, published) = {
        let record = sandbox.record();
        (record.preview_access, record.ports.clone())
    };
    let mut ports: BTreeSet<u16> = published.keys().copied().collect();
    if gate(access, None) == Gate::Open {
        let listening = sandbox.machine.listening().into_iter();
        ports.extend(listening.filter_map(|it| is_previewable(it.port().into())));
    }
    ports
}

/// Whether a line of the file is a server's.
pub fn is_own_line(line: &str) -> bool {
    owner(line).is_some()
}

fn owner(line: &str) -> Option<u32> {
    line.split_once(MARK)?.1.trim().parse().ok()
}

/// The file, and this server's lines in it. They go when it is dropped.
struct HostsFile {
    path: PathBuf,
    address: IpAddr,
}

impl HostsFile {
    fn new(path: &Path, own: IpAddr) -> Self {
        Self {
            path: path.to_owned(),
            address: if own.is_unspecified() {
                Ipv4Addr::LOCALHOST.into()
            } else {
                own
            },
        }
    }

    /// Makes these the names of this server; lines of servers that are gone go.
    fn set(&self, names: &BTreeSet<String>) -> io::Result<()> {
        // Not by a new file in its place: in containers it is a mount.
        let file = File::options().read(true).write(true).open(&self.path)?;
        let mut file = Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, error)| error)?;
        let mut old = String::new();
        file.read_to_string(&mut old)?;
        let own = std::process::id();
        let kept = |line: &&str| owner(line).is_none_or(|pid| pid != own && is_alive(pid));
        let mut new: String = old
            .lines()
            .filter(kept)
            .map(|line| format!("{line}\n"))
            .collect();
        for name in names {
            new.push_str(&format!("{} {name} {MARK}{own}\n", self.address));
        }
        if new != old {
            // Others read it meanwhile: what stays is first, and there at every moment.
            file.write_all_at(new.as_bytes(), 0)?;
            file.set_len(new.len() as u64)?;
        }
        Ok(())
    }
}

impl Drop for HostsFile {
    fn drop(&mut self) {
        self.set(&BTreeSet::new()).ok();
    }
}

fn is_alive(pid: u32) -> bool {
    Path::new("/proc").join(pid.to_string()).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_lines_come_and_go_and_others_stay() {
        let path = std::env::temp_dir().join(format!("hosts-test-{}", uuid::Uuid::new_v4()));
        let read = || std::fs::read_to_string(&path).unwrap();
        let others = format!("127.0.0.1 localhost\n127.0.0.1 1024-x.localhost {MARK}1");
        let dead = format!("127.0.0.1 1024-y.localhost {MARK}4294967295");
        std::fs::write(&path, format!("{others}\n{dead}\n")).unwrap();
        let file = HostsFile::new(&path, Ipv4Addr::UNSPECIFIED.into());
        file.set(&["3000-z.localhost".to_owned()].into()).unwrap();
        let own = std::process::id();
        assert_eq!(
            read(),
            format!("{others}\n127.0.0.1 3000-z.localhost {MARK}{own}\n")
        );
        assert_eq!(read().lines().filter(|line| is_own_line(line)).count(), 2);
        drop(file);
        assert_eq!(read(), format!("{others}\n"));
        std::fs::remove_file(&path).unwrap();
    }
}
