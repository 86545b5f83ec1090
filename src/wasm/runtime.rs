//! What the runtime is and has.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/wasm/js/runtime.js")]
extern "C" {
    #[wasm_bindgen(js_name = env)]
    fn env_js(name: &str) -> Option<String>;
    fn runtime() -> Option<String>;
}

thread_local! {
    /// The User-Agent, or `None` in a browser, which may send no header but those that CORS lets through.
    static USER_AGENT: Option<String> = runtime().map(|runtime| {
        ["@superserve/sdk/", env!("CARGO_PKG_VERSION"), " (", &runtime, ")"].concat()
    });
}

/// An environment variable, where there is one.
pub fn env(name: &str) -> Option<String> {
    env_js(name)
}

pub fn in_browser() -> bool {
    USER_AGENT.with(Option::is_none)
}

pub fn with_user_agent<T>(f: impl FnOnce(Option<&str>) -> T) -> T {
    USER_AGENT.with(|agent| f(agent.as_deref()))
}
