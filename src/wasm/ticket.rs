//! A sandbox behind a relay: made of a ticket, which is renewed when it has expired.

use alloc::boxed::Box;
use alloc::rc::Rc;

use wasm_bindgen::prelude::*;

use super::context::Context;
use super::failure::Failure;
use super::imports::arguments::{Arguments, local, property, property_text};
use super::imports::object::hold;
use super::imports::relay::{ask, claims_of, read};
use super::object;
use super::resource::Resource;
use super::shared::Shared;
use crate::protocol::config::{self, Config};
use crate::protocol::error::Error;
use crate::surface;

/// Milliseconds that a new ticket may take.
const RENEWAL_MS: f64 = 30_000.0;

const FROM_TICKET: usize = surface::number("Sandbox.fromTicket");

/// `Sandbox.fromTicket(ticket, options)`.
pub fn open(given: &Arguments) -> Result<JsValue, Failure> {
    let ticket = read(given)?;
    let text = |name| property_text(&ticket, name);
    if !config::is_host_label(&text("id")) {
        return Err(Error::must("ticket", "be one that createTicket made").into());
    }
    let own = property(&ticket, "own").is_truthy();
    let config = Config::relayed(&text("url"), own, &text("previews"))?;
    let resource = Resource::new(Rc::new(config), text("id"));
    resource.keep_ticket(&ticket);
    let sandbox = object::create(FROM_TICKET, resource, &property(&ticket, "fields"));
    hold(&sandbox, &local(given, "refreshTicket"));
    Ok(sandbox)
}

/// Gets a new ticket, for all calls that found the present one expired.
pub fn renew(to: &Rc<Resource>, refresh: &JsValue) -> Rc<Shared> {
    let (to, refresh) = (to.clone(), refresh.clone());
    let context = Context::new(FROM_TICKET, Some(to.clone()), None);
    Shared::begin(Box::new(move |failure| context.error(failure)), &|call| {
        let (to, refresh) = (to.clone(), refresh.clone());
        Box::pin(async move {
            call.limit(RENEWAL_MS);
            let ticket = claims_of(&call.wait(ask(&refresh)).await?)?;
            if property_text(&ticket, "id") != to.id {
                let why = "give a ticket for the same sandbox";
                return Err(Error::must("refreshTicket", why).into());
            }
            to.keep_ticket(&ticket);
            Ok(())
        })
    })
}
