//! Snapshots: a sandbox's files as they were at a moment, which other sandboxes start from.
//!
//! What a sandbox has changed is copied as one more layer over those that it was made from. The
//! copies share blocks where the file system can, and all sandboxes made from one share the layer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use tokio::time::sleep;
use uuid::Uuid;

use crate::options::Options;
use crate::sandbox::lifecycle::Sandbox;
use crate::sandbox::record::Origin;
use crate::state::App;
use crate::template::spec::Resources;
use crate::template::{Image, Layer, size_of};

/// The one kind that there is.
pub const KIND: &str = "mem+fs";

/// Where a snapshot is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Creating,
    Ready,
    Failed,
    Deleting,
}

/// Why a snapshot is not taken.
#[derive(Debug)]
pub enum Refused {
    TooMany,
    TooManyInFlight,
    /// Another one of the same sandbox is not ready yet.
    InProgress,
}

/// One snapshot.
#[derive(Debug)]
pub struct Snapshot {
    pub id: Uuid,
    pub sandbox_id: Uuid,
    sandbox_shown_id: String,
    template_id: Uuid,
    resources: Resources,
    /// What the client told this request from others by.
    key: String,
    created_at: Timestamp,
    state: Mutex<State>,
}

/// The parts that change.
#[derive(Debug)]
struct State {
    status: Status,
    name: Option<String>,
    size_bytes: u64,
    ready_at: Option<Timestamp>,
    image: Option<Image>,
}

impl Snapshot {
    fn new(sandbox: &Sandbox, key: String, name: Option<String>) -> Self {
        Self {
            id: Uuid::new_v4(),
            sandbox_id: sandbox.id,
            sandbox_shown_id: sandbox.shown_id.clone(),
            template_id: sandbox.origin.template_id,
            resources: sandbox.origin.resources,
            key,
            created_at: Timestamp::now(),
            state: Mutex::new(State {
                status: Status::Creating,
                name,
                size_bytes: 0,
                ready_at: None,
                image: None,
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn status(&self) -> Status {
        self.state().status
    }

    pub fn rename(&self, name: String) {
        self.state().name = Some(name);
    }

    /// What a sandbox is made of that starts from it; `None` unless it is ready.
    pub fn origin(&self) -> Option<Origin> {
        let state = self.state();
        let image = state.image.clone()?;
        (state.status == Status::Ready).then(|| Origin {
            template_id: self.template_id,
            resources: self.resources,
            image,
            snapshot: Some(self.id),
        })
    }

    /// Copies the sandbox's files; its processes are stopped until that is done.
    pub async fn take(&self, app: &App, sandbox: Arc<Sandbox>) {
        let copied = self.copy(app, &sandbox).await;
        sandbox.end_capture().await;
        sleep(delay(app)).await;
        let mut state = self.state();
        match copied {
            Ok((image, size_bytes)) => {
                state.status = Status::Ready;
                state.image = Some(image);
                state.size_bytes = size_bytes;
                state.ready_at = Some(Timestamp::now());
            }
            Err(error) => {
                tracing::error!(%error, id = %self.id, "snapshot failed");
                state.status = Status::Failed;
            }
        }
    }

    async fn copy(&self, app: &App, sandbox: &Sandbox) -> std::io::Result<(Image, u64)> {
        let path = app.platform.layer_path(self.id);
        let layer = Layer(path.clone());
        sandbox.machine.copy_layer(&path).await?;
        let size = tokio::task::spawn_blocking(move || size_of(&path));
        let size = size.await.map_err(std::io::Error::other)??;
        let mut image = sandbox.origin.image.clone();
        image.layers.insert(0, Arc::new(layer));
        Ok((image, size))
    }

    /// Lets the files go, once no sandbox has them.
    pub async fn delete(&self, app: &App) {
        self.state().status = Status::Deleting;
        sleep(delay(app)).await;
        app.snapshots.forget(self);
    }

    pub fn view(&self) -> View {
        let state = self.state();
        View {
            id: self.id,
            sandbox_id: self.sandbox_shown_id.clone(),
            template_id: self.template_id,
            kind: KIND,
            status: state.status,
            name: state.name.clone(),
            size_bytes: state.size_bytes,
            resources: ResourcesView {
                vcpu_count: self.resources.vcpu,
                memory_mib: self.resources.memory_mib,
                disk_mib: self.resources.disk_mib,
            },
            created_at: self.created_at.to_string(),
            ready_at: state.ready_at.map(|at| at.to_string()),
        }
    }
}

fn delay(app: &App) -> Duration {
    Duration::from_millis(app.options.snapshot_delay_ms)
}

/// All snapshots, oldest first.
#[derive(Debug, Default)]
pub struct Snapshots(RwLock<Vec<Arc<Snapshot>>>);

impl Snapshots {
    /// Notes a new snapshot, or finds the one that was asked for by the same key (and `false`).
    pub fn begin(
        &self,
        sandbox: &Sandbox,
        key: String,
        name: Option<String>,
        limits: &Options,
    ) -> Result<(Arc<Snapshot>, bool), Refused> {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let own = || all.iter().filter(|one| one.sandbox_id == sandbox.id);
        if let Some(known) = own().find(|one| one.key == key) {
            return Ok((known.clone(), false));
        }
        let creating = |one: &&Arc<Snapshot>| one.status() == Status::Creating;
        if own().any(|one| creating(&one)) {
            return Err(Refused::InProgress);
        }
        if all.len() >= limits.max_snapshots || own().count() >= limits.max_snapshots_per_sandbox {
            return Err(Refused::TooMany);
        }
        if all.iter().filter(creating).count() >= limits.max_snapshots_in_flight {
            return Err(Refused::TooManyInFlight);
        }
        let snapshot = Arc::new(Snapshot::new(sandbox, key, name));
        all.push(snapshot.clone());
        Ok((snapshot, true))
    }

    pub fn find(&self, id: Uuid) -> Option<Arc<Snapshot>> {
        self.read(|all| all.iter().find(|one| one.id == id).cloned())
    }

    /// Those of a sandbox, which may be gone, newest first.
    pub fn of(&self, sandbox_id: Uuid) -> Vec<Arc<Snapshot>> {
        self.read(|all| {
            let own = all.iter().rev().filter(|one| one.sandbox_id == sandbox_id);
            own.cloned().collect()
        })
    }

    pub fn forget(&self, snapshot: &Snapshot) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|one| one.id != snapshot.id);
    }

    fn read<T>(&self, use_it: impl FnOnce(&Vec<Arc<Snapshot>>) -> T) -> T {
        use_it(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[derive(Debug, Serialize)]
struct ResourcesView {
    vcpu_count: u32,
    memory_mib: u32,
    disk_mib: u32,
}

/// A snapshot in an answer.
#[derive(Debug, Serialize)]
pub struct View {
    id: Uuid,
    sandbox_id: String,
    template_id: Uuid,
    kind: &'static str,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    size_bytes: u64,
    resources: ResourcesView,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ready_at: Option<String>,
}
