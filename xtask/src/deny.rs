//! The dependencies: their licences, where they come from, and which of them are not wanted.

use std::process::Command;

use anyhow::Result;

use crate::process::{self, say};
use crate::tools;
use crate::workspace::Workspace;

/// What changes only with `Cargo.lock`. Advisories come without that: a scheduled workflow asks for them.
const CHECKS: [&str; 3] = ["bans", "licenses", "sources"];

/// Checks them by `deny.toml`: the named checks of cargo-deny, or [`CHECKS`].
pub fn run(ws: &Workspace, checks: &[&str]) -> Result<()> {
    let program = tools::cargo_deny(ws)?;
    let checks = if checks.is_empty() { &CHECKS } else { checks };
    say(format_args!("cargo deny check {}", checks.join(" ")));
    let mut deny = Command::new(program);
    deny.args(["--locked", "check"])
        .args(checks)
        .current_dir(&ws.root);
    process::run(&mut deny)
}
