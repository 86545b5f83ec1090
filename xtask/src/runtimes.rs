//! The contract suite in every runtime and bundle, by `tests/runtimes`.

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;
use crate::{package, server, tools};

const RUNNER: &str = "tests/runtimes/run.mjs";

/// The runtimes that the relay is mounted in, beside Node.js itself.
pub const HOSTS: [&str; 3] = ["deno", "bun", "workerd"];

/// Installs what the named entries take, or all: runtimes, browsers, bundlers.
pub fn install(ws: &Workspace, names: &[&str]) -> Result<()> {
    let mut node = ws.node();
    node.args([RUNNER, "--install-only"]).args(names);
    process::run(&mut node)
}

/// Runs the named entries, or all, and writes `target/runtimes.json`.
pub fn run(ws: &Workspace, names: &[&str]) -> Result<()> {
    package::build(ws)?;
    tools::node_packages(ws)?;
    let server = server::build_for_tests(ws)?;
    let mut node = ws.node();
    node.args([RUNNER, "--tarball"])
        .arg(ws.tarball())
        .arg("--server")
        .arg(server)
        .arg("--json")
        .arg(ws.target.join("runtimes.json"))
        .args(names);
    process::run(&mut node)
}
