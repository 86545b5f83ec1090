//! What the relay uses of this module: one function. Its requests are a page's: they go where those of an object go, wake
//! the sandbox in the same way, and their answers are handed back unread.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::call::Call;
use super::exchange;
use super::failure::{Failure, error_of, unredacted};
use super::imports::arguments::{Arguments, exec, property, property_text};
use super::imports::call::now;
use super::imports::forward::{facts, note};
use super::options;
use super::prepared::{Prepared, Scripted, Sends};
use super::read::Read;
use super::resource::Resource;
use super::{object, task};
use crate::protocol::config::Config;
use crate::protocol::request::{Body, Plane, Target};
use crate::resources::sandbox::Transition;
use crate::resources::script::{self, MAX_OUTPUT_BYTES, Output, STREAM_MS};
use crate::surface::operation::Answer;
use crate::surface::{self, OPERATIONS};

/// Its class is that of these objects.
const CONNECT: usize = surface::number("Sandbox.connect");

/// What `js/forward.js` makes its functions of. Without a handle it makes the connection whose settings were just read, as
/// `given` has it. With a connection's handle `given` has the id of a sandbox, which is reached by that; with a sandbox's
/// it is a page's request, the name of a call whose script is to end, or undefined where only facts are asked for.
#[wasm_bindgen(skip_typescript)]
pub fn forward(handle: usize, given: &JsValue) -> Result<JsValue, JsValue> {
    let Some(to) = object::find(handle) else {
        let wakes_alone = property(given, "wakesAlone").is_truthy();
        return Ok(reached(
            options::service().config.clone(),
            String::new(),
            wakes_alone,
            given.unchecked_ref(),
        ));
    };
    if to.id.is_empty() {
        let id = property_text(given, "id");
        return Ok(reached(
            to.config.clone(),
            id,
            to.wakes_alone,
            given.unchecked_ref(),
        ));
    }
    if given.is_undefined() {
        let place = to.config.data_plane(&to.id, true);
        let place = place.map_err(|error| error_of(&error.into()))?;
        return Ok(facts(
            &place.origin,
            &to.token.get(),
            &to.hint.get(),
            to.renew.is_over(now()),
            &to.last.get(),
        ));
    }
    let call = property_text(given, "stop");
    if !call.is_empty() {
        exchange::stop(given.unchecked_ref(), &to, &call);
        return Ok(JsValue::UNDEFINED);
    }
    let given = given.clone();
    Ok(task::promise(Box::pin(async move {
        passed(&to, &given).await.map_err(|failure| {
            let asked = failure.retry_after_ms();
            let error = unredacted(failure);
            if let Some(ms) = asked {
                note(&error, ms);
            }
            error
        })
    }))
    .into())
}

/// An object for that sandbox; for none, the connection. Of what a call's arguments have, a page's `given` has the signal.
fn reached(config: Rc<Config>, id: String, wakes_alone: bool, given: &Arguments) -> JsValue {
    let mut to = Resource::new(config, id);
    to.wakes_alone = wakes_alone;
    to.serves_pages = true;
    object::create(CONNECT, to, &JsValue::UNDEFINED, given)
}

/// Sends a page's request, which is that of the entry that it names. Answers with the sandbox's answer unread; with the
/// JSON of the API's, if it has any. One that names no entry only wakes the sandbox: unless it is awake, or, with a token
/// that was `refused`, unless another call has got a new one meanwhile.
async fn passed(to: &Rc<Resource>, given: &JsValue) -> Result<JsValue, Failure> {
    let call = Call::new(&Rc::new(given.clone().unchecked_into()));
    let prepared = planned(to, given)?;
    let refused = property_text(given, "refused");
    let renewal = if !refused.is_empty() {
        (to.token.get() == refused).then(|| exchange::renewal(to, &call.given))
    } else {
        let checks = prepared.as_ref().is_none_or(|prepared| {
            // What cannot be sent twice is not sent to a sandbox that may be asleep.
            let checks = prepared.sends == Sends::Once || to.token.get().is_empty();
            checks && prepared.request.plane == Plane::Data
        });
        checks.then(|| exchange::check(to, &call.given))
    };
    if let Some(renewal) = renewal {
        renewal.wait(&call).await?;
    }
    let Some(prepared) = prepared else {
        return Ok(JsValue::UNDEFINED);
    };
    call.passes(&property(given, "headers"));
    if prepared.limit_ms.is_finite() {
        call.limit(prepared.limit_ms);
    }
    let answer = exchange::perform(&call, &prepared).await;
    exchange::end_started(&call, &prepared, &answer);
    let answer = answer?;
    if let Some(Scripted { script, .. }) = &prepared.script
        && script.output == Output::Stream
    {
        end_with_page(call, to.clone(), prepared.started);
        return Ok(answer);
    }
    if prepared.wakes() {
        to.keep_token(&answer)?;
    }
    // A page that only wakes the sandbox need not know all of it.
    if prepared.is(Transition::Activate) {
        return Ok(JsValue::TRUE);
    }
    Ok(answer)
}

/// Ends a script whose page has gone, in the background. By itself it lasts no longer than that limit.
fn end_with_page(call: Call, to: Rc<Resource>, name: String) {
    call.limit(STREAM_MS);
    call.js.unref();
    task::background(Box::pin(async move {
        if let Err(failure) = call.sleep(f64::INFINITY).await
            && !failure.is_timeout()
        {
            exchange::stop(&call.given, &to, &name);
        }
        Ok(())
    }));
}

fn planned(to: &Rc<Resource>, given: &JsValue) -> Result<Option<Box<Prepared>>, Failure> {
    let entry = property(given, "entry").as_f64().unwrap_or(-1.0);
    let Some(operation) = OPERATIONS.get(entry as usize).filter(|_| entry >= 0.0) else {
        return Ok(None);
    };
    let mut target = Target::of(operation.path);
    target.push(&property_text(given, "target"));
    let mut prepared = Prepared::new(to.clone(), operation.method, target);
    prepared.request.plane = operation.plane;
    prepared.sends = if property(given, "once").is_truthy() {
        Sends::Once
    } else {
        Sends::Awake
    };
    prepared.content = property(given, "body");
    if !prepared.content.is_undefined() {
        prepared.request.body = Body::File;
    }
    if let Some(transition) = operation.transition {
        // The page looks at its snapshot itself.
        let waits = transition != Transition::Capture && !property(given, "isAsync").is_truthy();
        prepared.ask_for(transition, waits, None);
    }
    if operation.plane == Plane::Data {
        // The page knows how long it waits.
        prepared.timeout_ms = f64::INFINITY;
        prepared.read = Read::Response;
        if let Some(script) = script::of(operation.path) {
            let text = |name| property_text(given, name);
            let values = script.values(&text("values"))?;
            if !script.wakes(&values) {
                prepared.sends = Sends::Seen;
            }
            let words = script.words(&text("root"), &values);
            let call = text("call");
            prepared.content = exec(given.unchecked_ref(), &words, &call);
            prepared.request.body = Body::Json;
            prepared.request.target = exchange::run_target(script.output == Output::Stream);
            prepared.script = Some(Scripted { script, values });
            prepared.started = call;
            // The relay's own steps: it is to know what has failed.
            if operation.permission.is_empty() {
                prepared.read = Read::Output(MAX_OUTPUT_BYTES);
                prepared.answer = operation.answer;
            }
        }
    } else if let Answer::Nothing | Answer::Deleted = operation.answer {
        prepared.read = Read::Nothing;
        prepared.answer = Answer::Nothing;
    }
    Ok(Some(prepared))
}
