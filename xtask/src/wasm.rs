//! The crate compiled to WebAssembly, with its JavaScript glue.

use std::fs;

use anyhow::{Context, Result, bail};

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
        outputs: vec![ws.wasm_dir().join(MODULE), ws.wasm_dir().join(LAZY_MODULE)],
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
        let wasm = fs::read(ws.wasm_dir().join(MODULE)).context("wasm-pack made no module")?;
        if has_custom_section(&wasm, b"name") {
            // wasm-pack goes on without it when it finds none.
            bail!("wasm-opt did not run: {MODULE} still has its name section");
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

/// Marks the last successful build.
pub fn stamp(ws: &Workspace) -> std::path::PathBuf {
    ws.target.join("xtask/wasm")
}

/// Whether a module has a custom section of that name.
fn has_custom_section(module: &[u8], name: &[u8]) -> bool {
    const CUSTOM: u8 = 0;
    let mut rest = module.get(8..).unwrap_or_default();
    while let Some((&id, after_id)) = rest.split_first() {
        let Some((size, body)) = leb128(after_id) else {
            return false;
        };
        let Some(section) = body.get(..size) else {
            return false;
        };
        if id == CUSTOM
            && let Some((length, text)) = leb128(section)
            && text.get(..length) == Some(name)
        {
            return true;
        }
        rest = body.get(size..).unwrap_or_default();
    }
    false
}

/// An unsigned number as WebAssembly writes it, and the bytes after it.
fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_usize;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(index + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_custom_section_behind_others() {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        assert!(!has_custom_section(&module, b"name"));
        module.extend([1, 0x82, 0x01]);
        module.extend([0; 130]);
        module.extend(b"\0\x0a\x09producers");
        assert!(!has_custom_section(&module, b"name"));
        module.extend(b"\0\x06\x04name\0");
        assert!(has_custom_section(&module, b"name"));
    }
}
