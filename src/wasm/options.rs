//! Options that every call takes, read once when it is made.

use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::failure::error_of;
use super::imports::arguments::Arguments;
use super::slot::Slot;
use crate::protocol::config::{Config, Settings};

/// The options of one request.
#[derive(Default)]
pub struct RequestOptions {
    /// What the call was made with.
    pub given: Option<Rc<Arguments>>,
    /// The caller's way to the next ticket, or undefined.
    pub refresh: JsValue,
    /// The caller's limit.
    pub timeout_ms: Option<f64>,
}

/// The connection that was made last: most programs make one.
static LAST: Slot<Option<Rc<Config>>> = Slot::new(None);

/// Makes a connection of explicit values and the environment's, for this call and those that follow. JavaScript calls it
/// where a call names another than the last.
#[wasm_bindgen]
pub fn configure(api_key: String, base_url: String, sandbox_url: String) -> Result<(), JsValue> {
    let config = Config::resolve(&Settings {
        api_key,
        base_url,
        sandbox_url,
    });
    LAST.set(Some(Rc::new(
        config.map_err(|error| error_of(&error.into()))?,
    )));
    Ok(())
}

/// The connection of a call whose options were just read.
pub fn connection() -> Rc<Config> {
    LAST.get().unwrap_or_default()
}
