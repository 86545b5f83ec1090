//! A call of the surface as a value, and the one path that every call takes: send, wake the sandbox if it
//! sleeps, try again where that may help, and make the answer into what the surface promises.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::answer;
use super::call::{Call, Read, Route, now, random};
use super::failure::Failure;
use super::options::RequestOptions;
use super::resource::Resource;
use super::{arguments, relay, runtime, task};
use crate::protocol::error::Class;
use crate::protocol::request::{Body, Credential, Method, Plane, Request, Target};
use crate::protocol::retry;
use crate::resources::sandbox::{
    self, AfterConflict, CLEAR_MS, Conflict, WAKE_MS, WAKE_POLL_MS, Wake,
};
use crate::resources::ticket::Remedy;
use crate::surface::operation::{self, Answer};

/// One call.
pub struct Plan {
    /// What it is about.
    pub to: Rc<Resource>,
    pub request: Request,
    /// What the request carries.
    pub content: JsValue,
    pub options: RequestOptions,
    pub patience_ms: f64,
    pub read: Read,
    /// Set for calls that wake a sandbox: what a 409 means to them.
    pub wake: Option<Wake>,
    pub answer: Answer,
    /// The operation that the answer is to.
    pub number: usize,
    /// As [`Operation::undo`](crate::surface::operation::Operation::undo).
    pub undo: &'static [&'static str],
    /// Whether a 409 passes by itself: something under way, a build or a transition, stands in the way of a deletion.
    pub clears: bool,
    pub sends: Sends,
}

/// How often a request may be sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sends {
    /// Again where the retry policy says so, and once more to a sandbox that was asleep.
    Again,
    /// Once more to a sandbox that was asleep: for the rest, the page that it comes from sees to it.
    Awake,
    /// Once: its body is gone then.
    Once,
}

impl Plan {
    /// A call to the service whose answer is JSON, given as it is.
    pub fn new(
        to: Rc<Resource>,
        method: Method,
        target: Target,
        options: RequestOptions,
    ) -> Box<Self> {
        let request = Request {
            method,
            plane: Plane::Control,
            target,
            body: Body::None,
        };
        Box::new(Self {
            to,
            request,
            content: JsValue::UNDEFINED,
            patience_ms: options.patience_ms(),
            options,
            read: Read::Json,
            wake: None,
            answer: Answer::Raw,
            number: 0,
            undo: &[],
            clears: false,
            sends: Sends::Again,
        })
    }
}

/// Runs a plan as a call of its own.
pub async fn run(plan: Box<Plan>) -> Result<JsValue, Failure> {
    let call = Call::with(&plan.options);
    if !plan.undo.is_empty() {
        call.keep();
        let done = perform(&call, &plan).await;
        if done.is_err() {
            undo(call, plan);
        }
        return done;
    }
    let done = perform(&call, &plan).await;
    if done.is_ok() && matches!(plan.read, Read::Events(..)) {
        call.drain();
    }
    done
}

/// Deletes, in the background, what a call has created that failed all the same: its answer came too late, or was not
/// what it must be.
fn undo(created: Call, plan: Box<Plan>) {
    task::background(Box::pin(async move {
        let raw = created.leftover().await;
        for path in plan.undo {
            let target = operation::fill(path, &mut |name, target| {
                Ok::<_, Failure>(target.id(name, &arguments::member(&raw, name)?)?)
            })?;
            let options = RequestOptions::default();
            let mut deletion = Plan::new(plan.to.clone(), Method::Delete, target, options);
            deletion.read = Read::Nothing;
            deletion.clears = true;
            perform(&Call::new(&JsValue::UNDEFINED), &deletion).await?;
        }
        Ok(())
    }));
}

/// Sends a plan's request, again where that may help, and finishes its answer.
pub async fn perform(call: &Call, plan: &Plan) -> Result<JsValue, Failure> {
    let mut attempt = 1;
    let mut clears_until = None;
    let (mut renewed, mut repeated) = (false, false);
    loop {
        if let Some(renewal) = plan.to.renewal_ahead(&plan.options.refresh) {
            // Its end is another call's error.
            let _ = renewal.wait(call).await;
            call.check()?;
        }
        let route = route(&plan.to, plan.request.plane)?;
        let sent = call.attempt(
            &route,
            &plan.request,
            &plan.content,
            plan.patience_ms,
            &plan.read,
        );
        let failure = match sent.await {
            Ok(value) => return answer::finish(plan, value),
            Err(failure) => failure,
        };
        // What ended the call, a callback's error say, is no answer of the service.
        if call.check().is_err() {
            return Err(failure);
        }
        let remedy = plan.to.remedy(plan, &failure);
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
            if remedy == Remedy::Renewal && plan.to.token.get() == route.secret {
                plan.to.renewal(&plan.options.refresh).wait(call).await?;
            }
            if plan.sends == Sends::Once {
                return Err(relay::send_again());
            }
            continue;
        }
        match failure.status() {
            404 if matches!(plan.answer, Answer::Gone) && plan.to.is_gone(&failure) => {
                return Ok(JsValue::UNDEFINED);
            }
            409 if plan.clears && now() < *clears_until.get_or_insert_with(|| now() + CLEAR_MS) => {
                call.sleep(WAKE_POLL_MS).await?;
            }
            409 if plan.wake.is_some() && !plan.to.config.is_relayed => {
                let raw = await_other(call, plan, &route, failure).await?;
                return answer::finish(plan, raw);
            }
            _ if plan.sends != Sends::Again => return Err(failure),
            _ => {
                let delay_ms =
                    |outcome| retry::delay_ms(plan.request.method, attempt, outcome, random());
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
    plan: &Plan,
    route: &Route,
    mut conflict: Failure,
) -> Result<JsValue, Failure> {
    let (Some(wake), Some(look)) = (plan.wake, sandbox::look_after(&plan.request)) else {
        return Err(conflict);
    };
    let until = now() + WAKE_MS;
    let mut since = Conflict::new(wake);
    let mut repeats = false;
    while now() < until {
        let request = if repeats { &plan.request } else { &look };
        let sent = call.attempt(route, request, &plan.content, plan.patience_ms, &Read::Json);
        match sent.await {
            Ok(raw) if repeats => return Ok(raw),
            Ok(raw) => match since.seen(&arguments::member(&raw, "status")?) {
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

/// Where a request goes, and for whom.
pub fn route(to: &Resource, plane: Plane) -> Result<Route, Failure> {
    let config = &to.config;
    if config.is_relayed {
        return Ok(Route {
            origin: config.base_url.clone(),
            credential: Credential::Ticket,
            secret: to.token.get(),
            sandbox_id: String::new(),
        });
    }
    if plane == Plane::Control {
        return Ok(Route {
            origin: config.base_url.clone(),
            credential: Credential::ApiKey,
            secret: config.api_key.clone(),
            sandbox_id: String::new(),
        });
    }
    let place = config.data_plane(&to.id, runtime::in_browser())?;
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
    })
}
