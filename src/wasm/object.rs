//! What JavaScript sees of an exported object.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/wasm/js/object.js")]
extern "C" {
    /// Gives an exported object the fields that people see, and hides the pointer that they should not.
    pub fn show(object: &JsValue, fields: &JsValue);
}
