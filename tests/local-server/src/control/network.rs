//! `GET /sandboxes/{id}/network`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::{ApiError, ApiResult};
use super::sandboxes::find;
use crate::network::log::{Event, Filter, Verdict};
use crate::state::App;

const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 1000;

#[derive(Debug, Deserialize)]
pub struct LogQuery {
    limit: Option<usize>,
    before: Option<String>,
    since: Option<String>,
    verdict: Option<Verdict>,
}

pub async fn log(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    query: Result<Query<LogQuery>, axum::extract::rejection::QueryRejection>,
) -> ApiResult<Json<Value>> {
    let sandbox = find(&app, &id)?;
    let Query(query) = query.map_err(|error| ApiError::invalid(error.body_text()))?;
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(ApiError::invalid(format!(
            "limit must be between 1 and {MAX_LIMIT}"
        )));
    }
    let filter = Filter {
        before: moment("before", query.before)?,
        since: moment("since", query.since)?,
        verdict: query.verdict,
    };
    let (page, has_more) = sandbox.machine.network_log.page(&filter, limit);
    let next_cursor = page
        .last()
        .filter(|_| has_more)
        .map(|event| event.at.to_string());
    let data: Vec<_> = page.iter().map(Event::view).collect();
    Ok(Json(
        json!({ "data": data, "next_cursor": next_cursor, "has_more": has_more }),
    ))
}

fn moment(name: &str, text: Option<String>) -> ApiResult<Option<Timestamp>> {
    let parse = |text: String| {
        text.parse()
            .map_err(|_| ApiError::invalid(format!("{name} must be an RFC 3339 timestamp")))
    };
    text.map(parse).transpose()
}
