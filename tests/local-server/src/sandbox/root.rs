//! What a sandbox sees as `/`: overlays of its own upper directories on template layers on the host.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// How far a sandbox is apart from the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Isolation {
    /// Mount and PID namespaces, made with the privileges of root.
    Privileged,
    /// The same inside a user namespace, where this user is root.
    UserNamespace,
    /// None: commands run on the host itself.
    None,
}

/// All that init needs to build a root.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RootPlan {
    /// An empty directory; each sandbox mounts on it in its own namespace.
    pub mountpoint: PathBuf,
    /// In the order of mounting: a parent before what lies in it.
    pub overlays: Vec<OverlayMount>,
    /// Overlay's own marks as `user.` attributes: all that a user namespace may write.
    pub user_xattr: bool,
}

/// One overlay of a root.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OverlayMount {
    /// Absolute, as the sandbox sees it.
    pub target: PathBuf,
    /// Topmost first.
    pub lowers: Vec<PathBuf>,
    pub upper: PathBuf,
    pub work: PathBuf,
}

/// A host directory that is the lowest layer of one overlay.
#[derive(Debug, Clone)]
pub struct HostPart {
    pub target: PathBuf,
    pub lower: PathBuf,
}

/// The host as every sandbox starts from it; made once per server.
///
/// A layer (a template's, or the upper one of a sandbox) is a directory with one numbered directory
/// for each part.
#[derive(Debug)]
pub struct HostView {
    pub isolation: Isolation,
    /// The first is `/`.
    pub parts: Vec<HostPart>,
    pub mountpoint: PathBuf,
}

impl HostView {
    /// A root whose changes land in `home`, over `layers` (topmost first).
    pub fn plan(&self, home: &Path, layers: &[PathBuf]) -> io::Result<RootPlan> {
        let mut overlays = Vec::with_capacity(self.parts.len());
        for (index, part) in self.parts.iter().enumerate() {
            let index = index.to_string();
            let (upper, work) = (
                home.join("upper").join(&index),
                home.join("work").join(&index),
            );
            fs::create_dir_all(&upper)?;
            fs::create_dir_all(&work)?;
            // The topmost layer decides the attributes of a part's own directory.
            let mode = fs::metadata(&part.lower)?.mode() & 0o7777;
            fs::set_permissions(&upper, fs::Permissions::from_mode(mode))?;
            let mut lowers: Vec<_> = layers.iter().map(|layer| layer.join(&index)).collect();
            lowers.push(part.lower.clone());
            overlays.push(OverlayMount {
                target: part.target.clone(),
                lowers,
                upper,
                work,
            });
        }
        Ok(RootPlan {
            mountpoint: self.mountpoint.clone(),
            overlays,
            user_xattr: self.isolation == Isolation::UserNamespace,
        })
    }
}
