//! Examples with packages of their own, as their reader installs them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::process;
use crate::workspace::Workspace;

/// Copies an example to `project`, and installs what it needs there, this tree's package among it.
pub fn install(ws: &Workspace, example: &str, project: &Path) -> Result<()> {
    clear(project)?;
    copy(&ws.root.join(example), project)?;
    // As its README says: the version that it names may not be published yet.
    let mut npm = ws.npm();
    npm.args(["install", "--no-save", "--ignore-scripts", "--no-audit"]);
    npm.arg("--no-fund").arg(ws.tarball());
    process::run(npm.current_dir(project))
}

/// Removes all of a copy but its packages, of which most stay the same.
fn clear(project: &Path) -> Result<()> {
    fs::create_dir_all(project)?;
    for entry in fs::read_dir(project)? {
        let entry = entry?;
        if entry.file_name() == "node_modules" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Copies a directory's files; what is installed or built in it stays behind.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let (name, target) = (entry.file_name(), to.join(entry.file_name()));
        if !entry.file_type()?.is_dir() {
            fs::copy(entry.path(), target)?;
        } else if name != "node_modules" && name != "dist" {
            copy(&entry.path(), &target)?;
        }
    }
    Ok(())
}
