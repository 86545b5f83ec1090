//! Descendants by parent pid: all there is to go by without a PID namespace.

use std::collections::HashMap;
use std::fs;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpid};

/// Signals every descendant of this process, again until no new one appears.
pub fn signal_descendants(signal: Signal) {
    let mut reached = Vec::new();
    loop {
        let new: Vec<Pid> = descendants(getpid())
            .into_iter()
            .filter(|pid| !reached.contains(pid))
            .collect();
        if new.is_empty() {
            return;
        }
        for pid in new {
            kill(pid, signal).ok();
            reached.push(pid);
        }
    }
}

fn descendants(root: Pid) -> Vec<Pid> {
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<i32>().ok());
        let parent = fs::read_to_string(entry.path().join("stat"))
            .ok()
            .and_then(parent_of);
        if let (Some(pid), Some(parent)) = (pid, parent) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut found = Vec::new();
    let mut open = vec![root.as_raw()];
    while let Some(parent) = open.pop() {
        for child in children.remove(&parent).unwrap_or_default() {
            found.push(Pid::from_raw(child));
            open.push(child);
        }
    }
    found
}

/// The command's name stands in parentheses and may itself hold spaces and parentheses.
fn parent_of(stat: String) -> Option<i32> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_hides_no_parent() {
        assert_eq!(parent_of("12 (a) b) (c) S 7 12 12".to_owned()), Some(7));
        assert_eq!(parent_of("garbage".to_owned()), None);
    }

    #[test]
    fn a_grandchild_is_a_descendant() {
        let mut child = std::process::Command::new("/bin/sh")
            .args(["-c", "sleep 30 & wait"])
            .spawn()
            .unwrap();
        let id = Pid::from_raw(child.id().cast_signed());
        let found = (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            descendants(id).len() == 1
        });
        for pid in descendants(id) {
            kill(pid, Signal::SIGKILL).unwrap();
        }
        child.kill().ok();
        child.wait().unwrap();
        assert!(found);
    }
}
