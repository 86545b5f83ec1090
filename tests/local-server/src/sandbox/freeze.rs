//! Stops and continues all processes of a sandbox: by the cgroup v2 freezer where this user has
//! one, else by `SIGSTOP`, which the stopped processes' parents can see.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::unistd::Pid;
use tokio::time::{Instant, sleep};

/// The kernel freezes at the next return to user space; longer means a task stuck in the kernel.
const FREEZE_LIMIT: Duration = Duration::from_secs(5);

const PREFIX: &str = "superserve-local-";

/// The server's own group, parent of the sandboxes' groups. Removed when dropped.
#[derive(Debug)]
pub struct FreezerRoot(PathBuf);

impl FreezerRoot {
    /// `None` where the server may not make groups.
    pub fn create() -> Option<Self> {
        let table = fs::read_to_string("/proc/self/mountinfo").ok()?;
        let mountpoint = table.lines().find_map(|line| {
            let (fields, kind) = line.split_once(" - ")?;
            kind.starts_with("cgroup2 ")
                .then(|| fields.split(' ').nth(4))?
        })?;
        let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
        let own = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
        let parent = Path::new(mountpoint).join(own);
        remove_stale(&parent);
        let path = parent.join(format!("{PREFIX}{}", std::process::id()));
        fs::create_dir(&path).ok()?;
        let root = Self(path);
        root.0.join("cgroup.freeze").exists().then_some(root)
    }

    /// A group with the given process in it.
    pub fn add(&self, name: &str, pid: Pid) -> io::Result<Freezer> {
        let freezer = Freezer(self.0.join(name));
        // With its parent, should another server have taken that for a dead one's.
        fs::create_dir_all(&freezer.0)?;
        fs::write(freezer.0.join("cgroup.procs"), pid.to_string())?;
        Ok(freezer)
    }
}

impl Drop for FreezerRoot {
    fn drop(&mut self) {
        remove_group(&self.0);
    }
}

/// Groups of servers that died; the kernel keeps those that have processes.
fn remove_stale(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(PREFIX) {
            remove_group(&entry.path());
        }
    }
}

fn remove_group(group: &Path) {
    for entry in fs::read_dir(group).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            fs::remove_dir(entry.path()).ok();
        }
    }
    fs::remove_dir(group).ok();
}

/// One sandbox's group. Its processes must be gone when it is dropped.
#[derive(Debug)]
pub struct Freezer(PathBuf);

impl Freezer {
    /// Returns when every process is frozen, or thawed.
    pub async fn set(&self, frozen: bool) -> io::Result<()> {
        let flag = if frozen { "1" } else { "0" };
        fs::write(self.0.join("cgroup.freeze"), flag)?;
        let wanted = format!("frozen {flag}");
        let deadline = Instant::now() + FREEZE_LIMIT;
        while !fs::read_to_string(self.0.join("cgroup.events"))?
            .lines()
            .any(|line| line == wanted)
        {
            if Instant::now() > deadline {
                return Err(io::Error::other("the sandbox's processes do not stop"));
            }
            sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }
}

impl Drop for Freezer {
    fn drop(&mut self) {
        fs::remove_dir(&self.0).ok();
    }
}
