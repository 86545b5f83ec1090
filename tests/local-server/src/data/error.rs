//! A status and a line of plain text, or, with a code, the control plane's envelope.

use std::io;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use serde_json::json;

use crate::files::Fault;
use crate::sandbox::link::StartError;

/// An error answer of the data plane.
#[derive(Debug)]
pub struct Plain {
    status: StatusCode,
    text: String,
    /// Errors that a client tells apart by more than their status are JSON.
    code: Option<&'static str>,
}

pub type PlainResult<T> = Result<T, Plain>;

impl Plain {
    fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self {
            status,
            text: text.into(),
            code: None,
        }
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub fn has_code(&self) -> bool {
        self.code.is_some()
    }

    pub fn invalid(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    pub fn unauthorized(text: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, text)
    }

    pub fn not_found(text: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, text)
    }

    pub fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method not allowed")
    }

    pub fn too_large(text: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, text)
    }

    pub fn too_many(text: &str) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, text)
    }

    pub fn no_desktop(why: String) -> Self {
        Self {
            code: Some("desktop_unavailable"),
            ..Self::new(StatusCode::NOT_IMPLEMENTED, why)
        }
    }

    /// Nothing has run; the sandbox must be activated first.
    pub fn route_stale() -> Self {
        Self {
            code: Some("sandbox_route_stale"),
            ..Self::new(StatusCode::NOT_FOUND, "the route to the sandbox is stale")
        }
    }

    /// The same.
    pub fn unavailable() -> Self {
        Self {
            code: Some("sandbox_unavailable"),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "sandbox is not running here",
            )
        }
    }

    pub fn not_running() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "sandbox is not running")
    }
}

impl From<StartError> for Plain {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Refused(message) => Self::invalid(message),
            StartError::Gone => Self::not_running(),
            StartError::Io(error) => error.into(),
        }
    }
}

impl From<Fault> for Plain {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(message) => Self::invalid(message),
            Fault::Failed(error) => error.into(),
        }
    }
}

/// Errors of file operations, by what the caller can do about them.
impl From<io::Error> for Plain {
    fn from(error: io::Error) -> Self {
        let status = match error.kind() {
            io::ErrorKind::NotFound => StatusCode::NOT_FOUND,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                StatusCode::FORBIDDEN
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                StatusCode::INSUFFICIENT_STORAGE
            }
            io::ErrorKind::NotADirectory
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::AlreadyExists
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::InvalidFilename => StatusCode::BAD_REQUEST,
            // Symlinks that lead in a circle.
            _ if error.raw_os_error() == Some(libc::ELOOP) => StatusCode::BAD_REQUEST,
            // Without root, overlayfs cannot take over a file of another user.
            _ if error.raw_os_error() == Some(libc::EOVERFLOW) => StatusCode::FORBIDDEN,
            io::ErrorKind::ResourceBusy => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self {
            code: (status == StatusCode::INSUFFICIENT_STORAGE).then_some("sandbox_storage_full"),
            ..Self::new(status, error.to_string())
        }
    }
}

impl std::fmt::Display for Plain {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl IntoResponse for Plain {
    fn into_response(self) -> Response {
        match self.code {
            None => (self.status, self.text).into_response(),
            Some(code) => {
                let body = json!({ "error": { "code": code, "message": self.text } });
                (self.status, Json(body)).into_response()
            }
        }
    }
}
