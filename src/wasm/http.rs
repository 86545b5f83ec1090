//! Sending a request and reading its answer.

use std::cell::Cell;

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::options::RequestOptions;
use super::runtime;
use super::task::Settle;
use crate::call::{Body, Plane, Request};
use crate::config::Config;
use crate::error::Error;
use crate::retry::{self, Outcome};

/// Most bytes of an error's body that are read.
const MAX_ERROR_BYTES: u32 = 65_536;

#[wasm_bindgen(module = "/src/wasm/js/http.js")]
extern "C" {
    #[wasm_bindgen(js_name = Call)]
    type JsCall;
    #[wasm_bindgen(constructor, js_class = Call)]
    fn new(signal: &JsValue) -> JsCall;
    #[wasm_bindgen(method, getter)]
    fn ended(this: &JsCall) -> u8;
    #[wasm_bindgen(method, getter)]
    fn reason(this: &JsCall) -> JsValue;
    #[wasm_bindgen(method)]
    fn close(this: &JsCall, complete: bool);
    #[wasm_bindgen(method)]
    fn wait(this: &JsCall, promise: &Promise) -> Promise;
    #[wasm_bindgen(method)]
    fn sleep(this: &JsCall, ms: f64) -> Promise;
    #[wasm_bindgen(method, catch)]
    fn fetch(
        this: &JsCall,
        url: &str,
        method: &str,
        headers: &str,
        body: &JsValue,
        ms: f64,
    ) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn json(this: &JsCall, response: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, js_name = jsonWithin)]
    fn json_within(this: &JsCall, response: &JsValue, limit: f64) -> Promise;
    #[wasm_bindgen(method)]
    fn text(this: &JsCall, response: &JsValue, limit: f64) -> Promise;
    #[wasm_bindgen(method)]
    fn bytes(this: &JsCall, response: &JsValue, limit: f64) -> Promise;
    #[wasm_bindgen(method, js_name = errorText)]
    fn error_text(this: &JsCall, response: &JsValue, limit: u32) -> Promise;
    #[wasm_bindgen(method)]
    fn chunk(this: &JsCall, reader: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    fn drain(this: &JsCall, reader: &JsValue);

    #[wasm_bindgen(catch, js_name = statusOf)]
    fn status_of(response: &JsValue) -> Result<u16, JsValue>;
    fn header(response: &JsValue, name: &str) -> Option<String>;
    #[wasm_bindgen(js_name = retryAfterMs)]
    fn retry_after_ms(response: &JsValue) -> Option<f64>;
    #[wasm_bindgen(catch, js_name = readerOf)]
    fn reader_of(response: &JsValue) -> Result<JsValue, JsValue>;
    fn random() -> f64;
    pub fn now() -> f64;
    #[wasm_bindgen(js_name = messageOf)]
    fn message_of(error: &JsValue) -> String;
}

/// What is made of an answer's body.
#[derive(Clone, Copy)]
pub enum Read {
    /// It is not looked at.
    Nothing,
    /// JSON.
    Json,
    /// JSON of so many bytes at most, by that option.
    JsonWithin(&'static str, f64),
    /// Text of so many bytes at most.
    Text(f64),
    /// Bytes, so many at most.
    Bytes(f64),
    /// A reader of its chunks.
    Stream,
}

/// One call of the surface: its requests one after another, and what ends them.
pub struct Call {
    js: JsCall,
    complete: Cell<bool>,
}

impl Drop for Call {
    fn drop(&mut self) {
        self.js.close(self.complete.get());
    }
}

impl Call {
    pub fn new(options: &RequestOptions) -> Self {
        Self { js: JsCall::new(&options.signal), complete: Cell::new(true) }
    }

