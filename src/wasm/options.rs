//! The connection of a call, and what its options say of it.

use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::failure::{Failure, error_of};
use super::imports::arguments::{Arguments, member_of};
use super::resource::Resource;
use super::slot::Slot;
use crate::protocol::config::{Config, Settings};
use crate::protocol::problem::status_message;
use crate::protocol::retry::Policy;

/// The service by the connection that was made last: most programs make one.
static LAST: Slot<Option<Rc<Resource>>> = Slot::new(None);

/// Makes a connection of explicit values and the environment's, for this call and those that follow. JavaScript calls it
/// where a call names another than the last.
#[wasm_bindgen]
pub fn configure(
    api_key: String,
    base_url: String,
    sandbox_url: String,
    machine_credential: String,
) -> Result<(), JsValue> {
    let config = Config::resolve(&Settings {
        api_key,
        base_url,
        sandbox_url,
        machine_credential,
    });
    let config = config.map_err(|error| error_of(&error.into()))?;
    let service = Resource::new(Rc::new(config), String::new());
    LAST.set(Some(Rc::new(service)));
    Ok(())
}

/// The service by the connection of a call whose options were just read.
pub fn service() -> Rc<Resource> {
    LAST.get().unwrap_or_default()
}

/// The caller's way to the next ticket, or undefined.
pub fn refresh(given: &Arguments) -> JsValue {
    member_of(&given.link(), "refreshTicket")
}

/// What a call's options say of further attempts after that failure.
pub fn policy(given: &Arguments, failure: &Failure) -> Policy {
    let own = member_of(&given.link(), "retry");
    let number = |name, default| member_of(&own, name).as_f64().unwrap_or(default);
    let listed = member_of(&own, "retryOn");
    let status = status_message("", failure.status(), "");
    let default = Policy::default();
    Policy {
        attempts: number("attempts", default.attempts),
        max_delay_ms: number("maxDelayMs", default.max_delay_ms),
        is_listed: (!listed.is_undefined()).then(|| member_of(&listed, &status).is_truthy()),
    }
}
