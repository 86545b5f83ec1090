//! The one path that every call takes: send, wake the sandbox if it sleeps, try again where that may help, and make the
//! answer into what the surface promises.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::answer;
use super::call::{Call, Route};
use super::context::Context;
use super::failure::Failure;
use super::imports::arguments::{member, text};
use super::imports::call::{now, random};
use super::options::RequestOptions;
use super::prepared::{Prepared, Sends};
use super::read::Read;
use super::resource::Resource;
use super::shared::Shared;
use super::slot::Slot;
use super::{dispatch, runtime, task, ticket};
use crate::protocol::error::Class;
use crate::protocol::request::{Credential, Method, Plane};
use crate::protocol::retry;
use crate::resources::sandbox::{self, AfterConflict, CLEAR_MS, Conflict, WAKE_MS, WAKE_POLL_MS};
use crate::resources::ticket::{self as ticket_rules, Remedy, SEND_AGAIN};
use crate::surface;
use crate::surface::operation::{self, Answer, Operation};

/// How a sandbox is woken that was found asleep.
const CONNECT: &Operation = surface::entry("Sandbox.connect");
const CONNECT_NUMBER: usize = surface::number("Sandbox.connect");
/// How it is looked at.
const GET_INFO: &Operation = surface::entry("Sandbox.getInfo");

/// Sends a request as a call of its own.
pub async fn run(mut prepared: Box<Prepared>) -> Result<JsValue, Failure> {
    let call = Call::with(&prepared.options);
    if !prepared.undo.is_empty() {
        call.keep();
        let done = perform(&call, &prepared).await;
        if done.is_err() {
            undo(call, prepared);
        }
        return done;
    }
    let done = loop {
        let done = perform(&call, &prepared).await;
        match &done {
            Ok(value) => match dispatch::next(&prepared, value)? {
                Some(next) => prepared = next,
                None => break done,
            },
            Err(_) => break done,
        }
    };
    if prepared.is_page {
        return done.map(|items| call.js.page(&items));
    }
    if done.is_ok() && matches!(prepared.read, Read::Events(..)) {
        call.drain();
    }
    done
}

/// Deletes, in the background, what a call has created that failed all the same: its answer came too late, or was not
/// what it must be.
fn undo(created: Call, prepared: Box<Prepared>) {
    task::background(Box::pin(async move {
        let raw = created.leftover().await;
        for path in prepared.undo {
            let target = operation::fill(path, &mut |name, target| {
                Ok::<_, Failure>(target.id(name, &member(&raw, name)?)?)
            })?;
            let options = RequestOptions::default();
            let mut deletion = Prepared::new(prepared.to.clone(), Method::Delete, target, options);
            deletion.read = Read::Nothing;
            deletion.clears = true;
            perform(&Call::new(&JsValue::UNDEFINED), &deletion).await?;
        }
        Ok(())
    }));
}

