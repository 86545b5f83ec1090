//! A sandbox behind a relay: made of a ticket, which is renewed when it has expired.

use alloc::boxed::Box;
use alloc::rc::Rc;

use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::imports::arguments::{Arguments, about, property, property_text};
use super::imports::relay::{ask, claims_of, read};
use super::object;
use super::options::refresh;
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
    let mut resource = Resource::new(Rc::new(config), text("id"));
    resource.is_sandbox = true;
    resource.rests.set(given.rests());
    resource.keep_ticket(&ticket);
    let fields = property(&ticket, "fields");
    Ok(object::create(FROM_TICKET, resource, &fields, given))
}

/// Gets a new ticket, for all calls that found the present one expired.
pub fn renew(to: &Rc<Resource>, given: &Arguments) -> Rc<Shared> {
    Shared::begin(to, about(given, FROM_TICKET), &|call| {
        let to = to.clone();
        Box::pin(async move {
            call.limit(RENEWAL_MS);
            let ticket = claims_of(&call.wait(ask(&refresh(&call.given))).await?)?;
            if property_text(&ticket, "id") != to.id {
                let why = "give a ticket for the same sandbox";
                return Err(Error::must("refreshTicket", why).into());
            }
            to.keep_ticket(&ticket);
            Ok(())
        })
    })
}
