//! The one path that every call takes: send, wake the sandbox if it sleeps, try again where that may help, and make the
//! answer into what the surface promises.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use core::future::Future;
use core::pin::Pin;

use wasm_bindgen::prelude::*;

use super::answer;
use super::call::Call;
use super::failure::Failure;
use super::imports::arguments::{
    Arguments, about as given_about, id_of, member, of_list, property, stopping, text,
};
use super::imports::call::{now, random};
use super::options::{policy, refresh};
use super::prepared::{Prepared, Sends};
use super::read::Read;
use super::resource::Resource;
use super::route::Route;
use super::shared::Shared;
use super::slot::Slot;
use super::{task, ticket};
use crate::protocol::error::Class;
use crate::protocol::request::{Body, Method, Plane, Target};
use crate::protocol::retry;
use crate::resources::sandbox::{self, Seen, Start, Transition, WAKE_MS, Watch, clear_delay_ms};
use crate::resources::snapshot;
use crate::resources::template::MAX_FAILED_LOOKS;
use crate::resources::ticket::{self as ticket_rules, Remedy, SEND_AGAIN};
use crate::surface;
use crate::surface::operation::{self, Answer, Operation};

/// How a sandbox is woken that was found asleep.
const CONNECT: &Operation = surface::entry("Sandbox.connect");
const CONNECT_NUMBER: usize = surface::number("Sandbox.connect");
/// How it is looked at.
const GET_INFO: &Operation = surface::entry("Sandbox.getInfo");
/// How a program is run.
const RUN: &Operation = surface::entry("Commands.run");
/// The same with its output as a stream.
pub const RUN_STREAM: &Operation = surface::entry("Commands.runStream");
const RUN_NUMBER: usize = surface::number("Commands.run");
/// How a snapshot is looked at.
const GET_SNAPSHOT: &Operation = surface::entry("Snapshot.getInfo");
/// The same for a page, which has no way to those of other sandboxes.
const LIST_SNAPSHOTS: &Operation = surface::entry("Sandbox.snapshots");
/// More than a sandbox can have.
const ALL_SNAPSHOTS: &str = "limit=100";
/// Milliseconds between two looks of which the first has failed.
const FAILED_POLL_MS: f64 = 2_000.0;

/// Sends a request as a call of its own.
pub async fn run(given: &Rc<Arguments>, prepared: Box<Prepared>) -> Result<JsValue, Failure> {
    let call = Call::new(given);
    if prepared.limit_ms.is_finite() {
        call.limit(prepared.limit_ms);
    }
    if !prepared.undo.is_empty() {
        call.keep();
        let done = perform(&call, &prepared).await;
        if done.is_err() {
            undo(call, prepared);
        }
        return done;
    }
    let done = perform(&call, &prepared).await;
    end_started(&call, &prepared, &done);
    if done.is_ok() && matches!(prepared.read, Read::Events(..)) {
        call.drain();
    }
    done
}

/// Sees to it that what a request has started in the sandbox does not outlive the call.
pub fn end_started(call: &Call, prepared: &Prepared, done: &Result<JsValue, Failure>) {
    // A stream that was cut off may be so because its sandbox was paused. It ends by itself.
    let streams = matches!(prepared.read, Read::Events(..));
    let name = &prepared.started;
    if let Err(failure) = done
        && !name.is_empty()
        && property(&call.given, "sent").as_f64() != Some(0.0)
        && (call.check().is_err() || !streams && (failure.is_timeout() || failure.is_connection()))
    {
        stop(&call.given, &prepared.to, name);
    }
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
            let mut deletion = Prepared::new(prepared.to.clone(), Method::Delete, target);
            deletion.read = Read::Nothing;
            deletion.clears = true;
            let given = Rc::new(given_about(&created.given, prepared.number));
            perform(&Call::new(&given), &deletion).await?;
        }
        Ok(())
    }));
}

/// Ends, in the background, what a call has started in the sandbox, which is found by that name.
pub fn stop(given: &Arguments, to: &Rc<Resource>, name: &str) {
    let given = Rc::new(given_about(given, RUN_NUMBER));
    let mut request = Prepared::new(to.clone(), RUN.method, run_target(false));
    request.request.plane = Plane::Data;
    request.request.body = Body::Json;
    request.content = stopping(name);
    request.sends = Sends::Unwoken;
    task::background(Box::pin(async move {
        let call = Call::new(&given);
        call.js.unref();
        perform(&call, &request).await.map(|_| ())
    }));
}

