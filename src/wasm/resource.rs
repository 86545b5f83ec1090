//! What an exported object stands for: a sandbox, a template or a secret, and how it is reached.

use alloc::borrow::ToOwned;
use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::failure::{Failure, Place};
use super::http::Shared;
use super::options::RequestOptions;
use super::plan::{self, Plan};
use super::shapes::member;
use super::slot::Slot;
use crate::call::{Method, Plane, Target};
use crate::config::Config;
use crate::error::Error;
use crate::operation::Answer;
use crate::preview;
use crate::sandbox::Wake;

/// The service itself, too, for calls that are no methods of an object: then only the connection is there.
#[derive(Default)]
pub struct Resource {
    pub config: Rc<Config>,
    /// UUID, or the name of a secret.
    pub id: String,
    /// A sandbox's access token.
    pub token: Slot<String>,
    /// The newest build of a template that is known here; empty for none.
    pub latest_build: Slot<String>,
    /// The wake-up of a sandbox under way, shared by all calls that found it asleep.
    waking: Slot<Option<Shared>>,
}

impl Resource {
    pub fn new(config: Rc<Config>, id: String) -> Self {
        Self {
            config,
            id,
            ..Self::default()
        }
    }

    /// Where a failure of that operation happened.
    pub fn place(&self, operation: &'static str) -> Place {
        let is_sandbox = !self.token.get().is_empty();
        Place::of(operation, if is_sandbox { &self.id } else { "" })
    }

    /// The URL under which a port of a sandbox can be opened.
    pub fn preview_url(&self, port: &str) -> Result<String, Error> {
        let config = &self.config;
        preview::url(config.preview_scheme, &self.id, &config.preview_host, port)
    }

    /// Keeps the token of an answer, if it is fit for a header.
    pub fn keep_token(&self, raw: &JsValue) -> Result<(), Failure> {
        let token = member(raw, "access_token")?;
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
            let error = "the service's access_token is not one that a header can carry";
            return Err(Error::InvalidResponse(error.to_owned()).into());
        }
        self.token.set(token);
        Ok(())
    }

    /// The wake-up under way, begun if there is none. It has no caller's signal: it is everybody's.
    pub fn waking(self: &Rc<Self>) -> Shared {
        if let Some(shared) = self.waking.get().filter(Shared::alive) {
            return shared;
        }
        let shared = Shared::new();
        self.waking.set(Some(shared.clone()));
        let options = RequestOptions {
            signal: shared.signal(),
            ..RequestOptions::default()
        };
        let plan = self.activate().map(|target| {
            let mut plan = Plan::new(self.clone(), Method::Post, target, options);
            plan.request.plane = Plane::Control;
            plan.wake = Some(Wake::Activate);
            plan.answer = Answer::Token;
            plan
        });
        shared.set_promise(&plan::run(self.place("Sandbox.connect"), plan));
        shared
    }

    fn activate(&self) -> Result<Target, Failure> {
        let mut target = Target::default();
        target.push("/sandboxes/");
        target.id("id", &self.id)?;
        target.push("/activate");
        Ok(target)
    }
}
