//! Lists a directory of a sandbox.

use std::io;

use super::error::{Plain, PlainResult};
use crate::files::list::Entry;
use crate::files::path::SandboxPath;
use crate::files::{Answer, Task};
use crate::sandbox::files::out_of_turn;
use crate::sandbox::lifecycle::Sandbox;

/// The most that a list may have, in bytes.
const MAX_LIST: usize = 64 << 20;

/// What the directory at the path holds, by name.
pub async fn directory(sandbox: &Sandbox, path: &str) -> PlainResult<Vec<Entry>> {
    let path = SandboxPath::parse(path).map_err(Plain::invalid)?;
    let mut work = sandbox.work(Task::List { path }).await?;
    let Answer::Entries = work.answer().await? else {
        return Err(out_of_turn().into());
    };
    let mut json = Vec::new();
    while let Some(chunk) = work.receive().await? {
        if json.len() + chunk.len() > MAX_LIST {
            return Err(Plain::too_large("the directory holds too much to list"));
        }
        json.extend_from_slice(&chunk);
    }
    Ok(serde_json::from_slice(&json).map_err(io::Error::from)?)
}
