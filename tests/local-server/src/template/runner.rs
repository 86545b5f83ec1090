//! Does the work of a build in a sandbox of its own.
//!
//! Errors are the API's: `<code>: <detail>`.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::fcntl::{AtFlags, OFlag, open, openat};
use nix::sys::stat::{Mode, SFlag, fstatat};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::Layer;
use super::log::{Log, LogStream};
use super::spec::BuildSpec;
use super::steps::{failed, run, run_steps, watch_start};
use crate::descent::{Descent, Step};
use crate::sandbox::environment::Environment;
use crate::sandbox::machine::Machine;
use crate::sandbox::root::Isolation;
use crate::state::App;

/// Debian and what is built on it: this machine's own root stands for all of them.
const IMAGES: [&str; 5] = ["debian", "ubuntu", "python", "node", "buildpack-deps"];

const READY_POLL: Duration = Duration::from_secs(2);

/// How long a start command without a ready command is watched for an early end.
const START_GRACE: Duration = Duration::from_secs(1);

/// What a build leaves.
#[derive(Debug)]
pub struct Built {
    pub layer: Layer,
    pub size_bytes: u64,
    pub environment: Environment,
}

/// One build's sandbox.
pub struct Runner {
    app: Arc<App>,
    id: Uuid,
    disk_mib: u32,
    machine: Mutex<Option<Arc<Machine>>>,
}

impl Runner {
    pub fn new(app: Arc<App>, id: Uuid, disk_mib: u32) -> Self {
        Self {
            app,
            id,
            disk_mib,
            machine: Mutex::default(),
        }
    }

    /// All steps, whose files are kept; then the start and ready commands, tried over them.
    pub async fn build(&self, spec: &BuildSpec, log: &Arc<Log>) -> Result<Built, String> {
        log.add(LogStream::System, &format!("pulling image {}", spec.from));
        if !is_provided(&spec.from) {
            return Err(format!(
                "image_pull_failed: {}: this server has only {} and superserve/…, all as this \
                 machine's own root",
                spec.from,
                IMAGES.join(", "),
            ));
        }
        if self.app.platform.view.isolation == Isolation::None {
            return Err("build_failed: builds need isolation, and this server has none".to_owned());
        }
        let machine = self.boot(&[]).await?;
        let environment = run_steps(&machine, spec, self.app.platform.home(), log).await?;
        let (layer, size_bytes) = self.keep(machine).await?;
        if spec.start_cmd.is_some() || spec.ready_cmd.is_some() {
            let machine = self.boot(std::slice::from_ref(&layer.0)).await?;
            self.start(&machine, spec, &environment, log).await?;
            self.clean_up().await;
        }
        Ok(Built {
            layer,
            size_bytes,
            environment,
        })
    }

    async fn boot(&self, layers: &[PathBuf]) -> Result<Arc<Machine>, String> {
        let started = self.app.platform.start(Uuid::new_v4(), layers).await;
        let machine = Arc::new(started.map_err(|error| format!("boot_failed: {error}"))?);
        *self.machine.lock().unwrap_or_else(PoisonError::into_inner) = Some(machine.clone());
        Ok(machine)
    }

    /// Ends the machine and keeps its files.
    async fn keep(&self, machine: Arc<Machine>) -> Result<(Layer, u64), String> {
        self.clean_up().await;
        let path = self.app.platform.layer_path(self.id);
        let (layer, size_bytes) = tokio::task::spawn_blocking(move || {
            machine.keep_layer(&path)?;
            let size = size_of(&path)?;
            Ok::<_, std::io::Error>((Layer(path), size))
        })
        .await
        .map_err(failed)?
        .map_err(|error| format!("snapshot_failed: {error}"))?;
        let size_mib = size_bytes >> 20;
        if size_mib > u64::from(self.disk_mib) {
            let disk = self.disk_mib;
            return Err(format!(
                "image_too_large: {size_mib} MiB on a disk of {disk} MiB"
            ));
        }
        Ok((layer, size_bytes))
    }

    async fn start(
        &self,
        machine: &Arc<Machine>,
        spec: &BuildSpec,
        environment: &Environment,
        log: &Arc<Log>,
    ) -> Result<(), String> {
        let ended = match &spec.start_cmd {
            Some(command) => {
                log.add(LogStream::System, &format!("starting: {command}"));
                Some(watch_start(machine, environment.shell(command), log).await?)
            }
            None => None,
        };
        let check_start = || match ended.as_ref().and_then(|ended| *ended.borrow()) {
            Some(code) if code != 0 => Err(format!("start_cmd_failed: exited with code {code}")),
            _ => Ok(()),
        };
        match (&spec.ready_cmd, &ended) {
            (Some(ready_cmd), _) => {
                log.add(
                    LogStream::System,
                    &format!("waiting until ready: {ready_cmd}"),
                );
                let limit = Duration::from_secs(self.app.options.ready_timeout_s);
                let begun = Instant::now();
                loop {
                    let code = run(machine, environment.shell(ready_cmd), log).await?;
                    check_start()?;
                    if code == 0 {
                        return Ok(());
                    }
                    if begun.elapsed() + READY_POLL > limit {
                        let seconds = limit.as_secs();
                        return Err(format!(
                            "ready_cmd_failed: not ready after {seconds}s: exited with code {code}"
                        ));
                    }
                    sleep(READY_POLL).await;
                }
            }
            (None, Some(ended)) => {
                let mut ended = ended.clone();
                timeout(START_GRACE, ended.wait_for(Option::is_some))
                    .await
                    .ok();
                check_start()
            }
            (None, None) => Ok(()),
        }
    }

    /// Ends what the build has running.
    pub async fn clean_up(&self) {
        let machine = self
            .machine
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(machine) = machine {
            machine.kill().await;
        }
    }
}

/// Whether this machine can stand for an image: by the last part of its name, tags aside.
fn is_provided(from: &str) -> bool {
    let from = from.trim();
    if from.starts_with("superserve/") {
        return super::store::is_system_name(from);
    }
    let name = from.split('@').next().unwrap_or(from);
    let (registry, last) = name.rsplit_once('/').unwrap_or(("", name));
    let official = ["", "library", "docker.io", "docker.io/library"].contains(&registry);
    official
        && last
            .split(':')
            .next()
            .is_some_and(|image| IMAGES.contains(&image))
}

/// Bytes that a tree takes on the disk.
pub fn size_of(directory: &Path) -> std::io::Result<u64> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let mut descent = Descent::new(open(directory, flags, Mode::empty())?)?;
    let mut size = 0;
    while let Some(step) = descent.step()? {
        let Step::Entry(name) = step else { continue };
        let name = name.as_c_str();
        let stat = fstatat(descent.here(), name, AtFlags::AT_SYMLINK_NOFOLLOW)?;
        size += u64::try_from(stat.st_blocks).unwrap_or(0) * 512;
        if SFlag::from_bits_truncate(stat.st_mode & SFlag::S_IFMT.bits()) == SFlag::S_IFDIR {
            let flags = flags | OFlag::O_NOFOLLOW;
            let inner = openat(descent.here(), name, flags, Mode::empty())?;
            descent.enter(inner)?;
        }
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_that_this_machine_stands_for() {
        for from in [
            "debian",
            "python:3.11",
            "docker.io/library/node:22-slim",
            "ubuntu@sha256:0",
            "superserve/base",
        ] {
            assert!(is_provided(from), "{from}");
        }
        for from in [
            "fedora",
            "ghcr.io/me/python:3",
            "superserve/nothing",
            "nobody/debian",
            "debianish",
        ] {
            assert!(!is_provided(from), "{from}");
        }
    }
}
