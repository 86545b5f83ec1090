//! The contract suite in every runtime and bundle, by `tests/runtimes`.

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;
use crate::{package, server, tools};

/// Runs the named entries, or all, and writes `target/runtimes.json`.
pub fn run(ws: &Workspace, names: &[&str]) -> Result<()> {
    package::build(ws)?;
    tools::node_packages(ws)?;
    let server = server::build_for_tests(ws)?;
    let mut node = ws.node();
    node.args(["tests/runtimes/run.mjs", "--tarball"])
        .arg(ws.tarball())
        .arg("--server")
        .arg(server)
        .arg("--json")
        .arg(ws.target.join("runtimes.json"))
        .args(names);
    process::run(&mut node)
}
