//! `/secrets`, `/providers`, and the secrets of a sandbox.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body;
use super::error::{ApiError, ApiResult};
use super::query::Query;
use super::sandboxes::find as find_sandbox;
use super::validate;
use crate::sandbox::record::Status;
use crate::secret::providers::{self, Provider};
use crate::secret::{Binding, CreateSecret, Refused, Secret, SecretView, check_value};
use crate::state::App;

const AUDIT_FILTERS: [&str; 5] = ["2xx", "3xx", "4xx", "5xx", "errors"];

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Invalid(message) => Self::invalid(message),
            Refused::NameTaken => Self::conflict("a secret of this name exists"),
        }
    }
}

pub async fn providers() -> Json<Vec<Provider>> {
    Json(providers::all())
}

pub async fn create(
    State(app): State<Arc<App>>,
    body: Body,
) -> ApiResult<(StatusCode, Json<SecretView>)> {
    let create: CreateSecret = body::json(body).await?;
    Ok((
        StatusCode::CREATED,
        Json(app.secrets.create(create)?.view()),
    ))
}

pub async fn list(State(app): State<Arc<App>>) -> Json<Vec<SecretView>> {
    Json(app.secrets.all().iter().map(Secret::view).collect())
}

pub async fn get(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> ApiResult<Json<SecretView>> {
    Ok(Json(find(&app, &name)?.view()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotate {
    value: String,
}

pub async fn rotate(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    body: Body,
) -> ApiResult<Json<SecretView>> {
    find(&app, &name)?;
    let rotate: Rotate = body::json(body).await?;
    check_value(&rotate.value).map_err(ApiError::invalid)?;
    let secret = app.secrets.touch(&name).ok_or_else(|| missing(&name))?;
    Ok(Json(secret.view()))
}

pub async fn delete(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> ApiResult<StatusCode> {
    let secret = app.secrets.delete(&name).ok_or_else(|| missing(&name))?;
    for sandbox in app.all() {
        for binding in sandbox.record().secrets.values_mut() {
            binding.revoked |= binding.secret_id == secret.id;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Always empty: nothing on this server puts a secret into a request.
pub async fn audit(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    query: Query,
) -> ApiResult<Json<Vec<Value>>> {
    find(&app, &name)?;
    query.limit()?;
    query.number("before", 1..=usize::MAX)?;
    let status = query.text("status")?;
    if status.is_some_and(|status| !AUDIT_FILTERS.contains(&status)) {
        return Err(ApiError::invalid(format!(
            "status must be one of {}",
            AUDIT_FILTERS.join(", ")
        )));
    }
    Ok(Json(Vec::new()))
}

pub async fn sandboxes(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> ApiResult<Json<Vec<Value>>> {
    let secret = find(&app, &name)?;
    let mut bindings = Vec::new();
    for sandbox in app.all() {
        let record = sandbox.record();
        for (env_key, _) in record
            .secrets
            .iter()
            .filter(|(_, it)| it.secret_id == secret.id)
        {
            bindings.push(json!({
                "sandbox_id": sandbox.shown_id,
                "sandbox_name": record.name,
                "env_key": env_key,
                "status": record.status,
            }));
        }
    }
    Ok(Json(bindings))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Attach {
    env_key: String,
    secret_name: String,
}

pub async fn attach(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    body: Body,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let sandbox = find_sandbox(&app, &id)?;
    let attach: Attach = body::json(body).await?;
    validate::env_key(&attach.env_key)?;
    let binding = Binding::new(&find(&app, &attach.secret_name)?);
    let mut record = sandbox.record();
    if record.status == Status::Deleted {
        return Err(ApiError::not_found("sandbox not found"));
    }
    if record.secrets.contains_key(&attach.env_key) {
        return Err(ApiError::conflict(format!(
            "{} is bound already",
            attach.env_key
        )));
    }
    record.secrets.insert(attach.env_key.clone(), binding);
    let answer = json!({ "env_key": attach.env_key, "secret_name": attach.secret_name });
    Ok((StatusCode::CREATED, Json(answer)))
}

pub async fn detach(
    State(app): State<Arc<App>>,
    Path((id, env_key)): Path<(String, String)>,
) -> ApiResult<StatusCode> {
    let removed = find_sandbox(&app, &id)?.record().secrets.remove(&env_key);
    removed.ok_or_else(|| ApiError::not_found(format!("no secret is bound to {env_key}")))?;
    Ok(StatusCode::NO_CONTENT)
}

/// The bindings of a sandbox that is created with them.
pub fn bindings(
    app: &App,
    wanted: &std::collections::BTreeMap<String, String>,
) -> ApiResult<std::collections::BTreeMap<String, Binding>> {
    let bind = |(env_key, name): (&String, &String)| {
        validate::env_key(env_key)?;
        Ok((env_key.clone(), Binding::new(&find(app, name)?)))
    };
    wanted.iter().map(bind).collect()
}

fn missing(name: &str) -> ApiError {
    ApiError::not_found(format!("secret not found: {name}"))
}

fn find(app: &App, name: &str) -> ApiResult<Secret> {
    app.secrets.find(name).ok_or_else(|| missing(name))
}
