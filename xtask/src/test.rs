//! The tests, cheap ones first, each part by its own name.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::process::{self, say};
use crate::workspace::Workspace;
use crate::{agents, demo, package, runtimes, server, tools, web};

type Work = fn(&Workspace) -> Result<()>;

#[derive(Clone, Copy)]
struct Part {
    name: &'static str,
    run: Work,
    /// Gets what it takes beside what every build does.
    install: Option<Work>,
}

impl Part {
    const fn new(name: &'static str, run: Work) -> Self {
        Self {
            name,
            run,
            install: None,
        }
    }

    const fn installs(self, install: Work) -> Self {
        Self {
            install: Some(install),
            ..self
        }
    }
}

/// In the order they run.
const PARTS: [Part; 7] = [
    Part::new("lint", lint),
    Part::new("unit", unit),
    Part::new("package", packaging),
    Part::new("types", types).installs(|ws| tools::npm_ci(ws, "tests/types")),
    Part::new("server", local_server),
    Part::new("demo", demo),
    Part::new("contract", contract),
];

/// Those that run only when they are named: they take a machine to themselves, and install much.
const NAMED: [Part; 5] = [
    Part::new("relay", relay).installs(relay_hosts),
    Part::new("engines", runtimes::run_engines)
        .installs(|ws| runtimes::install(ws, &runtimes::ENGINES)),
    Part::new("agents", agents::test).installs(agents::install),
    Part::new("page", web::test).installs(web::install),
    Part::new("runtimes", |ws| runtimes::run(ws, &[])).installs(|ws| runtimes::install(ws, &[])),
];

/// Pairs that run at once when both are chosen, the second beside the first: one of them mostly waits.
const AT_ONCE: [(&str, &str); 2] = [("types", "server"), ("contract", "relay")];

/// Stands for every part.
const ALL: &str = "all";

/// Runs the named parts, or all but [`NAMED`]; ends at the first that fails.
pub fn run(ws: &Workspace, names: &[&str]) -> Result<()> {
    let chosen = chosen(names)?;
    if chosen.iter().any(|part| part.install.is_some()) {
        tools::node_packages(ws)?;
    }
    thread::scope(|scope| {
        // What comes over the network comes while the first parts compile.
        let install = || {
            chosen
                .iter()
                .filter_map(|part| part.install)
                .try_for_each(|get| get(ws))
        };
        let mut installing = Some(scope.spawn(install));
        for (part, beside) in pairs(&chosen) {
            let installs = part.install.or(beside.and_then(|part| part.install));
            if installs.is_some()
                && let Some(installing) = installing.take()
            {
                let Ok(installed) = installing.join() else {
                    bail!("an install ended in a panic");
                };
                installed?;
            }
            say(format_args!("test {}", part.name));
            let begun = Instant::now();
            match beside {
                None => (part.run)(ws)?,
                Some(beside) => run_both(ws, part, beside)?,
            }
            say(format_args!(
                "test {} took {} s",
                part.name,
                begun.elapsed().as_secs()
            ));
        }
        say("all tests passed");
        Ok(())
    })
}

/// The parts in their order, each with the one that runs beside it.
fn pairs(chosen: &[Part]) -> Vec<(Part, Option<Part>)> {
    let find = |name: &str| chosen.iter().copied().find(|part| part.name == name);
    let beside = |part: &Part| {
        let pair = AT_ONCE.iter().find(|(first, _)| *first == part.name);
        pair.and_then(|(_, second)| find(second))
    };
    let is_beside = |part: &Part| {
        let pair = AT_ONCE.iter().find(|(_, second)| *second == part.name);
        pair.is_some_and(|(first, _)| find(first).is_some())
    };
    let alone = chosen.iter().filter(|part| !is_beside(part));
    alone.map(|part| (*part, beside(part))).collect()
}

/// Runs a part, and another in a process of its own, whose output follows.
fn run_both(ws: &Workspace, part: Part, beside: Part) -> Result<()> {
    say(format_args!("test {}, beside it", beside.name));
    let mut other = Command::new(std::env::current_exe()?);
    other
        .args(["test", beside.name])
        .current_dir(&ws.root)
        .stdin(Stdio::null());
    process::beside(&mut other, || (part.run)(ws))
}

fn chosen(names: &[&str]) -> Result<Vec<Part>> {
    let known = || PARTS.into_iter().chain(NAMED);
    let unknown = |name: &&&str| **name != ALL && known().all(|part| part.name != **name);
    if let Some(unknown) = names.iter().find(unknown) {
        let parts: Vec<&str> = known().map(|part| part.name).collect();
        bail!(
            "unknown test part `{unknown}`; there are {}, and {ALL}",
            parts.join(", ")
        );
    }
    let mut chosen: Vec<Part> = match names {
        [] => PARTS.to_vec(),
        _ if names.contains(&ALL) => known().collect(),
        _ => known().filter(|part| names.contains(&part.name)).collect(),
    };
    if chosen.iter().any(|part| part.name == "runtimes") {
        // They are all engines.
        chosen.retain(|part| part.name != "engines");
        for part in chosen.iter_mut().filter(|part| part.name == "contract") {
            // The runtimes have the suite in every Node.
            part.run = contract_in_node_only;
        }
    }
    Ok(chosen)
}

/// The JavaScript: its form, lints and types.
fn lint(ws: &Workspace) -> Result<()> {
    tools::node_packages(ws)?;
    package::write_tables(ws)?;
    let mut node = ws.node();
    node.args(["node_modules/.bin/biome", "ci", "--error-on-warnings"]);
    process::run(&mut node)?;
    process::run(ws.node().arg("xtask/js/typecheck.mjs"))
}

