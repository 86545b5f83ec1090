//! What a build needs, installed where it is missing and at the version it is pinned to.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process::{self, say};
use crate::stamp::Step;
use crate::workspace::Workspace;

/// What the crates are compiled to.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";
const WASM_PACK: &str = "0.15.1";
const CARGO_DENY: &str = "0.20.2";

/// The oldest Node.js that the build scripts and tests run on.
const NODE_MAJOR: u32 = 20;

/// Installs everything that compiling and packaging take.
pub fn ensure(ws: &Workspace) -> Result<()> {
    node_packages(ws)?;
    wasm_target()?;
    // wasm-bindgen's lock file is left aside: it pins crates that no longer build everywhere.
    let wasm_bindgen = ws.wasm_bindgen_version()?;
    let installed = cargo_tool(ws, "wasm-bindgen-cli", "wasm-bindgen", &wasm_bindgen, false)?
        | cargo_tool(ws, "wasm-pack", "wasm-pack", WASM_PACK, true)?;
    clear_build_dir(ws, installed)
}

/// Installs the checker of dependencies; returns the program.
pub fn cargo_deny(ws: &Workspace) -> Result<PathBuf> {
    let installed = cargo_tool(ws, "cargo-deny", "cargo-deny", CARGO_DENY, true)?;
    clear_build_dir(ws, installed)?;
    Ok(bin_dir(ws).join("cargo-deny"))
}

/// Installs the npm packages that building and most tests take.
pub fn node_packages(ws: &Workspace) -> Result<()> {
    node_version()?;
    npm_ci(ws, "")
}

/// Installs the npm packages of the lock file in a directory of the repository.
pub fn npm_ci(ws: &Workspace, dir: &str) -> Result<()> {
    let dir = ws.root.join(dir);
    let step = Step {
        name: &format!("npm ci in {}", dir.display()),
        stamp: dir.join("node_modules/.xtask-installed"),
        inputs: vec![dir.join("package-lock.json"), dir.join("package.json")],
        outputs: vec![],
    };
    // Two at once would take the files from under each other; the second finds it done.
    let lock = File::open(dir.join("package-lock.json"))?;
    lock.lock().context("cannot lock the install")?;
    step.run(|| {
        let mut npm = ws.npm();
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        process::run(npm.current_dir(&dir))
    })
}

/// A `PATH` with the pinned tools first.
pub fn path(ws: &Workspace) -> Result<OsString> {
    let ours = [bin_dir(ws), ws.root.join("node_modules/.bin")];
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let all = ours.into_iter().chain(std::env::split_paths(&inherited));
    std::env::join_paths(all).context("a directory on PATH cannot be passed on")
}

/// Where cargo puts the pinned tools.
pub fn bin_dir(ws: &Workspace) -> PathBuf {
    ws.target.join("tools/bin")
}

/// Shared by the tools, which have most of their dependencies in common.
fn build_dir(ws: &Workspace) -> PathBuf {
    ws.target.join("tools/build")
}

/// Nothing of it is of use once the tools are installed.
fn clear_build_dir(ws: &Workspace, installed: bool) -> Result<()> {
    if installed {
        fs::remove_dir_all(build_dir(ws)).context("cannot clear the tools' build directory")?;
    }
    Ok(())
}

fn node_version() -> Result<()> {
    let version = process::output(Command::new("node").arg("--version"))
        .with_context(|| format!("Node.js {NODE_MAJOR} or newer is needed"))?;
    let major = version.trim().trim_start_matches('v').split('.').next();
    if major.and_then(|major| major.parse().ok()) < Some(NODE_MAJOR) {
        bail!(
            "Node.js {NODE_MAJOR} or newer is needed, this is {}",
            version.trim()
        );
    }
    Ok(())
}

/// Toolchains without rustup bring the target themselves or fail clearly when they compile.
fn wasm_target() -> Result<()> {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", WASM_TARGET]);
    let libdir = process::output(&mut rustc)?;
    if PathBuf::from(libdir.trim()).exists() {
        return Ok(());
    }
    say(format_args!("rustup target add {WASM_TARGET}"));
    process::run(Command::new("rustup").args(["target", "add", WASM_TARGET]))
}

/// Installs a program from crates.io unless it is there; tells whether it had to.
fn cargo_tool(
    ws: &Workspace,
    package: &str,
    program: &str,
    version: &str,
    locked: bool,
) -> Result<bool> {
    let installed = Command::new(bin_dir(ws).join(program))
        .arg("--version")
        .stderr(Stdio::null())
        .output()
        .is_ok_and(|output| {
            String::from_utf8_lossy(&output.stdout)
                .split_whitespace()
                .any(|word| word == version)
        });
    if installed {
        return Ok(false);
    }
    say(format_args!(
        "cargo install {package}@{version} (once, a few minutes)"
    ));
    let mut install = process::cargo();
    install.args([
        "install",
        "--quiet",
        "--force",
        // They run for a second or two, and compile twice as fast.
        "--debug",
        &format!("{package}@{version}"),
    ]);
    install.env("CARGO_PROFILE_DEV_DEBUG", "none");
    install.arg("--root").arg(ws.target.join("tools"));
    install.arg("--target-dir").arg(build_dir(ws));
    if locked {
        install.arg("--locked");
    }
    process::run(&mut install)?;
    Ok(true)
}
