//! The dependencies: their licences, where they come from, and which of them are not wanted.

use std::process::Command;

use anyhow::Result;

use crate::process::{self, say};
use crate::tools;
use crate::workspace::Workspace;

/// Checks them by `deny.toml`. Advisories change without a change here: a scheduled workflow asks for them.
pub fn run(ws: &Workspace) -> Result<()> {
    let program = tools::cargo_deny(ws)?;
    say("cargo deny check bans licenses sources");
    let mut deny = Command::new(program);
    deny.args(["--locked", "check", "bans", "licenses", "sources"])
        .current_dir(&ws.root);
    process::run(&mut deny)
}
