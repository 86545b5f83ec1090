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

/// Input that waits for commands. Up to here a signal overtakes it.
const MAX_WAITING_INPUT: usize = 256 << 20;

/// Output that is kept for answers that wait for their command's end, or for their client.
const MAX_KEPT_OUTPUT: usize = 256 << 20;

/// Why a change of state was refused.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("sandbox not found")]
    Gone,
    #[error("sandbox is {0:?}, not {1:?}")]
    Not(Status, Status),
    #[error("{0}")]
    Failed(#[from] std::io::Error),
}

/// One sandbox.
#[derive(Debug)]
pub struct Sandbox {
    pub id: Uuid,
    pub created_at: Timestamp,
    pub origin: Origin,
    pub machine: Machine,
    /// In bytes: input of its sessions that waits, and output of its commands that is kept.
    pub input_room: Arc<Semaphore>,
    pub output_room: Arc<Semaphore>,
    record: Mutex<Record>,
    /// Woken at every change of status or of a clock.
    changed: watch::Sender<()>,
}

impl Sandbox {
    pub fn new(id: Uuid, machine: Machine, origin: Origin, record: Record) -> Self {
        let (changed, _) = watch::channel(());
        let created_at = Timestamp::now();
        Self {
            id,
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
        self.step(Status::Active, Status::Pausing)?;
        self.change(|record| {
            record.active_before = record.active_time();
            record.active_since = None;
        });
        if let Err(error) = self.machine.freeze(true).await {
            self.machine.freeze(false).await.ok();
            self.settle(Status::Pausing, Status::Active)?;
            return Err(error.into());
        }
        self.settle(Status::Pausing, Status::Paused)
    }

    /// Lets every process go on, under a new token; returns it.
    pub async fn resume(&self, delay: Duration) -> Result<String, Refusal> {
        self.step(Status::Paused, Status::Resuming)?;
        sleep(delay).await;
        if let Err(error) = self.machine.freeze(false).await {
            self.settle(Status::Resuming, Status::Paused)?;
            return Err(error.into());
        }
        let token = new_token();
        self.change(|record| record.token.clone_from(&token));
        self.settle(Status::Resuming, Status::Active)?;
        Ok(token)
    }

    /// Marks the sandbox deleted; `false` if it was already.
    pub fn bury(&self) -> bool {
        self.change(|record| {
            let first = record.status != Status::Deleted;
            record.status = Status::Deleted;
            record.active_since = None;
            first
        })
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
            id: self.id,
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
        }
    }
}

/// What a clock has to do next.
enum Due {
    Pause,
    Delete,
}

/// Pauses and deletes the sandbox when its time has come; returns when it is to be deleted, or was.
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
                Due::Delete => return,
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
