//! The yardsticks: how big the package is, and how fast beside the TypeScript SDK.

use anyhow::Result;

use crate::package;
use crate::process::{self, say};
use crate::server::{self, Server};
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
    let mut node = ws.node();
    node.args(["--expose-gc", "tests/bench/bench.mjs"])
        .args(args);
    node.env(
        "BENCH_PACKAGE",
        ws.consumer().join("node_modules/@superserve/sdk"),
    );
    node.env("BENCH_OUTPUT", ws.target.join("bench.json"));
    let server = if wants_server(args) {
        Some(Server::start(ws, &server::build(ws)?)?)
    } else {
        None
    };
    if let Some(Server {
        base_url, api_key, ..
    }) = &server
    {
        node.env("BENCH_BASE_URL", base_url)
            .env("BENCH_API_KEY", api_key);
    }
    say("run the benchmarks; leave the machine alone meanwhile");
    process::run(&mut node)
}

/// Whether any of the named benchmarks, which is all when none is, needs a server.
fn wants_server(args: &[&str]) -> bool {
    let mut names = args.iter().filter(|arg| !arg.starts_with("--")).peekable();
    names.peek().is_none() || names.any(|name| name.contains("load-") || name.starts_with("relay-"))
}
