//! From what went wrong to what JavaScript throws.

use alloc::rc::Rc;

use wasm_bindgen::prelude::*;

use super::resource::Resource;
use crate::error::{Class, Error};

#[wasm_bindgen(module = "/src/wasm/js/errors.js")]
extern "C" {
    fn make(class: u8, message: &str, status: u16, code: &str) -> JsValue;
}

#[wasm_bindgen(module = "/src/wasm/js/secrets.js")]
extern "C" {
    /// The texts that follow are what the error must not show.
    fn stamp(
        error: &JsValue,
        operation: &str,
        sandbox_id: &str,
        api_key: &str,
        token: &str,
        last_token: &str,
    );
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

/// Where something went wrong: the method of the surface, and what it was called on.
pub struct Place {
    operation: &'static str,
    /// None for what is called on a class.
    resource: Option<Rc<Resource>>,
}

impl Place {
    pub fn of(operation: &'static str, resource: Option<Rc<Resource>>) -> Self {
        Self {
            operation,
            resource,
        }
    }

    /// The value to throw.
    pub fn stamp(&self, failure: Failure) -> JsValue {
        let to = self.resource.clone().unwrap_or_default();
        let token = to.token.get();
        let sandbox_id = if token.is_empty() { "" } else { &to.id };
        stamp(
            &failure.0,
            self.operation,
            sandbox_id,
            &to.config.api_key,
            &token,
            &to.last_token.get(),
        );
        failure.0
    }
}
