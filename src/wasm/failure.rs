//! From what went wrong to what JavaScript throws.

use wasm_bindgen::prelude::*;

use crate::error::{Class, Error};
use crate::shape::Refusal;

#[wasm_bindgen(module = "/src/wasm/js/errors.js")]
extern "C" {
    fn make(
        class: u8,
        message: &str,
        status: Option<u16>,
        code: Option<String>,
        details: Vec<String>,
        cause: Option<Vec<JsValue>>,
    ) -> JsValue;
}

/// Where something went wrong: the method of the surface, and the sandbox.
#[derive(Clone)]
pub struct Place {
    operation: &'static str,
    sandbox_id: String,
}

impl Place {
    pub fn new(operation: &'static str) -> Self {
        Self { operation, sandbox_id: String::new() }
    }

    pub fn of(operation: &'static str, sandbox_id: &str) -> Self {
        Self { operation, sandbox_id: sandbox_id.to_owned() }
    }
}

/// Why a call failed.
pub enum Failure {
    /// An error of this SDK.
    Known(Box<Known>),
    /// A value that the caller's own code threw, or an error already made: passed on as it is.
    Thrown(JsValue),
}

/// An [`Error`] with what only the edge knows of it.
pub struct Known {
    pub error: Error,
    pub cause: Option<JsValue>,
    pub request_id: String,
    /// The answer's `Retry-After`, in milliseconds from now.
    pub retry_after_ms: Option<f64>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::caused(error, None)
    }
}

impl From<Refusal<JsValue>> for Failure {
    fn from(refusal: Refusal<JsValue>) -> Self {
        match refusal {
            Refusal::Invalid(error) => error.into(),
            Refusal::Thrown(value) => Self::Thrown(value),
        }
    }
}

impl Failure {
    pub fn caused(error: Error, cause: Option<JsValue>) -> Self {
        Self::Known(Box::new(Known { error, cause, request_id: String::new(), retry_after_ms: None }))
    }

    pub fn known(&self) -> Option<&Known> {
        match self {
            Self::Known(known) => Some(known),
            Self::Thrown(_) => None,
        }
    }

    /// The status of the answer that this failure is.
    pub fn status(&self) -> Option<u16> {
        self.known().and_then(|known| known.error.status())
    }

    /// The same without `secret` in its message.
    pub fn redact(self, secret: &str) -> Self {
        match self {
            Self::Known(mut known) => {
                known.error = known.error.redact(secret);
                Self::Known(known)
            }
            thrown => thrown,
        }
    }

    pub fn into_js(self, place: &Place) -> JsValue {
        let Known { error, cause, request_id, .. } = match self {
            Self::Thrown(value) => return value,
            Self::Known(known) => *known,
        };
        let details = vec![place.operation.to_owned(), place.sandbox_id.clone(), request_id];
        // The surface's ValidationError has a status of its own even where no request was made.
        let status = error.status().or((error.class() == Class::Validation).then_some(400));
        make(
            error.class() as u8,
            &error.to_string(),
            status,
            error.code().map(str::to_owned),
            details,
            cause.map(|cause| vec![cause]),
        )
    }
}
