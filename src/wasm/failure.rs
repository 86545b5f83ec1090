//! From what went wrong to what JavaScript throws.

use alloc::borrow::ToOwned;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use crate::error::{Class, Error};

#[wasm_bindgen(module = "/src/wasm/js/errors.js")]
extern "C" {
    fn make(class: u8, message: &str, status: u16, code: &str) -> JsValue;
    fn stamp(error: &JsValue, operation: &str, sandbox_id: &str);
}

/// What a call rejects with: an error of this SDK, or whatever the caller's own code threw.
pub struct Failure(pub JsValue);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = error.message();
        Self(make(
            error.class() as u8,
            &message,
            error.status(),
            error.code(),
        ))
    }
}

impl From<JsValue> for Failure {
    fn from(thrown: JsValue) -> Self {
        Self(thrown)
    }
}

impl Failure {
    pub fn new(class: Class, message: &str, status: u16, code: &str) -> Self {
        Self(make(class as u8, message, status, code))
    }
}

/// Where something went wrong: the method of the surface, and the sandbox.
pub struct Place {
    operation: &'static str,
    sandbox_id: String,
}

impl Place {
    pub fn of(operation: &'static str, sandbox_id: &str) -> Self {
        Self {
            operation,
            sandbox_id: sandbox_id.to_owned(),
        }
    }

    /// The value to throw.
    pub fn stamp(&self, failure: Failure) -> JsValue {
        stamp(&failure.0, self.operation, &self.sandbox_id);
        failure.0
    }
}
