//! Where, as whom and with which variables commands run.

use super::record::Strings;
use crate::wire::CommandSpec;

/// The directories that every system has.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What a template sets for the commands of its sandboxes.
#[derive(Debug, Clone)]
pub struct Environment {
    pub home: String,
    pub workdir: Option<String>,
    /// `None` is root, or the server's own user without isolation.
    pub user: Option<String>,
    pub variables: Strings,
}

impl Environment {
    pub fn new(home: String) -> Self {
        Self {
            home,
            workdir: None,
            user: None,
            variables: Strings::new(),
        }
    }

    /// An absolute path for one that may be relative to the working directory.
    pub fn resolve(&self, path: &str) -> String {
        let base = self.workdir.as_ref().unwrap_or(&self.home);
        match path {
            "" => base.clone(),
            _ if path.starts_with('/') => path.to_owned(),
            _ => format!("{}/{path}", base.trim_end_matches('/')),
        }
    }

    /// A program; `over` wins over the template's variables.
    pub fn command(&self, argv: Vec<String>, cwd: &str, over: Strings) -> CommandSpec {
        let mut env = Strings::from([
            ("HOME".to_owned(), self.home.clone()),
            ("PATH".to_owned(), search_path()),
            // Editors and shells count characters, not bytes; glibc has this locale built in.
            ("LANG".to_owned(), "C.UTF-8".to_owned()),
            // The Python of a container image takes packages; Debian's refuses them unless it is told.
            ("PIP_BREAK_SYSTEM_PACKAGES".to_owned(), "1".to_owned()),
        ]);
        if let Some(user) = &self.user {
            env.insert("USER".to_owned(), user.clone());
        }
        env.extend(self.variables.clone());
        env.extend(over);
        CommandSpec {
            argv,
            env: env.into_iter().collect(),
            cwd: self.resolve(cwd),
            user: self.user.clone(),
            terminal: false,
        }
    }

    /// A command line under `/bin/sh -c`, in the working directory.
    pub fn shell(&self, command: &str) -> CommandSpec {
        let argv = ["/bin/sh", "-c", command].map(str::to_owned);
        self.command(argv.into(), "", Strings::new())
    }
}

/// The usual directories, then those of the server's own, where the host's tools may be.
fn search_path() -> String {
    let mut path = PATH.to_owned();
    let own = std::env::var("PATH").unwrap_or_default();
    for directory in own
        .split(':')
        .filter(|directory| directory.starts_with('/'))
    {
        if !path.split(':').any(|known| known == directory) {
            path.push(':');
            path.push_str(directory);
        }
    }
    path
}
