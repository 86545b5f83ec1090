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

/// A row of each engine: what every change has to pass. Bundles, and Vercel's edge, which is Node's engine and takes the
/// longest, are for the whole table.
pub const ENGINES: [&str; 4] = ["deno-env", "bun", "workerd-node", "chromium-page"];

/// Runs the named entries, or all, and writes `target/runtimes.json`.
pub fn run(ws: &Workspace, names: &[&str]) -> Result<()> {
    run_with(ws, "runtimes.json", names)
}

/// Runs [`ENGINES`], and writes `target/engines.json`. What they weigh and how fast they start is left aside.
pub fn run_engines(ws: &Workspace) -> Result<()> {
    run_with(
        ws,
        "engines.json",
        &[&["--no-measure"], &ENGINES[..]].concat(),
    )
}

fn run_with(ws: &Workspace, outcome: &str, args: &[&str]) -> Result<()> {
    package::build(ws)?;
    tools::node_packages(ws)?;
    let server = server::build_for_tests(ws)?;
    let mut node = ws.node();
    node.args([RUNNER, "--tarball"])
        .arg(ws.tarball())
        .arg("--server")
        .arg(server)
        .arg("--json")
        .arg(ws.target.join(outcome))
        .args(args);
    process::run(&mut node)
}
