//! What the runtime is and has.

use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::slot::Slot;
use crate::text::concat;

#[wasm_bindgen(module = "/src/wasm/js/runtime.js")]
extern "C" {
    /// An environment variable, where there is one.
    pub fn env(name: &str) -> Option<String>;
    fn runtime() -> Option<String>;
}

static USER_AGENT: Slot<Option<String>> = Slot::new(None);

/// The User-Agent, or an empty string in a browser, which may send no header but those that CORS lets
/// through.
pub fn user_agent() -> String {
    USER_AGENT.get().unwrap_or_else(|| {
        let made = match runtime() {
            Some(name) => concat(&[
                "@superserve/sdk/",
                env!("CARGO_PKG_VERSION"),
                " (",
                &name,
                ")",
            ]),
            None => String::new(),
        };
        USER_AGENT.set(Some(made.clone()));
        made
    })
}
