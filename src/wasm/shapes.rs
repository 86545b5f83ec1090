//! Options in, answers out: the tables of `surface` as JavaScript reads them.

use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::slot::Slot;
use crate::operation::{Need, Operation};
use crate::shape::Shape;

#[wasm_bindgen(module = "/src/wasm/js/shape.js")]
extern "C" {
    #[wasm_bindgen(js_name = Shape)]
    #[derive(Clone)]
    pub type JsShape;
    #[wasm_bindgen(constructor, js_class = Shape)]
    fn new(name: &str, table: &str) -> JsShape;
    /// Adds the fields of another shape.
    #[wasm_bindgen(method)]
    fn extend(this: &JsShape, base: &JsShape);
    /// Tells of the next shape that a field has.
    #[wasm_bindgen(method)]
    fn nest(this: &JsShape, inner: &JsShape);
    #[wasm_bindgen(method, catch)]
    fn decode(this: &JsShape, raw: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = decodeAll)]
    fn decode_all(this: &JsShape, raw: &JsValue) -> Result<JsValue, JsValue>;

    /// A call's arguments and options, checked.
    pub type Given;
    /// What a method was called with.
    #[wasm_bindgen(constructor)]
    pub fn new(first: &JsValue, second: &JsValue, third: &JsValue) -> Given;
    /// Takes the arguments, which all have to be there.
    #[wasm_bindgen(method, catch, js_name = takeArguments)]
    fn take_arguments(this: &Given, shape: &JsShape) -> Result<(), JsValue>;
    /// Takes the next value as options; `need` is a [`Need`].
    #[wasm_bindgen(method, catch, js_name = takeOptions)]
    fn take_options(this: &Given, shape: &JsShape, need: u8) -> Result<(), JsValue>;
    /// Gives a member of what goes over the wire, unless the caller has.
    #[wasm_bindgen(method)]
    pub fn preset(this: &Given, wire_name: &str, value: u32);
    /// The request's JSON.
    #[wasm_bindgen(method, catch)]
    pub fn body(this: &Given) -> Result<JsValue, JsValue>;
    /// The JSON of a change, which has to change something.
    #[wasm_bindgen(method, catch)]
    pub fn change(this: &Given) -> Result<JsValue, JsValue>;
    /// The request's query.
    #[wasm_bindgen(method, catch)]
    pub fn query(this: &Given) -> Result<String, JsValue>;
    /// Whether that goes over the wire.
    #[wasm_bindgen(method)]
    pub fn has(this: &Given, wire_name: &str) -> bool;
    // What stays on this side. Those of every call have getters of their own, since a name takes time to cross.
    /// That argument or option, or undefined.
    pub fn local(given: &JsValue, name: &str) -> JsValue;
    /// That argument or option as text, empty where there is none.
    #[wasm_bindgen(js_name = localText)]
    pub fn local_text(given: &JsValue, name: &str) -> String;
    /// What no error may show, or undefined.
    #[wasm_bindgen(method, getter)]
    pub fn hidden(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub fn signal(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = onProgress)]
    pub fn on_progress(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = timeoutMs)]
    pub fn timeout_ms(this: &Given) -> Option<f64>;
    #[wasm_bindgen(method, getter, js_name = maxOutputBytes)]
    pub fn max_output_bytes(this: &Given) -> Option<f64>;
    #[wasm_bindgen(method, getter, js_name = onStdout)]
    pub fn on_stdout(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = onStderr)]
    pub fn on_stderr(this: &Given) -> JsValue;

    /// A string that an answer has to have.
    #[wasm_bindgen(catch)]
    pub fn member(raw: &JsValue, name: &str) -> Result<String, JsValue>;
    /// A string that an answer may have; empty where it has none.
    #[wasm_bindgen(js_name = textOf)]
    pub fn text(raw: &JsValue, name: &str) -> String;
    /// The first item of a list, or undefined.
    pub fn first(raw: &JsValue) -> JsValue;
    /// Checks that an answer says when what it describes was created.
    #[wasm_bindgen(catch, js_name = checkDate)]
    pub fn check_date(raw: &JsValue) -> Result<(), JsValue>;
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
        let made = JsShape::new(shape.name, shape.table);
        for inner in shape.nested {
            made.nest(&known(inner));
        }
        if let Some(base) = shape.base {
            made.extend(&known(base));
        }
        SHAPES.with(|all| all.push((key, made.clone())));
        made
    })
}

/// Checks what an operation was called with.
pub fn read(operation: &Operation, given: &Given) -> Result<(), Failure> {
    if !operation.arguments.table.is_empty() {
        given.take_arguments(&known(operation.arguments))?;
    }
    if let Some(options) = operation.options {
        given.take_options(&known(options), operation.need as u8)?;
    }
    if let Some(connection) = operation.connection {
        given.take_options(&known(connection), Need::Maybe as u8)?;
    }
    Ok(())
}

/// The surface's object for an answer.
pub fn one(shape: &'static Shape, raw: &JsValue) -> Result<JsValue, Failure> {
    Ok(known(shape).decode(raw)?)
}

/// The surface's list for an answer.
pub fn all(shape: &'static Shape, raw: &JsValue) -> Result<JsValue, Failure> {
    Ok(known(shape).decode_all(raw)?)
}
