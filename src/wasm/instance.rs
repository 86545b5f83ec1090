//! What the objects of one sandbox share: its connection, its token, and how it is woken.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::failure::{Failure, Place};
use super::http::{Read, Shared};
use super::options::RequestOptions;
use super::plan::{self, Plan, To};
use super::slot::Slot;
use super::surface::member;
use crate::config::Config;
use crate::error::Error;
use crate::sandbox::{self, Wake};

pub struct Instance {
    pub config: Rc<Config>,
    pub id: String,
    token: Slot<String>,
    /// The wake-up under way, shared by all calls that found the sandbox asleep.
    waking: Slot<Option<Shared>>,
}

impl Instance {
    /// An instance of the sandbox that an answer describes.
    pub fn new(config: Rc<Config>, raw: &JsValue) -> Result<Rc<Self>, Failure> {
        let id = member(raw, "id")?;
        let token = Slot::new(token_of(raw)?);
        Ok(Rc::new(Self {
            config,
            id,
            token,
            waking: Slot::default(),
        }))
    }

    pub fn token(&self) -> String {
        self.token.get()
    }

    /// The call that wakes the sandbox and keeps the token it answers with.
    pub fn wake(self: &Rc<Self>, how: Wake, options: RequestOptions) -> Result<Box<Plan>, Failure> {
        let request = sandbox::wake(how, &self.id)?;
        let plan = Plan::new(To::Sandbox(self.clone()), request, options);
        let mut plan = plan.answer(Read::Json, |to, raw| {
            if let To::Sandbox(instance) = to {
                instance.token.set(token_of(&raw)?);
            }
            Ok(JsValue::UNDEFINED)
        });
        plan.wake = Some(how);
        Ok(plan)
    }

    /// The wake-up under way, begun if there is none. It has no caller's signal: it is everybody's.
    pub fn waking(self: &Rc<Self>) -> Shared {
        if let Some(shared) = self.waking.get().filter(Shared::alive) {
            return shared;
        }
        let shared = Shared::new();
        let options = RequestOptions {
            signal: shared.signal(),
            timeout_ms: None,
        };
        self.waking.set(Some(shared.clone()));
        let plan = self.wake(Wake::Activate, options);
        shared.set_promise(&plan::run(Place::of("Sandbox.connect", &self.id), plan));
        shared
    }
}

/// The token of an answer, fit for a header.
fn token_of(raw: &JsValue) -> Result<String, Failure> {
    let token = member(raw, "access_token")?;
    if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
        let error = "the service's access_token is not one that a header can carry";
        return Err(Error::InvalidResponse(error.to_owned()).into());
    }
    Ok(token)
}
