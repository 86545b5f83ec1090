//! The tests, cheap ones first, each part by its own name.

use anyhow::{Result, bail};

use crate::process::{self, say};
use crate::workspace::Workspace;
use crate::{demo, package, runtimes, server, tools, web};

type Part = (&'static str, fn(&Workspace) -> Result<()>);

/// In the order they run.
const PARTS: [Part; 6] = [
    ("unit", unit),
    ("package", packaging),
    ("types", types),
    ("server", local_server),
    ("demo", demo),
    ("contract", contract),
];

/// Those that run only when they are named: they take a machine to themselves, and install much.
const NAMED: [Part; 3] = [
    ("relay", relay),
    ("page", web::test),
    ("runtimes", |ws| runtimes::run(ws, &[])),
];

/// Runs the named parts, or all but [`NAMED`]; ends at the first that fails.
pub fn run(ws: &Workspace, names: &[&str]) -> Result<()> {
    let known = || PARTS.into_iter().chain(NAMED);
    if let Some(unknown) = names
        .iter()
        .find(|name| known().all(|(part, _)| part != **name))
    {
        let parts: Vec<&str> = known().map(|(name, _)| name).collect();
        bail!(
            "unknown test part `{unknown}`; there are {}",
            parts.join(", ")
        );
    }
    let unnamed = if names.is_empty() { PARTS.len() } else { 0 };
    for (index, (name, part)) in known().enumerate() {
        if index < unnamed || names.contains(&name) {
            say(format_args!("test {name}"));
            part(ws)?;
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

/// What users see, as a module of either kind.
fn contract(ws: &Workspace) -> Result<()> {
    package::build(ws)?;
    tools::node_packages(ws)?;
    let server = server::build(ws)?;
    for entry in ["esm.mjs", "cjs.cjs"] {
        say(format_args!("contract suite on {entry}"));
        let mut node = ws.node();
        node.args(["tests/contract/run-node.mjs", "--sdk"])
            .arg(ws.consumer().join(entry));
        node.arg("--server").arg(&server);
        process::run(&mut node)?;
    }
    Ok(())
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
            "config", "routes", "streams", "sockets", "tickets", "page", "attacks", "secrecy",
            "types", "hosts", "load",
        ]
        .map(|name| format!("tests/relay/{name}.test.mjs")),
    )
    .env("SUPERSERVE_CONSUMER", ws.consumer())
    .env("SUPERSERVE_LOCAL", server::build(ws)?);
    process::run(&mut node)
}
