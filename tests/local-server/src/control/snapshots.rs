//! `/sandboxes/{id}/snapshot` and `/snapshots`.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;

use super::body;
use super::error::{ApiError, ApiResult};
use super::page::{Page, page};
use super::query::Query;
use super::sandboxes::{find as find_sandbox, uncancelled};
use super::validate;
use crate::id;
use crate::sandbox::root::Isolation;
use crate::snapshot::{KIND, Refused, Snapshot, Status, View};
use crate::state::App;

const MAX_KEY_BYTES: usize = 255;

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::TooMany => Self::too_many("too_many_snapshots", "too many snapshots"),
            Refused::TooManyInFlight => Self::too_many(
                "too_many_snapshots_in_flight",
                "too many snapshots are being taken",
            ),
            Refused::InProgress => Self::snapshot_in_progress(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Take {
    kind: String,
    idempotency_key: String,
    name: Option<String>,
}

impl Take {
    fn check(&self) -> ApiResult<()> {
        if self.kind != KIND {
            return Err(ApiError::invalid(format!("kind must be {KIND}")));
        }
        if !(1..=MAX_KEY_BYTES).contains(&self.idempotency_key.len()) {
            return Err(ApiError::invalid(format!(
                "idempotency_key must have 1 to {MAX_KEY_BYTES} bytes"
            )));
        }
        self.name.as_deref().map_or(Ok(()), validate::name)
    }
}

pub async fn take(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    body: Body,
) -> ApiResult<(StatusCode, Json<View>)> {
    let sandbox = find_sandbox(&app, &id)?;
    let take: Take = body::json(body).await?;
    take.check()?;
    if app.platform.view.isolation == Isolation::None {
        return Err(ApiError::not_implemented(
            "snapshots need isolation, and this server has none",
        ));
    }
    let (key, name) = (take.idempotency_key, take.name);
    let (snapshot, new) = app.snapshots.begin(&sandbox, key, name, &app.options)?;
    if !new {
        return Ok((StatusCode::OK, Json(snapshot.view())));
    }
    let at_once = app.options.snapshot_delay_ms == 0;
    let taken = snapshot.clone();
    uncancelled(async move {
        if let Err(refusal) = sandbox.begin_capture().await {
            app.snapshots.forget(&taken);
            return Err(refusal);
        }
        let taking = tokio::spawn(async move { taken.take(&app, sandbox).await });
        if at_once {
            taking.await.ok();
        }
        Ok(())
    })
    .await??;
    let view = snapshot.view();
    match snapshot.status() {
        Status::Failed => Err(ApiError::internal("the snapshot failed")),
        Status::Creating => Ok((StatusCode::ACCEPTED, Json(view))),
        Status::Ready | Status::Deleting => Ok((StatusCode::CREATED, Json(view))),
    }
}

/// Also those of a sandbox that is gone.
pub async fn of_sandbox(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    query: Query,
) -> ApiResult<Page<View>> {
    let snapshots = id::parse(&id).map(|id| app.snapshots.of(id));
    let snapshots = snapshots.unwrap_or_default();
    if snapshots.is_empty() {
        find_sandbox(&app, &id)?;
    }
    page(
        snapshots.iter().map(|one| one.view()).collect(),
        &query,
        usize::MAX,
    )
}

pub async fn get(State(app): State<Arc<App>>, Path(id): Path<String>) -> ApiResult<Json<View>> {
    Ok(Json(find(&app, &id)?.view()))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rename {
    name: String,
}

pub async fn rename(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    body: Body,
) -> ApiResult<Json<View>> {
    let snapshot = find(&app, &id)?;
    let rename: Rename = body::json(body).await?;
    validate::name(&rename.name)?;
    snapshot.rename(rename.name);
    Ok(Json(snapshot.view()))
}

pub async fn delete(State(app): State<Arc<App>>, Path(id): Path<String>) -> ApiResult<StatusCode> {
    let snapshot = find(&app, &id)?;
    match snapshot.status() {
        Status::Creating => return Err(ApiError::snapshot_in_progress()),
        Status::Deleting => return Ok(StatusCode::ACCEPTED),
        Status::Ready | Status::Failed => {}
    }
    let at_once = app.options.snapshot_delay_ms == 0;
    let deleting = tokio::spawn(async move { snapshot.delete(&app).await });
    if !at_once {
        return Ok(StatusCode::ACCEPTED);
    }
    deleting.await.map_err(ApiError::internal)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The snapshot that a text names.
pub fn find(app: &App, id: &str) -> ApiResult<Arc<Snapshot>> {
    let id = id::parse(id).ok_or_else(|| ApiError::invalid("snapshot id must be a UUID"))?;
    let found = app.snapshots.find(id);
    found.ok_or_else(|| ApiError::not_found("snapshot not found"))
}