/// Sends a request, again where that may help, and finishes its answer.
pub async fn perform(call: &Call, prepared: &Prepared) -> Result<JsValue, Failure> {
    let mut attempt = 1;
    let mut clears_until = None;
    let (mut renewed, mut repeated) = (false, false);
    loop {
        renew_ahead(
            call,
            &prepared.to,
            prepared.request.plane,
            &prepared.options.refresh,
        )
        .await?;
        let renewals = prepared.to.renewals.get();
        let route = route(&prepared.to, prepared.request.plane)?;
        let sent = call.attempt(
            &route,
            &prepared.request,
            &prepared.content,
            prepared.timeout_ms,
            &prepared.read,
        );
        let failure = match sent.await {
            Ok(value) => return answer::finish(prepared, value),
            Err(failure) => failure,
        };
        // What ended the call, a callback's error say, is no answer of the service.
        if call.check().is_err() {
            return Err(failure);
        }
        let remedy = remedy(prepared, &route, &failure);
        if remedy != Remedy::Nothing {
            // Each once: it has not helped.
            let tried = match remedy {
                Remedy::Renewal => &mut renewed,
                _ => &mut repeated,
            };
            if core::mem::replace(tried, true) {
                return Err(failure);
            }
            // Another call may have renewed it while this one was on its way.
            if remedy == Remedy::Renewal && prepared.to.renewals.get() == renewals {
                renewal(&prepared.to, &prepared.options.refresh)
                    .wait(call)
                    .await?;
            }
            if prepared.sends == Sends::Once {
                return Err(send_again());
            }
            continue;
        }
        match failure.status() {
            404 if matches!(prepared.answer, Answer::Deleted) && prepared.to.is_gone(&failure) => {
                return Ok(JsValue::UNDEFINED);
            }
            409 if prepared.clears
                && now() < *clears_until.get_or_insert_with(|| now() + CLEAR_MS) =>
            {
                call.sleep(WAKE_POLL_MS).await?;
            }
            409 if prepared.wake.is_some() && !prepared.to.config.is_relayed => {
                let raw = await_other(call, prepared, &route, failure).await?;
                return answer::finish(prepared, raw);
            }
            _ if prepared.sends != Sends::Again => return Err(failure),
            _ => {
                let delay_ms =
                    |outcome| retry::delay_ms(prepared.request.method, attempt, outcome, random());
                let Some(ms) = failure.outcome().and_then(delay_ms) else {
                    return Err(failure);
                };
                call.sleep(ms).await?;
                attempt += 1;
            }
        }
    }
}

/// A transition stands in the way of a wake-up: looks at the sandbox until that is over. Answers with the sandbox, or
/// with the conflict where it was none that passes.
async fn await_other(
    call: &Call,
    prepared: &Prepared,
    route: &Route,
    mut conflict: Failure,
) -> Result<JsValue, Failure> {
    let (Some(wake), Some(look)) = (prepared.wake, sandbox::look_after(&prepared.request)) else {
        return Err(conflict);
    };
    let until = now() + WAKE_MS;
    let mut since = Conflict::new(wake);
    let mut repeats = false;
    while now() < until {
        let request = if repeats { &prepared.request } else { &look };
        let sent = call.attempt(
            route,
            request,
            &prepared.content,
            prepared.timeout_ms,
            &Read::Json,
        );
        match sent.await {
            Ok(raw) if repeats => return Ok(raw),
            Ok(raw) => match since.seen(&member(&raw, "status")?) {
                AfterConflict::Woken => return Ok(raw),
                AfterConflict::GiveUp => break,
                AfterConflict::Gone => {
                    let message = "the sandbox was deleted";
                    return Err(Failure::new(Class::NotFound, message, 404, "not_found"));
                }
                AfterConflict::Repeat => {
                    repeats = true;
                    continue;
                }
                AfterConflict::Wait => {}
            },
            Err(failure) if failure.status() == 409 && repeats => {
                conflict = failure;
                repeats = false;
                continue;
            }
            // The next look is a further attempt.
            Err(failure) if repeats || !failure.passes() => return Err(failure),
            Err(_) => {}
        }
        call.sleep(WAKE_POLL_MS).await?;
    }
    Err(conflict)
}

/// What may make a refused request succeed.
fn remedy(request: &Prepared, route: &Route, failure: &Failure) -> Remedy {
    let (status, code) = (failure.status(), failure.code());
    if !request.to.config.is_relayed {
        let is_hinted = !route.hint.is_empty();
        let asks = request.request.plane == Plane::Data
            && sandbox::asks_to_activate(status, code, is_hinted);
        return if asks {
            Remedy::Renewal
        } else {
            Remedy::Nothing
        };
    }
    match ticket_rules::remedy(status, code) {
        Remedy::Renewal if !request.options.refresh.is_function() => Remedy::Nothing,
        remedy => remedy,
    }
}

/// What tells a page that the sandbox is awake now, which was asleep when its file came.
fn send_again() -> Failure {
    let message = "the sandbox was asleep: send the file again";
    Failure::new(Class::Server, message, 503, SEND_AGAIN)
}

