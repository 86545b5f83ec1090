//! Finds out what this machine allows, by starting a sandbox in each way until one works.

use std::fs;
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;
use uuid::Uuid;

use super::freeze::FreezerRoot;
use super::machine::{Launcher, Machine};
use super::root::{HostView, Isolation};
use super::workspace::Workspace;
use crate::network::own::Networks;
use crate::options::Options;

/// What the user must know where sandboxes use this machine's network.
const SHARED_NETWORK: &str = "sandboxes have no network of their own: they share this machine's, \
    with its ports, what listens on its loopback and its abstract sockets, and network rules are \
    not enforced. Needed: the right to make network namespaces, and /dev/net/tun";

/// What sandboxes are made from.
#[derive(Debug)]
pub struct Platform {
    pub view: HostView,
    launcher: Launcher,
    freezers: Option<FreezerRoot>,
    /// `None` where sandboxes have no network of their own.
    networks: Option<Networks>,
    workspace: Workspace,
}

/// No way of isolation works here; the message says what was tried and what is missing.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unavailable(String);

impl Platform {
    /// The first way that works: root's own namespaces, else a user namespace; the data directory,
    /// else memory.
    pub async fn prepare(options: &Options) -> Result<Self, Unavailable> {
        let isolations: &[Isolation] = if options.no_isolation {
            &[Isolation::None]
        } else if geteuid().is_root() {
            &[Isolation::Privileged, Isolation::UserNamespace]
        } else {
            &[Isolation::UserNamespace]
        };
        let launcher = Launcher::start().map_err(|error| Unavailable(error.to_string()))?;
        let mut failures = Vec::new();
        for isolation in isolations {
            for place in places(options, *isolation) {
                match Self::attempt(options, launcher.clone(), *isolation, &place).await {
                    Ok(platform) => {
                        let directory = platform.workspace.path().display();
                        tracing::info!(?isolation, %directory, "sandboxes work");
                        return Ok(platform);
                    }
                    Err(error) => {
                        tracing::warn!(?isolation, %place, %error, "sandboxes do not work this way");
                        failures.push(format!("  {isolation:?}, {place}: {error}"));
                    }
                }
            }
        }
        Err(Unavailable(explain(&failures)))
    }

    async fn attempt(
        options: &Options,
        launcher: Launcher,
        isolation: Isolation,
        place: &Place,
    ) -> std::io::Result<Self> {
        let workspace = Workspace::create(&place.parent)?;
        if place.tmpfs {
            workspace.cover_with_tmpfs()?;
        }
        let view = HostView::survey(isolation, workspace.path())?;
        let freezers = if isolation == Isolation::None {
            None
        } else {
            FreezerRoot::create()
        };
        let networks = match isolation {
            Isolation::None => None,
            _ => Some(Networks::new(&options.host_ports)),
        };
        let mut platform = Self {
            view,
            launcher,
            freezers,
            networks,
            workspace,
        };
        std::fs::create_dir_all(platform.workspace.path().join("home"))?;
        if let Err(error) = platform.probe().await {
            if platform.networks.take().is_none() {
                return Err(error);
            }
            platform.probe().await?;
            tracing::warn!(%error, "{SHARED_NETWORK}");
        }
        Ok(platform)
    }

    /// Whether a sandbox starts, and stops.
    async fn probe(&self) -> std::io::Result<()> {
        let probe = self.start(Uuid::new_v4(), &[]).await?;
        let frozen = probe.freeze(true).await;
        probe.kill().await;
        frozen
    }

    /// Starts a sandbox over template layers, topmost first.
    pub async fn start(&self, id: Uuid, layers: &[PathBuf]) -> std::io::Result<Machine> {
        let directory = self.workspace.path().join("sandboxes").join(id.to_string());
        let freezers = self.freezers.as_ref();
        let networks = self.networks.as_ref();
        Machine::start(
            &self.launcher,
            &self.view,
            &directory,
            layers,
            freezers,
            networks,
        )
        .await
    }

    /// Where a build's layer is kept.
    pub fn layer_path(&self, build: Uuid) -> PathBuf {
        self.workspace.path().join("layers").join(build.to_string())
    }

    /// The working directory and `HOME` of commands whose template names none.
    pub fn home(&self) -> String {
        match self.view.isolation {
            // The host's own /home/user is not the server's to make.
            Isolation::None => self
                .workspace
                .path()
                .join("home")
                .to_string_lossy()
                .into_owned(),
            _ => super::host::HOME.to_owned(),
        }
    }
}

struct Place {
    parent: PathBuf,
    tmpfs: bool,
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tmpfs = if self.tmpfs { " under a tmpfs" } else { "" };
        write!(formatter, "files in {}{tmpfs}", self.parent.display())
    }
}

fn places(options: &Options, isolation: Isolation) -> Vec<Place> {
    let parent = options.data_dir.clone().unwrap_or_else(std::env::temp_dir);
    let mut places = vec![Place {
        parent: parent.clone(),
        tmpfs: false,
    }];
    match isolation {
        Isolation::None => {}
        Isolation::Privileged => places.push(Place {
            parent,
            tmpfs: true,
        }),
        Isolation::UserNamespace => {
            let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
            for parent in runtime.into_iter().chain([PathBuf::from("/dev/shm")]) {
                places.push(Place {
                    parent,
                    tmpfs: false,
                });
            }
        }
    }
    places
}

fn explain(failures: &[String]) -> String {
    let mut lines = vec!["this machine gives no isolation for sandboxes. Tried:".to_owned()];
    lines.extend(failures.iter().cloned());
    let switches = [
        ("/proc/sys/kernel/unprivileged_userns_clone", "0"),
        ("/proc/sys/user/max_user_namespaces", "0"),
        (
            "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            "1",
        ),
    ];
    for (path, off) in switches {
        if fs::read_to_string(path).is_ok_and(|value| value.trim() == off) {
            lines.push(format!(
                "{path} is {off}: user namespaces are off for ordinary users."
            ));
        }
    }
    let filesystems = fs::read_to_string("/proc/filesystems").unwrap_or_default();
    if !filesystems.contains("\toverlay\n") && !Path::new("/sys/module/overlay").exists() {
        lines.push("The kernel has no overlayfs (module `overlay`).".to_owned());
    }
    lines.push(
        "Needed: root with CAP_SYS_ADMIN, or user namespaces for ordinary users; overlayfs \
         (Linux 5.11 or newer for ordinary users). With --no-isolation commands run directly on \
         this machine."
            .to_owned(),
    );
    lines.join("\n")
}
