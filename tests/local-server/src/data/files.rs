//! `GET` and `POST /files`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use axum::Json;
use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::json;

use super::address::Target;
use super::error::{Plain, PlainResult};
use super::{read, write};
use crate::files::path::SandboxPath;

/// The members of a query, whose values may be any bytes.
struct FilesQuery(String);

impl FilesQuery {
    fn of(RawQuery(query): RawQuery) -> Self {
        Self(query.unwrap_or_default())
    }

    fn get(&self, name: &str) -> Option<Vec<u8>> {
        let mut pairs = self.0.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(key, _)| *key == name)?;
        let value = value.replace('+', " ");
        Some(percent_decode_str(&value).collect())
    }

    fn path(&self) -> PlainResult<SandboxPath> {
        let path = self
            .get("path")
            .ok_or_else(|| Plain::invalid("path is missing"))?;
        SandboxPath::parse(OsStr::from_bytes(&path)).map_err(Plain::invalid)
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
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Response, FileError> {
    let query = FilesQuery::of(query);
    let path = query.path()?;
    let zip = match query.get("format").as_deref() {
        None | Some(b"") => false,
        Some(b"zip") => true,
        Some(other) => {
            let other = String::from_utf8_lossy(other);
            return Err(Plain::invalid(format!("no such format: {other}")).into());
        }
    };
    Ok(read::open(&sandbox, path, zip, &headers).await?)
}

pub async fn write(
    Target(sandbox): Target,
    query: RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Written>, FileError> {
    let query = FilesQuery::of(query);
    let path = query.path()?;
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    let length: Option<u64> = length.and_then(|value| value.parse().ok());
    if length.is_some_and(|length| length > write::MAX_UPLOAD) {
        return Err(write::too_large().into());
    }
    let size = write::save(&sandbox, path, body).await?;
    let path = query.get("path").unwrap_or_default();
    let path = String::from_utf8_lossy(&path).into_owned();
    Ok(Json(Written { path, size }))
}
