//! What the objects of one sandbox share: its connection, its token, and how it is woken.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::failure::{Failure, Place};
use super::http::{self, Call, Read, Target};
use super::options::RequestOptions;
use super::{output, runtime, task};
use crate::call::Request;
use crate::config::Config;
use crate::error::Error;
use crate::sandbox::{self, AfterConflict, WAKE_MS, WAKE_POLL_MS, Wake};

pub struct Instance {
    pub config: Config,
    pub id: String,
    token: RefCell<String>,
    /// The wake-up under way, shared by all calls that found the sandbox asleep.
    waking: RefCell<Option<Promise>>,
}

impl Instance {
    /// An instance of the sandbox that an answer describes.
    pub fn new(config: Config, raw: &JsValue) -> Result<Rc<Self>, Failure> {
        let id = output::required_text(raw, "id")?;
        let token = RefCell::new(token_of(raw)?);
        Ok(Rc::new(Self { config, id, token, waking: RefCell::default() }))
    }

    pub fn place(&self, operation: &'static str) -> Place {
        Place::of(operation, &self.id)
    }

    /// A request to the API.
    pub async fn control(
        &self,
        options: &RequestOptions,
        request: &Request,
        read: Read,
    ) -> Result<JsValue, Failure> {
        let call = Call::new(options);
        http::control(&call, &self.config, options, request, read).await
    }

    /// Wakes the sandbox and keeps the token it answers with.
    pub async fn wake(&self, how: Wake, options: &RequestOptions) -> Result<(), Failure> {
        let raw = wake(&self.config, &self.id, how, options).await?;
        self.token.replace(token_of(&raw)?);
        Ok(())
    }

    /// A request to the sandbox itself. When it sleeps, or the token is old, it is woken once and the
    /// request is sent once more.
    pub async fn data(
        self: &Rc<Self>,
        call: &Call,
        request: &Request,
        content: &JsValue,
        patience_ms: f64,
        read: Read,
    ) -> Result<JsValue, Failure> {
        let plane = self.config.data_plane(&self.id, runtime::in_browser())?;
        let mut woken = false;
        loop {
            let token = self.token.borrow().clone();
            let target = Target {
                origin: &plane.origin,
                secret: &token,
                sandbox_id: plane.names_sandbox.then_some(&self.id),
                patience_ms,
            };
            match call.exchange(&target, request, content, read).await {
                Err(failure) if !woken && http::is_asleep(&failure) => {
                    woken = true;
                    // Another call may have got a new token while this one was on its way.
                    if *self.token.borrow() == token {
                        call.share(&self.waking()).await?;
                    }
                }
                done => return done,
            }
        }
    }

    /// The wake-up under way, begun if there is none. It has no caller's signal: it is everybody's.
    fn waking(self: &Rc<Self>) -> Promise {
        if let Some(promise) = &*self.waking.borrow() {
            return promise.clone();
        }
        let this = self.clone();
        let promise = task::promise(self.place("Sandbox.connect"), async move {
            let woken = this.wake(Wake::Activate, &RequestOptions::default()).await;
            this.waking.take();
            woken.map(|()| JsValue::UNDEFINED)
        });
        self.waking.replace(Some(promise.clone()));
        promise
    }
}

/// The token of an answer, fit for a header.
fn token_of(raw: &JsValue) -> Result<String, Failure> {
    let token = output::required_text(raw, "access_token")?;
    if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
        let error = "the service's access_token is not one that a header can carry";
        return Err(Error::InvalidResponse(error.to_owned()).into());
    }
    Ok(token)
}

/// Wakes a sandbox; where another caller is doing that already, waits for it. Answers with the sandbox.
pub async fn wake(
    config: &Config,
    id: &str,
    how: Wake,
    options: &RequestOptions,
) -> Result<JsValue, Failure> {
    let call = Call::new(options);
    let request = sandbox::wake(how, id)?;
    let conflict = match http::control(&call, config, options, &request, Read::Json).await {
        Err(failure) if failure.status() == Some(409) => failure,
        done => return done,
    };
    let look = sandbox::get(id)?;
    let until = http::now() + WAKE_MS;
    let mut saw_resuming = false;
    while http::now() < until {
        let raw = http::control(&call, config, options, &look, Read::Json).await?;
        let status = output::text(&raw, "status").unwrap_or_default();
        match how.after_conflict(&status, saw_resuming) {
            AfterConflict::Woken => return Ok(raw),
            AfterConflict::GiveUp => break,
            AfterConflict::Wait => saw_resuming = true,
        }
        call.sleep(WAKE_POLL_MS).await?;
    }
    Err(conflict)
}
