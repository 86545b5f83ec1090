//! The life of a sandbox: active, paused, resumed, gone; and the clocks that move it by themselves.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep, sleep_until};
use uuid::Uuid;

use super::files::Work;
use super::machine::Machine;
use super::record::{BindingView, Origin, Record, Status, Strings, View};
use crate::files::{Fault, Task};
use crate::id;
use crate::options::Options;

/// Input that waits for commands. Up to here a signal overtakes it.
const MAX_WAITING_INPUT: usize = 256 << 20;

/// Output that is kept for answers that wait for their command's end, or for their client.
const MAX_KEPT_OUTPUT: usize = 256 << 20;

/// Why a change of state was refused.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("sandbox not found")]
    Gone,
    #[error("sandbox is {}, not {}", .0.as_str(), .1.as_str())]
    Not(Status, Status),
    /// This passes by itself.
    #[error("sandbox is {}; try again soon", .0.as_str())]
    InTransition(Status),
    #[error("a snapshot of the sandbox is being taken")]
    Capturing,
    #[error("{0}")]
    Failed(#[from] std::io::Error),
}

/// How long transitions take beyond what they need.
#[derive(Debug, Clone, Copy)]
pub struct Delays {
    pub pause: Duration,
    /// After every pause; zero for none.
    pub migration: Duration,
    pub resume: Duration,
}

/// One sandbox.
#[derive(Debug)]
pub struct Sandbox {
    pub id: Uuid,
    /// The id as clients see it.
    pub shown_id: String,
    pub created_at: Timestamp,
    pub origin: Origin,
    pub machine: Machine,
    /// In bytes: input of its sessions that waits, and output of its commands that is kept.
    pub input_room: Arc<Semaphore>,
    pub output_room: Arc<Semaphore>,
    /// Held while something is done with the screen.
    pub screen: tokio::sync::Mutex<()>,
    delays: Delays,
    record: Mutex<Record>,
    /// Woken at every change of status or of a clock.
    changed: watch::Sender<()>,
}

impl Sandbox {
    pub fn new(
        id: Uuid,
        options: &Options,
        machine: Machine,
        origin: Origin,
        record: Record,
    ) -> Self {
        let (changed, _) = watch::channel(());
        let created_at = Timestamp::now();
        Self {
            id,
            shown_id: id::show(id, options.region.as_deref()),
            screen: tokio::sync::Mutex::default(),
            delays: options.delays(),
            created_at,
            origin,
            machine,
            input_room: Arc::new(Semaphore::new(MAX_WAITING_INPUT)),
            output_room: Arc::new(Semaphore::new(MAX_KEPT_OUTPUT)),
            record: Mutex::new(record),
            changed,
        }
    }

    pub fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn status(&self) -> Status {
        self.record().status
    }

    /// Changes the record and wakes the clocks.
    pub fn change<T>(&self, change: impl FnOnce(&mut Record) -> T) -> T {
        let outcome = change(&mut self.record());
        self.changed.send_replace(());
        outcome
    }

    /// The sandbox's variables, with a command's own over them.
    pub fn variables(&self, own: Strings) -> Strings {
        let record = self.record();
        let mut variables = record.env_vars.clone();
        let stand_ins = record
            .secrets
            .iter()
            .map(|(key, it)| (key.clone(), it.stand_in.clone()));
        variables.extend(stand_ins);
        variables.extend(own);
        variables
    }

    /// Starts file work as the user of its commands.
    pub async fn work(&self, task: Task) -> Result<Work, Fault> {
        let user = self.origin.image.environment.user.as_deref();
        self.machine.files.start(user, task).await
    }

    /// Stops every process.
    pub async fn pause(&self) -> Result<(), Refusal> {
        self.begin_pause()?;
        self.finish_pause().await
    }

    /// Makes an active sandbox `pausing`; [`Self::finish_pause`] is to follow.
    pub fn begin_pause(&self) -> Result<(), Refusal> {
        self.step(Status::Active, Status::Pausing)?;
        self.change(|record| {
            record.active_before = record.active_time();
            record.active_since = None;
        });
        Ok(())
    }

    pub async fn finish_pause(&self) -> Result<(), Refusal> {
        if let Err(error) = self.machine.freeze(true).await {
            self.machine.freeze(false).await.ok();
            self.settle(Status::Pausing, Status::Active)?;
            return Err(error.into());
        }
        sleep(self.delays.pause).await;
        if self.delays.migration.is_zero() {
            return self.settle(Status::Pausing, Status::Paused);
        }
        self.step(Status::Pausing, Status::Migrating)?;
        sleep(self.delays.migration).await;
        self.settle(Status::Migrating, Status::Paused)
    }

    /// Lets every process go on, under a new token; returns it.
    pub async fn resume(&self) -> Result<String, Refusal> {
        self.step(Status::Paused, Status::Resuming)?;
        sleep(self.delays.resume).await;
        if let Err(error) = self.machine.freeze(false).await {
            self.settle(Status::Resuming, Status::Paused)?;
            return Err(error.into());
        }
        let token = new_token();
        self.change(|record| {
            record.token.clone_from(&token);
            record.generation += 1;
        });
        self.settle(Status::Resuming, Status::Active)?;
        Ok(token)
    }

    /// Marks the sandbox deleted, if nothing is under way that must end first.
    pub fn bury(&self) -> Result<(), Refusal> {
        self.change(|record| {
            match record.status {
                Status::Deleted => return Err(Refusal::Gone),
                status if status.is_transition() => return Err(Refusal::InTransition(status)),
                _ if record.capturing => return Err(Refusal::Capturing),
                _ => {}
            }
            record.status = Status::Deleted;
            record.active_since = None;
            Ok(())
        })
    }

