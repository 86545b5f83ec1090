//! The yardsticks: how big the package is, and how fast beside the TypeScript SDK.

use anyhow::Result;

use crate::package;
use crate::process::{self, say};
use crate::server::Server;
use crate::workspace::Workspace;

/// Measures sizes; fails over the committed budget.
pub fn size(ws: &Workspace) -> Result<()> {
    package::build(ws)?;
    say("measure sizes");
    let mut node = ws.node();
    node.arg("tests/bench/size.mjs")
        .arg(ws.package_dir())
        .arg(ws.target.join("size.json"));
    process::run(&mut node)
}

/// Runs the benchmarks, all or the named ones; with `--check`, misses of the goals are failures.
pub fn bench(ws: &Workspace, args: &[&str]) -> Result<()> {
    package::build(ws)?;
    let server = Server::start(ws)?;
    say("run the benchmarks; leave the machine alone meanwhile");
    let mut node = ws.node();
    node.args(["--expose-gc", "tests/bench/bench.mjs"])
        .args(args);
    node.env(
        "BENCH_PACKAGE",
        ws.consumer().join("node_modules/@superserve/sdk"),
    );
    node.env("BENCH_OUTPUT", ws.target.join("bench.json"));
    node.env("BENCH_BASE_URL", &server.base_url)
        .env("BENCH_API_KEY", &server.api_key);
    process::run(&mut node)
}
