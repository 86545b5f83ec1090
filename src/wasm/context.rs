//! Where something goes wrong, which the error says.

use alloc::rc::Rc;

use wasm_bindgen::prelude::*;

use super::failure::{ABORTED, Failure, Kind, error_of};
use super::imports::arguments::Arguments;
use super::imports::errors::caused;
use super::imports::failures::{bare, describe, stamp};
use super::resource::Resource;
use crate::protocol::text::concat;

/// Where something goes wrong: what was called, and on what.
pub struct Context {
    /// None for what is called on a class.
    resource: Option<Rc<Resource>>,
    given: Rc<Arguments>,
}

impl Context {
    pub fn new(resource: Option<Rc<Resource>>, given: Rc<Arguments>) -> Self {
        Self { resource, given }
    }

    /// The value to throw.
    pub fn error(&self, failure: Failure) -> JsValue {
        let to = self.resource.clone().unwrap_or_default();
        let token = to.token.get();
        let id = if to.is_sandbox { &to.id } else { "" };
        let secrets = concat(&[
            &to.config.api_key,
            "\0",
            &token,
            "\0",
            &to.hint.get(),
            "\0",
            &to.last.get(),
            "\0",
            &self.given.hidden(),
        ]);
        match failure.kind() {
            Kind::Thrown(thrown) => {
                stamp(&thrown, &self.given, id, &secrets);
                thrown
            }
            Kind::Problem(mut problem, cause) => {
                problem.redact(&secrets);
                problem.shorten();
                let error = error_of(&problem);
                describe(&error, &self.given, id, &secrets);
                if let Some(cause) = cause {
                    // The reason that a caller gave for ending it is the caller's.
                    let is_reason = problem.code == ABORTED;
                    let shown = if is_reason {
                        cause
                    } else {
                        bare(&cause, &secrets)
                    };
                    caused(&error, &shown);
                }
                error
            }
        }
    }
}