    /// Marks the sandbox deleted, whatever is under way.
    pub fn bury_at_once(&self) {
        self.change(|record| record.status = Status::Deleted);
    }

    /// Keeps the sandbox as it is, its processes stopped, until [`Self::end_capture`].
    pub async fn begin_capture(&self) -> Result<(), Refusal> {
        let running = self.change(|record| match record.status {
            Status::Deleted => Err(Refusal::Gone),
            _ if record.capturing => Err(Refusal::Capturing),
            status @ (Status::Active | Status::Paused) => {
                record.capturing = true;
                Ok(status == Status::Active)
            }
            status => Err(Refusal::Not(status, Status::Active)),
        })?;
        if running && let Err(error) = self.machine.freeze(true).await {
            self.end_capture().await;
            return Err(error.into());
        }
        Ok(())
    }

    pub async fn end_capture(&self) {
        // Nothing has moved it meanwhile, but its end.
        if self.status() == Status::Active
            && let Err(error) = self.machine.freeze(false).await
        {
            tracing::error!(%error, id = %self.id, "the sandbox does not go on after a snapshot");
        }
        self.change(|record| record.capturing = false);
    }

    /// Notes that init ended by itself.
    fn fail(&self) {
        self.change(|record| {
            if record.status != Status::Deleted {
                tracing::error!(id = %self.id, "the sandbox's init is gone");
                record.status = Status::Failed;
                record.active_since = None;
                record.delete_at = None;
            }
        });
    }

    fn step(&self, from: Status, to: Status) -> Result<(), Refusal> {
        self.change(|record| match record.status {
            Status::Deleted => Err(Refusal::Gone),
            _ if record.capturing => Err(Refusal::Capturing),
            status if status == from => {
                record.status = to;
                Ok(())
            }
            status => Err(Refusal::Not(status, from)),
        })
    }

    fn settle(&self, from: Status, to: Status) -> Result<(), Refusal> {
        self.step(from, to)?;
        self.change(|record| {
            if to == Status::Active {
                record.active_since = Some(Instant::now());
            }
            record.arm_auto_delete();
        });
        Ok(())
    }

    /// Sleeps for that much active time: a paused sandbox's commands have theirs stopped too.
    pub async fn sleep_active(&self, duration: Duration) {
        let mut changed = self.changed.subscribe();
        let start = self.record().active_time();
        loop {
            let (spent, running) = {
                let record = self.record();
                (
                    record.active_time().saturating_sub(start),
                    record.active_since.is_some(),
                )
            };
            let Some(left) = duration.checked_sub(spent).filter(|left| !left.is_zero()) else {
                return;
            };
            if running {
                tokio::select! {
                    () = sleep(left) => {}
                    _ = changed.changed() => {}
                }
            } else if changed.changed().await.is_err() {
                return;
            }
        }
    }

    pub fn view(&self, with_token: bool) -> View {
        let record = self.record();
        View {
            id: self.shown_id.clone(),
            name: record.name.clone(),
            status: record.status,
            vcpu_count: self.origin.resources.vcpu,
            memory_mib: self.origin.resources.memory_mib,
            created_at: self.created_at.to_string(),
            timeout_seconds: record.timeout_seconds,
            auto_delete_seconds: record.auto_delete_seconds,
            auto_delete_at: record.delete_at.map(|(_, at)| at.to_string()),
            network: record.network.clone(),
            metadata: record.metadata.clone(),
            preview_access: record.preview_access,
            source_snapshot_id: self.origin.snapshot.map(|id| id.to_string()),
            secrets: record
                .secrets
                .iter()
                .map(|(env_key, binding)| BindingView {
                    env_key: env_key.clone(),
                    secret_name: binding.secret_name.clone(),
                    revoked: binding.revoked,
                })
                .collect(),
            access_token: with_token.then(|| record.token.clone()),
            routing_hint: None,
        }
    }
}

/// What a clock has to do next.
enum Due {
    Pause,
    Delete,
}

/// Pauses and deletes the sandbox when its time has come; returns when it is deleted.
pub async fn watch_over(sandbox: Arc<Sandbox>) {
    let mut changed = sandbox.changed.subscribe();
    loop {
        let due = {
            let record = sandbox.record();
            match (
                record.status,
                record.active_since,
                record.timeout_seconds,
                record.delete_at,
            ) {
                (Status::Deleted, ..) => return,
                (Status::Active, Some(since), Some(seconds), _) => {
                    Some((since + Duration::from_secs(seconds), Due::Pause))
                }
                (Status::Paused, _, _, Some((at, _))) => Some((at, Due::Delete)),
                _ => None,
            }
        };
        let time_comes = async {
            match due {
                Some((at, due)) => {
                    sleep_until(at).await;
                    due
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            due = time_comes => match due {
                Due::Delete => {
                    if let Err(error) = sandbox.bury() {
                        tracing::debug!(%error, id = %sandbox.id, "auto-delete waits");
                        sleep(Duration::from_millis(100)).await;
                    }
                }
                Due::Pause => {
                    if let Err(error) = sandbox.pause().await {
                        tracing::warn!(%error, id = %sandbox.id, "auto-pause failed");
                        sleep(Duration::from_secs(1)).await;
                    }
                }
            },
            _ = changed.changed() => {}
            () = sandbox.machine.link.closed(), if sandbox.status() != Status::Failed => {
                sandbox.fail();
            }
        }
    }
}

/// An access token for the data plane.
pub fn new_token() -> String {
    format!("sat_{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}