/// Renews first what a request would be refused with: a ticket that is about to expire, if there is a way to another; a
/// routing hint that is over; a token that is not known yet.
pub async fn renew_ahead(
    call: &Call,
    to: &Rc<Resource>,
    plane: Plane,
    refresh: &JsValue,
) -> Result<(), Failure> {
    let may_be_due = if to.config.is_relayed {
        refresh.is_function()
    } else {
        plane == Plane::Data
    };
    let is_known = || to.token.with(|token| !token.is_empty());
    if !may_be_due || is_known() && !to.renew.is_over(now()) {
        return Ok(());
    }
    let done = renewal(to, refresh).wait(call).await;
    call.check()?;
    // Where it fails, what is there may be good for this request.
    if is_known() { Ok(()) } else { done }
}

/// The renewal of a token or ticket under way, begun if there is none. It has no caller's signal: it is everybody's.
/// `refresh` is the caller's way to the next ticket.
pub fn renewal(to: &Rc<Resource>, refresh: &JsValue) -> Rc<Shared> {
    shared(to, &to.renewing, refresh, false)
}

/// Sees to it that a sandbox is awake and its token known, which of one that is awake stays as it is.
pub fn check(to: &Rc<Resource>) -> Rc<Shared> {
    shared(to, &to.checking, &JsValue::UNDEFINED, true)
}

fn shared(
    to: &Rc<Resource>,
    under_way: &Slot<Option<Rc<Shared>>>,
    refresh: &JsValue,
    looks_first: bool,
) -> Rc<Shared> {
    let known = under_way.get().filter(|shared| shared.is_alive());
    if let Some(shared) = known.filter(|_| !to.wakes_alone) {
        return shared;
    }
    let shared = if to.config.is_relayed {
        ticket::renew(to, refresh)
    } else {
        wake(to, looks_first)
    };
    under_way.set(Some(shared.clone()));
    shared
}

fn wake(to: &Rc<Resource>, looks_first: bool) -> Rc<Shared> {
    let context = Context::new(CONNECT_NUMBER, Some(to.clone()), None);
    Shared::begin(Box::new(move |failure| context.error(failure)), &|call| {
        let to = to.clone();
        Box::pin(async move {
            if looks_first {
                let raw = perform(&call, &*about(&to, GET_INFO)?).await?;
                if text(&raw, "status") == "active" {
                    return to.keep_seen(&raw);
                }
            }
            let mut request = about(&to, CONNECT)?;
            request.wake = CONNECT.wake;
            request.answer = Answer::Token;
            perform(&call, &request).await?;
            Ok(())
        })
    })
}

/// The request of an entry that takes nothing but the id.
fn about(to: &Rc<Resource>, operation: &'static Operation) -> Result<Box<Prepared>, Failure> {
    let target = operation.target(&|_| to.id.clone())?;
    let options = RequestOptions::default();
    Ok(Prepared::new(to.clone(), operation.method, target, options))
}

/// Where a request goes, and for whom.
pub fn route(to: &Resource, plane: Plane) -> Result<Route, Failure> {
    let config = &to.config;
    if config.is_relayed {
        return Ok(Route {
            origin: config.base_url.clone(),
            credential: Credential::Ticket,
            secret: to.token.get(),
            sandbox_id: String::new(),
            hint: String::new(),
        });
    }
    if plane == Plane::Control {
        return Ok(Route {
            origin: config.base_url.clone(),
            credential: Credential::ApiKey,
            secret: config.api_key.clone(),
            sandbox_id: String::new(),
            hint: String::new(),
        });
    }
    let in_browser = runtime::in_browser();
    let place = config.data_plane(&to.id, in_browser)?;
    // CORS lets no page send it.
    let hint = if in_browser {
        String::new()
    } else {
        to.hint.get()
    };
    let sandbox_id = if place.names_sandbox {
        to.id.clone()
    } else {
        String::new()
    };
    Ok(Route {
        origin: place.origin,
        credential: Credential::AccessToken,
        secret: to.token.get(),
        sandbox_id,
        hint,
    })
}
