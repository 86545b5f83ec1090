//! A call of the surface as a value, and the one path that every call takes: send, wake the sandbox if it
//! sleeps, try again where that may help, and make the answer into what the surface promises.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::failure::{Failure, Place};
use super::http::{self, Call, Read, Route};
use super::instance::Instance;
use super::options::RequestOptions;
use super::task::{self, Promise};
use super::template::Source;
use super::{runtime, surface};
use crate::call::{Plane, Request};
use crate::config::Config;
use crate::retry::{self, Outcome};
use crate::sandbox::{self, AfterConflict, WAKE_MS, WAKE_POLL_MS, Wake};

/// What a request goes to.
#[derive(Clone)]
pub enum To {
    /// The service, for calls that are no methods of an instance.
    Service(Rc<Config>),
    /// A sandbox.
    Sandbox(Rc<Instance>),
    /// A template.
    Template(Rc<Source>),
}

impl To {
    pub fn config(&self) -> &Rc<Config> {
        match self {
            Self::Service(config) => config,
            Self::Sandbox(instance) => &instance.config,
            Self::Template(source) => &source.config,
        }
    }
}

/// Turns an answer into what the surface promises.
type Finish = fn(&To, JsValue) -> Result<JsValue, Failure>;

/// One call.
pub struct Plan {
    pub to: To,
    pub request: Request,
    /// What the request carries.
    pub content: JsValue,
    pub options: RequestOptions,
    pub patience_ms: f64,
    pub read: Read,
    /// Set for calls that wake a sandbox: what a 409 means to them.
    pub wake: Option<Wake>,
    /// Set for deletions: a 404 is what they want.
    pub gone_is_done: bool,
    pub finish: Finish,
}

impl Plan {
    /// A call whose answer is not looked at.
    pub fn new(to: To, request: Request, options: RequestOptions) -> Box<Self> {
        Box::new(Self {
            to,
            request,
            content: JsValue::UNDEFINED,
            patience_ms: options.patience_ms(),
            options,
            read: Read::Nothing,
            wake: None,
            gone_is_done: false,
            finish: |_, _| Ok(JsValue::UNDEFINED),
        })
    }

    /// The same, content also when what it deletes is gone already.
    pub fn or_gone(mut self: Box<Self>) -> Box<Self> {
        self.gone_is_done = true;
        self
    }

    /// The same with that JSON or file.
    pub fn content(mut self: Box<Self>, content: JsValue) -> Box<Self> {
        self.content = content;
        self
    }

    /// The same with an answer that is read and made into something.
    pub fn answer(mut self: Box<Self>, read: Read, finish: Finish) -> Box<Self> {
        self.read = read;
        self.finish = finish;
        self
    }
}

/// Runs a call as a promise. An error of this SDK says that it happened in `place`.
pub fn run(place: Place, plan: Result<Box<Plan>, Failure>) -> Promise {
    task::promise(Box::pin(async move {
        let done = match plan {
            Ok(plan) => perform(&Call::new(&plan.options.signal), &plan).await,
            Err(failure) => Err(failure),
        };
        done.map_err(|failure| place.stamp(failure))
    }))
}

/// Sends a plan's request, again where that may help, and finishes its answer.
pub async fn perform(call: &Call, plan: &Plan) -> Result<JsValue, Failure> {
    let mut attempt = 1;
    let mut woken = false;
    loop {
        let route = route(&plan.to, plan.request.plane)?;
        let sent = call.attempt(
            &route,
            &plan.request,
            &plan.content,
            plan.patience_ms,
            &plan.read,
        );
        let failure = match sent.await {
            Ok(value) => return (plan.finish)(&plan.to, value),
            Err(failure) => failure,
        };
        // What ended the call, a callback's error say, is no answer of the service.
        if call.check().is_err() {
            return Err(failure);
        }
        let status = http::status_of(&failure.0);
        match (&plan.to, status) {
            (To::Sandbox(instance), 401 | 403 | 503) if plan.request.plane == Plane::Data => {
                // The sandbox sleeps, or the token is old. Another call may have got a new one while this
                // one was on its way.
                if woken {
                    return Err(failure);
                }
                woken = true;
                if instance.token() == route.secret {
                    call.share(&instance.waking()).await?;
                }
            }
            (_, 404) if plan.gone_is_done => return Ok(JsValue::UNDEFINED),
            (_, 409) if plan.wake.is_some() => {
                let raw = await_other(call, plan, &route, failure).await?;
                return (plan.finish)(&plan.to, raw);
            }
            _ => {
                let outcome = outcome(status, &failure);
                let Some(ms) =
                    retry::delay_ms(plan.request.method, attempt, outcome, http::random())
                else {
                    return Err(failure);
                };
                call.sleep(ms).await?;
                attempt += 1;
            }
        }
    }
}

/// Another caller wakes the sandbox: looks at it until that is done. Answers with the sandbox, or with the
/// conflict where it was none that passes.
async fn await_other(
    call: &Call,
    plan: &Plan,
    route: &Route,
    conflict: Failure,
) -> Result<JsValue, Failure> {
    let (Some(how), Some(look)) = (plan.wake, sandbox::look_after(&plan.request)) else {
        return Err(conflict);
    };
    let until = http::now() + WAKE_MS;
    let mut saw_resuming = false;
    while http::now() < until {
        let sent = call.attempt(route, &look, &plan.content, plan.patience_ms, &Read::Json);
        match sent.await {
            Ok(raw) => {
                let status = surface::member(&raw, "status")?;
                match how.after_conflict(&status, saw_resuming) {
                    AfterConflict::Woken => return Ok(raw),
                    AfterConflict::GiveUp => break,
                    AfterConflict::Wait => saw_resuming = true,
                }
            }
            // The next look is a further attempt.
            Err(failure) => {
                if !retry::passes(&outcome(http::status_of(&failure.0), &failure)) {
                    return Err(failure);
                }
            }
        }
        call.sleep(WAKE_POLL_MS).await?;
    }
    Err(conflict)
}

/// What a failure is to the retry policy.
pub fn outcome(status: u16, failure: &Failure) -> Outcome {
    if status == 0 {
        return Outcome::ConnectionFailed;
    }
    let asked = http::retry_after_of(&failure.0);
    Outcome::Answered {
        status,
        retry_after_ms: (!asked.is_nan()).then_some(asked),
    }
}

/// Where a request goes, and for whom.
pub fn route(to: &To, plane: Plane) -> Result<Route, Failure> {
    let config = to.config();
    if let (Plane::Data, To::Sandbox(instance)) = (plane, to) {
        let place = config.data_plane(&instance.id, runtime::in_browser())?;
        let sandbox_id = if place.names_sandbox {
            instance.id.clone()
        } else {
            String::new()
        };
        return Ok(Route {
            origin: place.origin,
            secret: instance.token(),
            sandbox_id,
        });
    }
    Ok(Route {
        origin: config.base_url.clone(),
        secret: config.api_key.clone(),
        sandbox_id: String::new(),
    })
}
