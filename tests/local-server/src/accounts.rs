//! Users of a sandbox, from its own `/etc/passwd` and `/etc/group`: the host's name service knows
//! nothing of them.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;

use nix::unistd::{Gid, Uid, getuid, setgid, setgroups, setuid};

/// Well above every list of users; what is longer is read only up to here.
const MAX_FILE: u64 = 1 << 20;

/// One user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub uid: u32,
    pub gid: u32,
    pub home: String,
    /// All groups, the main one among them.
    pub groups: Vec<u32>,
}

impl Account {
    /// Looks a user up in the files of this process's root; the error is a message for the caller.
    pub fn look_up(name: &str) -> Result<Self, String> {
        let passwd = read("/etc/passwd").unwrap_or_default();
        let group = read("/etc/group").unwrap_or_default();
        Self::find(name, &passwd, &group).ok_or_else(|| format!("no such user: {name}"))
    }

    /// Looks a user up in the contents of the two files.
    pub fn find(name: &str, passwd: &str, group: &str) -> Option<Self> {
        let mut lines = passwd
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>());
        let fields = lines.find(|fields| fields.first() == Some(&name))?;
        let number = |index: usize| fields.get(index)?.parse().ok();
        let (uid, gid) = (number(2)?, number(3)?);
        let home = fields
            .get(5)
            .filter(|home| !home.is_empty())
            .unwrap_or(&"/");
        let mut groups = vec![gid];
        for line in group.lines() {
            let mut fields = line.split(':').skip(2);
            let id = fields.next().and_then(|field| field.parse().ok());
            let member = fields
                .next()
                .is_some_and(|all| all.split(',').any(|one| one == name));
            if let (Some(id), true) = (id, member) {
                groups.push(id);
            }
        }
        Some(Self {
            uid,
            gid,
            home: (*home).to_owned(),
            groups,
        })
    }
}

/// The sandbox may have put anything there: a pipe that nobody writes, a file without an end.
fn read(path: &str) -> io::Result<String> {
    let file = File::options()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::new();
    file.take(MAX_FILE).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What makes a process a user's; looked up before a fork.
#[derive(Debug)]
pub struct Credentials {
    uid: Uid,
    gid: Gid,
    groups: Vec<Gid>,
}

impl Credentials {
    pub fn of(account: &Account) -> Self {
        Self {
            uid: Uid::from_raw(account.uid),
            gid: Gid::from_raw(account.gid),
            groups: account.groups.iter().copied().map(Gid::from_raw).collect(),
        }
    }

    /// Makes this process the user's; only system calls are made.
    pub fn assume(&self) -> io::Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_their_groups() {
        let passwd =
            "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/bash\nbad:x:y:z\n";
        let group = "root:x:0:\nsudo:x:27:other,app\napp:x:1001:\n";
        let app = Account::find("app", passwd, group).unwrap();
        let home = "/home/app".to_owned();
        assert_eq!(
            app,
            Account {
                uid: 1000,
                gid: 1001,
                home,
                groups: vec![1001, 27]
            }
        );
        assert_eq!(Account::find("root", passwd, group).unwrap().groups, [0]);
        assert!(Account::find("bad", passwd, group).is_none());
        assert!(Account::find("none", passwd, group).is_none());
    }
}
