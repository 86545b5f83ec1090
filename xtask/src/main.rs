//! `cargo xtask`: builds, tests and measures the npm package.
//!
//! Every command makes what it needs first and does nothing twice. In the order a build runs:
//! [`tools`] installs what is missing, [`wasm`] compiles the crate, [`package`] puts the npm
//! package together, packs it and installs the tarball into a consumer project. What follows
//! ([`test`], [`demo`], [`web`], [`measure`]) uses that installed tarball, never the source tree.

mod agents;
mod census;
mod demo;
mod deny;
mod docs;
mod example;
mod measure;
mod package;
mod process;
mod runtimes;
mod server;
mod stamp;
mod test;
mod tools;
mod wasm;
mod web;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

use workspace::Workspace;

const USAGE: &str = "\
usage: cargo xtask <command>

  build              compile the crate, assemble pkg/, pack and install the tarball
  test [part…]       run the tests, cheap ones first; parts: lint unit package types server
                     demo contract, and, when named, relay engines agents page runtimes; `all` names
                     every part; engines is a row of each engine in runtimes
  test runtimes [name…]
                     the contract suite in the named runtimes, or in all; writes
                     target/runtimes.json
  demo               run examples/node/demo.mjs on a local server, or on the real service
                     when SUPERSERVE_API_KEY is set
  demo web           the page of examples/agent-frontend with a local server and its backend, until
                     Ctrl-C
    --screenshots    drive it in Chromium instead, and leave pictures in target/screenshots
  docs               the site that TypeDoc makes of all entries, in target/docs
  deny [check…]      check the dependencies by deny.toml: bans licenses sources, or those named
  size               measure the package against its budget; writes target/size.json
    --by-function    what each function of the module takes, what the modules of Rust, and what is
                     no code; before compression
  bench [name…]      run the benchmarks beside the TypeScript SDK; writes target/bench.json; those
                     of tests/bench/scenarios/endurance.mjs, an hour in all, only when named
        --check      fail where a committed goal is missed
  bench growth [name…]
                     what a unit costs where there are 4 and 16 times as many; writes
                     target/bench-growth.json; --check as above
  bench engines [engine…]
                     calls and streams on node-20, node-24, bun, deno and chromium; writes
                     target/bench-engines.json

Each command installs what it lacks (wasm target, pinned tools under target/tools, npm packages).
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[&str]) -> Result<()> {
    match args {
        ["build"] => {
            let ws = Workspace::find()?;
            package::build(&ws)?;
            process::say(format_args!("ready: {}", ws.tarball().display()));
            Ok(())
        }
        ["test", "runtimes", names @ ..] => runtimes::run(&Workspace::find()?, names),
        ["test", parts @ ..] => test::run(&Workspace::find()?, parts),
        ["demo", "web"] => web::demo(&Workspace::find()?),
        ["demo", "web", "--screenshots"] => web::screenshots(&Workspace::find()?),
        ["demo"] => demo::run(&Workspace::find()?),
        ["docs"] => docs::run(&Workspace::find()?),
        ["deny", checks @ ..] => deny::run(&Workspace::find()?, checks),
        ["size"] => measure::size(&Workspace::find()?),
        ["size", "--by-function"] => measure::by_function(&Workspace::find()?),
        ["bench", rest @ ..] => measure::bench(&Workspace::find()?, rest),
        [] | ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => bail!("unknown command `{}`\n\n{USAGE}", args.join(" ")),
    }
}
