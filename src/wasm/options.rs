//! Options that every call takes, read once when it is made.

use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::input::is_signal;
use super::runtime;
use crate::config::{Config, Settings};
use crate::shape::{Given, Input, Shape, millis, must};
use crate::wire::connection::{CONNECTION_OPTIONS, REQUEST_OPTIONS};

/// Milliseconds that a try may take.
const DEFAULT_TIMEOUT_MS: f64 = 30_000.0;

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
        let fields = Fields::read(options, &REQUEST_OPTIONS)?;
        Self::of(fields.named("signal"), &fields.named("timeoutMs"))
    }

    pub fn of(signal: JsValue, timeout: &JsValue) -> Result<Self, Failure> {
        if !signal.is_undefined() && !is_signal(&signal) {
            return Err(must("signal", "be an AbortSignal").into());
        }
        let timeout_ms = match timeout.given() {
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
    let fields = Fields::read(options, &CONNECTION_OPTIONS)?;
    let settings = Settings {
        api_key: fields.text("apiKey")?,
        base_url: fields.text("baseUrl")?,
        sandbox_url: fields.text("sandboxUrl")?,
    };
    Ok(Config::resolve(settings, runtime::env)?)
}

/// The fields of an options object, each absent when there are no options.
pub struct Fields {
    shape: &'static Shape,
    members: Vec<JsValue>,
}

impl Fields {
    /// # Errors
    /// Anything but an object or undefined is refused.
    pub fn read(options: &JsValue, shape: &'static Shape) -> Result<Self, Failure> {
        let members = match options.given() {
            Given::Absent => Vec::new(),
            Given::Object => options.members(shape)?,
            _ => return Err(must("options", "be an object").into()),
        };
        Ok(Self { shape, members })
    }

    /// The field of that name.
    pub fn named(&self, name: &str) -> JsValue {
        let index = self.shape.fields.iter().position(|field| field.name == name);
        index.and_then(|index| self.members.get(index)).cloned().unwrap_or_default()
    }

    /// The field of that name, an optional string.
    pub fn text(&self, name: &str) -> Result<Option<String>, Failure> {
        text(name, &self.named(name))
    }
}

/// An optional string.
pub fn text(at: &str, value: &JsValue) -> Result<Option<String>, Failure> {
    match value.given() {
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
    match value.given() {
        Given::Absent => Ok(default),
        Given::Number(limit) if limit > 0.0 => Ok(limit),
        _ => Err(must(at, "be a positive number of bytes").into()),
    }
}
