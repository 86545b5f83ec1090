//! `/sandboxes` and what lies below it.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use super::body;
use super::error::{ApiError, ApiResult};
use super::secrets::bindings;
use super::validate;
use crate::preview::Ports;
use crate::sandbox::lifecycle::{Sandbox, new_token};
use crate::sandbox::record::{Network, Origin, PreviewAccess, Record, Status, Strings, View};
use crate::state::App;
use crate::template::store;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Create {
    name: String,
    from_template: Option<String>,
    from_snapshot: Option<String>,
    timeout_seconds: Option<u64>,
    auto_delete_seconds: Option<u64>,
    #[serde(default)]
    metadata: Strings,
    #[serde(default)]
    env_vars: Strings,
    #[serde(default)]
    secrets: Strings,
    network: Option<Network>,
    preview_access: Option<PreviewAccess>,
}

impl Create {
    fn check(&self) -> ApiResult<()> {
        validate::name(&self.name)?;
        self.timeout_seconds
            .map_or(Ok(()), validate::timeout_seconds)?;
        self.auto_delete_seconds
            .map_or(Ok(()), validate::auto_delete_seconds)?;
        validate::metadata(&self.metadata)?;
        validate::env_vars(&self.env_vars)?;
        self.network.as_ref().map_or(Ok(()), validate::network)?;
        if let Some(snapshot) = &self.from_snapshot {
            if self.from_template.is_some() {
                return Err(ApiError::invalid(
                    "from_template and from_snapshot exclude each other",
                ));
            }
            body::uuid(snapshot)
                .ok_or_else(|| ApiError::invalid("from_snapshot must be a UUID"))?;
            return Err(ApiError::not_found("snapshot not found"));
        }
        Ok(())
    }
}

pub async fn create(
    State(app): State<Arc<App>>,
    body: Body,
) -> ApiResult<(StatusCode, Json<View>)> {
    let create: Create = body::json(body).await?;
    create.check()?;
    let wanted = create.from_template.as_deref().unwrap_or(store::DEFAULT);
    let template = app
        .templates
        .find(wanted)
        .ok_or_else(|| ApiError::not_found(format!("template not found: {wanted}")))?;
    let image = template
        .image()
        .ok_or_else(|| ApiError::conflict(format!("template is not ready: {wanted}")))?;
    let origin = Origin {
        template_id: template.id,
        resources: template.resources,
        image,
    };
    if app.all().len() >= app.options.max_sandboxes {
        return Err(ApiError::too_many(
            "too_many_sandboxes",
            "too many sandboxes",
        ));
    }
    let secrets = bindings(&app, &create.secrets)?;
    let record = Record {
        name: create.name,
        status: Status::Active,
        token: new_token(),
        metadata: create.metadata,
        env_vars: create.env_vars,
        network: create.network,
        timeout_seconds: create.timeout_seconds,
        auto_delete_seconds: create.auto_delete_seconds,
        preview_access: create.preview_access,
        ports: Ports::new(),
        secrets,
        active_since: Some(Instant::now()),
        active_before: std::time::Duration::ZERO,
        delete_at: None,
    };
    let sandbox = uncancelled(async move { app.create(origin, record).await }).await??;
    Ok((StatusCode::CREATED, Json(sandbox.view(true))))
}

