//! The examples of agents' frameworks, installed as their reader would and run with a model that follows a script.

use std::path::PathBuf;

use anyhow::Result;

use crate::process;
use crate::stamp::Step;
use crate::workspace::Workspace;
use crate::{example, package, server, tools};

const EXAMPLES: &str = "examples/agents";
const TESTS: &str = "tests/agents";

/// Gets what the tests take beside the frameworks.
pub fn install(ws: &Workspace) -> Result<()> {
    tools::npm_ci(ws, TESTS)
}

/// Compiles and runs all of them.
pub fn test(ws: &Workspace) -> Result<()> {
    let project = build(ws)?;
    let mut node = ws.node();
    node.arg(format!("{TESTS}/run.mjs"))
        .env("SUPERSERVE_AGENTS", project)
        .env("SUPERSERVE_LOCAL", server::build_for_tests(ws)?);
    process::run(&mut node)
}

/// A copy of the examples with their packages, this tree's among them.
fn build(ws: &Workspace) -> Result<PathBuf> {
    package::build(ws)?;
    let project = ws.target.join("agents");
    let step = Step {
        name: "install examples/agents",
        stamp: ws.target.join("xtask/agents"),
        inputs: vec![ws.root.join(EXAMPLES), ws.tarball()],
        outputs: vec![project.join("node_modules")],
    };
    step.run(|| example::install(ws, EXAMPLES, &project))?;
    Ok(project)
}
