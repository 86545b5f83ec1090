//! A status and a line of plain text.

use std::io;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::files::Fault;
use crate::sandbox::link::StartError;

/// An error answer of the data plane.
#[derive(Debug)]
pub struct Plain {
    status: StatusCode,
    text: String,
}

pub type PlainResult<T> = Result<T, Plain>;

impl Plain {
    fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self {
            status,
            text: text.into(),
        }
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
        Self::new(status, error.to_string())
    }
}

impl std::fmt::Display for Plain {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl IntoResponse for Plain {
    fn into_response(self) -> Response {
        (self.status, self.text).into_response()
    }
}
