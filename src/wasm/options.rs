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
    /// The caller's limit.
    pub timeout_ms: Option<f64>,
}

impl RequestOptions {
    pub fn of(given: &Given) -> Self {
        Self {
            signal: given.signal(),
            hidden: given.hidden(),
            timeout_ms: given.timeout_ms(),
        }
    }

    /// The caller's limit or the default.
    pub fn patience_ms(&self) -> f64 {
        self.timeout_ms.unwrap_or(DEFAULT_TIMEOUT_MS)
    }
}

/// The connection that was made last: most programs make one.
static LAST: Slot<Option<(Settings, Rc<Config>)>> = Slot::new(None);

/// The connection that checked options make: explicit values, then the environment.
pub fn connection(given: &Given) -> Result<Rc<Config>, Failure> {
    let settings = Settings {
        api_key: local_text(given, "apiKey"),
        base_url: local_text(given, "baseUrl"),
        sandbox_url: local_text(given, "sandboxUrl"),
    };
    let settings = settings.or_env(runtime::env);
    let last = LAST.with(|last| {
        last.as_ref()
            .filter(|(known, _)| *known == settings)
            .map(|(_, config)| config.clone())
    });
    if let Some(config) = last {
        return Ok(config);
    }
    let config = Rc::new(Config::resolve(&settings)?);
    LAST.set(Some((settings, config.clone())));
    Ok(config)
}
