//! `GET /sandboxes/{id}/network`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::{ApiError, ApiResult};
use super::query::Query;
use super::sandboxes::find;
use crate::network::log::{Event, Filter, Verdict};
use crate::state::App;

const DEFAULT_LIMIT: usize = 100;

pub async fn log(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    query: Query,
) -> ApiResult<Json<Value>> {
    let sandbox = find(&app, &id)?;
    let limit = query.limit()?.unwrap_or(DEFAULT_LIMIT);
    let filter = Filter {
        before: moment("before", &query)?,
        since: moment("since", &query)?,
        verdict: query.text("verdict")?.map(verdict).transpose()?,
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

fn moment(name: &str, query: &Query) -> ApiResult<Option<Timestamp>> {
    let parse = |text: &str| {
        text.parse()
            .map_err(|_| ApiError::invalid(format!("{name} must be an RFC 3339 timestamp")))
    };
    query.text(name)?.map(parse).transpose()
}

fn verdict(text: &str) -> ApiResult<Verdict> {
    serde_json::from_value(text.into())
        .map_err(|_| ApiError::invalid(format!("no such verdict: {text}")))
}
