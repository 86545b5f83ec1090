//! The yardsticks: how big the package is, and how fast beside the TypeScript SDK.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::census::{self, Census};
use crate::package;
use crate::process::{self, say};
use crate::server::{self, Server};
use crate::wasm;
use crate::workspace::Workspace;

/// Measures sizes; fails over the committed budget, and where the module holds what nobody uses.
pub fn size(ws: &Workspace) -> Result<()> {
    package::build(ws)?;
    say("measure sizes");
    name_compiler(ws)?;
    check(ws)?;
    let mut node = ws.node();
    node.arg("tests/bench/size.mjs")
        .arg(ws.package_dir())
        .arg(ws.target.join("size.json"));
    process::run(&mut node)
}

/// Fails where what ships holds what only a panic's message is made of.
fn check(ws: &Workspace) -> Result<()> {
    let census = census(ws)?;
    let mut found: Vec<String> = census.formatting().into_iter().map(str::to_owned).collect();
    for module in ["superserve.wasm", "lazy.wasm"] {
        let module = fs::read(ws.package_dir().join("dist").join(module))?;
        found.extend(census::source_files(&module));
    }
    if !found.is_empty() {
        bail!(
            "what only a panic's message needs is shipped: {}",
            found.join(", ")
        );
    }
    Ok(())
}

/// Prints where the module's bytes go.
pub fn by_function(ws: &Workspace) -> Result<()> {
    package::build(ws)?;
    print!("{}", census(ws)?.report());
    Ok(())
}

/// Reads the module as it is before its names are taken out.
fn census(ws: &Workspace) -> Result<Census> {
    let module = wasm::module(ws);
    let bytes = fs::read(&module).with_context(|| format!("no {}", module.display()))?;
    Census::of(&bytes).with_context(|| format!("cannot read {}", module.display()))
}

/// Says so where the budget was measured with another compiler: some bytes more or less are then that one's.
fn name_compiler(ws: &Workspace) -> Result<()> {
    let budget = ws.root.join("tests/bench/budget.json");
    let budget: Value = serde_json::from_str(&fs::read_to_string(&budget)?)
        .with_context(|| format!("{} is not JSON", budget.display()))?;
    let measured = budget.get("compiler").and_then(Value::as_str);
    let measured = measured.context("the budget names no compiler")?;
    let used = process::output(Command::new("rustc").arg("--version"))?;
    if !is_of(&used, measured) {
        say(format_args!(
            "this is {}; the budget was measured with {measured}",
            used.trim()
        ));
    }
    Ok(())
}

/// Whether `version`, as the compiler tells it with its commit and date, is that of `compiler`.
fn is_of(version: &str, compiler: &str) -> bool {
    let rest = version.strip_prefix(compiler);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

/// Runs the benchmarks, all or the named ones; with `--check`, misses of the goals are failures. `growth`, `engines` and
/// `floors` are programs of their own, which have names of their own.
pub fn bench(ws: &Workspace, args: &[&str]) -> Result<()> {
    package::build(ws)?;
    let (program, args) = match args {
        [program @ ("growth" | "engines" | "floors"), args @ ..] => (*program, args),
        _ => ("bench", args),
    };
    let mut node = ws.node();
    node.arg("--expose-gc")
        .arg(format!("tests/bench/{program}.mjs"))
        .args(args);
    node.env(
        "BENCH_PACKAGE",
        ws.consumer().join("node_modules/@superserve/sdk"),
    );
    let output = match program {
        "bench" => "bench.json".to_owned(),
        _ => format!("bench-{program}.json"),
    };
    node.env("BENCH_OUTPUT", ws.target.join(output));
    let server = if program != "engines" && wants_server(args) {
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
    let at_work = |name: &str| {
        let starts = [
            "sync-",
            "files-",
            "relay-",
            "code-",
            "process-",
            "session-",
            "stream-held",
        ];
        name.contains("load") || starts.iter().any(|start| name.starts_with(start))
    };
    names.peek().is_none() || names.any(|name| at_work(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compiler_is_told_by_its_version() {
        let used = "rustc 1.95.0 (59807616e 2026-04-14)\n";
        assert!(is_of(used, "rustc 1.95.0"));
        assert!(!is_of(used, "rustc 1.95"));
        assert!(!is_of("rustc 1.95.01 (x)", "rustc 1.95.0"));
        assert!(!is_of("rustc 1.95.0-nightly (x)", "rustc 1.95.0"));
        assert!(!is_of("rustc 1.96.0 (x)", "rustc 1.95.0"));
    }
}
