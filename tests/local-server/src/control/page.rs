//! A page of a list, and how long the whole list is.

use axum::Json;
use axum::http::HeaderName;
use serde::Serialize;

use super::error::{ApiError, ApiResult};
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

/// Puts a list that comes newest first into the order that `sort` and `order` ask for.
pub fn arrange<T>(all: &mut [T], query: &Query, name: impl Fn(&T) -> String) -> ApiResult<()> {
    let by_name = match query.text("sort")? {
        None | Some("created_at") => false,
        Some("name") => true,
        Some(_) => return Err(ApiError::invalid("sort must be created_at or name")),
    };
    let ascending = match query.text("order")? {
        None => by_name,
        Some("asc") => true,
        Some("desc") => false,
        Some(_) => return Err(ApiError::invalid("order must be asc or desc")),
    };
    if by_name {
        all.sort_by_cached_key(name);
    }
    if by_name != ascending {
        all.reverse();
    }
    Ok(())
}
