//! What becomes of an answer.

use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::imports::arguments::{
    Arguments, decode, decode_told, id_of, member, property, property_text, text,
};
use super::imports::desktop::stream_page;
use super::imports::object::{note_build, signed};
use super::object::{self};
use super::prepared::{Prepared, Scripted};
use super::read::Read;
use super::resource::Resource;
use crate::protocol::error::Error;
use crate::resources::desktop::{PRIVATE, STREAM_PORT};
use crate::resources::files::failure;
use crate::surface;
use crate::surface::operation::Answer;

/// Its class is that of snapshots.
const SNAPSHOT: usize = surface::number("Snapshot.get");

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
        Answer::Sandbox | Answer::Seen => {
            let fields = decoded()?;
            let mut resource = made(to, id_of(&raw)?);
            resource.is_sandbox = true;
            if prepared.answer == Answer::Sandbox {
                resource.keep_token(&raw)?;
            } else if text(&raw, "status") == "active" {
                // Without one its first call activates it, as it does one that sleeps.
                let _ = resource.keep_token(&raw);
            }
            resource.rests.set(given.rests());
            Ok(object::create(prepared.number, resource, &fields, given))
        }
        Answer::Snapshot => {
            let fields = decoded()?;
            let mut resource = made(to, id_of(&raw)?);
            if to.config.is_relayed {
                resource.owner = Some(to.owner.as_ref().unwrap_or(to).clone());
            }
            Ok(object::create(SNAPSHOT, resource, &fields, given))
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
        Answer::Script | Answer::ScriptMany => match told(prepared, &raw)? {
            Some(json) => Ok(decode_told(prepared.number, &json)?),
            None => Ok(JsValue::UNDEFINED),
        },
        Answer::Exists => match told(prepared, &raw) {
            Err(failure) if failure::is_absence(failure.code()) => Ok(JsValue::FALSE),
            told => told.map(|_| JsValue::TRUE),
        },
        Answer::SignedUrl => {
            let token = decoded()?;
            let url = to.preview_url(&property_text(&token, "port"))?;
            Ok(signed(&url, &token))
        }
        Answer::StreamUrl => {
            // Whoever has the URL of a private port needs a token in it.
            if text(&raw, "access") == PRIVATE && text(&raw, "token").is_empty() {
                return Ok(raw);
            }
            let url = to.preview_url(STREAM_PORT)?;
            Ok(stream_page(&url, given, &raw))
        }
        Answer::Raw | Answer::Bytes | Answer::Text => Ok(raw),
    }
}

/// What a script has told, as JSON, if it tells anything.
fn told(prepared: &Prepared, raw: &JsValue) -> Result<Option<Vec<u8>>, Failure> {
    let Some(Scripted { script, values, .. }) = &prepared.script else {
        return Ok(None);
    };
    // That of a stream has the name that callers know.
    let number = |name| property(raw, name).as_f64();
    let exit_code = number("exit_code")
        .or_else(|| number("exitCode"))
        .unwrap_or_default();
    if let Some(problem) = failure::of(exit_code, &text(raw, "stderr"), script, values) {
        return Err(problem.into());
    }
    if property(raw, "truncated").is_truthy() {
        return Err(Read::Json.too_large());
    }
    let json = script.json(&text(raw, "stdout"), values);
    json.map_err(|why| Error::InvalidResponse(why).into())
}

/// The resource that an answer describes.
fn made(to: &Resource, id: String) -> Resource {
    Resource::new(to.config.clone(), id)
}
