//! A local server that speaks the Superserve HTTP API with real processes.
//!
//! - `options`: the command line
//! - `server`: start, first line, routes by path and host name, signals, clean-up
//! - `connections`: accepts them, and bounds how long a request may take to begin
//! - `names`: which host names and origins are this machine's own
//! - `state`: what all handlers share: sandboxes by id and token, templates, secrets
//! - `control`: the control plane, a file for each resource: validation, envelopes
//! - `data`: the data plane: addressing, CORS, `/exec`, `/files`, sessions and terminals
//! - `desktop`: the screens of sandboxes that have one
//! - `sandbox`: a sandbox's life, and what it is made of: overlay roots, namespaces, freezer, pipes
//! - `descent`: walks through trees, however deep
//! - `files`: file work, done inside a sandbox; `sandbox::files` is the server's end of it
//! - `init`: PID 1 of a sandbox, the same binary re-executed; `wire` is the talk with it
//! - `snapshot`: a sandbox's files as they were, for others to start from
//! - `template`: what sandboxes are made from, and the builds that make it
//! - `preview`: tokens of preview ports and the proxy to them
//! - `id`: ids with and without a region; `sse`: event streams
//! - `network`: whose the machine's connections are; `secret`: secrets and their stand-ins
//!
//! One `POST /exec` goes: `data::exec` (token, body) → `sandbox::machine` → `sandbox::link` over the
//! socket → `init::reactor` → `init::spawn`; output comes back through pipes to `data::output`.

mod accounts;
mod connections;
mod control;
mod data;
mod descent;
mod desktop;
mod files;
mod id;
mod init;
mod names;
mod network;
mod options;
mod preview;
mod sandbox;
mod secret;
mod server;
mod snapshot;
mod sse;
mod state;
mod template;
mod utf8;
mod wire;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

/// The whole program.
pub fn main() -> ExitCode {
    // Before anything starts a thread: init makes namespaces and forks.
    if std::env::args()
        .nth(1)
        .is_some_and(|argument| argument == wire::INIT_SUBCOMMAND)
    {
        return init::main();
    }
    let options = options::Options::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let served = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(server::ServeError::from)
        .and_then(|runtime| runtime.block_on(server::run(options)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("superserve-local: {error}");
            ExitCode::FAILURE
        }
    }
}
