//! Starts, announces, serves, and cleans up.

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use uuid::Uuid;

use crate::network::watch;
use crate::options::Options;
use crate::preview::{hosts_file, proxy};
use crate::sandbox::platform::{Platform, Unavailable};
use crate::state::App;
use crate::{connections, control, data, names};

/// Why the server did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Serves until SIGINT or SIGTERM; leaves no process and no file behind.
pub async fn run(options: Options) -> Result<(), ServeError> {
    raise_file_limit();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let address = SocketAddr::new(options.host, options.port);
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| ServeError::Listen(address, error))?;
    let platform = Platform::prepare(&options).await?;
    let api_key = options
        .api_key
        .clone()
        .unwrap_or_else(|| format!("ss_live_{}", Uuid::new_v4().simple()));
    let address = listener.local_addr()?;
    announce(address, &api_key)?;
    let app = Arc::new(App::new(options, api_key, platform));
    tokio::spawn(watch::run(Arc::downgrade(&app), address.port()));
    let hosts_file = hosts_file::keep(Arc::downgrade(&app), address.ip());
    let hosts_file = tokio::spawn(hosts_file);
    let head_limit = Duration::from_secs(app.options.head_timeout_s);
    tokio::select! {
        never = connections::serve(listener, router(app.clone()), head_limit) => match never {},
        _ = interrupt.recv() => tracing::info!("interrupted"),
        _ = terminate.recv() => tracing::info!("terminated"),
    }
    hosts_file.abort();
    app.shut_down().await;
    hosts_file.await.ok();
    Ok(())
}

/// Both planes on one port: their paths do not meet. The previews have host names of their own.
fn router(app: Arc<App>) -> Router {
    data::router(app.clone())
        .merge(control::router(app.clone()))
        .layer(from_fn_with_state(app, keep_hosts_apart))
}

/// A sandbox's own host has no control plane, and a preview's has neither plane.
async fn keep_hosts_apart(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if !names::is_for_this_machine(&app.options, request.headers()) {
        return control::unknown_host();
    }
    if let Some((port, id)) = proxy::target_of_host(request.headers()) {
        return proxy::serve(app, port, id, request).await;
    }
    if data::sandbox_of_host(request.headers()).is_some() && !data::has_path(request.uri().path()) {
        return data::not_found().await.into_response();
    }
    next.run(request).await
}

/// The first line of standard output: what a client needs.
fn announce(address: SocketAddr, api_key: &str) -> io::Result<()> {
    // A wildcard address is no destination everywhere; loopback is among what it stands for.
    let host = match address.ip() {
        ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    let base_url = format!("http://{host}:{}", address.port());
    let mut stdout = io::stdout().lock();
    writeln!(
        stdout,
        "{}",
        json!({ "base_url": base_url, "api_key": api_key })
    )?;
    stdout.flush()
}

/// Hundreds of streams at once have thousands of descriptors.
fn raise_file_limit() {
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard).ok();
    }
}
