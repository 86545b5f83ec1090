//! What becomes of an answer.

use alloc::rc::Rc;

use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::object::{self, adopt};
use super::resource::Resource;
use super::shapes::{self, member};
use crate::operation::Answer;
use crate::surface::command::COMMAND_RESULT;
use crate::surface::preview::PREVIEW_TOKEN;
use crate::surface::sandbox::INSTANCE;
use crate::surface::secret::SECRET_INFO;
use crate::surface::template::{BUILD_INFO, TEMPLATE_INFO};

#[wasm_bindgen(module = "/src/wasm/js/stream.js")]
extern "C" {
    /// Checks that an answer tells how a command ended.
    #[wasm_bindgen(catch, js_name = checkResult)]
    fn check_result(raw: &JsValue) -> Result<(), JsValue>;
}

/// What the surface promises for an answer to a call about `to`.
pub fn finish(answer: Answer, to: &Rc<Resource>, raw: JsValue) -> Result<JsValue, Failure> {
    match answer {
        Answer::Nothing | Answer::Gone => Ok(JsValue::UNDEFINED),
        Answer::One(shape) => shapes::one(shape, &raw),
        Answer::Many(shape) => shapes::all(shape, &raw),
        Answer::Command => {
            check_result(&raw)?;
            shapes::one(&COMMAND_RESULT, &raw)
        }
        // The relay keeps it.
        Answer::Token if to.config.is_relayed => Ok(JsValue::UNDEFINED),
        Answer::Token => to.keep_token(&raw).map(|()| JsValue::UNDEFINED),
        Answer::Sandbox => {
            // The object does not show its date, but an answer has one all the same.
            shapes::check_date(&raw)?;
            let fields = shapes::one(&INSTANCE, &raw)?;
            let resource = made(to, &raw, "id")?;
            resource.keep_token(&raw)?;
            Ok(object::create("Sandbox", resource, &fields))
        }
        Answer::Template | Answer::NewTemplate => {
            let build = match answer {
                Answer::NewTemplate => &*member(&raw, "build_id")?,
                _ => "",
            };
            let fields = shapes::one(&TEMPLATE_INFO, &raw)?;
            let resource = made(to, &raw, "id")?;
            resource.latest_build.set(adopt(&fields, build));
            Ok(object::create("Template", resource, &fields))
        }
        Answer::NewBuild => {
            let info = shapes::one(&BUILD_INFO, &raw)?;
            to.latest_build.set(member(&raw, "id")?);
            Ok(info)
        }
        Answer::Secret => {
            let fields = shapes::one(&SECRET_INFO, &raw)?;
            let resource = made(to, &raw, "name")?;
            Ok(object::create("Secret", resource, &fields))
        }
        Answer::SignedUrl => {
            let token = shapes::one(&PREVIEW_TOKEN, &raw)?;
            let url = to.preview_url(&shapes::local_text(&token, "port"))?;
            Ok(object::signed(&url, &token))
        }
        Answer::Raw | Answer::Bytes | Answer::Text => Ok(raw),
    }
}

/// The resource that an answer describes.
fn made(to: &Resource, raw: &JsValue, id: &str) -> Result<Resource, Failure> {
    Ok(Resource::new(to.config.clone(), member(raw, id)?))
}
