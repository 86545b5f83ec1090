//! `resolveConfig`, `previewUrl`.

use alloc::vec;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use super::failure::{Failure, Place};
use super::{options, output};
use crate::preview;
use crate::shape::Input;
use crate::wire::connection::RESOLVED_CONFIG;

#[wasm_bindgen(module = "/src/wasm/js/output.js")]
extern "C" {
    fn object(flat: Vec<JsValue>) -> JsValue;
}

/// The connection that explicit options and the environment make, without a request.
///
/// @throws {@link AuthenticationError} when there is no API key.
/// @throws {@link ValidationError} for a URL that is not one, or for plain `http` to another machine.
#[wasm_bindgen(js_name = resolveConfig, unchecked_return_type = "ResolvedConfig")]
pub fn resolve_config(
    #[wasm_bindgen(unchecked_optional_param_type = "ConnectionOptions")] options: JsValue,
) -> Result<JsValue, JsValue> {
    let resolve = || {
        let config = options::connection(&options)?;
        let mut flat = vec![
            "apiKey".into(),
            config.api_key.into(),
            "baseUrl".into(),
            config.base_url.into(),
            "sandboxHost".into(),
            config.sandbox_host.into(),
        ];
        if let Some(origin) = config.sandbox_origin {
            flat.extend(["sandboxUrl".into(), origin.into()]);
        }
        output::one(&RESOLVED_CONFIG, &object(flat))
    };
    resolve().map_err(|failure: Failure| Place::new("resolveConfig").stamp(failure))
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
        let id = options::required_text("sandboxId", &sandbox_id)?;
        let host = options::required_text("sandboxHost", &sandbox_host)?;
        Ok(preview::url(&id, &host, &port.given())?.into())
    };
    build().map_err(|failure: Failure| Place::new("previewUrl").stamp(failure))
}
