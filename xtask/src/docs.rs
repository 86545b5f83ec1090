//! The package's documentation: the pages that TypeDoc makes of the declarations of every entry.

use anyhow::Result;

use crate::process::{self, say};
use crate::workspace::Workspace;
use crate::{package, tools};

/// Makes the site of the packed tarball.
pub fn run(ws: &Workspace) -> Result<()> {
    package::build(ws)?;
    tools::npm_ci(ws, "tests/types")?;
    let site = ws.target.join("docs");
    say("TypeDoc");
    let mut node = ws.node();
    node.arg("tests/types/docs.mjs")
        .arg(ws.consumer())
        .arg(&site);
    process::run(&mut node)?;
    say(format_args!("open {}", site.join("index.html").display()));
    Ok(())
}
