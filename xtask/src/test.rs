//! The tests, cheap ones first, each part by its own name.

use anyhow::{Result, bail};

use crate::process::{self, say};
use crate::workspace::Workspace;
use crate::{demo, package, runtimes, server, tools};

/// Told whether all parts run.
type Part = (&'static str, fn(&Workspace, bool) -> Result<()>);

/// In the order they run.
const PARTS: [Part; 8] = [
    ("unit", |ws, _| unit(ws)),
    ("package", |ws, _| packaging(ws)),
    ("types", |ws, _| types(ws)),
    ("server", |ws, _| local_server(ws)),
    ("demo", |ws, _| demo(ws)),
    ("contract", contract),
    ("relay", |ws, _| relay(ws)),
    ("runtimes", |ws, _| runtimes::run(ws, &[])),
];

/// Runs the named parts, or all; ends at the first that fails.
pub fn run(ws: &Workspace, names: &[&str]) -> Result<()> {
    if let Some(unknown) = names
        .iter()
        .find(|name| PARTS.iter().all(|(part, _)| part != *name))
    {
        let parts: Vec<&str> = PARTS.iter().map(|(name, _)| *name).collect();
        bail!(
            "unknown test part `{unknown}`; there are {}",
            parts.join(", ")
        );
    }
    for (name, part) in PARTS {
        if names.is_empty() || names.contains(&name) {
            say(format_args!("test {name}"));
            part(ws, names.is_empty())?;
        }
    }
    say("all tests passed");
    Ok(())
}

/// The SDK's pure core and this tool, natively.
fn unit(ws: &Workspace) -> Result<()> {
    cargo_test(ws, &["superserve-sdk", "xtask"])
}

/// The local server, by its own tests.
fn local_server(ws: &Workspace) -> Result<()> {
    cargo_test(ws, &["superserve-local"])
}

fn cargo_test(ws: &Workspace, packages: &[&str]) -> Result<()> {
    let mut cargo = process::cargo();
    cargo.args(["test", "--quiet"]).current_dir(&ws.root);
    for package in packages {
        cargo.args(["--package", package]);
    }
    process::run(&mut cargo)
}

/// The tarball's form: its files, its entries, what they export.
fn packaging(ws: &Workspace) -> Result<()> {
    package::build(ws)?;
    let mut node = ws.node();
    node.args([
        "--test",
        "--test-reporter=spec",
        "tests/package/package.test.mjs",
    ])
    .env("SUPERSERVE_CONSUMER", ws.consumer());
    process::run(&mut node)
}

/// The declarations: unchanged, understood by every TypeScript, documented, published right.
fn types(ws: &Workspace) -> Result<()> {
    package::build(ws)?;
    tools::node_packages(ws)?;
    tools::npm_ci(ws, "tests/types")?;
    let mut node = ws.node();
    node.args(["--test", "--test-reporter=spec"]);
    node.args(
        ["golden", "compile", "publish", "docs"].map(|name| format!("tests/types/{name}.test.mjs")),
    )
    .env("SUPERSERVE_CONSUMER", ws.consumer())
    .env("SUPERSERVE_TARBALL", ws.tarball());
    process::run(&mut node)
}

fn demo(ws: &Workspace) -> Result<()> {
    package::build(ws)?;
    demo::run_locally(ws)
}

/// What users see, and what only this machine's Node.js can show. Where the runtimes follow, which run the suite
/// in every Node.js, only the latter.
fn contract(ws: &Workspace, runtimes_follow: bool) -> Result<()> {
    package::build(ws)?;
    tools::node_packages(ws)?;
    let mut node = ws.node();
    node.args(["tests/contract/run-node.mjs", "--sdk"])
        .arg(ws.consumer().join("esm.mjs"));
    node.arg("--server").arg(server::build(ws)?);
    if runtimes_follow {
        node.arg("--node-only");
    }
    process::run(&mut node)
}

/// The relay between pages and sandboxes: its routes, streams, attacks on it, its load, and its hosts.
fn relay(ws: &Workspace) -> Result<()> {
    package::build(ws)?;
    tools::node_packages(ws)?;
    for dir in ["tests/types", "tests/runtimes", "tests/relay"] {
        tools::npm_ci(ws, dir)?;
    }
    let mut node = ws.node();
    node.args(["--test", "--test-reporter=spec", "--test-concurrency=1"])
        .arg("--test-timeout=300000");
    node.args(
        [
            "routes", "streams", "sockets", "attacks", "types", "hosts", "load",
        ]
        .map(|name| format!("tests/relay/{name}.test.mjs")),
    )
    .env("SUPERSERVE_CONSUMER", ws.consumer())
    .env("SUPERSERVE_LOCAL", server::build(ws)?);
    process::run(&mut node)
}
