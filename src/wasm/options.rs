//! Options that every call takes, read once when it is made.

use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::input::{given, is_signal, members_of};
use super::runtime;
use crate::config::{Config, Settings};
use crate::error::Error;
use crate::shape::{Given, Input, Shape, millis, must};
use crate::wire::connection::{CONNECTION_OPTIONS, REQUEST_OPTIONS};

/// Milliseconds that a try may take.
pub const DEFAULT_TIMEOUT_MS: f64 = 30_000.0;

/// The options of one request.
#[derive(Default)]
pub struct RequestOptions {
    /// The caller's signal, or undefined.
    pub signal: JsValue,
    /// The caller's limit.
    pub timeout_ms: Option<f64>,
}

impl RequestOptions {
    /// Reads `{ signal, timeoutMs }`.
    pub fn read(options: &JsValue) -> Result<Self, Failure> {
        let [signal, timeout] = fields(options, &REQUEST_OPTIONS)?;
        Self::of(signal, &timeout)
    }

    pub fn of(signal: JsValue, timeout: &JsValue) -> Result<Self, Failure> {
        if !signal.is_undefined() && !is_signal(&signal) {
            return Err(must("signal", "be an AbortSignal").into());
        }
        let timeout_ms = match given(timeout) {
            Given::Absent => None,
            other => Some(millis("timeoutMs", &other)?),
        };
        Ok(Self { signal, timeout_ms })
    }

    /// Takes over what `other` sets.
    pub fn merge(&mut self, other: Self) {
        if !other.signal.is_undefined() {
            self.signal = other.signal;
        }
        self.timeout_ms = other.timeout_ms.or(self.timeout_ms);
    }

    /// The caller's limit or the default.
    pub fn patience_ms(&self) -> f64 {
        self.timeout_ms.unwrap_or(DEFAULT_TIMEOUT_MS)
    }
}

/// Reads the connection options: explicit values, then the environment.
pub fn connection(options: &JsValue) -> Result<Config, Failure> {
    let [api_key, base_url, sandbox_url] = fields(options, &CONNECTION_OPTIONS)?;
    let settings = Settings {
        api_key: text("apiKey", &api_key)?,
        base_url: text("baseUrl", &base_url)?,
        sandbox_url: text("sandboxUrl", &sandbox_url)?,
    };
    Ok(Config::resolve(settings, runtime::env)?)
}

/// The fields that `shape` names; all absent when there are no options.
///
/// # Errors
/// Anything but an object or undefined is refused; so is a shape with another number of fields.
pub fn fields<const N: usize>(
    options: &JsValue,
    shape: &'static Shape,
) -> Result<[JsValue; N], Failure> {
    match given(options) {
        Given::Absent => return Ok([const { JsValue::UNDEFINED }; N]),
        Given::Object if options.items().map_err(Failure::Thrown)?.is_none() => {}
        _ => return Err(must("options", "be an object").into()),
    }
    let members = members_of(options, shape).map_err(Failure::Thrown)?;
    members.try_into().map_err(|_| Error::invalid("options").into())
}

/// An optional string.
pub fn text(at: &str, value: &JsValue) -> Result<Option<String>, Failure> {
    match given(value) {
        Given::Absent => Ok(None),
        Given::Text(text) => Ok(Some(text)),
        _ => Err(must(at, "be a string").into()),
    }
}

/// An argument that has to be a string.
pub fn required_text(at: &str, value: &JsValue) -> Result<String, Failure> {
    text(at, value)?.ok_or_else(|| must(at, "be a string").into())
}

/// An optional function; undefined when there is none.
pub fn callback(at: &str, value: JsValue) -> Result<JsValue, Failure> {
    if value.is_undefined() || value.is_function() {
        return Ok(value);
    }
    Err(must(at, "be a function").into())
}

/// An optional limit in bytes: positive, and Infinity for none.
pub fn byte_limit(at: &str, value: &JsValue, default: f64) -> Result<f64, Failure> {
    match given(value) {
        Given::Absent => Ok(default),
        Given::Number(limit) if limit >= 0.0 => Ok(limit),
        _ => Err(must(at, "be a number of bytes").into()),
    }
}
