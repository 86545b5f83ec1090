//! Everything the handlers share.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use crate::data::Crowd;
use crate::desktop;
use crate::options::Options;
use crate::preview::Signer;
use crate::sandbox::lifecycle::{Refusal, Sandbox, watch_over};
use crate::sandbox::machine::Machine;
use crate::sandbox::output;
use crate::sandbox::platform::Platform;
use crate::sandbox::record::{Origin, Record, Status};
use crate::secret::Secrets;
use crate::snapshot::Snapshots;
use crate::template::Image;
use crate::template::store::Templates;

/// How often a new sandbox's ready command is tried, and for how long.
const READY_POLL: Duration = Duration::from_millis(100);
const READY_LIMIT: Duration = Duration::from_secs(30);

/// The server's state; one per process.
#[derive(Debug)]
pub struct App {
    pub options: Options,
    pub api_key: String,
    pub platform: Platform,
    pub templates: Templates,
    pub secrets: Secrets,
    pub snapshots: Snapshots,
    /// The WebSockets that are open.
    pub crowd: Crowd,
    /// Of preview tokens.
    pub signer: Signer,
    sandboxes: RwLock<HashMap<Uuid, Arc<Sandbox>>>,
}

impl App {
    pub fn new(options: Options, api_key: String, platform: Platform) -> Self {
        let templates = Templates::new(&options, &platform.home());
        Self {
            options,
            api_key,
            platform,
            templates,
            secrets: Secrets::default(),
            snapshots: Snapshots::default(),
            crowd: Crowd::default(),
            signer: Signer::new(),
            sandboxes: RwLock::default(),
        }
    }

    /// Starts a sandbox and the clocks that watch it.
    pub async fn create(
        self: &Arc<Self>,
        origin: Origin,
        record: Record,
    ) -> std::io::Result<Arc<Sandbox>> {
        let id = Uuid::new_v4();
        let machine = self.platform.start(id, &origin.image.paths()).await?;
        machine.set_rules(record.network.as_ref());
        bring_up(&machine, &origin.image).await;
        let sandbox = Arc::new(Sandbox::new(id, &self.options, machine, origin, record));
        self.write(|sandboxes| sandboxes.insert(id, sandbox.clone()));
        tokio::spawn({
            let (app, sandbox) = (self.clone(), sandbox.clone());
            async move {
                watch_over(sandbox.clone()).await;
                app.remove(&sandbox).await;
            }
        });
        Ok(sandbox)
    }

    pub fn find(&self, id: Uuid) -> Option<Arc<Sandbox>> {
        self.read(|sandboxes| sandboxes.get(&id).cloned())
    }

    /// The sandbox whose current token this is.
    pub fn find_by_token(&self, token: &str) -> Option<Arc<Sandbox>> {
        self.read(|all| {
            all.values()
                .find(|sandbox| sandbox.record().token == token)
                .cloned()
        })
    }

    /// Every sandbox, newest first.
    pub fn all(&self) -> Vec<Arc<Sandbox>> {
        let mut all: Vec<_> = self.read(|sandboxes| sandboxes.values().cloned().collect());
        all.sort_by(|a, b| b.created_at.cmp(&a.created_at).then(a.id.cmp(&b.id)));
        all
    }

    /// Ends a sandbox and all that runs in it.
    pub async fn delete(&self, sandbox: &Sandbox) -> Result<(), Refusal> {
        sandbox.bury()?;
        self.remove(sandbox).await;
        Ok(())
    }

    async fn remove(&self, sandbox: &Sandbox) {
        self.write(|sandboxes| sandboxes.remove(&sandbox.id));
        sandbox.machine.kill().await;
    }

    /// Ends every build and every sandbox.
    pub async fn shut_down(&self) {
        join_all(
            self.templates
                .running_builds()
                .iter()
                .map(|build| build.cancel()),
        )
        .await;
        let all = self.all();
        join_all(all.iter().map(async |sandbox| {
            sandbox.bury_at_once();
            self.remove(sandbox).await;
        }))
        .await;
    }

    /// Wakes a paused sandbox; an active one is left as it is.
    pub async fn activate(&self, sandbox: &Sandbox) -> Result<(), Refusal> {
        if sandbox.status() != Status::Active {
            sandbox.resume().await?;
        }
        sandbox.change(|record| record.stale_route = false);
        Ok(())
    }

    /// Wakes a paused sandbox; returns its token. Its route may be stale then.
    pub async fn resume(&self, sandbox: &Sandbox) -> Result<String, Refusal> {
        let token = sandbox.resume().await?;
        let stale = self.options.stale_routes.is_some();
        sandbox.change(|record| record.stale_route = stale);
        Ok(token)
    }

    fn read<T>(&self, use_it: impl FnOnce(&HashMap<Uuid, Arc<Sandbox>>) -> T) -> T {
        use_it(
            &self
                .sandboxes
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    fn write<T>(&self, use_it: impl FnOnce(&mut HashMap<Uuid, Arc<Sandbox>>) -> T) -> T {
        use_it(
            &mut self
                .sandboxes
                .write()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

/// Starts what a template keeps running, and waits until it says that it is ready.
///
/// The service's sandboxes wake from a snapshot in which it runs already.
async fn bring_up(machine: &Machine, image: &Image) {
    if image.screen && timeout(READY_LIMIT, desktop::start(machine)).await.is_err() {
        tracing::warn!("the screen of a new sandbox has not come up");
    }
    if let Some(command) = &image.start_cmd {
        match output::start(machine, image.environment.shell(command), None).await {
            // Nobody listens, and the command goes on.
            Ok(events) => drop(events),
            Err(error) => tracing::warn!(%error, "start_cmd"),
        }
    }
    let Some(command) = &image.ready_cmd else {
        return;
    };
    let deadline = Instant::now() + READY_LIMIT;
    while Instant::now() < deadline {
        let command = image.environment.shell(command);
        let Ok(events) = output::start(machine, command, None).await else {
            return;
        };
        if output::end_of(events).await.exit_code == 0 {
            return;
        }
        sleep(READY_POLL).await;
    }
    tracing::warn!("ready_cmd has not succeeded in a new sandbox");
}
