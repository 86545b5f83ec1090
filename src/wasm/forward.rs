//! What the relay uses of this module. Its requests are a page's: they go where those of an object go, wake the sandbox in
//! the same way, and their answers are handed back unread. JavaScript finds the functions by way of `js/forward.js`.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::http::{Call, Read};
use super::options::{self, RequestOptions};
use super::plan::{self, Plan, Sends};
use super::resource::Resource;
use super::shapes::local;
use super::{object, task};
use crate::call::{Body, Plane, Target};
use crate::operation::{Answer, Operation};
use crate::surface::CLASSES;

#[wasm_bindgen(module = "/src/wasm/js/forward.js")]
extern "C" {
    /// What the relay knows of a sandbox.
    fn facts(origin: &str, token: &str, last_token: &str) -> JsValue;
}

/// The connection that settings and environment make: an object like a sandbox's, without an id. `wakes_alone` is as
/// [`Resource::wakes_alone`] says.
#[wasm_bindgen(skip_typescript)]
pub fn connect(settings: &JsValue, wakes_alone: bool) -> Result<JsValue, JsValue> {
    let config = options::connection(settings).map_err(|failure| failure.0)?;
    let mut service = Resource::new(config, String::new());
    service.wakes_alone = wakes_alone;
    Ok(object::create("Sandbox", service, &JsValue::UNDEFINED))
}

/// The sandbox with that id, of which nothing else is known.
#[wasm_bindgen(skip_typescript)]
pub fn reach(connection: usize, id: String) -> Result<JsValue, JsValue> {
    let service = object::find(connection).ok_or_else(object::not_ours)?;
    let mut sandbox = Resource::new(service.config.clone(), id);
    sandbox.wakes_alone = service.wakes_alone;
    Ok(object::create("Sandbox", sandbox, &JsValue::UNDEFINED))
}

/// Origin of the sandbox's own host, its token if that is known, and the token before.
#[wasm_bindgen(skip_typescript)]
pub fn describe(handle: usize) -> Result<JsValue, JsValue> {
    let to = object::find(handle).ok_or_else(object::not_ours)?;
    let place = to.config.data_plane(&to.id, true);
    let place = place.map_err(|error| Failure::from(error).0)?;
    Ok(facts(&place.origin, &to.token.get(), &to.last_token.get()))
}

/// Wakes the sandbox: unless it is awake, or, with a token that was refused, unless another call has got a new one
/// meanwhile.
#[wasm_bindgen(skip_typescript)]
pub fn awaken(handle: usize, refused: String, signal: &JsValue) -> Result<JsValue, JsValue> {
    let to = object::find(handle).ok_or_else(object::not_ours)?;
    let call = Call::new(signal);
    Ok(task::promise(Box::pin(async move {
        if refused.is_empty() {
            call.share(&to.check()).await?;
        } else if to.token.get() == refused {
            call.share(&to.renewal(&JsValue::UNDEFINED)).await?;
        }
        Ok(JsValue::UNDEFINED)
    }))
    .into())
}

/// Sends a page's request, which is that entry's. `request` has its `headers`, `body` and `signal`, whether it can be
/// sent `once` only, and what takes secrets out of a text (`clear`). Answers with the sandbox's answer unread; with the
/// JSON of the API's, if it has any.
#[wasm_bindgen(skip_typescript)]
pub fn forward(
    handle: usize,
    class: usize,
    index: usize,
    target: &str,
    request: &JsValue,
) -> Result<JsValue, JsValue> {
    let operation = CLASSES
        .get(class)
        .and_then(|class| class.operations.get(index));
    let (Some(to), Some(operation)) = (object::find(handle), operation) else {
        return Err(object::not_ours());
    };
    let call = Call::new(&local(request, "signal"));
    call.passes(&local(request, "headers"), &local(request, "clear"));
    let mut plan = planned(&to, operation, target, local(request, "body"));
    if local(request, "once").is_truthy() {
        plan.sends = Sends::Once;
    }
    Ok(task::promise(Box::pin(async move {
        passed(&call, &plan).await.map_err(|failure| failure.0)
    }))
    .into())
}

fn planned(to: &Rc<Resource>, operation: &Operation, target: &str, body: JsValue) -> Box<Plan> {
    let mut path = Target::default();
    path.push(target);
    let mut plan = Plan::new(
        to.clone(),
        operation.method,
        path,
        RequestOptions::default(),
    );
    plan.request.plane = operation.plane;
    plan.wake = operation.wake;
    plan.sends = Sends::Awake;
    if !body.is_undefined() {
        plan.request.body = Body::File;
        plan.content = body;
    }
    if operation.plane == Plane::Data {
        // The page knows how long it waits.
        plan.patience_ms = f64::INFINITY;
        plan.read = Read::Response;
    } else if let Answer::Nothing | Answer::Gone = operation.answer {
        plan.read = Read::Nothing;
    }
    plan
}

async fn passed(call: &Call, plan: &Plan) -> Result<JsValue, Failure> {
    let to = &plan.to;
    // What cannot be sent twice is not sent to a sandbox that may be asleep.
    let checks = plan.sends == Sends::Once || to.token.get().is_empty();
    if plan.request.plane == Plane::Data && checks {
        call.share(&to.check()).await?;
    }
    let answer = plan::perform(call, plan).await?;
    if plan.wake.is_some() {
        to.keep_token(&answer)?;
    }
    Ok(answer)
}
