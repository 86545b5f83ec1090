//! What becomes of an answer.

use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::imports::arguments::{Arguments, decode, id_of, member, property_text};
use super::imports::object::{note_build, signed};
use super::object::{self};
use super::prepared::Prepared;
use super::resource::Resource;

use crate::surface::operation::Answer;

/// What the surface promises for an answer to a call.
pub fn finish(prepared: &Prepared, raw: JsValue, given: &Arguments) -> Result<JsValue, Failure> {
    let to = &prepared.to;
    let decoded = || decode(prepared.number, &raw).map_err(Failure::from);
    match prepared.answer {
        Answer::Nothing | Answer::Deleted => Ok(JsValue::UNDEFINED),
        Answer::One | Answer::Many | Answer::Command => decoded(),
        // The relay keeps it.
        Answer::Token if to.config.is_relayed => Ok(JsValue::UNDEFINED),
        Answer::Token => to.keep_token(&raw).map(|()| JsValue::UNDEFINED),
        Answer::Sandbox => {
            let fields = decoded()?;
            let resource = made(to, id_of(&raw)?);
            resource.keep_token(&raw)?;
            Ok(object::create(prepared.number, resource, &fields, given))
        }
        Answer::Template | Answer::NewTemplate => {
            let build = match prepared.answer {
                Answer::NewTemplate => &*member(&raw, "build_id")?,
                _ => "",
            };
            let fields = decoded()?;
            let resource = made(to, id_of(&raw)?);
            resource.latest_build.set(note_build(&fields, build));
            Ok(object::create(prepared.number, resource, &fields, given))
        }
        Answer::NewBuild => {
            let info = decoded()?;
            to.latest_build.set(id_of(&raw)?);
            Ok(info)
        }
        Answer::Secret => {
            let fields = decoded()?;
            let resource = made(to, member(&raw, "name")?);
            Ok(object::create(prepared.number, resource, &fields, given))
        }
        Answer::SignedUrl => {
            let token = decoded()?;
            let url = to.preview_url(&property_text(&token, "port"))?;
            Ok(signed(&url, &token))
        }
        Answer::Raw | Answer::Bytes | Answer::Text => Ok(raw),
    }
}

/// The resource that an answer describes.
fn made(to: &Resource, id: String) -> Resource {
    Resource::new(to.config.clone(), id)
}
