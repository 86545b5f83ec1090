//! The crate compiled to WebAssembly, with its JavaScript glue.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use wasmparser::{Parser, Payload};

use crate::process;
use crate::stamp::Step;
use crate::tools::{self, WASM_TARGET};
use crate::workspace::Workspace;

/// The compiled module in [`Workspace::wasm_dir`]; the glue beside it is `superserve_sdk.js`.
const MODULE: &str = "superserve_sdk_bg.wasm";

/// The crate of what loads apart, and its module in the same place.
const LAZY: &str = "superserve-lazy";
const LAZY_MODULE: &str = "lazy.wasm";

/// Compiles what changed: the crate by wasm-pack, and what loads apart, which has no glue, without.
pub fn build(ws: &Workspace) -> Result<()> {
    tools::ensure(ws)?;
    let step = Step {
        name: "wasm-pack build",
        stamp: stamp(ws),
        inputs: vec![
            ws.root.join("src"),
            ws.root.join("Cargo.toml"),
            ws.root.join("Cargo.lock"),
            ws.root.join(".cargo/config.toml"),
            ws.root.join("package-lock.json"),
            // Not their directory: wasm-pack writes there as it runs.
            tools::bin_dir(ws).join("wasm-bindgen"),
            tools::bin_dir(ws).join("wasm-pack"),
        ],
        outputs: vec![module(ws), ws.wasm_dir().join(LAZY_MODULE)],
    };
    step.run(|| {
        // Snippets of an older build would stay beside the new ones.
        if ws.wasm_dir().exists() {
            fs::remove_dir_all(ws.wasm_dir()).context("cannot clear the old build")?;
        }
        let mut wasm_pack = std::process::Command::new(tools::bin_dir(ws).join("wasm-pack"));
        wasm_pack.args([
            "--log-level",
            "error",
            "build",
            "--target",
            "web",
            "--release",
        ]);
        wasm_pack
            .args(["--mode", "no-install", "--no-pack", "--out-dir"])
            .arg(ws.wasm_dir());
        wasm_pack
            .current_dir(&ws.root)
            .env("PATH", tools::path(ws)?);
        process::run(&mut wasm_pack)?;
        build_lazy(ws)?;
        let wasm = fs::read(module(ws)).context("wasm-pack made no module")?;
        if is_as_compiled(&wasm) {
            // wasm-pack goes on without it when it finds none.
            bail!("wasm-opt did not run: {MODULE} still says what produced it");
        }
        Ok(())
    })
}

/// Compiles what loads apart, and has it optimised as the other is.
fn build_lazy(ws: &Workspace) -> Result<()> {
    let mut cargo = process::cargo();
    cargo.args(["build", "--quiet", "--release", "--package", LAZY]);
    cargo.args(["--target", WASM_TARGET]).current_dir(&ws.root);
    process::run(&mut cargo)?;
    let made = ws.target.join(WASM_TARGET).join("release");
    let mut wasm_opt = std::process::Command::new("wasm-opt");
    wasm_opt
        .args(ws.wasm_opt_flags()?)
        .arg(made.join("superserve_lazy.wasm"))
        .arg("--output")
        .arg(ws.wasm_dir().join(LAZY_MODULE))
        .env("PATH", tools::path(ws)?);
    process::run(&mut wasm_opt)
}

/// The compiled module, with its names: the bundler takes them out.
pub fn module(ws: &Workspace) -> PathBuf {
    ws.wasm_dir().join(MODULE)
}

/// Marks the last successful build.
pub fn stamp(ws: &Workspace) -> PathBuf {
    ws.target.join("xtask/wasm")
}

/// Whether a module still has the section that `wasm-opt` is told to take out.
fn is_as_compiled(module: &[u8]) -> bool {
    let mut payloads = Parser::new(0).parse_all(module);
    payloads.any(|payload| {
        matches!(payload, Ok(Payload::CustomSection(section)) if section.name() == "producers")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_optimised_is_told_by_its_sections() {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend(b"\0\x06\x04name\0");
        assert!(!is_as_compiled(&module));
        module.extend(b"\0\x0b\x09producers\0");
        assert!(is_as_compiled(&module));
    }
}