/// Where a program is run, and whether what it writes comes as a stream.
pub fn run_target(streams: bool) -> Target {
    let path = if streams { RUN_STREAM.path } else { RUN.path };
    let mut target = Target::of(path);
    target.push(path);
    target
}

/// A name that no other call has.
pub fn some_name() -> String {
    let mut name = String::new();
    for _ in 0..16 {
        name.push(char::from(b'a' + (random() * 16.0) as u8));
    }
    name
}

/// Sends a request, again where that may help, and finishes its answer.
pub async fn perform(call: &Call, prepared: &Prepared) -> Result<JsValue, Failure> {
    let mut attempt = 1;
    let (mut conflicts, mut conflict_since) = (0, None);
    let mut seen = None;
    let (mut renewed, mut repeated) = (false, false);
    let is_relayed = prepared.to.config.is_relayed;
    // One that was begun long ago is only waited for.
    let only_waits = prepared.is(Transition::Capture) && prepared.request.method == Method::Get;
    // Until then it was renewed so often, where a refusal asks for that once more.
    let mut refused = None;
    let leaves_asleep = prepared.sends == Sends::Seen;
    loop {
        if leaves_asleep {
            wake(&prepared.to, &call.given, Waking::Never)
                .wait(call)
                .await?;
        } else if !only_waits && prepared.sends != Sends::Unwoken {
            renew_ahead(call, &prepared.to, prepared.request.plane).await?;
        }
        if let Some(renewals) = refused.take() {
            // Another call may have renewed it while this one was on its way.
            if prepared.to.renewals.get() == renewals {
                renewal(&prepared.to, &call.given).wait(call).await?;
            }
            if prepared.sends == Sends::Once {
                return Err(send_again());
            }
            call.js.repeat(0.0);
        }
        let renewals = prepared.to.renewals.get();
        let route = Route::of(&prepared.to, &prepared.request)?;
        let told = if only_waits {
            Ok(JsValue::UNDEFINED)
        } else {
            let sent = call.attempt(
                &route,
                &prepared.request,
                &prepared.content,
                prepared.timeout_ms,
                &prepared.read,
            );
            sent.await
        };
        // What ended the call, a callback's error say, is no answer of the service.
        if told.is_err() && call.check().is_err() {
            return told;
        }
        if goes_on(prepared, &told) {
            let mut again = false;
            let told = watch(call, prepared, told, &mut seen, &mut again).await;
            if again {
                continue;
            }
            return answer::finish(prepared, told?, &call.given);
        }
        let failure = match told {
            Ok(raw) => return answer::finish(prepared, raw, &call.given),
            Err(failure) => failure,
        };
        let remedy = remedy(call, prepared, &route, &failure);
        if remedy != Remedy::Nothing {
            // Each once: it has not helped.
            let tried = match remedy {
                Remedy::Renewal => &mut renewed,
                _ => &mut repeated,
            };
            if core::mem::replace(tried, true) {
                return Err(failure);
            }
            if leaves_asleep {
                // What has just been paused may not say so yet.
                call.sleep(FAILED_POLL_MS).await?;
            }
            if remedy == Remedy::Renewal {
                refused = Some(renewals);
            } else {
                call.js.repeat(0.0);
            }
            continue;
        }
        match failure.status() {
            404 if matches!(prepared.answer, Answer::Deleted) && prepared.to.is_gone(&failure) => {
                return Ok(JsValue::UNDEFINED);
            }
            409 if prepared.clears && !is_relayed => {
                let since = *conflict_since.get_or_insert_with(now);
                let Some(ms) = clear_delay_ms(conflicts, now() - since) else {
                    return Err(failure);
                };
                call.js.repeat(ms);
                call.sleep(ms).await?;
                conflicts += 1;
            }
            // The relay has looked.
            409 if prepared.is(Transition::Rest) && is_relayed => return Ok(JsValue::UNDEFINED),
            _ if prepared.sends != Sends::Again => return Err(failure),
            _ => {
                let method = match prepared.transition {
                    // Its key keeps the service from doing it twice.
                    Some(Transition::Capture) => Method::Get,
                    None if prepared.repeats => Method::Get,
                    _ => prepared.request.method,
                };
                let delay_ms = |outcome| {
                    let policy = policy(&call.given, &failure);
                    retry::delay_ms(&policy, method, attempt, outcome, random())
                };
                let Some(ms) = failure.outcome().and_then(delay_ms) else {
                    return Err(failure);
                };
                call.js.repeat(ms);
                call.sleep(ms).await?;
                attempt += 1;
            }
        }
    }
}

