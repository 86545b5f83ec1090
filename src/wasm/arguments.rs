//! Arguments and options in, answers out: JavaScript checks and makes them by the tables of `surface`.

use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::call::Sink;
use super::failure::Failure;

#[wasm_bindgen(module = "/src/wasm/js/arguments.js")]
extern "C" {
    /// What a method was called with.
    pub type Arguments;
    /// Checks arguments and options, and the connection too if they name one; answers with what the request carries.
    #[wasm_bindgen(method, catch)]
    pub fn read(this: &Arguments, connects: bool) -> Result<JsValue, JsValue>;
    /// What takes a command's output piece by piece, if the caller wants it so.
    #[wasm_bindgen(method)]
    pub fn sink(this: &Arguments) -> Option<Sink>;
    /// Whether that goes over the wire.
    #[wasm_bindgen(method)]
    pub fn has(this: &Arguments, wire_name: &str) -> bool;
    /// That argument or option, or undefined.
    pub fn local(given: &Arguments, name: &str) -> JsValue;
    /// That argument or option as text, empty where there is none.
    #[wasm_bindgen(js_name = localText)]
    pub fn local_text(given: &Arguments, name: &str) -> String;
    // Those of every call have getters of their own, since a name takes time to cross.
    /// What no error may show, or undefined.
    #[wasm_bindgen(method, getter)]
    pub fn hidden(this: &Arguments) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub fn signal(this: &Arguments) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = timeoutMs)]
    pub fn timeout_ms(this: &Arguments) -> Option<f64>;

    /// What the surface promises for an answer to the operation of that number.
    #[wasm_bindgen(js_name = decode, catch)]
    fn decode_js(number: usize, raw: &JsValue) -> Result<JsValue, JsValue>;
    /// A string that an answer has to have.
    #[wasm_bindgen(catch)]
    pub fn member(raw: &JsValue, name: &str) -> Result<String, JsValue>;
    // Names take time to cross.
    #[wasm_bindgen(catch, js_name = idOf)]
    pub fn id_of(raw: &JsValue) -> Result<String, JsValue>;
    #[wasm_bindgen(catch, js_name = tokenOf)]
    pub fn token_of(raw: &JsValue) -> Result<String, JsValue>;
    /// A string that an answer may have; empty where it has none.
    #[wasm_bindgen(js_name = textOf)]
    pub fn text(raw: &JsValue, name: &str) -> String;
    /// A member of what may be an object, or undefined.
    #[wasm_bindgen(js_name = memberOf)]
    pub fn member_of(value: &JsValue, name: &str) -> JsValue;
    /// A member of a value of this package's own.
    pub fn property(object: &JsValue, name: &str) -> JsValue;
    /// The same as text, empty where there is none.
    #[wasm_bindgen(js_name = propertyText)]
    pub fn property_text(object: &JsValue, name: &str) -> String;
    /// The first item of a list, or undefined.
    pub fn first(raw: &JsValue) -> JsValue;
}

/// What the surface promises for an answer to the operation of that number.
pub fn decode(number: usize, raw: &JsValue) -> Result<JsValue, Failure> {
    Ok(decode_js(number, raw)?)
}
