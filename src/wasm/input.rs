//! A caller's JavaScript value as the pure core's [`Input`].

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

use crate::shape::{Given, Input, Shape};

#[wasm_bindgen(module = "/src/wasm/js/input.js")]
extern "C" {
    #[wasm_bindgen(js_name = typeOf)]
    fn type_of(value: &JsValue) -> u8;
    fn names(joined: &str) -> JsValue;
    #[wasm_bindgen(catch)]
    fn members(object: &JsValue, names: &JsValue) -> Result<Vec<JsValue>, JsValue>;
    #[wasm_bindgen(catch)]
    fn entries(object: &JsValue) -> Result<Option<Vec<JsValue>>, JsValue>;
    #[wasm_bindgen(catch)]
    fn items(value: &JsValue) -> Result<Option<Vec<JsValue>>, JsValue>;
    #[wasm_bindgen(js_name = isSignal)]
    pub fn is_signal(value: &JsValue) -> bool;
    #[wasm_bindgen(js_name = isContent)]
    pub fn is_content(value: &JsValue) -> bool;
}

thread_local! {
    /// The names of each shape's fields as a JavaScript array, made once.
    static NAMES: RefCell<Vec<(&'static str, JsValue)>> = const { RefCell::new(Vec::new()) };
}

pub fn given(value: &JsValue) -> Given {
    match type_of(value) {
        0 => Given::Absent,
        1 => Given::Null,
        2 => Given::Flag(value.is_truthy()),
        3 => Given::Number(value.as_f64().unwrap_or(f64::NAN)),
        4 => Given::Text(value.as_string().unwrap_or_default()),
        5 => Given::Object,
        _ => Given::Other,
    }
}

/// The members of `value` that `shape` names.
pub fn members_of(value: &JsValue, shape: &'static Shape) -> Result<Vec<JsValue>, JsValue> {
    let cached = NAMES.with_borrow(|all| {
        all.iter().find(|(name, _)| *name == shape.name).map(|(_, names)| names.clone())
    });
    let array = cached.unwrap_or_else(|| {
        let joined: Vec<&str> = shape.fields.iter().map(|field| field.name).collect();
        let array = names(&joined.join(" "));
        NAMES.with_borrow_mut(|all| all.push((shape.name, array.clone())));
        array
    });
    members(value, &array)
}

impl Input for JsValue {
    type Thrown = JsValue;

    fn given(&self) -> Given {
        given(self)
    }

    fn members(&self, shape: &'static Shape) -> Result<Vec<Self>, JsValue> {
        members_of(self, shape)
    }

    fn entries(&self) -> Result<Option<Vec<(String, Self)>>, JsValue> {
        let Some(flat) = entries(self)? else { return Ok(None) };
        let mut flat = flat.into_iter();
        let mut pairs = Vec::new();
        while let (Some(key), Some(value)) = (flat.next(), flat.next()) {
            pairs.push((key.as_string().unwrap_or_default(), value));
        }
        Ok(Some(pairs))
    }

    fn items(&self) -> Result<Option<Vec<Self>>, JsValue> {
        items(self)
    }
}
