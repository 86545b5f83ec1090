//! One build: its state, and the task that takes it from pending to its end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::log::{Log, LogStream};
use super::runner::{Built, Runner};
use super::spec::BuildSpec;
use super::{Image, Template, TemplateStatus, store};
use crate::state::App;

/// How often a build that waits for its turn says so.
const QUEUE_NOTICE: Duration = Duration::from_secs(2);

/// Why a cancelled build has left nothing.
const CANCELLED: &str = "build cancelled by user";

/// Where a build is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BuildStatus {
    Pending,
    Building,
    Snapshotting,
    Ready,
    Failed,
    Cancelled,
}

impl BuildStatus {
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Ready | Self::Failed | Self::Cancelled)
    }
}

/// One build of a template.
#[derive(Debug)]
pub struct Build {
    pub id: Uuid,
    pub template_id: Uuid,
    pub hash: String,
    pub log: Arc<Log>,
    spec: Arc<BuildSpec>,
    created_at: Timestamp,
    state: Mutex<State>,
    status: watch::Sender<BuildStatus>,
    cancelled: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct State {
    error_message: Option<String>,
    started_at: Option<Timestamp>,
    finalized_at: Option<Timestamp>,
}

impl Build {
    pub fn new(template_id: Uuid, spec: Arc<BuildSpec>) -> Self {
        Self {
            id: Uuid::new_v4(),
            template_id,
            hash: spec.hash(),
            log: Arc::new(Log::new()),
            spec,
            created_at: Timestamp::now(),
            state: Mutex::default(),
            status: watch::Sender::new(BuildStatus::Pending),
            cancelled: watch::Sender::new(false),
        }
    }

    pub fn status(&self) -> BuildStatus {
        *self.status.borrow()
    }

    /// Asks the build to stop and waits for its end, whichever that is.
    pub async fn cancel(&self) {
        self.cancelled.send_replace(true);
        self.status
            .subscribe()
            .wait_for(|status| status.is_terminal())
            .await
            .ok();
    }

    pub fn view(&self) -> BuildView {
        let state = self.state();
        BuildView {
            id: self.id,
            template_id: self.template_id,
            status: self.status(),
            build_spec_hash: self.hash.clone(),
            error_message: state.error_message.clone(),
            started_at: state.started_at.map(|at| at.to_string()),
            finalized_at: state.finalized_at.map(|at| at.to_string()),
            created_at: self.created_at.to_string(),
        }
    }

    /// The whole build; run as a task of its own.
    pub async fn run(self: Arc<Self>, app: Arc<App>, template: Arc<Template>) {
        let mut cancelled = self.cancelled.subscribe();
        let runner = Runner::new(app.clone(), self.id, template.resources.disk_mib);
        let outcome = tokio::select! {
            biased;
            _ = cancelled.wait_for(|cancelled| *cancelled) => None,
            outcome = self.work(&app, &template, &runner) => Some(outcome),
        };
        runner.clean_up().await;
        drop(runner);
        match outcome {
            Some(Ok(built)) => {
                self.log.finish(BuildStatus::Ready, "build ready");
                sleep(Duration::from_millis(app.options.ready_lag_ms)).await;
                self.succeed(&template, built);
            }
            Some(Err(message)) => {
                self.end(BuildStatus::Failed, &message, &template);
                self.log.finish(BuildStatus::Failed, &message);
            }
            None => {
                self.end(BuildStatus::Cancelled, CANCELLED, &template);
                self.log.finish(BuildStatus::Cancelled, CANCELLED);
            }
        }
    }

    async fn work(&self, app: &App, template: &Template, runner: &Runner) -> Result<Built, String> {
        let _slot = self.wait_for_slot(app).await?;
        self.state().started_at = Some(Timestamp::now());
        self.status.send_replace(BuildStatus::Building);
        template.state().set_status(TemplateStatus::Building);
        let built = runner.build(&self.spec, &self.log).await?;
        self.status.send_replace(BuildStatus::Snapshotting);
        self.log.add(LogStream::System, "snapshotting");
        Ok(built)
    }

    async fn wait_for_slot(&self, app: &App) -> Result<OwnedSemaphorePermit, String> {
        let mut slot = std::pin::pin!(app.templates.slots.clone().acquire_owned());
        loop {
            match timeout(QUEUE_NOTICE, &mut slot).await {
                Ok(slot) => return slot.map_err(|error| format!("build_failed: {error}")),
                Err(_) => self
                    .log
                    .add(LogStream::System, "build queued, waiting for dispatch"),
            }
        }
    }

    fn succeed(&self, template: &Template, built: Built) {
        {
            let mut state = template.state();
            state.status = TemplateStatus::Ready;
            state.size_bytes = Some(built.size_bytes);
            state.error_message = None;
            state.built_at = Some(Timestamp::now());
            state.image = Some(Image {
                layers: vec![Arc::new(built.layer)],
                environment: built.environment,
                start_cmd: self.spec.start_cmd.clone(),
                ready_cmd: self.spec.ready_cmd.clone(),
                screen: store::has_screen(&self.spec.from),
            });
        }
        self.state().finalized_at = Some(Timestamp::now());
        self.status.send_replace(BuildStatus::Ready);
    }

    fn end(&self, status: BuildStatus, message: &str, template: &Template) {
        {
            let mut state = template.state();
            state.set_status(TemplateStatus::Failed);
            if state.image.is_none() {
                state.error_message = Some(message.to_owned());
            }
        }
        {
            let mut state = self.state();
            state.error_message = Some(message.to_owned());
            state.finalized_at = Some(Timestamp::now());
        }
        self.status.send_replace(status);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A build in an answer.
#[derive(Debug, Serialize)]
pub struct BuildView {
    id: Uuid,
    template_id: Uuid,
    status: BuildStatus,
    build_spec_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finalized_at: Option<String>,
    created_at: String,
}