    /// Sends `request`, again where that may help, and reads the answer.
    ///
    /// `secret` is the key or token. A data-plane answer that says the sandbox sleeps or the token is old is
    /// left to the caller: it knows how to wake it.
    pub async fn exchange(
        &self,
        target: &Target<'_>,
        request: &Request,
        content: &JsValue,
        read: Read,
    ) -> Result<JsValue, Failure> {
        let headers = target.headers(request);
        let url = [target.origin, request.target.as_str()].concat();
        let mut attempt = 1;
        loop {
            let sent = self.attempt(&url, request, &headers, content, target.patience_ms, read).await;
            let failure = match sent {
                Ok(value) => return Ok(value),
                Err(failure) => failure.redact(target.secret),
            };
            let again = outcome_of(&failure, request.plane)
                .and_then(|outcome| retry::delay_ms(request.method, attempt, outcome, random()));
            let Some(ms) = again else { return Err(failure) };
            drop(failure);
            self.sleep(ms).await?;
            attempt += 1;
        }
    }

    async fn attempt(
        &self,
        url: &str,
        request: &Request,
        headers: &str,
        content: &JsValue,
        patience_ms: f64,
        read: Read,
    ) -> Result<JsValue, Failure> {
        let body = match &request.body {
            Body::None => JsValue::UNDEFINED,
            Body::Json(text) => JsValue::from_str(text),
            Body::File => content.clone(),
        };
        self.complete.set(false);
        let failed = |error| self.failure(error, patience_ms);
        let sent = self.js.fetch(url, request.method.as_str(), headers, &body, patience_ms);
        let response = Settle::new(sent.map_err(failed)?).await.map_err(failed)?;
        let status = status_of(&response).map_err(failed)?;
        if !(200..300).contains(&status) {
            return Err(self.refusal(status, &response).await);
        }
        let value = match read {
            Read::Stream => return reader_of(&response).map_err(failed),
            Read::Nothing if status == 204 => JsValue::UNDEFINED,
            // Read all the same, so that the connection can serve again.
            Read::Nothing => {
                let read = self.js.error_text(&response, MAX_ERROR_BYTES);
                Settle::new(read).await.map_err(failed)?
            }
            Read::Json => match self.js.json(&response) {
                Ok(promise) => Settle::new(promise).await.map_err(|e| self.unread(e, patience_ms))?,
                Err(error) => return Err(failed(error)),
            },
            Read::JsonWithin(option, limit) => {
                let promise = self.js.json_within(&response, limit);
                let value = Settle::new(promise).await.map_err(|e| self.unread(e, patience_ms))?;
                within(value, option, limit)?
            }
            Read::Text(limit) => {
                let text = Settle::new(self.js.text(&response, limit)).await.map_err(failed)?;
                within(text, "maxBytes", limit)?
            }
            Read::Bytes(limit) => {
                let bytes = Settle::new(self.js.bytes(&response, limit)).await.map_err(failed)?;
                within(bytes, "maxBytes", limit)?
            }
        };
        self.complete.set(true);
        Ok(value)
    }

    /// The error that an answer with another status than success stands for.
    async fn refusal(&self, status: u16, response: &JsValue) -> Failure {
        if status < 400 {
            return Error::Redirect(status).into();
        }
        let text = Settle::new(self.js.error_text(response, MAX_ERROR_BYTES)).await;
        let text = match text {
            Ok(text) => text.as_string().unwrap_or_default(),
            Err(error) => return self.failure(error, 0.0),
        };
        let mut failure = Failure::from(Error::from_answer(status, &text));
        if let Failure::Known(known) = &mut failure {
            known.retry_after_ms = retry_after_ms(response);
            known.request_id = header(response, "x-request-id").unwrap_or_default();
        }
        failure
    }

    /// The next chunk of a stream, undefined at its end.
    pub async fn chunk(&self, reader: &JsValue, patience_ms: f64) -> Result<Option<Uint8Array>, Failure> {
        let read = Settle::new(self.js.chunk(reader)).await;
        let value = read.map_err(|error| self.failure(error, patience_ms))?;
        match value.dyn_into::<Uint8Array>() {
            Ok(chunk) => Ok(Some(chunk)),
            Err(value) if value.is_undefined() => Ok(None),
            Err(_) => Err(Error::InvalidResponse("the stream has chunks that are not bytes".into()).into()),
        }
    }

    /// Lets go of a stream of which nothing more is wanted.
    pub fn finish(&self, reader: &JsValue) {
        self.complete.set(true);
        self.js.drain(reader);
    }

