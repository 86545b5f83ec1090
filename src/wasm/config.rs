//! `resolveConfig`, `previewUrl`.

use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::failure::{Failure, Place};
use super::options;
use super::surface::{self, argument};
use crate::preview;
use crate::wire::connection::CONNECTION_OPTIONS;

#[wasm_bindgen(module = "/src/wasm/js/object.js")]
extern "C" {
    fn config(
        api_key: &str,
        base_url: &str,
        sandbox_host: &str,
        sandbox_url: Option<String>,
    ) -> JsValue;
}

/// The connection that explicit options and the environment make, without a request.
///
/// @throws {@link AuthenticationError} when there is no API key.
/// @throws {@link ValidationError} for a URL that is not one, or for plain `http` to another machine.
#[wasm_bindgen(js_name = resolveConfig, unchecked_return_type = "ResolvedConfig")]
pub fn resolve_config(
    #[wasm_bindgen(unchecked_optional_param_type = "ConnectionOptions")] options: JsValue,
) -> Result<JsValue, JsValue> {
    let given = surface::read(&CONNECTION_OPTIONS, &options);
    match given.and_then(|given| options::connection(&given)) {
        Ok(found) => Ok(config(
            &found.api_key,
            &found.base_url,
            &found.sandbox_host,
            found.sandbox_origin.clone(),
        )),
        Err(failure) => Err(Place::new("resolveConfig").stamp(failure)),
    }
}

/// The URL under which a port of a sandbox can be opened, without a request.
///
/// The sandbox has to be active with a server on the port for the URL to answer.
///
/// @throws {@link ValidationError} unless `port` is an integer from 1024 to 65535.
///
/// @example
/// ```typescript
/// previewUrl(sandbox.id, "sandbox.superserve.ai", 8000)
/// ```
#[wasm_bindgen(js_name = previewUrl, unchecked_return_type = "string")]
pub fn preview_url(
    #[wasm_bindgen(js_name = sandboxId, unchecked_param_type = "string")] sandbox_id: JsValue,
    #[wasm_bindgen(js_name = sandboxHost, unchecked_param_type = "string")] sandbox_host: JsValue,
    #[wasm_bindgen(unchecked_param_type = "number")] port: JsValue,
) -> Result<JsValue, JsValue> {
    let build = || {
        let id = argument("sandboxId", &sandbox_id)?;
        let host = argument("sandboxHost", &sandbox_host)?;
        Ok(preview::url(&id, &host, port.as_f64().unwrap_or(f64::NAN))?.into())
    };
    build().map_err(|failure: Failure| Place::new("previewUrl").stamp(failure))
}
