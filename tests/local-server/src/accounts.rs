//! Users of a sandbox, from its own `/etc/passwd` and `/etc/group`: the host's name service knows
//! nothing of them.

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