/// Whether what a request came to is not all: its answer says that the rest is done later; another call's transition is in
/// its way; or no answer told of a pause, which may have begun.
fn goes_on(prepared: &Prepared, told: &Result<JsValue, Failure>) -> bool {
    let Some(transition) = prepared.transition else {
        return false;
    };
    let (captures, pauses) = (transition == Transition::Capture, transition.pauses());
    if prepared.to.config.is_relayed && !captures {
        return false;
    }
    match told {
        Err(failure) if failure.status() == 409 => pauses || transition.wakes(),
        _ if !prepared.waits => false,
        Ok(raw) if captures => text(raw, "status") != snapshot::READY,
        Ok(raw) => pauses && raw.is_truthy(),
        Err(failure) => pauses && (failure.is_timeout() || failure.is_connection()),
    }
}

/// Waits for what a request has begun, or for what stands in its way; `watch` is what has been seen of that before. Answers
/// with what was seen last, or with what the request came to where that stands, or where it is to be sent `again`.
async fn watch(
    call: &Call,
    prepared: &Prepared,
    told: Result<JsValue, Failure>,
    watch: &mut Option<Watch>,
    again: &mut bool,
) -> Result<JsValue, Failure> {
    let Some(transition) = prepared.transition else {
        return told;
    };
    let start = match &told {
        Ok(_) => Start::Accepted,
        Err(failure) if failure.status() == 409 => Start::Refused,
        Err(_) => Start::Lost,
    };
    let captures = transition == Transition::Capture;
    let mut to = &prepared.to;
    let mut id = String::new();
    let target = if captures {
        id = match &told {
            Ok(raw) if !raw.is_undefined() => id_of(raw)?,
            _ => to.id.clone(),
        };
        if to.config.is_relayed {
            to = to.owner.as_ref().unwrap_or(to);
            let mut list = LIST_SNAPSHOTS.target(&|_| to.id.clone())?;
            list.query(ALL_SNAPSHOTS);
            list
        } else {
            GET_SNAPSHOT.target(&|_| id.clone())?
        }
    } else {
        prepared.request.target.parent().unwrap_or_default()
    };
    let look = Prepared::new(to.clone(), Method::Get, target);
    let began = now();
    // What is lost is lost: one look tells whether there is anything to wait for.
    let mut patience = if start == Start::Lost {
        0
    } else {
        MAX_FAILED_LOOKS
    };
    let watch =
        watch.get_or_insert_with(|| Watch::new(transition, start, began, prepared.patience_ms));
    loop {
        let (raw, gone) = match look_at(call, &look, FAILED_POLL_MS, patience).await {
            Ok(raw) => (of_list(&raw, &id), None),
            Err(failure) if failure.status() == 404 => (JsValue::UNDEFINED, Some(failure)),
            // What the request came to says more.
            Err(_) if told.is_err() && transition.pauses() && call.check().is_ok() => {
                return told;
            }
            Err(failure) => return Err(failure),
        };
        let status = if raw.is_undefined() {
            "deleted".to_owned()
        } else {
            member(&raw, "status")?
        };
        match watch.seen(&status, now()) {
            Seen::Wait if !prepared.waits => return Ok(raw),
            Seen::Wait => {
                patience = MAX_FAILED_LOOKS;
                let usual_ms = || match captures {
                    true => snapshot::POLL_MS,
                    false => sandbox::poll_ms(now() - began),
                };
                call.sleep(prepared.poll_ms.unwrap_or_else(usual_ms))
                    .await?;
            }
            Seen::Done => return Ok(raw),
            Seen::GiveUp => return told,
            Seen::Failed(loss) => {
                let own = || Failure::new(loss.class, loss.message, loss.status, loss.code);
                return Err(gone.filter(|_| !captures).unwrap_or_else(own));
            }
            Seen::Repeat => {
                *again = true;
                return told;
            }
        }
    }
}

type Looking<'a> = Pin<Box<dyn Future<Output = Result<JsValue, Failure>> + 'a>>;

