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

/// Stands for every part.
const ALL: &str = "all";

/// Runs the named parts, or all but [`NAMED`]; ends at the first that fails.
pub fn run(ws: &Workspace, names: &[&str]) -> Result<()> {
    for (name, part) in chosen(names)? {
        say(format_args!("test {name}"));
        part(ws)?;
    }
    say("all tests passed");
    Ok(())
}

fn chosen(names: &[&str]) -> Result<Vec<Part>> {
    let known = || PARTS.into_iter().chain(NAMED);
    let unknown = |name: &&&str| **name != ALL && known().all(|(part, _)| part != **name);
    if let Some(unknown) = names.iter().find(unknown) {
        let parts: Vec<&str> = known().map(|(name, _)| name).collect();
        bail!(
            "unknown test part `{unknown}`; there are {}, and {ALL}",
            parts.join(", ")
        );
    }
    let mut chosen: Vec<Part> = match names {
        [] => PARTS.to_vec(),
        _ if names.contains(&ALL) => known().collect(),
        _ => known().filter(|(name, _)| names.contains(name)).collect(),
    };
    if chosen.iter().any(|(name, _)| *name == "runtimes") {
        for part in chosen.iter_mut().filter(|(name, _)| *name == "contract") {
            // The runtimes have the suite in every Node.
            part.1 = contract_in_node_only;
        }
    }
    Ok(chosen)
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
    node.args(["--test", "--test-reporter=spec", "--test-concurrency=2"]);
    node.args(
        ["golden", "compile", "publish", "docs"].map(|name| format!("tests/types/{name}.test.mjs")),
    )
    .env("SUPERSERVE_CONSUMER", ws.consumer())
    .env("SUPERSERVE_TARBALL", ws.tarball());
    process::run(&mut node)
}

fn demo(ws: &Workspace) -> Result<()> {
    package::build(ws)?;
    demo::run_locally(ws, &server::build_for_tests(ws)?)
}

/// What users see, as a module of either kind.
fn contract(ws: &Workspace) -> Result<()> {
    contract_of(ws, &["esm.mjs", "cjs.cjs"], &[])
}

/// Of it, what no other runtime can show. The kind of module makes no difference to that.
fn contract_in_node_only(ws: &Workspace) -> Result<()> {
    contract_of(ws, &["esm.mjs"], &["--node-only"])
}

fn contract_of(ws: &Workspace, entries: &[&str], options: &[&str]) -> Result<()> {
    package::build(ws)?;
    tools::node_packages(ws)?;
    let server = server::build_for_tests(ws)?;
    for entry in entries {
        say(format_args!(
            "contract suite on {entry} {}",
            options.join(" ")
        ));
        let mut node = ws.node();
        node.args(["tests/contract/run-node.mjs", "--sdk"])
            .arg(ws.consumer().join(entry));
        node.arg("--server").arg(&server).args(options);
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
    node.args(["--test", "--test-reporter=spec", "--test-concurrency=2"])
        .arg("--test-timeout=300000");
    node.args(
        [
            "config", "routes", "node", "streams", "sockets", "tickets", "page", "attacks",
            "secrecy", "types", "hosts", "load",
        ]
        .map(|name| format!("tests/relay/{name}.test.mjs")),
    )
    .env("SUPERSERVE_CONSUMER", ws.consumer())
    .env("SUPERSERVE_LOCAL", server::build_for_tests(ws)?);
    process::run(&mut node)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn names(given: &[&str]) -> Vec<&'static str> {
        let chosen = chosen(given).unwrap();
        chosen.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn parts_are_chosen_by_name() {
        let usual = ["unit", "package", "types", "server", "demo", "contract"];
        assert_eq!(names(&[]), usual);
        assert_eq!(names(&["demo", "unit"]), ["unit", "demo"]);
        assert_eq!(names(&["all"]).len(), PARTS.len() + NAMED.len());
        assert!(chosen(&["unit", "units"]).is_err());
    }

    #[test]
    fn the_suite_runs_once_in_each_node() {
        let whole = |given: &[&str]| {
            let chosen = chosen(given).unwrap();
            let (_, part) = chosen.iter().find(|(name, _)| *name == "contract").unwrap();
            std::ptr::fn_addr_eq(*part, contract as fn(&Workspace) -> Result<()>)
        };
        assert!(whole(&[]));
        assert!(whole(&["contract"]));
        assert!(!whole(&["all"]));
        assert!(!whole(&["contract", "runtimes"]));
    }
}
