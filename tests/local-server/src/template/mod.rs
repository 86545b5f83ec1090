//! Templates: what sandboxes are made from, and the builds that make them.

mod build;
pub mod log;
mod runner;
pub mod spec;
mod steps;
pub mod store;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

pub use build::{Build, BuildStatus, BuildView};
pub use runner::size_of;
use spec::{BuildSpec, Resources};

use crate::sandbox::environment::Environment;
use crate::sandbox::tidy::remove_tree;

/// Where a template is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateStatus {
    Pending,
    Building,
    Ready,
    Failed,
}

/// What a build leaves: files over the host's, removed with their last user.
#[derive(Debug)]
pub struct Layer(pub PathBuf);

impl Drop for Layer {
    fn drop(&mut self) {
        let path = std::mem::take(&mut self.0);
        let remove = move || {
            if let Err(error) = remove_tree(&path) {
                tracing::warn!(%error, path = %path.display(), "could not remove");
            }
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(remove)),
            Err(_) => remove(),
        }
    }
}

/// All that a sandbox takes from its template.
#[derive(Debug, Clone)]
pub struct Image {
    /// Topmost first.
    pub layers: Vec<Arc<Layer>>,
    pub environment: Environment,
    pub start_cmd: Option<String>,
    pub ready_cmd: Option<String>,
    /// Whether its sandboxes have one.
    pub screen: bool,
}

impl Image {
    /// Where the layers lie, topmost first.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.layers.iter().map(|layer| layer.0.clone()).collect()
    }
}

/// One template.
#[derive(Debug)]
pub struct Template {
    pub id: Uuid,
    pub team_id: Uuid,
    pub name: String,
    pub resources: Resources,
    pub created_at: Timestamp,
    /// `None` for the system's own.
    pub spec: Option<Arc<BuildSpec>>,
    state: Mutex<State>,
}

/// The parts of a template that change.
#[derive(Debug)]
struct State {
    status: TemplateStatus,
    image: Option<Image>,
    size_bytes: Option<u64>,
    error_message: Option<String>,
    built_at: Option<Timestamp>,
    /// Oldest first.
    builds: Vec<Arc<Build>>,
}

impl State {
    /// Notes what the latest build does; what an earlier one left stays ready meanwhile, and after
    /// one that leaves nothing.
    fn set_status(&mut self, status: TemplateStatus) {
        self.status = if self.image.is_some() {
            TemplateStatus::Ready
        } else {
            status
        };
    }
}

impl Template {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What sandboxes start from; `None` until a build has made it.
    pub fn image(&self) -> Option<Image> {
        self.state().image.clone()
    }

    /// Its builds, newest first.
    pub fn builds(&self) -> Vec<Arc<Build>> {
        self.state().builds.iter().rev().cloned().collect()
    }

    pub fn build(&self, id: Uuid) -> Option<Arc<Build>> {
        self.state()
            .builds
            .iter()
            .find(|build| build.id == id)
            .cloned()
    }

    /// The build under way.
    pub fn running_build(&self) -> Option<Arc<Build>> {
        self.state()
            .builds
            .iter()
            .find(|build| !build.status().is_terminal())
            .cloned()
    }

    pub fn view(&self) -> TemplateView {
        let state = self.state();
        TemplateView {
            id: self.id,
            team_id: self.team_id,
            name: self.name.clone(),
            status: state.status,
            resources: self.resources,
            size_bytes: state.size_bytes,
            error_message: state.error_message.clone(),
            created_at: self.created_at.to_string(),
            built_at: state.built_at.map(|at| at.to_string()),
            latest_build_id: state.builds.last().map(|build| build.id),
            build_id: None,
        }
    }
}

/// A template in an answer.
#[derive(Debug, Serialize)]
pub struct TemplateView {
    pub id: Uuid,
    team_id: Uuid,
    pub name: String,
    status: TemplateStatus,
    #[serde(flatten)]
    resources: Resources,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    built_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_build_id: Option<Uuid>,
    /// Only in the answer to its creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build_id: Option<Uuid>,
}
