//! Answers as objects of the surface, by the tables of `wire`.

use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::input::{Cache, cached};
use super::slot::Slot;
use crate::error::Error;
use crate::text::concat;
use crate::shape::{Kind, Presence, Shape};

#[wasm_bindgen(module = "/src/wasm/js/output.js")]
extern "C" {
    fn decoder(what: &str, table: &str, nested: Vec<JsValue>) -> JsValue;
    #[wasm_bindgen(catch, js_name = decodeOne)]
    fn decode_one(decoder: &JsValue, raw: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = decodeAll)]
    fn decode_all(decoder: &JsValue, raw: &JsValue) -> Result<JsValue, JsValue>;
    /// A string member of an answer.
    #[wasm_bindgen(js_name = text)]
    pub fn text(raw: &JsValue, name: &str) -> Option<String>;
}

static DECODERS: Cache = Slot::new(Vec::new());

/// One object.
pub fn one(shape: &'static Shape, raw: &JsValue) -> Result<JsValue, Failure> {
    decode_one(&decoder_of(shape), raw).map_err(lacking)
}

/// A list of objects.
pub fn all(shape: &'static Shape, raw: &JsValue) -> Result<JsValue, Failure> {
    decode_all(&decoder_of(shape), raw).map_err(lacking)
}

/// A string that the answer has to have.
pub fn required_text(raw: &JsValue, name: &str) -> Result<String, Failure> {
    text(raw, name)
        .ok_or_else(|| lacking(concat(&["the service's answer lacks ", name]).into()))
}

fn lacking(message: JsValue) -> Failure {
    Error::InvalidResponse(message.as_string().unwrap_or_default()).into()
}

fn decoder_of(shape: &'static Shape) -> JsValue {
    cached(&DECODERS, shape.name, || {
        let mut nested = Vec::new();
        let mut table = String::new();
        for field in shape.fields.iter().filter(|field| !field.wire.is_empty()) {
            let kind = match field.kind {
                Kind::Text(..) | Kind::Literal | Kind::Template | Kind::Edge => "t",
                Kind::Int(..) | Kind::IntOrNull(..) | Kind::MillisAsSeconds => "n",
                Kind::Flag => "b",
                Kind::Date => "d",
                Kind::Map => "m",
                Kind::List => "l",
                Kind::One(inner) => {
                    nested.push(decoder_of(inner));
                    "o"
                }
                Kind::Many(inner) => {
                    nested.push(decoder_of(inner));
                    "a"
                }
            };
            let presence = match field.presence {
                Presence::Required => "!",
                Presence::Defaulted => "=",
                Presence::Optional => "?",
            };
            table.extend([field.name, " ", field.wire, " ", kind, " ", presence, "\n"]);
        }
        decoder(shape.name, table.trim_end(), nested)
    })
}