/// Reads what is waited for. A service that is away for a moment must not fail a wait of minutes: one that stalls ends, and
/// the whole does not. So many looks may fail, one after another.
pub fn look_at<'a>(
    call: &'a Call,
    prepared: &'a Prepared,
    failed_poll_ms: f64,
    patience: u32,
) -> Looking<'a> {
    Box::pin(async move {
        let mut failures = 0;
        loop {
            let failure = match perform(call, prepared).await {
                Ok(raw) => return Ok(raw),
                Err(failure) => failure,
            };
            call.check()?;
            failures += 1;
            if failures > patience || !failure.is_timeout() && !failure.passes() {
                return Err(failure);
            }
            call.sleep(failed_poll_ms).await?;
        }
    })
}

/// What may make a refused request succeed.
fn remedy(call: &Call, request: &Prepared, route: &Route, failure: &Failure) -> Remedy {
    let (status, code) = (failure.status(), failure.code());
    if request.sends == Sends::Unwoken {
        return Remedy::Nothing;
    }
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
        Remedy::Renewal if !refresh(&call.given).is_function() => Remedy::Nothing,
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
pub async fn renew_ahead(call: &Call, to: &Rc<Resource>, plane: Plane) -> Result<(), Failure> {
    let may_be_due = if to.config.is_relayed {
        refresh(&call.given).is_function()
    } else {
        plane == Plane::Data
    };
    let is_known = || to.token.with(|token| !token.is_empty());
    if !may_be_due || is_known() && !to.renew.is_over(now()) {
        return Ok(());
    }
    let done = renewal(to, &call.given).wait(call).await;
    call.check()?;
    // Where it fails, what is there may be good for this request.
    if is_known() { Ok(()) } else { done }
}

/// The renewal of a token or ticket under way, begun if there is none. It has no caller's signal: it is everybody's.
/// `given` has the connection, and the way to the next ticket.
pub fn renewal(to: &Rc<Resource>, given: &Arguments) -> Rc<Shared> {
    shared(to, &to.renewing, given, Waking::AtOnce)
}

/// Sees to it that a sandbox is awake and its token known, which of one that is awake stays as it is.
pub fn check(to: &Rc<Resource>, given: &Arguments) -> Rc<Shared> {
    shared(to, &to.checking, given, Waking::IfNeeded)
}

/// What wakes a sandbox.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waking {
    AtOnce,
    /// One that is awake stays as it is, and a look tells its token.
    IfNeeded,
    /// Likewise; but one that sleeps does so on, and that is an error.
    Never,
}

fn shared(
    to: &Rc<Resource>,
    under_way: &Slot<Option<Rc<Shared>>>,
    given: &Arguments,
    waking: Waking,
) -> Rc<Shared> {
    let known = under_way.get().filter(|shared| shared.is_alive());
    if let Some(shared) = known.filter(|_| !to.wakes_alone) {
        return shared;
    }
    let shared = if to.config.is_relayed {
        ticket::renew(to, given)
    } else {
        wake(to, given, waking)
    };
    under_way.set(Some(shared.clone()));
    shared
}

fn wake(to: &Rc<Resource>, given: &Arguments, waking: Waking) -> Rc<Shared> {
    Shared::begin(to, given_about(given, CONNECT_NUMBER), &|call| {
        let to = to.clone();
        Box::pin(async move {
            if waking != Waking::AtOnce {
                let raw = perform(&call, &*about(&to, GET_INFO)?).await?;
                let status = text(&raw, "status");
                let sleeps = sandbox::sleeps(&status);
                if status == "active" || waking == Waking::Never && !sleeps {
                    return to.keep_seen(&raw);
                }
                if waking == Waking::Never {
                    let why = "the sandbox is paused";
                    return Err(Failure::new(Class::Conflict, why, 409, "paused"));
                }
            }
            let mut request = about(&to, CONNECT)?;
            request.transition = CONNECT.transition;
            if to.serves_pages {
                request.patience_ms = WAKE_MS;
            }
            request.answer = Answer::Token;
            perform(&call, &request).await?;
            Ok(())
        })
    })
}

/// The request of an entry that takes nothing but the id.
fn about(to: &Rc<Resource>, operation: &'static Operation) -> Result<Box<Prepared>, Failure> {
    let target = operation.target(&|_| to.id.clone())?;
    Ok(Prepared::new(to.clone(), operation.method, target))
}
