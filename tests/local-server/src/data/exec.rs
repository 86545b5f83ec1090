//! `POST /exec`: a command, its whole output and its exit code.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use tokio::sync::mpsc;

use super::address::Target;
use super::error::{Plain, PlainResult};
use super::kept::{self, Kept};
use crate::sandbox::lifecycle::Sandbox;
use crate::sandbox::output::{self, Event, Limit, Source};
use crate::state::App;
use crate::wire::CommandSpec;

/// What a command gets that asks for no other timeout.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

const MAX_BODY: usize = 4 << 20;

/// The kernel's limit on one argument, less its closing NUL.
const MAX_COMMAND: usize = (128 << 10) - 1;

/// A command as the API takes it.
#[derive(Debug, Deserialize)]
pub struct Exec {
    command: String,
    /// With these, `command` is a program and no shell sees either.
    #[serde(default)]
    args: Option<Vec<String>>,
    #[serde(default)]
    working_dir: Option<String>,
    #[serde(default)]
    env: Option<BTreeMap<String, String>>,
    #[serde(default)]
    timeout_s: Option<u64>,
}

pub async fn run(
    State(app): State<Arc<App>>,
    Target(sandbox): Target,
    body: Body,
) -> PlainResult<Response> {
    let limit = app.options.max_output_bytes;
    let kept = || Kept::new(limit, sandbox.output_room.clone());
    let (mut stdout, mut stderr) = (kept(), kept());
    let mut events = Exec::read(body).await?.start(sandbox).await?;
    let mut exit_code = output::TIMED_OUT;
    while let Some(event) = events.recv().await {
        match event {
            Event::Output(Source::Stdout, bytes) => stdout.add(&bytes),
            Event::Output(Source::Stderr, bytes) => stderr.add(&bytes),
            Event::Finished(end) => {
                exit_code = end.exit_code;
                if let Some(failure) = end.failure {
                    stderr.note(&failure.message);
                }
            }
        }
    }
    Ok(kept::answer(stdout, stderr, exit_code))
}

impl Exec {
    /// Reads and checks a request.
    pub async fn read(body: Body) -> PlainResult<Self> {
        let bytes = to_bytes(body, MAX_BODY)
            .await
            .map_err(|_| Plain::invalid("body is unreadable or too long"))?;
        Self::parse(&bytes)
    }

    /// Checks a request.
    pub fn parse(json: &[u8]) -> PlainResult<Self> {
        let exec: Self = serde_json::from_slice(json)
            .map_err(|error| Plain::invalid(format!("invalid request: {error}")))?;
        if exec.command.is_empty() {
            return Err(Plain::invalid("command must not be empty"));
        }
        for (what, text) in exec.words() {
            if text.len() > MAX_COMMAND {
                return Err(Plain::invalid(format!(
                    "{what} must have at most {MAX_COMMAND} bytes"
                )));
            }
            if text.contains('\0') {
                return Err(Plain::invalid(format!("{what} must not have a NUL byte")));
            }
        }
        if exec.timeout_s == Some(0) {
            return Err(Plain::invalid("timeout_s must be at least 1"));
        }
        let env = exec.env.iter().flatten();
        for (key, value) in env {
            if key.is_empty() || key.contains(['=', '\0']) || value.contains('\0') {
                return Err(Plain::invalid(format!("env: {key:?} cannot be set")));
            }
        }
        Ok(exec)
    }

    fn words(&self) -> impl Iterator<Item = (&str, &String)> {
        let arguments = self.args.iter().flatten().map(|text| ("args", text));
        std::iter::once(("command", &self.command)).chain(arguments)
    }

    pub fn timeout(&self) -> Option<Duration> {
        self.timeout_s.map(Duration::from_secs)
    }

    /// Starts the command without input and follows it.
    pub async fn start(self, sandbox: Arc<Sandbox>) -> PlainResult<mpsc::Receiver<Event>> {
        let timeout = self.timeout().unwrap_or(DEFAULT_TIMEOUT);
        let command = self.spec(&sandbox);
        let limit = Limit {
            sandbox: sandbox.clone(),
            timeout,
        };
        Ok(output::start(&sandbox.machine, command, Some(limit)).await?)
    }

    /// The program, or the command under `/bin/sh -c`, with the sandbox's variables under the
    /// request's own.
    pub fn spec(self, sandbox: &Sandbox) -> CommandSpec {
        let argv = match self.args {
            Some(args) => std::iter::once(self.command).chain(args).collect(),
            None => vec!["/bin/sh".to_owned(), "-c".to_owned(), self.command],
        };
        let variables = sandbox.variables(self.env.unwrap_or_default());
        let cwd = self.working_dir.unwrap_or_default();
        sandbox
            .origin
            .image
            .environment
            .command(argv, &cwd, variables)
    }
}
