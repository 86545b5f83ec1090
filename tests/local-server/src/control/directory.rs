//! `GET /sandboxes/{id}/files`: what a directory of a sandbox holds.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::error::{ApiError, ApiResult};
use super::query::Query;
use super::sandboxes::{find, uncancelled};
use crate::data;
use crate::state::App;

/// One level; a paused sandbox is woken for it.
pub async fn list(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    query: Query,
) -> ApiResult<Json<Value>> {
    let sandbox = find(&app, &id)?;
    let path = query.text("path")?;
    let path = path.ok_or_else(|| ApiError::invalid("path is missing"))?;
    let target = sandbox.clone();
    uncancelled(async move { app.activate(&target).await }).await??;
    let entries = data::list_directory(&sandbox, path).await?;
    Ok(Json(json!({ "entries": entries })))
}