/// The SDK's pure core and this tool, natively.
fn unit(ws: &Workspace) -> Result<()> {
    cargo_test(
        ws,
        &[
            "superserve-sdk",
            "superserve-stream",
            "superserve-lazy",
            "xtask",
        ],
    )
}

/// The local server, by its own tests.
fn local_server(ws: &Workspace) -> Result<()> {
    cargo_test(ws, &["superserve-local"])
}

fn cargo_test(ws: &Workspace, packages: &[&str]) -> Result<()> {
    let mut cargo = process::cargo();
    cargo.args(["test", "--quiet"]).current_dir(&ws.root);
    // Most of the server's tests wait for it, or it for a command.
    let threads = 3 * thread::available_parallelism()?.get();
    cargo.env("RUST_TEST_THREADS", threads.to_string());
    for package in packages {
        cargo.args(["--package", package]);
    }
    process::run(&mut cargo)
}

/// The tarball's form: its files, its entries, what they export, and that the examples install it.
fn packaging(ws: &Workspace) -> Result<()> {
    package::build(ws)?;
    let mut node = ws.node();
    node.args([
        "--test",
        "--test-reporter=spec",
        "tests/package/package.test.mjs",
        "tests/package/tables.test.mjs",
        "tests/package/examples.test.mjs",
    ])
    .env("SUPERSERVE_CONSUMER", ws.consumer())
    .env("SUPERSERVE_GENERATED", ws.generated())
    .env("SUPERSERVE_WASM", ws.wasm_dir())
    .env("SUPERSERVE_TARBALL", ws.tarball());
    process::run(&mut node)
}

/// The declarations: unchanged, understood by every TypeScript, documented, published right.
fn types(ws: &Workspace) -> Result<()> {
    package::build(ws)?;
    tools::node_packages(ws)?;
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
    contract_with(ws, &[])
}

/// Of it, what no other runtime can show.
fn contract_in_node_only(ws: &Workspace) -> Result<()> {
    contract_with(ws, &["--node-only"])
}

fn contract_with(ws: &Workspace, options: &[&str]) -> Result<()> {
    package::build(ws)?;
    tools::node_packages(ws)?;
    let server = server::build_for_tests(ws)?;
    let suite_on = |entry| {
        let mut node = ws.node();
        node.args(["tests/contract/run-node.mjs", "--sdk"])
            .arg(ws.consumer().join(entry));
        node.arg("--server").arg(&server).args(options);
        node
    };
    say(format_args!(
        "contract suite on the ES module and on CommonJS at once {}",
        options.join(" ")
    ));
    // Most of a suite is waiting.
    let mut required = suite_on("cjs.cjs");
    required.arg("--of-form");
    process::beside(&mut required, || process::run(&mut suite_on("esm.mjs")))
}

/// What the relay is mounted in, and the compilers for its types.
fn relay_hosts(ws: &Workspace) -> Result<()> {
    tools::npm_ci(ws, "tests/types")?;
    tools::npm_ci(ws, "tests/relay")?;
    runtimes::install(ws, &runtimes::HOSTS)
}

/// The relay between pages and sandboxes: its routes, streams, attacks on it, its load, and its hosts.
fn relay(ws: &Workspace) -> Result<()> {
    package::build(ws)?;
    tools::node_packages(ws)?;
    let mut node = ws.node();
    node.args(["--test", "--test-reporter=spec", "--test-concurrency=2"])
        .arg("--test-timeout=300000");
    node.args(
        [
            "config",
            "routes",
            "states",
            "node",
            "streams",
            "sockets",
            "faults",
            "waits",
            "tickets",
            "transitions",
            "files",
            "folder",
            "folders",
            "page",
            "attacks",
            "secrecy",
            "types",
            "hosts",
            "load",
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
        chosen.into_iter().map(|part| part.name).collect()
    }

    #[test]
    fn parts_are_chosen_by_name() {
        let usual = [
            "lint", "unit", "package", "types", "server", "demo", "contract",
        ];
        assert_eq!(names(&[]), usual);
        assert_eq!(names(&["demo", "unit"]), ["unit", "demo"]);
        assert_eq!(names(&["engines", "relay"]), ["relay", "engines"]);
        assert_eq!(names(&["all"]).len(), PARTS.len() + NAMED.len() - 1);
        assert!(chosen(&["unit", "units"]).is_err());
    }

    #[test]
    fn some_parts_run_at_once() {
        let paired = |given: &[&str]| -> Vec<(&str, Option<&str>)> {
            let pairs = pairs(&chosen(given).unwrap());
            let name = |part: Part| part.name;
            pairs
                .into_iter()
                .map(|(part, beside)| (part.name, beside.map(name)))
                .collect()
        };
        assert_eq!(
            paired(&["types", "server", "demo"]),
            [("types", Some("server")), ("demo", None)]
        );
        assert_eq!(paired(&["server"]), [("server", None)]);
        assert_eq!(
            paired(&["relay", "engines", "contract"]),
            [("contract", Some("relay")), ("engines", None)]
        );
    }

    #[test]
    fn the_suite_runs_once_in_each_node() {
        let whole = |given: &[&str]| {
            let chosen = chosen(given).unwrap();
            let part = chosen.iter().find(|part| part.name == "contract").unwrap();
            std::ptr::fn_addr_eq(part.run, contract as Work)
        };
        assert!(whole(&[]));
        assert!(whole(&["contract"]));
        assert!(whole(&["contract", "engines"]));
        assert!(!whole(&["all"]));
        assert!(!whole(&["contract", "runtimes"]));
    }
}
