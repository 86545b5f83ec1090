//! File work, done inside a sandbox: by a process that has the sandbox's root, its user and no
//! more rights than its commands, so that the kernel decides what it may read and write.
//!
//! Each piece of work is a process of its own (`worker`), forked by the outer process of the
//! sandbox's init (`service`), with a connection to the server. Whoever stalls holds up nothing
//! but that process.

mod passage;
pub mod path;
mod read;
pub mod service;
mod worker;
mod write;
mod zip;

use std::io;

use serde::{Deserialize, Serialize};

pub use passage::MAX_CHUNK;
use path::SandboxPath;

/// The first frame of a connection: what to do, and as whom.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    /// A name from the sandbox's `/etc/passwd`; absent means the sandbox's root.
    pub user: Option<String>,
    pub task: Task,
}

/// What there is to do.
#[derive(Debug, Serialize, Deserialize)]
pub enum Task {
    /// Send a file, or a directory as a zip.
    Read { path: SandboxPath, zip: bool },
    /// Replace a file by what comes.
    Write { path: SandboxPath },
    /// Find the user's home.
    Home,
    /// Open a terminal for the user.
    Terminal,
}

/// What a worker says.
#[derive(Debug, Serialize, Deserialize)]
pub enum Answer {
    /// The content of a file follows; the length is unknown where the file system does not say.
    File {
        length: Option<u64>,
    },
    /// A zip follows.
    Zip,
    /// The content may come.
    Ready,
    /// All is written.
    Written,
    Home {
        path: String,
    },
    /// The two ends of a terminal travel with the frame, the server's first.
    Terminal,
    /// The caller's fault, in words.
    Refused {
        message: String,
    },
    /// The system's answer.
    Failed {
        errno: i32,
    },
}

/// Why work was not done.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The caller's fault, in words.
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Failed(#[from] io::Error),
}

impl Fault {
    fn refused(message: impl Into<String>) -> Self {
        Self::Refused(message.into())
    }
}

impl From<nix::errno::Errno> for Fault {
    fn from(errno: nix::errno::Errno) -> Self {
        Self::Failed(errno.into())
    }
}

impl From<Fault> for Answer {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(message) => Self::Refused { message },
            Fault::Failed(error) => Self::Failed {
                errno: error.raw_os_error().unwrap_or(libc::EIO),
            },
        }
    }
}
