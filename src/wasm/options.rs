//! Options that every call takes, read once when it is made.

use alloc::rc::Rc;

use wasm_bindgen::JsValue;

use super::failure::Failure;
use super::runtime;
use super::shapes::{Given, local_text};
use super::slot::Slot;
use crate::config::{Config, Settings};

/// Milliseconds that a try may take.
const DEFAULT_TIMEOUT_MS: f64 = 30_000.0;

/// The options of one request.
#[derive(Default)]
pub struct RequestOptions {
    /// The caller's signal, or undefined.
    pub signal: JsValue,
    /// What no error may show, or undefined.
    pub hidden: JsValue,
    /// Told how much of a file has been read, or undefined.
    pub on_progress: JsValue,
    /// The caller's way to the next ticket, or undefined.
    pub refresh: JsValue,
    /// The caller's limit.
    pub timeout_ms: Option<f64>,
}

impl RequestOptions {
    pub fn of(given: &Given) -> Self {
        Self {
            signal: given.signal(),
            hidden: given.hidden(),
            on_progress: given.on_progress(),
            refresh: JsValue::UNDEFINED,
            timeout_ms: given.timeout_ms(),
        }
    }

    /// The caller's limit or the default.
    pub fn patience_ms(&self) -> f64 {
        self.timeout_ms.unwrap_or(DEFAULT_TIMEOUT_MS)
    }
}

/// The connection that was made last: most programs make one.
static LAST: Slot<Option<Rc<Config>>> = Slot::new(None);

/// The connection that checked options make: explicit values, then the environment.
pub fn connection(given: &JsValue) -> Result<Rc<Config>, Failure> {
    let last = LAST.with(Option::take);
    let settings = runtime::settings(given, last.is_some());
    let config = match last {
        Some(last) if settings.is_undefined() => last,
        _ => Rc::new(Config::resolve(&Settings {
            api_key: local_text(&settings, "apiKey"),
            base_url: local_text(&settings, "baseUrl"),
            sandbox_url: local_text(&settings, "sandboxUrl"),
        })?),
    };
    LAST.set(Some(config.clone()));
    Ok(config)
}
