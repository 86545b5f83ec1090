//! A caller's JavaScript value as the pure core's [`Input`].

use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use super::slot::Slot;
use crate::shape::{Given, Input, Shape};

#[wasm_bindgen(module = "/src/wasm/js/input.js")]
extern "C" {
    #[wasm_bindgen(js_name = typeOf)]
    fn type_of(value: &JsValue) -> u8;
    fn names(joined: &str) -> JsValue;
    #[wasm_bindgen(catch)]
    fn members(object: &JsValue, names: &JsValue) -> Result<Vec<JsValue>, JsValue>;
    #[wasm_bindgen(catch)]
    fn entries(object: &JsValue) -> Result<Vec<JsValue>, JsValue>;
    #[wasm_bindgen(catch)]
    fn items(value: &JsValue) -> Result<Vec<JsValue>, JsValue>;
    #[wasm_bindgen(js_name = isRecord)]
    fn is_record(value: &JsValue) -> bool;
    #[wasm_bindgen(js_name = isSignal)]
    pub fn is_signal(value: &JsValue) -> bool;
    #[wasm_bindgen(js_name = isContent)]
    pub fn is_content(value: &JsValue) -> bool;
}

/// The names of each shape's fields as a JavaScript array, made once.
static NAMES: Cache = Slot::new(Vec::new());

/// JavaScript values made once, by name.
pub type Cache = Slot<Vec<(&'static str, JsValue)>>;

/// The value that `key` stands for in `cache`, made at its first use.
pub fn cached(cache: &Cache, key: &'static str, make: impl FnOnce() -> JsValue) -> JsValue {
    let found = cache.with(|all| {
        all.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone())
    });
    found.unwrap_or_else(|| {
        let value = make();
        cache.with(|all| all.push((key, value.clone())));
        value
    })
}

impl Input for JsValue {
    type Thrown = JsValue;

    fn given(&self) -> Given {
        match type_of(self) {
            0 => Given::Absent,
            1 => Given::Null,
            2 => Given::Flag(self.is_truthy()),
            3 => Given::Number(self.as_f64().unwrap_or(f64::NAN)),
            4 => Given::Text(self.as_string().unwrap_or_default()),
            5 if is_record(self) => Given::Object,
            5 if self.is_array() => Given::List,
            _ => Given::Other,
        }
    }

    fn members(&self, shape: &'static Shape) -> Result<Vec<Self>, JsValue> {
        let array = cached(&NAMES, shape.name, || {
            let mut joined = String::new();
            for field in shape.fields {
                joined.extend([field.name, " "]);
            }
            names(joined.trim_end())
        });
        members(self, &array)
    }

    fn entries(&self) -> Result<Vec<(String, Self)>, JsValue> {
        let mut flat = entries(self)?.into_iter();
        let mut pairs = Vec::new();
        while let (Some(key), Some(value)) = (flat.next(), flat.next()) {
            pairs.push((key.as_string().unwrap_or_default(), value));
        }
        Ok(pairs)
    }

    fn items(&self) -> Result<Vec<Self>, JsValue> {
        items(self)
    }
}
