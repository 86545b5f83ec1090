//! Options in, answers out: the tables of `wire` as JavaScript reads them.

use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::slot::Slot;
use crate::shape::Shape;

#[wasm_bindgen(module = "/src/wasm/js/shape.js")]
extern "C" {
    #[wasm_bindgen(js_name = Shape)]
    #[derive(Clone)]
    pub type JsShape;
    #[wasm_bindgen(constructor, js_class = Shape)]
    fn new(name: &str, base: Option<JsShape>, table: &str, nested: Vec<JsShape>) -> JsShape;
    #[wasm_bindgen(method, catch, js_name = read)]
    fn read_js(this: &JsShape, options: &JsValue) -> Result<Given, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn decode(this: &JsShape, raw: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = decodeAll)]
    fn decode_all(this: &JsShape, raw: &JsValue) -> Result<JsValue, JsValue>;

    /// Checked options.
    pub type Given;
    /// The request's JSON.
    #[wasm_bindgen(method, catch)]
    pub fn body(this: &Given) -> Result<JsValue, JsValue>;
    /// The JSON of a change, which has to change something.
    #[wasm_bindgen(method, catch)]
    pub fn change(this: &Given) -> Result<JsValue, JsValue>;
    /// The same options with an argument, a string, that goes over the wire too.
    #[wasm_bindgen(method, catch)]
    pub fn with(this: &Given, name: &str, value: &JsValue) -> Result<Given, JsValue>;
    /// The request's query.
    #[wasm_bindgen(method, catch)]
    pub fn query(this: &Given) -> Result<String, JsValue>;
    #[wasm_bindgen(method, getter)]
    pub fn signal(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = timeoutMs)]
    pub fn timeout_ms(this: &Given) -> Option<f64>;
    #[wasm_bindgen(method, getter, js_name = apiKey)]
    pub fn api_key(this: &Given) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = baseUrl)]
    pub fn base_url(this: &Given) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = sandboxUrl)]
    pub fn sandbox_url(this: &Given) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = onStdout)]
    pub fn on_stdout(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = onStderr)]
    pub fn on_stderr(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = maxOutputBytes)]
    pub fn max_output_bytes(this: &Given) -> Option<f64>;
    #[wasm_bindgen(method, getter, js_name = maxBytes)]
    pub fn max_bytes(this: &Given) -> Option<f64>;
    #[wasm_bindgen(method, getter, js_name = onEvent)]
    pub fn on_event(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = onLog)]
    pub fn on_log(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = buildId)]
    pub fn build_id(this: &Given) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = pollIntervalMs)]
    pub fn poll_interval_ms(this: &Given) -> Option<f64>;

    /// An argument that has to be a string.
    #[wasm_bindgen(catch)]
    pub fn argument(at: &str, value: &JsValue) -> Result<String, JsValue>;
    /// Checks what is to be sent as a file.
    #[wasm_bindgen(catch)]
    pub fn content(value: &JsValue) -> Result<(), JsValue>;
    /// A string that an answer has to have.
    #[wasm_bindgen(catch)]
    pub fn member(raw: &JsValue, name: &str) -> Result<String, JsValue>;
    /// A string that an answer may have; empty where it has none.
    #[wasm_bindgen(js_name = textOf)]
    pub fn text(raw: &JsValue, name: &str) -> String;
    /// The first item of a list, or undefined.
    pub fn first(raw: &JsValue) -> JsValue;
    /// Checks that an answer has a date.
    #[wasm_bindgen(catch, js_name = hasDate)]
    pub fn has_date(raw: &JsValue, name: &str) -> Result<(), JsValue>;
}

static SHAPES: Slot<Vec<(*const Shape, JsShape)>> = Slot::new(Vec::new());

/// The shape as JavaScript knows it, told once.
pub fn known(shape: &'static Shape) -> JsShape {
    let key = core::ptr::from_ref(shape);
    let found = SHAPES.with(|all| {
        all.iter()
            .find(|(known, _)| *known == key)
            .map(|(_, shape)| shape.clone())
    });
    found.unwrap_or_else(|| {
        let nested = shape.nested.iter().map(|inner| known(inner)).collect();
        let made = JsShape::new(shape.name, shape.base.map(known), shape.table, nested);
        SHAPES.with(|all| all.push((key, made.clone())));
        made
    })
}

/// Checks a caller's options; undefined stands for none.
pub fn read(shape: &'static Shape, options: &JsValue) -> Result<Given, Failure> {
    Ok(known(shape).read_js(options)?)
}

/// The surface's object for an answer.
pub fn one(shape: &'static Shape, raw: &JsValue) -> Result<JsValue, Failure> {
    Ok(known(shape).decode(raw)?)
}

/// The surface's list for an answer.
pub fn all(shape: &'static Shape, raw: &JsValue) -> Result<JsValue, Failure> {
    Ok(known(shape).decode_all(raw)?)
}