    pub async fn sleep(&self, ms: f64) -> Result<(), Failure> {
        let slept = Settle::new(self.js.sleep(ms)).await;
        slept.map(drop).map_err(|error| self.failure(error, ms))
    }

    /// Waits for what other calls wait for too, as long as this one may go on.
    pub async fn share(&self, promise: &Promise) -> Result<JsValue, Failure> {
        let shared = Settle::new(self.js.wait(promise)).await;
        shared.map_err(|error| match self.js.ended() {
            0 => Failure::Thrown(error),
            _ => self.failure(error, 0.0),
        })
    }

    /// Why a promise of this call was rejected.
    fn failure(&self, error: JsValue, patience_ms: f64) -> Failure {
        match self.js.ended() {
            0 => {
                let message = message_of(&error);
                Failure::caused(Error::Network(message), Some(error))
            }
            1 => Failure::caused(Error::Aborted, Some(self.js.reason())),
            _ => Error::Timeout { after_ms: patience_ms as u32 }.into(),
        }
    }

    /// Why a body was not read: it is not JSON, or as [`Self::failure`].
    fn unread(&self, error: JsValue, patience_ms: f64) -> Failure {
        if self.js.ended() == 0 && error.is_instance_of::<js_sys::SyntaxError>() {
            let error = Error::InvalidResponse("the service's answer is not JSON".to_owned());
            return error.into();
        }
        self.failure(error, patience_ms)
    }
}

fn within(value: JsValue, option: &'static str, limit: f64) -> Result<JsValue, Failure> {
    if value.is_undefined() {
        return Err(Error::TooLarge { option, limit: limit as u64 }.into());
    }
    Ok(value)
}

/// What a failure is to the retry policy; `None` for what is never tried again.
fn outcome_of(failure: &Failure, plane: Plane) -> Option<Outcome> {
    let known = failure.known()?;
    match &known.error {
        Error::Network(_) => Some(Outcome::ConnectionFailed),
        Error::Api { .. } if plane == Plane::Data && is_asleep(failure) => None,
        Error::Api { status, .. } => {
            Some(Outcome::Answered { status: *status, retry_after_ms: known.retry_after_ms })
        }
        _ => None,
    }
}

/// Whether a data-plane answer means that the sandbox is paused or its token no longer valid.
pub fn is_asleep(failure: &Failure) -> bool {
    matches!(failure.status(), Some(401 | 403 | 503))
}

/// Where a request goes, and with what.
pub struct Target<'a> {
    pub origin: &'a str,
    pub secret: &'a str,
    /// Sandbox to name in a header.
    pub sandbox_id: Option<&'a str>,
    pub patience_ms: f64,
}

impl<'a> Target<'a> {
    /// The API.
    pub fn control(config: &'a Config, options: &RequestOptions) -> Self {
        Self {
            origin: &config.base_url,
            secret: &config.api_key,
            sandbox_id: None,
            patience_ms: options.patience_ms(),
        }
    }

    /// Names and values in turn, a line each.
    fn headers(&self, request: &Request) -> String {
        let (name, content_type) = match (request.plane, &request.body) {
            (Plane::Control, Body::None) => ("X-API-Key", ""),
            (Plane::Control, _) => ("X-API-Key", "application/json"),
            (Plane::Data, Body::None) => ("X-Access-Token", ""),
            (Plane::Data, Body::Json(_)) => ("X-Access-Token", "application/json"),
            (Plane::Data, Body::File) => ("X-Access-Token", "application/octet-stream"),
        };
        let mut headers = [name, "\n", self.secret].concat();
        let mut add = |name: &str, value: &str| {
            headers.extend(["\n", name, "\n", value]);
        };
        if !content_type.is_empty() {
            add("Content-Type", content_type);
        }
        if let Some(id) = self.sandbox_id {
            add("X-Superserve-Sandbox-Id", id);
        }
        runtime::with_user_agent(|agent| agent.map(|agent| add("User-Agent", agent)));
        headers
    }
}

/// A request to the API.
pub async fn control(
    call: &Call,
    config: &Config,
    options: &RequestOptions,
    request: &Request,
    read: Read,
) -> Result<JsValue, Failure> {
    call.exchange(&Target::control(config, options), request, &JsValue::UNDEFINED, read).await
}
