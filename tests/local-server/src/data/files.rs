//! `GET` and `POST /files`.

use axum::Json;
use axum::body::Body;
use axum::extract::Query;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

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

/// An error of file work. It is the sandbox's own agent that answers here, and it speaks JSON; the
/// proxy before it does not.
#[derive(Debug)]
pub struct FileError(Plain);

impl From<Plain> for FileError {
    fn from(plain: Plain) -> Self {
        Self(plain)
    }
}

impl IntoResponse for FileError {
    fn into_response(self) -> Response {
        if self.0.has_code() {
            return self.0.into_response();
        }
        let body = json!({ "error": self.0.to_string() });
        (self.0.status(), Json(body)).into_response()
    }
}

/// The answer to an upload.
#[derive(Debug, Serialize)]
pub struct Written {
    path: String,
    size: u64,
}

pub async fn read(
    Target(sandbox): Target,
    Query(query): Query<FilesQuery>,
    headers: HeaderMap,
) -> Result<Response, FileError> {
    let path = query.path()?;
    let zip = match query.format.as_deref() {
        None | Some("") => false,
        Some("zip") => true,
        Some(other) => return Err(Plain::invalid(format!("no such format: {other}")).into()),
    };
    Ok(read::open(&sandbox, path, zip, &headers).await?)
}

pub async fn write(
    Target(sandbox): Target,
    Query(query): Query<FilesQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Written>, FileError> {
    let path = query.path()?;
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    let length: Option<u64> = length.and_then(|value| value.parse().ok());
    if length.is_some_and(|length| length > write::MAX_UPLOAD) {
        return Err(write::too_large().into());
    }
    let size = write::save(&sandbox, path, body).await?;
    let path = query.path.unwrap_or_default();
    Ok(Json(Written { path, size }))
}
