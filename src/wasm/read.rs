//! What is made of an answer's body.

use super::failure::Failure;
use super::imports::call::number_text;
use super::imports::stream::Sink;
use crate::protocol::error::Class;
use crate::protocol::request::ReadMode;
use crate::protocol::text::concat;

/// No JSON of the service's is larger.
const MAX_JSON_BYTES: f64 = 67_108_864.0;
const OK: u16 = 200;
const ACCEPTED: u16 = 202;
const LAST_SUCCESS: u16 = 299;

/// What is made of an answer's body.
pub enum Read {
    /// Nothing: it is read only so that the connection can serve again.
    Nothing,
    /// JSON.
    Json,
    /// JSON of a command's output, of so many bytes at most.
    Output(f64),
    /// Text of so many bytes at most.
    Text(f64),
    /// Bytes, so many at most.
    Bytes(f64),
    /// A `Blob` of so many bytes at most.
    Blob(f64),
    /// Nothing yet: the caller gets its chunks, of so many bytes at most.
    Chunks(f64),
    /// The events of a command, which has so many milliseconds.
    Events(Sink, f64),
    /// Nothing yet: its chunks are asked for.
    Stream,
    /// Nothing: it is handed back unread.
    Response,
}

impl Read {
    pub fn mode(&self) -> ReadMode {
        match self {
            Self::Nothing => ReadMode::Nothing,
            Self::Json => ReadMode::Json,
            Self::Output(_) => ReadMode::Output,
            Self::Text(_) => ReadMode::Text,
            Self::Bytes(_) => ReadMode::Bytes,
            Self::Blob(_) => ReadMode::Blob,
            Self::Events(..) | Self::Stream | Self::Chunks(_) => ReadMode::Stream,
            Self::Response => ReadMode::Response,
        }
    }

    /// The last status of an answer that is read so. Of the others only 200 stands for the whole.
    pub fn last_status(&self) -> u16 {
        match self {
            Self::Nothing | Self::Response => LAST_SUCCESS,
            Self::Json => ACCEPTED,
            _ => OK,
        }
    }

    pub fn max_bytes(&self) -> f64 {
        match self {
            Self::Output(limit)
            | Self::Text(limit)
            | Self::Bytes(limit)
            | Self::Blob(limit)
            | Self::Chunks(limit) => *limit,
            _ => MAX_JSON_BYTES,
        }
    }

    /// The error of an answer that is larger.
    pub fn too_large(&self) -> Failure {
        let limit = number_text(self.max_bytes());
        let option = match self {
            Self::Output(_) => "maxOutputBytes",
            Self::Json => {
                let why = concat(&["the service's answer exceeds ", &limit, " bytes"]);
                return Failure::new(Class::Sandbox, &why, 0, "too_large");
            }
            _ => "maxBytes",
        };
        let why = concat(&["the answer exceeds ", option, " (", &limit, " bytes)"]);
        Failure::new(Class::Validation, &why, 400, "too_large")
    }
}
