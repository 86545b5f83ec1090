//! The control plane: JSON over `X-API-Key`, errors in an envelope.

mod body;
mod directory;
mod error;
mod network;
mod page;
mod previews;
mod query;
mod sandboxes;
mod secrets;
mod snapshots;
mod templates;
mod validate;

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::ORIGIN;
use axum::http::{HeaderValue, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};

use serde_json::json;

use crate::names::allows_origin;
use crate::state::App;
use error::ApiError;

/// The control plane's routes; everything it does not know is its 404.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/sandboxes", get(sandboxes::list).post(sandboxes::create))
        .route(
            "/sandboxes/{id}",
            get(sandboxes::get)
                .patch(sandboxes::update)
                .delete(sandboxes::delete),
        )
        .route("/sandboxes/{id}/activate", post(sandboxes::activate))
        .route("/sandboxes/{id}/pause", post(sandboxes::pause))
        .route("/sandboxes/{id}/resume", post(sandboxes::resume))
        .route("/sandboxes/{id}/files", get(directory::list))
        .route("/sandboxes/{id}/network", get(network::log))
        .route("/sandboxes/{id}/snapshot", post(snapshots::take))
        .route("/sandboxes/{id}/snapshots", get(snapshots::of_sandbox))
        .route(
            "/snapshots/{id}",
            get(snapshots::get)
                .patch(snapshots::rename)
                .delete(snapshots::delete),
        )
        .route("/sandboxes/{id}/secrets", post(secrets::attach))
        .route("/sandboxes/{id}/secrets/{env_key}", delete(secrets::detach))
        .route(
            "/sandboxes/{id}/preview-ports",
            get(previews::list).post(previews::publish),
        )
        .route(
            "/sandboxes/{id}/preview-ports/{port}",
            delete(previews::unpublish),
        )
        .route(
            "/sandboxes/{id}/preview-ports/{port}/token",
            post(previews::token),
        )
        .route(
            "/sandboxes/{id}/preview-ports/{port}/token/rotate",
            post(previews::rotate),
        )
        .route("/secrets", get(secrets::list).post(secrets::create))
        .route(
            "/secrets/{name}",
            get(secrets::get)
                .patch(secrets::rotate)
                .delete(secrets::delete),
        )
        .route("/secrets/{name}/audit", get(secrets::audit))
        .route("/secrets/{name}/sandboxes", get(secrets::sandboxes))
        .route("/providers", get(secrets::providers))
        .route("/templates", get(templates::list).post(templates::create))
        .route(
            "/templates/{id}",
            get(templates::get).delete(templates::delete),
        )
        .route(
            "/templates/{id}/builds",
            get(templates::builds).post(templates::rebuild),
        )
        .route(
            "/templates/{id}/builds/{build}",
            get(templates::build).delete(templates::cancel),
        )
        .route("/templates/{id}/builds/{build}/logs", get(templates::logs))
        .fallback(async || ApiError::not_found("no such route"))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(from_fn_with_state(app.clone(), check_key))
        // What asks for this has no key.
        .route("/health", get(async || Json(json!({ "status": "ok" }))))
        .with_state(app)
}

/// What a machine credential is good for.
const MACHINE_ROUTES: [(&str, &[Method]); 5] = [
    ("/sandboxes", &[Method::GET, Method::POST]),
    (
        "/sandboxes/{id}",
        &[Method::GET, Method::PATCH, Method::DELETE],
    ),
    ("/sandboxes/{id}/activate", &[Method::POST]),
    ("/sandboxes/{id}/pause", &[Method::POST]),
    ("/sandboxes/{id}/resume", &[Method::POST]),
];

/// Whether a request has the machine credential, and is one that may have it.
fn is_machine(app: &App, request: &Request) -> bool {
    let given = request.headers().get("x-qm-machine-credential");
    let credential = app.options.machine_credential.as_deref();
    let path = request.extensions().get::<MatchedPath>();
    let path = path.map(MatchedPath::as_str);
    given.map(HeaderValue::as_bytes) == credential.map(str::as_bytes)
        && credential.is_some()
        && MACHINE_ROUTES
            .iter()
            .any(|(route, methods)| Some(*route) == path && methods.contains(request.method()))
}

/// The answer to a request by a name that is not this machine's.
pub fn unknown_host() -> Response {
    ApiError::forbidden("not a host name of this server; see --allowed-host").into_response()
}

async fn check_key(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(ORIGIN);
    if origin.is_some_and(|origin| !allows_origin(&app.options.cors_origins, origin)) {
        return ApiError::forbidden("pages of this origin may not call").into_response();
    }
    match request.headers().get("x-api-key") {
        Some(key) if key.as_bytes() == app.api_key.as_bytes() => next.run(request).await,
        Some(_) => ApiError::unauthorized("invalid API key").into_response(),
        None if is_machine(&app, &request) => next.run(request).await,
        None => ApiError::unauthorized("missing X-API-Key header").into_response(),
    }
}
