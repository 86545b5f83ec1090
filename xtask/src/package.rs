//! The npm package: assembled, packed, and installed the way a user installs it.

use std::fs::{self, File};

use anyhow::{Context, Result};

use crate::process::{self, say};
use crate::stamp::Step;
use crate::wasm;
use crate::workspace::Workspace;

/// Makes the tarball and the consumer project from the sources, as far as they changed.
pub fn build(ws: &Workspace) -> Result<()> {
    let _lock = lock(ws)?;
    wasm::build(ws)?;
    generate(ws)?;
    assemble(ws)?;
    pack(ws)?;
    install(ws)
}

/// Two builds at once would take the files from under each other; the second waits.
fn lock(ws: &Workspace) -> Result<File> {
    let dir = ws.target.join("xtask");
    fs::create_dir_all(&dir)?;
    let file = File::create(dir.join("lock"))?;
    if file.try_lock().is_err() {
        say("wait for another build to end");
        file.lock().context("cannot lock the build")?;
    }
    Ok(file)
}

/// Writes the JavaScript that follows from the crate's tables, for what only reads it.
pub fn write_tables(ws: &Workspace) -> Result<()> {
    let _lock = lock(ws)?;
    generate(ws)
}

/// Writes the JavaScript that follows from the crate's tables, as far as it changed: this tool has them compiled in, so
/// that they are always those of the sources.
fn generate(ws: &Workspace) -> Result<()> {
    let dir = ws.generated();
    fs::create_dir_all(&dir)?;
    for (name, text) in superserve_sdk::surface::javascript::all() {
        let path = dir.join(name);
        if fs::read_to_string(&path).is_ok_and(|known| known == text) {
            continue;
        }
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Bundles the entries, and writes them, the types and package.json into `pkg/`.
fn assemble(ws: &Workspace) -> Result<()> {
    let pkg = ws.package_dir();
    let step = Step {
        name: "assemble pkg/",
        stamp: ws.target.join("xtask/assembled"),
        inputs: vec![
            wasm::stamp(ws),
            ws.generated(),
            ws.root.join("pkg-template"),
            ws.root.join("xtask/js"),
            ws.root.join("LICENSE"),
            ws.root.join("package-lock.json"),
        ],
        outputs: vec![pkg.join("package.json"), pkg.join("dist/index.d.cts")],
    };
    step.run(|| {
        if pkg.exists() {
            fs::remove_dir_all(&pkg).context("cannot clear pkg/")?;
        }
        let mut node = ws.node();
        node.arg("xtask/js/assemble.mjs")
            .arg(ws.wasm_dir())
            .arg(ws.generated())
            .arg(&pkg)
            .arg(&ws.version);
        process::run(&mut node)?;
        let types = superserve_sdk::surface::typescript::declarations();
        for name in ["index.d.ts", "index.d.cts"] {
            fs::write(pkg.join("dist").join(name), &types)?;
        }
        Ok(())
    })
}

/// Packs `pkg/` as `npm publish` would.
fn pack(ws: &Workspace) -> Result<()> {
    let tarball = ws.tarball();
    let dir = tarball.parent().context("the tarball has no directory")?;
    let step = Step {
        name: "npm pack",
        stamp: ws.target.join("xtask/packed"),
        inputs: vec![ws.package_dir()],
        outputs: vec![tarball.clone()],
    };
    step.run(|| {
        if dir.exists() {
            fs::remove_dir_all(dir).context("cannot clear old tarballs")?;
        }
        fs::create_dir_all(dir)?;
        let mut npm = ws.npm();
        npm.args(["pack", "--silent", "--pack-destination"])
            .arg(dir)
            .arg(ws.package_dir());
        let name = process::output(&mut npm)?;
        fs::metadata(&tarball).with_context(|| format!("npm pack made {}", name.trim()))?;
        Ok(())
    })
}

/// Installs the tarball into the consumer project, with a module of either kind to load it.
fn install(ws: &Workspace) -> Result<()> {
    let consumer = ws.consumer();
    let step = Step {
        name: "install the tarball into target/consumer",
        stamp: ws.target.join("xtask/installed"),
        inputs: vec![ws.tarball()],
        outputs: vec![
            consumer.join("node_modules/@superserve/sdk"),
            consumer.join("cjs.cjs"),
        ],
    };
    step.run(|| {
        if consumer.exists() {
            fs::remove_dir_all(&consumer).context("cannot clear the consumer project")?;
        }
        fs::create_dir_all(&consumer)?;
        fs::write(
            consumer.join("package.json"),
            "{ \"name\": \"consumer\", \"private\": true }\n",
        )?;
        fs::write(
            consumer.join("esm.mjs"),
            "export * from \"@superserve/sdk\";\n",
        )?;
        fs::write(
            consumer.join("cjs.cjs"),
            "module.exports = require(\"@superserve/sdk\");\n",
        )?;
        let mut npm = ws.npm();
        npm.args([
            "install",
            "--silent",
            "--no-package-lock",
            "--no-save",
            "--ignore-scripts",
        ]);
        npm.args(["--no-audit", "--no-fund"])
            .arg(ws.tarball())
            .current_dir(&consumer);
        process::run(&mut npm)
    })
}
