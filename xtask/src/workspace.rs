//! Where things are, as cargo tells it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;

/// The crate that becomes the npm package.
const SDK: &str = "superserve-sdk";

/// The paths and versions that the commands work with.
pub struct Workspace {
    /// The repository.
    pub root: PathBuf,
    /// Cargo's target directory, which `CARGO_TARGET_DIR` may have moved.
    pub target: PathBuf,
    /// The version of the SDK crate, and so of the npm package.
    pub version: String,
    /// What `cargo metadata` says of that crate.
    manifest: Value,
}

impl Workspace {
    /// Asks cargo about the workspace around the current directory.
    pub fn find() -> Result<Self> {
        let mut command = process::cargo();
        command.args(["metadata", "--no-deps", "--format-version", "1"]);
        let metadata: Value = serde_json::from_str(&process::output(&mut command)?)
            .context("cargo metadata is not JSON")?;
        let packages = metadata.get("packages").and_then(Value::as_array);
        let manifest = packages
            .and_then(|all| all.iter().find(|one| text(one, "name") == Some(SDK)))
            .with_context(|| format!("cargo metadata lists no package {SDK}"))?;
        let version = text(manifest, "version").context("the package has no version")?;
        Ok(Self {
            root: path(&metadata, "workspace_root")?,
            target: path(&metadata, "target_directory")?,
            version: version.to_owned(),
            manifest: manifest.clone(),
        })
    }

    /// The wasm-bindgen version in Cargo.lock: its command line tool must be the same.
    pub fn wasm_bindgen_version(&self) -> Result<String> {
        let id = process::output(process::cargo().args(["pkgid", "wasm-bindgen"]))?;
        let version = id.trim().rsplit(['@', '#']).next().unwrap_or_default();
        Ok(version.to_owned())
    }

    /// What `wasm-opt` is run with, as the crate's `Cargo.toml` has it for wasm-pack.
    pub fn wasm_opt_flags(&self) -> Result<Vec<String>> {
        let flags = self
            .manifest
            .pointer("/metadata/wasm-pack/profile/release/wasm-opt");
        let flags = flags.and_then(Value::as_array);
        let flags = flags.context("Cargo.toml has no flags for wasm-opt")?;
        let texts = flags.iter().filter_map(Value::as_str);
        Ok(texts.map(str::to_owned).collect())
    }

    /// What `wasm-pack` makes.
    pub fn wasm_dir(&self) -> PathBuf {
        self.target.join("wasm")
    }

    /// The JavaScript that is written from the crate's tables.
    pub fn generated(&self) -> PathBuf {
        self.target.join("generated")
    }

    /// The npm package, unpacked.
    pub fn package_dir(&self) -> PathBuf {
        self.root.join("pkg")
    }

    /// The npm package as a user gets it.
    pub fn tarball(&self) -> PathBuf {
        self.target
            .join("npm")
            .join(format!("{SDK}-{}.tgz", self.version))
    }

    /// A throw-away project that has the tarball installed.
    pub fn consumer(&self) -> PathBuf {
        self.target.join("consumer")
    }

    /// A `node` that runs in the repository.
    pub fn node(&self) -> Command {
        let mut command = Command::new("node");
        command.current_dir(&self.root);
        command
    }

    /// An `npm` that runs in the repository.
    pub fn npm(&self) -> Command {
        let mut command = Command::new("npm");
        command.current_dir(&self.root);
        command
    }
}

fn text<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str)
}

fn path(metadata: &Value, key: &str) -> Result<PathBuf> {
    text(metadata, key)
        .map(PathBuf::from)
        .with_context(|| format!("cargo metadata lacks {key}"))
}
