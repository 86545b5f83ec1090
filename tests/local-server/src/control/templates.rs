//! `/templates` and their builds.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::stream::unfold;
use uuid::Uuid;

use super::body;
use super::error::{ApiError, ApiResult};
use super::page::{Page, arrange, page};
use super::query::Query;
use crate::state::App;
use crate::template::spec::CreateTemplate;
use crate::template::store::Refused;
use crate::template::{Build, BuildView, Template, TemplateView};
use crate::{id, sse};

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

pub async fn list(State(app): State<Arc<App>>, query: Query) -> ApiResult<Page<TemplateView>> {
    let prefix = query.text("name_prefix")?.unwrap_or_default();
    let part = query.text("q")?.unwrap_or_default().to_lowercase();
    let owner = query.text("owner")?.map(Owner::parse).transpose()?;
    let templates = app.templates.list(prefix);
    let wanted = templates.iter().filter(|template| {
        template.name.to_lowercase().contains(&part)
            && owner.is_none_or(|owner| owner.has(template))
    });
    let mut views: Vec<_> = wanted.map(|template| template.view()).collect();
    // They come newest first.
    arrange(&mut views, &query, |view| view.name.clone())?;
    page(views, &query, usize::MAX)
}

/// Whose templates a list shows.
#[derive(Debug, Clone, Copy)]
enum Owner {
    System,
    /// The team of the key.
    Team,
    Other(Uuid),
}

impl Owner {
    fn parse(text: &str) -> ApiResult<Self> {
        match text {
            "system" => Ok(Self::System),
            "team" => Ok(Self::Team),
            _ => id::parse(text)
                .map(Self::Other)
                .ok_or_else(|| ApiError::invalid("owner must be system, team or a team's id")),
        }
    }

    fn has(self, template: &Template) -> bool {
        match self {
            Self::System => template.spec.is_none(),
            Self::Team => template.spec.is_some(),
            Self::Other(id) => template.team_id == id,
        }
    }
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

pub async fn builds(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    query: Query,
) -> ApiResult<Page<BuildView>> {
    let builds = find(&app, &id)?.builds();
    page(
        builds.iter().map(|build| build.view()).collect(),
        &query,
        usize::MAX,
    )
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
        Some((Bytes::from(chunk), (build, seen)))
    });
    let silence = Duration::from_millis(app.options.keepalive_ms);
    Ok(sse::response(chunks, silence))
}

fn find(app: &App, name_or_id: &str) -> ApiResult<Arc<Template>> {
    let found = app.templates.find(name_or_id);
    found.ok_or_else(|| ApiError::not_found(format!("template not found: {name_or_id}")))
}

fn find_build(app: &App, name_or_id: &str, build: &str) -> ApiResult<Arc<Build>> {
    let id = id::parse(build).ok_or_else(|| ApiError::invalid("build id must be a UUID"))?;
    let build = find(app, name_or_id)?.build(id);
    build.ok_or_else(|| ApiError::not_found("build not found"))
}
