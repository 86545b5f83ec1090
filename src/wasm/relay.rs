//! A sandbox behind a relay: made of a ticket, which is renewed when it has expired.

use alloc::boxed::Box;
use alloc::rc::Rc;

use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::given::{Given, local, property, property_text};
use super::http::Shared;
use super::object;
use super::resource::Resource;
use super::task::{self, Promise, Settle};
use crate::config::{self, Config};
use crate::error::{Class, Error};
use crate::relay::SEND_AGAIN;
use crate::surface;

#[wasm_bindgen(module = "/src/wasm/js/relay.js")]
extern "C" {
    /// What checked options say of the ticket and the relay.
    #[wasm_bindgen(catch)]
    fn read(given: &Given) -> Result<JsValue, JsValue>;
    /// Throws for a file that is larger than the ticket allows.
    #[wasm_bindgen(catch, js_name = permitFile)]
    pub fn permit_file(ticket: &JsValue, content: &JsValue) -> Result<(), JsValue>;
    /// What the next ticket says. `id` is the sandbox's.
    fn renewed(refresh: &JsValue, id: &str, signal: &JsValue) -> Promise;
}

const FROM_TICKET: usize = surface::number("Sandbox.fromTicket");

/// `Sandbox.fromTicket(ticket, options)`.
pub fn open(given: &Given) -> Result<JsValue, Failure> {
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
pub fn renew(to: Rc<Resource>, refresh: &JsValue, shared: &Shared) -> Promise {
    let (refresh, signal) = (refresh.clone(), shared.signal());
    task::shared(Box::pin(async move {
        let ticket = Settle::new(renewed(&refresh, &to.id, &signal)).await?;
        to.keep_ticket(&ticket);
        Ok(JsValue::UNDEFINED)
    }))
}
