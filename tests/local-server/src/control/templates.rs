//! `/templates` and their builds.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use serde::Deserialize;

use super::body;
use super::error::{ApiError, ApiResult};
use crate::state::App;
use crate::template::spec::CreateTemplate;
use crate::template::store::Refused;
use crate::template::{Build, BuildView, Template, TemplateView};

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NameTaken => Self::conflict("a template of this name exists"),
            Refused::TooManyTemplates => Self::too_many("too_many_templates", "too many templates"),
            Refused::TooManyBuilds => Self::too_many("too_many_builds", "too many builds"),
            Refused::Building => Self::conflict("a build of this template is under way"),
            Refused::ReadOnly => Self::forbidden("system templates cannot be changed"),
            Refused::InUse => Self::conflict("a sandbox uses this template"),
        }
    }
}

pub async fn create(
    State(app): State<Arc<App>>,
    body: Body,
) -> ApiResult<(StatusCode, Json<TemplateView>)> {
    let create: CreateTemplate = body::json(body).await?;
    let resources = create.check().map_err(ApiError::invalid)?;
    let (template, build) = app.templates.create(&app, create, resources)?;
    let mut view = template.view();
    view.build_id = Some(build.id);
    Ok((StatusCode::ACCEPTED, Json(view)))
}

#[derive(Debug, Deserialize)]
pub struct ListQuery {
    #[serde(default)]
    name_prefix: String,
}

pub async fn list(
    State(app): State<Arc<App>>,
    Query(query): Query<ListQuery>,
) -> Json<Vec<TemplateView>> {
    Json(
        app.templates
            .list(&query.name_prefix)
            .iter()
            .map(|template| template.view())
            .collect(),
    )
}

pub async fn get(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> ApiResult<Json<TemplateView>> {
    Ok(Json(find(&app, &id)?.view()))
}

pub async fn delete(State(app): State<Arc<App>>, Path(id): Path<String>) -> ApiResult<StatusCode> {
    let template = find(&app, &id)?;
    app.templates.delete(&app, &template)?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn rebuild(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> ApiResult<(StatusCode, Json<BuildView>)> {
    let (build, new) = app.templates.rebuild(&app, &find(&app, &id)?)?;
    let status = if new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(build.view())))
}

#[derive(Debug, Deserialize)]
pub struct BuildsQuery {
    limit: Option<String>,
}

pub async fn builds(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(query): Query<BuildsQuery>,
) -> ApiResult<Json<Vec<BuildView>>> {
    let builds = find(&app, &id)?.builds();
    let limit = match query.limit.as_deref() {
        None | Some("") => builds.len(),
        Some(text) => match text.parse() {
            Ok(limit) if limit > 0 => limit,
            _ => return Err(ApiError::invalid("limit must be a number, at least 1")),
        },
    };
    Ok(Json(
        builds
            .iter()
            .take(limit)
            .map(|build| build.view())
            .collect(),
    ))
}

pub async fn build(
    State(app): State<Arc<App>>,
    Path((id, build)): Path<(String, String)>,
) -> ApiResult<Json<BuildView>> {
    Ok(Json(find_build(&app, &id, &build)?.view()))
}

pub async fn cancel(
    State(app): State<Arc<App>>,
    Path((id, build)): Path<(String, String)>,
) -> ApiResult<StatusCode> {
    find_build(&app, &id, &build)?.cancel().await;
    Ok(StatusCode::NO_CONTENT)
}

/// The whole log from its start, then live, to the terminal event.
pub async fn logs(
    State(app): State<Arc<App>>,
    Path((id, build)): Path<(String, String)>,
) -> ApiResult<Response> {
    let build = find_build(&app, &id, &build)?;
    let chunks = unfold((build, 0), async |(build, seen)| {
        let chunk = build.log.after(seen).await?;
        let seen = seen + chunk.len();
        Some((Ok::<_, Infallible>(chunk), (build, seen)))
    });
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-cache"),
    ];
    Ok((headers, Body::from_stream(chunks)).into_response())
}

fn find(app: &App, name_or_id: &str) -> ApiResult<Arc<Template>> {
    let found = app.templates.find(name_or_id);
    found.ok_or_else(|| ApiError::not_found(format!("template not found: {name_or_id}")))
}

fn find_build(app: &App, name_or_id: &str, build: &str) -> ApiResult<Arc<Build>> {
    let id = body::uuid(build).ok_or_else(|| ApiError::invalid("build id must be a UUID"))?;
    let build = find(app, name_or_id)?.build(id);
    build.ok_or_else(|| ApiError::not_found("build not found"))
}
