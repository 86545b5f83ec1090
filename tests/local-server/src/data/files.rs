//! `GET` and `POST /files`.

use axum::body::Body;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;

use super::address::Target;
use super::error::{Plain, PlainResult};
use super::{read, write};
use crate::files::path::SandboxPath;

#[derive(Debug, Deserialize)]
pub struct FilesQuery {
    path: Option<String>,
    format: Option<String>,
}

impl FilesQuery {
    fn path(&self) -> PlainResult<SandboxPath> {
        let path = self
            .path
            .as_deref()
            .ok_or_else(|| Plain::invalid("path is missing"))?;
        SandboxPath::parse(path).map_err(Plain::invalid)
    }
}

pub async fn read(
    Target(sandbox): Target,
    Query(query): Query<FilesQuery>,
) -> PlainResult<Response> {
    let path = query.path()?;
    let zip = match query.format.as_deref() {
        None | Some("") => false,
        Some("zip") => true,
        Some(other) => return Err(Plain::invalid(format!("no such format: {other}"))),
    };
    read::open(&sandbox, path, zip).await
}

pub async fn write(
    Target(sandbox): Target,
    Query(query): Query<FilesQuery>,
    headers: HeaderMap,
    body: Body,
) -> PlainResult<StatusCode> {
    let path = query.path()?;
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    let length: Option<u64> = length.and_then(|value| value.parse().ok());
    if length.is_some_and(|length| length > write::MAX_UPLOAD) {
        return Err(write::too_large());
    }
    write::save(&sandbox, path, body).await?;
    Ok(StatusCode::NO_CONTENT)
}
