//! A sandbox behind a relay: made of a ticket, which is renewed when it has expired.

use alloc::boxed::Box;
use alloc::rc::Rc;

use wasm_bindgen::prelude::*;

use super::arguments::{Arguments, local, property, property_text};
use super::failure::{Context, Failure};
use super::object;
use super::resource::Resource;
use super::shared::Shared;
use super::task::Promise;
use crate::protocol::config::{self, Config};
use crate::protocol::error::{Class, Error};
use crate::resources::ticket::SEND_AGAIN;
use crate::surface;

/// Milliseconds that a new ticket may take.
const RENEWAL_MS: f64 = 30_000.0;

#[wasm_bindgen(module = "/src/wasm/js/relay.js")]
extern "C" {
    /// What checked options say of the ticket and the relay.
    #[wasm_bindgen(catch)]
    fn read(given: &Arguments) -> Result<JsValue, JsValue>;
    /// Throws for a file that is larger than the ticket allows.
    #[wasm_bindgen(catch, js_name = permitFile)]
    pub fn permit_file(ticket: &JsValue, content: &JsValue) -> Result<(), JsValue>;
    /// What a ticket says.
    #[wasm_bindgen(catch, js_name = claimsOf)]
    fn claims_of(ticket: &JsValue) -> Result<JsValue, JsValue>;
    /// What the caller's way to the next ticket gives.
    fn ask(refresh: &JsValue) -> Promise;
}

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
    object::hold(&sandbox, &local(given, "refreshTicket"));
    Ok(sandbox)
}

/// What tells a page that the sandbox is awake now, which was asleep when its file came.
pub fn send_again() -> Failure {
    let message = "the sandbox was asleep: send the file again";
    Failure::new(Class::Server, message, 503, SEND_AGAIN)
}

/// Gets a new ticket, for all calls that found the present one expired.
pub fn renew(to: &Rc<Resource>, refresh: &JsValue) -> Rc<Shared> {
    let (to, refresh) = (to.clone(), refresh.clone());
    let context = Context::new("Sandbox.fromTicket", Some(to.clone()), None);
    Shared::begin(context, &|call| {
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