pub async fn list(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<Vec<View>>> {
    let filter = Filter::parse(query.as_deref().unwrap_or_default())?;
    let views = app.all().into_iter().map(|sandbox| sandbox.view(false));
    let wanted = views.filter(|view| filter.takes(view));
    Ok(Json(
        wanted
            .skip(filter.offset)
            .take(filter.limit.unwrap_or(usize::MAX))
            .collect(),
    ))
}

pub async fn get(State(app): State<Arc<App>>, Path(id): Path<String>) -> ApiResult<Json<View>> {
    Ok(Json(find(&app, &id)?.view(true)))
}

pub async fn activate(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> ApiResult<Json<View>> {
    let sandbox = find(&app, &id)?;
    let target = sandbox.clone();
    uncancelled(async move { app.activate(&target).await }).await??;
    Ok(Json(sandbox.view(true)))
}

pub async fn pause(State(app): State<Arc<App>>, Path(id): Path<String>) -> ApiResult<StatusCode> {
    let sandbox = find(&app, &id)?;
    uncancelled(async move { sandbox.pause().await }).await??;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn resume(State(app): State<Arc<App>>, Path(id): Path<String>) -> ApiResult<Json<Value>> {
    let sandbox = find(&app, &id)?;
    let id = sandbox.id;
    let token = uncancelled(async move { app.resume(&sandbox).await }).await??;
    Ok(Json(
        json!({ "id": id, "status": Status::Active, "access_token": token }),
    ))
}

pub async fn delete(State(app): State<Arc<App>>, Path(id): Path<String>) -> ApiResult<StatusCode> {
    let sandbox = find(&app, &id)?;
    uncancelled(async move { app.delete(&sandbox).await }).await??;
    Ok(StatusCode::NO_CONTENT)
}

/// A field that may be absent, null or a value.
fn nullable<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<u64>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// A field that may be absent, but not null.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Update {
    #[serde(default, deserialize_with = "present")]
    metadata: Option<Strings>,
    #[serde(default, deserialize_with = "present")]
    network: Option<Network>,
    #[serde(default, deserialize_with = "nullable")]
    timeout_seconds: Option<Option<u64>>,
    #[serde(default, deserialize_with = "nullable")]
    auto_delete_seconds: Option<Option<u64>>,
    #[serde(default, deserialize_with = "present")]
    preview_access: Option<PreviewAccess>,
}

impl Update {
    fn check(&self) -> ApiResult<()> {
        let nothing = self.metadata.is_none()
            && self.network.is_none()
            && self.timeout_seconds.is_none()
            && self.auto_delete_seconds.is_none()
            && self.preview_access.is_none();
        if nothing {
            return Err(ApiError::invalid("nothing to update"));
        }
        self.metadata.as_ref().map_or(Ok(()), validate::metadata)?;
        self.network.as_ref().map_or(Ok(()), validate::network)?;
        self.timeout_seconds
            .flatten()
            .map_or(Ok(()), validate::timeout_seconds)?;
        self.auto_delete_seconds
            .flatten()
            .map_or(Ok(()), validate::auto_delete_seconds)
    }

    fn apply(self, record: &mut Record) -> ApiResult<()> {
        if self.network.is_some() && record.status != Status::Active {
            let status = record.status.as_str();
            return Err(ApiError::conflict(format!(
                "network: sandbox is {status}, not active"
            )));
        }
        record.metadata = self
            .metadata
            .unwrap_or_else(|| std::mem::take(&mut record.metadata));
        record.network = self.network.or(record.network.take());
        record.preview_access = self.preview_access.or(record.preview_access);
        if let Some(seconds) = self.timeout_seconds {
            record.timeout_seconds = seconds;
        }
        if let Some(seconds) = self.auto_delete_seconds {
            record.auto_delete_seconds = seconds;
            record.arm_auto_delete();
        }
        Ok(())
    }
}

pub async fn update(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    body: Body,
) -> ApiResult<StatusCode> {
    let sandbox = find(&app, &id)?;
    let update: Update = body::json(body).await?;
    update.check()?;
    sandbox.change(|record| {
        update.apply(record)?;
        sandbox.machine.set_rules(record.network.as_ref());
        Ok::<_, ApiError>(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// The sandbox that a path names.
pub fn find(app: &App, id: &str) -> ApiResult<Arc<Sandbox>> {
    let id: Uuid = body::uuid(id).ok_or_else(|| ApiError::invalid("sandbox id must be a UUID"))?;
    app.find(id)
        .ok_or_else(|| ApiError::not_found("sandbox not found"))
}

/// Carries a change of state to its end even when the client hangs up in its middle.
async fn uncancelled<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> ApiResult<T> {
    tokio::spawn(work).await.map_err(ApiError::internal)
}

/// Which sandboxes a list shows.
#[derive(Debug, Default)]
struct Filter {
    metadata: Vec<(String, String)>,
    status: Option<Status>,
    limit: Option<usize>,
    offset: usize,
}

impl Filter {
    fn parse(query: &str) -> ApiResult<Self> {
        let mut filter = Self::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            let number = || {
                value
                    .parse::<usize>()
                    .map_err(|_| ApiError::invalid(format!("{key} must be a number")))
            };
            match key.as_ref() {
                "limit" | "offset" | "status" if value.is_empty() => {}
                "limit" => match number()? {
                    0 => return Err(ApiError::invalid("limit must be at least 1")),
                    limit => filter.limit = Some(limit),
                },
                "offset" => filter.offset = number()?,
                "status" => {
                    let status = serde_json::from_value(Value::String(value.clone().into_owned()));
                    filter.status = Some(
                        status
                            .map_err(|_| ApiError::invalid(format!("no such status: {value}")))?,
                    );
                }
                other => {
                    if let Some(name) = other.strip_prefix("metadata.") {
                        filter.metadata.push((name.to_owned(), value.into_owned()));
                    }
                }
            }
        }
        Ok(filter)
    }

    fn takes(&self, view: &View) -> bool {
        self.status.is_none_or(|status| status == view.status)
            && self
                .metadata
                .iter()
                .all(|(key, value)| view.metadata.get(key) == Some(value))
    }
}
