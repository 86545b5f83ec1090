//! The demo: the packed package against a server, as a user would run it.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::package;
use crate::process::{self, say};
use crate::server::{self, Server};
use crate::workspace::Workspace;

/// Runs the demo on the real service when the environment holds a key for it, else locally.
pub fn run(ws: &Workspace) -> Result<()> {
    package::build(ws)?;
    if std::env::var("SUPERSERVE_API_KEY").is_ok_and(|key| !key.trim().is_empty()) {
        say("SUPERSERVE_API_KEY is set: the demo runs against the real service");
        return process::run(&mut script(ws)?);
    }
    run_locally(ws, &server::build(ws)?)
}

/// Runs the demo on a local server of that program, whatever the environment says.
pub fn run_locally(ws: &Workspace, program: &Path) -> Result<()> {
    let server = Server::start(ws, program)?;
    say(format_args!(
        "run examples/node/demo.mjs against {}",
        server.base_url
    ));
    let mut node = script(ws)?;
    node.env("SUPERSERVE_BASE_URL", &server.base_url)
        .env("SUPERSERVE_API_KEY", &server.api_key);
    node.env_remove("SUPERSERVE_SANDBOX_URL");
    process::run(&mut node)
}

/// The example, copied beside the installed package: that is where its import looks for it.
fn script(ws: &Workspace) -> Result<Command> {
    let copy = ws.consumer().join("examples-node");
    copy_files(&ws.root.join("examples/node"), &copy)?;
    let mut node = Command::new("node");
    node.arg("demo.mjs").current_dir(copy);
    Ok(node)
}

fn copy_files(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
