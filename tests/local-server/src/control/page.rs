//! A page of a list, and how long the whole list is.

use axum::Json;
use axum::http::HeaderName;
use serde::Serialize;

use super::error::ApiResult;
use super::query::Query;

const TOTAL: HeaderName = HeaderName::from_static("x-total-count");

/// The answer to a list.
pub type Page<T> = ([(HeaderName, String); 1], Json<Vec<T>>);

/// The part of `all` that `limit` and `offset` ask for.
pub fn page<T: Serialize>(all: Vec<T>, query: &Query, default: usize) -> ApiResult<Page<T>> {
    let (limit, offset) = (query.limit()?.unwrap_or(default), query.offset()?);
    let total = all.len().to_string();
    let items = all.into_iter().skip(offset).take(limit).collect();
    Ok(([(TOTAL, total)], Json(items)))
}
