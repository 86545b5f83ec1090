//! The data plane: one sandbox's commands and files, over `X-Access-Token`; errors in plain text.

mod address;
mod cors;
mod drain;
mod error;
mod exec;
mod files;
mod input;
mod kept;
mod read;
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
use error::Plain;

pub use address::sandbox_of_host;

/// The data plane's routes.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/exec", post(exec::run))
        .route("/exec/stream", post(stream::run))
        .route("/exec/connect", get(session::connect))
        .route("/terminal", get(terminal::connect))
        .route("/files", get(files::read).post(files::write))
        .method_not_allowed_fallback(async || Plain::method_not_allowed())
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn(drain::to_the_end))
        .layer(from_fn_with_state(app.clone(), cors::answer))
        .with_state(app)
}

/// Whether a path is one of the data plane's.
pub fn has_path(path: &str) -> bool {
    [
        "/exec",
        "/exec/stream",
        "/exec/connect",
        "/terminal",
        "/files",
    ]
    .contains(&path)
}

/// The answer to a path that only a sandbox's own host could have.
pub async fn not_found() -> Plain {
    Plain::not_found("no such route")
}
