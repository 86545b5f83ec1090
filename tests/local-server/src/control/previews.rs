//! `/sandboxes/{id}/preview-ports`.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::body;
use super::error::{ApiError, ApiResult};
use super::sandboxes::find;
use crate::preview::{self, PublishedPort};
use crate::sandbox::record::{PreviewAccess, Record};
use crate::state::App;

/// A week.
const MAX_EXPIRY_SECONDS: u64 = 7 * 24 * 3600;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Publish {
    port: u32,
    access: Option<PreviewAccess>,
}

pub async fn list(State(app): State<Arc<App>>, Path(id): Path<String>) -> ApiResult<Json<Value>> {
    let sandbox = find(&app, &id)?;
    let record = sandbox.record();
    let ports: Vec<PortView> = record
        .ports
        .iter()
        .map(|(port, published)| view(&record, *port, published))
        .collect();
    Ok(Json(
        json!({ "preview_access": access_name(record.preview_access), "ports": ports }),
    ))
}

pub async fn publish(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    body: Body,
) -> ApiResult<(StatusCode, Json<PortView>)> {
    let sandbox = find(&app, &id)?;
    let publish: Publish = body::json(body).await?;
    let port = check_port(publish.port)?;
    let mut record = sandbox.record();
    let known = record.ports.get(&port).copied();
    let published = PublishedPort {
        access: publish.access.or(known.and_then(|known| known.access)),
        token_version: known.map_or(1, |known| known.token_version),
    };
    record.ports.insert(port, published);
    let status = if known.is_some() {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((status, Json(view(&record, port, &published))))
}

pub async fn unpublish(
    State(app): State<Arc<App>>,
    Path((id, port)): Path<(String, String)>,
) -> ApiResult<StatusCode> {
    let sandbox = find(&app, &id)?;
    let port = parse_port(&port)?;
    sandbox
        .record()
        .ports
        .remove(&port)
        .ok_or_else(|| not_published(port))?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenRequest {
    expires_in_seconds: Option<u64>,
}

pub async fn token(
    state: State<Arc<App>>,
    path: Path<(String, String)>,
    body: Body,
) -> ApiResult<Json<TokenView>> {
    issue(state, path, body, false).await
}

/// Voids the port's tokens and gives a new one.
pub async fn rotate(
    state: State<Arc<App>>,
    path: Path<(String, String)>,
    body: Body,
) -> ApiResult<Json<TokenView>> {
    issue(state, path, body, true).await
}

async fn issue(
    State(app): State<Arc<App>>,
    Path((id, port)): Path<(String, String)>,
    body: Body,
    rotate: bool,
) -> ApiResult<Json<TokenView>> {
    let sandbox = find(&app, &id)?;
    let port = parse_port(&port)?;
    let request: TokenRequest = body::json_or_default(body).await?;
    let seconds = request.expires_in_seconds;
    if seconds.is_some_and(|seconds| !(1..=MAX_EXPIRY_SECONDS).contains(&seconds)) {
        return Err(ApiError::invalid(format!(
            "expires_in_seconds must be between 1 and {MAX_EXPIRY_SECONDS}"
        )));
    }
    let expires = seconds.map(|seconds| Timestamp::now() + Duration::from_secs(seconds));
    let mut record = sandbox.record();
    let published = record
        .ports
        .get_mut(&port)
        .ok_or_else(|| not_published(port))?;
    published.token_version += u32::from(rotate);
    let published = *published;
    Ok(Json(TokenView {
        port: view(&record, port, &published),
        token: app
            .signer
            .sign(sandbox.id, port, published.token_version, expires),
        header: preview::HEADER,
        query_param: preview::QUERY_PARAM,
        preview_access: access_name(record.preview_access),
        expires_at: expires.map(|at| at.to_string()),
    }))
}

#[derive(Debug, Serialize)]
pub struct PortView {
    port: u16,
    token_version: u32,
    access: PreviewAccess,
}

#[derive(Debug, Serialize)]
pub struct TokenView {
    #[serde(flatten)]
    port: PortView,
    token: String,
    header: &'static str,
    query_param: &'static str,
    preview_access: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

fn view(record: &Record, port: u16, published: &PublishedPort) -> PortView {
    let access = published.access.or(record.preview_access);
    let access = access.unwrap_or(PreviewAccess::Public);
    PortView {
        port,
        token_version: published.token_version,
        access,
    }
}

fn access_name(access: Option<PreviewAccess>) -> &'static str {
    match access {
        None => "legacy_public",
        Some(PreviewAccess::Public) => "public",
        Some(PreviewAccess::Private) => "private",
    }
}

fn check_port(port: u32) -> ApiResult<u16> {
    preview::is_previewable(port).ok_or_else(|| {
        ApiError::invalid(format!(
            "port must be between {} and 65535 and not {}",
            preview::MIN_PORT,
            preview::RESERVED_PORT,
        ))
    })
}

fn parse_port(port: &str) -> ApiResult<u16> {
    check_port(
        port.parse()
            .map_err(|_| ApiError::invalid("port must be a number"))?,
    )
}

fn not_published(port: u16) -> ApiError {
    ApiError::not_found(format!("port {port} is not published"))
}
