//! The page of `examples/agent-frontend`: built as its reader would, and shown with all that it needs.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process::{self, say};
use crate::server::Server;
use crate::stamp::Step;
use crate::workspace::Workspace;
use crate::{example, package, runtimes, server, tools};

const EXAMPLE: &str = "examples/agent-frontend";

/// Starts the local server, the backend and the page, and tells the address, until somebody ends it.
pub fn demo(ws: &Workspace) -> Result<()> {
    let project = build(ws)?;
    let server = Server::start(ws, &server::build(ws)?)?;
    let mut backend = Backend::start(&project, &server)?;
    say(format_args!(
        "the page is at {}, Ctrl-C ends it",
        backend.origin
    ));
    // Ctrl-C ends all three: this program, the backend and the server.
    let status = backend.child.wait()?;
    bail!("the backend ended with {status}");
}

/// Drives the page as a person would, and leaves pictures of it.
pub fn screenshots(ws: &Workspace) -> Result<()> {
    let project = build(ws)?;
    let pictures = ws.target.join("screenshots");
    let mut node = tests(ws, &project)?;
    node.arg("tests/agent-frontend/screenshots.mjs")
        .arg(&pictures);
    process::run(&mut node)?;
    say(format_args!("pictures are in {}", pictures.display()));
    Ok(())
}

/// Gets what drives the page, and what its backend's variants run in.
pub fn install(ws: &Workspace) -> Result<()> {
    runtimes::install(ws, &runtimes::HOSTS)?;
    tools::npm_ci(ws, "tests/agent-frontend")
}

/// Drives the page in browsers.
pub fn test(ws: &Workspace) -> Result<()> {
    let project = build(ws)?;
    let mut node = tests(ws, &project)?;
    node.args(["--test", "--test-reporter=spec", "--test-concurrency=1"])
        .arg("--test-timeout=600000");
    node.args(
        ["hosts", "access", "chromium", "firefox", "webkit"]
            .map(|name| format!("tests/agent-frontend/{name}.test.mjs")),
    );
    process::run(&mut node)
}

/// A `node` with what the programs in `tests/agent-frontend` need.
fn tests(ws: &Workspace, project: &Path) -> Result<Command> {
    tools::node_packages(ws)?;
    let mut node = ws.node();
    node.env("SUPERSERVE_PAGE", project)
        .env("SUPERSERVE_LOCAL", server::build_for_tests(ws)?);
    Ok(node)
}

/// A copy of the example with its packages, this tree's among them, and the page built.
fn build(ws: &Workspace) -> Result<PathBuf> {
    package::build(ws)?;
    let project = ws.target.join("agent-frontend");
    let step = Step {
        name: "build examples/agent-frontend",
        stamp: ws.target.join("xtask/agent-frontend"),
        inputs: vec![ws.root.join(EXAMPLE), ws.tarball()],
        outputs: vec![
            project.join("dist/index.html"),
            project.join("node_modules"),
        ],
    };
    step.run(|| {
        example::install(ws, EXAMPLE, &project)?;
        let mut npm = ws.npm();
        npm.args(["run", "--silent", "build"]);
        process::run(npm.current_dir(&project))
    })?;
    Ok(project)
}

/// The example's backend on Node.js; it ends when this is dropped.
struct Backend {
    child: Child,
    origin: String,
}

impl Backend {
    fn start(project: &Path, server: &Server) -> Result<Self> {
        let secret = process::output(Command::new("node").args([
            "-p",
            "require('node:crypto').randomBytes(32).toString('hex')",
        ]))?;
        let port = std::env::var("PORT").unwrap_or_else(|_| "0".to_owned());
        let mut child = Command::new("node")
            .arg("backend/node.mjs")
            .current_dir(project)
            .env("PORT", port)
            .env("RELAY_SECRET", secret.trim())
            .env("SUPERSERVE_API_KEY", &server.api_key)
            .env("SUPERSERVE_BASE_URL", &server.base_url)
            .env_remove("SUPERSERVE_SANDBOX_URL")
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the backend")?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let mut backend = Self {
            child,
            origin: String::new(),
        };
        let Some(origin) = line.trim().strip_prefix("listening on ") else {
            bail!("the backend did not get ready: {}", line.trim());
        };
        backend.origin = origin.to_owned();
        Ok(backend)
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
