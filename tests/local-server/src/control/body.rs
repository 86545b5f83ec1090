//! Request bodies and path parameters, with the envelope for whatever is wrong with them.

use axum::body::{Body, Bytes, to_bytes};
use serde::de::DeserializeOwned;

use super::error::{ApiError, ApiResult};

/// Well above every limit of the API together.
const MAX_BODY: usize = 1 << 20;

/// Reads a JSON body, whatever its content type says.
pub async fn json<T: DeserializeOwned>(body: Body) -> ApiResult<T> {
    parse(&read(body).await?)
}

async fn read(body: Body) -> ApiResult<Bytes> {
    to_bytes(body, MAX_BODY)
        .await
        .map_err(|_| ApiError::invalid(format!("body is unreadable or over {MAX_BODY} bytes")))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> ApiResult<T> {
    serde_json::from_slice(bytes)
        .map_err(|error| ApiError::invalid(format!("invalid body: {error}")))
}

/// The same, where no body at all means all defaults.
pub async fn json_or_default<T: DeserializeOwned + Default>(body: Body) -> ApiResult<T> {
    let bytes = read(body).await?;
    if bytes.is_empty() {
        Ok(T::default())
    } else {
        parse(&bytes)
    }
}
