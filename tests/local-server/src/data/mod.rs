//! The data plane: one sandbox's commands and files, over `X-Access-Token`; errors in plain text, those
//! of files and those with a code in JSON.

mod address;
mod cors;
mod crowd;
mod desktop;
mod drain;
mod error;
mod exec;
mod files;
mod input;
mod kept;
mod list;
mod read;
mod route;
mod session;
mod socket;
mod stream;
mod terminal;
mod write;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};

use crate::state::App;
pub use address::sandbox_of_host;
pub use crowd::Crowd;
pub use error::Plain;
pub use list::directory as list_directory;
pub use route::hint as routing_hint;

/// The data plane's routes.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/exec", post(exec::run))
        .route("/exec/stream", post(stream::run))
        .route("/exec/connect", get(session::connect))
        .route("/terminal", get(terminal::connect))
        .route(
            "/superserve.boxd.v1.DesktopService/{method}",
            post(desktop::call),
        )
        .route("/files", get(files::read).post(files::write))
        .method_not_allowed_fallback(async || Plain::method_not_allowed())
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn(drain::to_the_end))
        .layer(from_fn_with_state(app.clone(), cors::answer))
        .with_state(app)
}

/// Whether a path is one of the data plane's.
pub fn has_path(path: &str) -> bool {
    let exact = [
        "/exec",
        "/exec/stream",
        "/exec/connect",
        "/terminal",
        "/files",
    ];
    exact.contains(&path) || path.starts_with(desktop::PREFIX)
}

/// The answer to a path that only a sandbox's own host could have.
pub async fn not_found() -> Plain {
    Plain::not_found("no such route")
}
