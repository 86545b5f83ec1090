//! `/sandboxes` and what lies below it.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use tokio::time::Instant;

use super::body;
use super::error::{ApiError, ApiResult};
use super::page::{Page, arrange, page};
use super::query::Query;
use super::secrets::bindings;
use super::snapshots;
use super::validate;
use crate::preview::Ports;
use crate::sandbox::lifecycle::{Sandbox, new_token};
use crate::sandbox::record::{Network, Origin, PreviewAccess, Record, Status, Strings, View};
use crate::state::App;
use crate::template::store;
use crate::{data, id};

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
        if self.from_snapshot.is_some() && self.from_template.is_some() {
            return Err(ApiError::invalid(
                "from_template and from_snapshot exclude each other",
            ));
        }
        Ok(())
    }

    fn origin(&self, app: &App) -> ApiResult<Origin> {
        if let Some(wanted) = &self.from_snapshot {
            let snapshot = snapshots::find(app, wanted)?;
            return snapshot
                .origin()
                .ok_or_else(|| ApiError::conflict("snapshot is not ready"));
        }
        let wanted = self.from_template.as_deref().unwrap_or(store::DEFAULT);
        let template = app
            .templates
            .find(wanted)
            .ok_or_else(|| ApiError::not_found(format!("template not found: {wanted}")))?;
        let image = template
            .image()
            .ok_or_else(|| ApiError::conflict(format!("template is not ready: {wanted}")))?;
        Ok(Origin {
            template_id: template.id,
            resources: template.resources,
            image,
            snapshot: None,
        })
    }
}

pub async fn create(
    State(app): State<Arc<App>>,
    body: Body,
) -> ApiResult<(StatusCode, Json<View>)> {
    let create: Create = body::json(body).await?;
    create.check()?;
    let origin = create.origin(&app)?;
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
        capturing: false,
        generation: 0,
        stale_route: app.options.stale_routes.is_some(),
        secrets,
        active_since: Some(Instant::now()),
        active_before: std::time::Duration::ZERO,
        delete_at: None,
    };
    let maker = app.clone();
    let sandbox = uncancelled(async move { maker.create(origin, record).await }).await??;
    Ok((StatusCode::CREATED, Json(awake(&app, &sandbox))))
}

pub async fn list(State(app): State<Arc<App>>, query: Query) -> ApiResult<Page<View>> {
    let filter = Filter::parse(&query)?;
    let views = app.all().into_iter().map(|sandbox| sandbox.view(false));
    let mut wanted: Vec<_> = views.filter(|view| filter.takes(view)).collect();
    // They come newest first.
    arrange(&mut wanted, &query, |view| view.name.clone())?;
    page(wanted, &query, usize::MAX)
}

pub async fn get(State(app): State<Arc<App>>, Path(id): Path<String>) -> ApiResult<Json<View>> {
    Ok(Json(find(&app, &id)?.view(true)))
}

pub async fn activate(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> ApiResult<Json<View>> {
    let sandbox = find(&app, &id)?;
    let (waker, target) = (app.clone(), sandbox.clone());
    uncancelled(async move { waker.activate(&target).await }).await??;
    Ok(Json(awake(&app, &sandbox)))
}

/// With `Prefer: respond-async` the answer comes before the pause is done.
pub async fn pause(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let sandbox = find(&app, &id)?;
    sandbox.begin_pause()?;
    let pausing = uncancelled(async move {
        let outcome = sandbox.finish_pause().await;
        outcome.inspect_err(|error| tracing::warn!(%error, id = %sandbox.id, "pause failed"))
    });
    if prefers_async(&headers) {
        tokio::spawn(pausing);
        let applied = [("preference-applied", "respond-async")];
        let status = Json(json!({ "status": Status::Pausing }));
        return Ok((StatusCode::ACCEPTED, applied, status).into_response());
    }
    pausing.await??;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Preferences stand in any number of headers, separated by commas, each perhaps with parameters.
fn prefers_async(headers: &HeaderMap) -> bool {
    let preferences = headers.get_all("prefer").into_iter();
    preferences
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|one| one.split(';').next())
        .any(|one| one.trim().eq_ignore_ascii_case("respond-async"))
}

/// The answer to a resume.
#[derive(Debug, Serialize)]
pub struct Resumed {
    id: String,
    status: Status,
    access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    routing_hint: Option<String>,
}

pub async fn resume(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> ApiResult<Json<Resumed>> {
    let sandbox = find(&app, &id)?;
    let (waker, target) = (app.clone(), sandbox.clone());
    let token = uncancelled(async move { waker.resume(&target).await }).await??;
    Ok(Json(Resumed {
        id: sandbox.shown_id.clone(),
        status: Status::Active,
        access_token: token,
        routing_hint: data::routing_hint(&app, &sandbox),
    }))
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

/// The answer of a call that leaves a sandbox awake.
fn awake(app: &App, sandbox: &Sandbox) -> View {
    View {
        routing_hint: data::routing_hint(app, sandbox),
        ..sandbox.view(true)
    }
}

/// The sandbox that a path names.
pub fn find(app: &App, id: &str) -> ApiResult<Arc<Sandbox>> {
    let id = id::parse(id).ok_or_else(|| {
        ApiError::invalid("sandbox id must be a UUID, bare or as sb-<region>-<uuid>")
    })?;
    app.find(id)
        .ok_or_else(|| ApiError::not_found("sandbox not found"))
}

/// Carries a change of state to its end even when the client hangs up in its middle.
pub async fn uncancelled<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> ApiResult<T> {
    tokio::spawn(work).await.map_err(ApiError::internal)
}

/// Which sandboxes a list shows.
#[derive(Debug)]
struct Filter {
    metadata: Vec<(String, String)>,
    /// Any of these, or all if there is none.
    status: Vec<Status>,
    /// A part of the name, in whatever case.
    part: String,
}

impl Filter {
    fn parse(query: &Query) -> ApiResult<Self> {
        let status = |text: &str| {
            serde_json::from_value(text.into())
                .map_err(|_| ApiError::invalid(format!("no such status: {text}")))
        };
        Ok(Self {
            metadata: query.below("metadata.")?,
            status: query
                .several("status")
                .flat_map(|one| one.split(','))
                .map(status)
                .collect::<ApiResult<_>>()?,
            part: query.text("q")?.unwrap_or_default().to_lowercase(),
        })
    }

    fn takes(&self, view: &View) -> bool {
        (self.status.is_empty() || self.status.contains(&view.status))
            && view.name.to_lowercase().contains(&self.part)
            && self
                .metadata
                .iter()
                .all(|(key, value)| view.metadata.get(key) == Some(value))
    }
}
