//! Following a build: its log, and its end.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec;

use wasm_bindgen::prelude::*;

use super::failure::{Failure, Place};
use super::http::{self, Call, PIECE_BYTES, Read, Shared};
use super::options::RequestOptions;
use super::plan::{self, Plan, To};
use super::surface::{self, Given, JsShape, member};
use super::task::{self, Promise};
use super::template::Source;
use crate::call::Request;
use crate::commands::STREAM_IDLE_MS;
use crate::error::{Class, Error};
use crate::logs::{LIMIT_MS, Log};
use crate::retry;
use crate::template::{self, LAST_EVENTS_MS, POLL_MS, Progress};
use crate::wire::template::{BUILD_LOGS_OPTIONS, LOG_EVENT, TEMPLATE_INFO, WAIT_OPTIONS};

#[wasm_bindgen(module = "/src/wasm/js/template.js")]
extern "C" {
    #[wasm_bindgen(js_name = buildError)]
    fn build_error(code: &str, message: &str, build_id: &str, template_id: &str) -> JsValue;
    /// Gives an event of a build log to the callback. Answers whether it was the last.
    #[wasm_bindgen(catch)]
    fn deliver(data: &[u8], shape: &JsShape, on_event: &JsValue) -> Result<bool, JsValue>;
}

/// `template.streamBuildLogs(options)`.
pub fn stream_logs(source: &Rc<Source>, options: &JsValue) -> Promise {
    let source = source.clone();
    let given = surface::read(&BUILD_LOGS_OPTIONS, options);
    run("Template.streamBuildLogs", async move {
        let given = given?;
        let call = Call::new(&given.signal());
        call.limit(given.timeout_ms().unwrap_or(LIMIT_MS));
        let build_id = match given.build_id() {
            Some(id) => id,
            None => newest_build(&call, &source).await?,
        };
        follow(&call, &source, &build_id, &given.on_event()).await?;
        Ok(JsValue::UNDEFINED)
    })
}

/// `template.waitUntilReady(options)`.
pub fn wait(source: &Rc<Source>, options: &JsValue) -> Promise {
    let source = source.clone();
    let given = surface::read(&WAIT_OPTIONS, options);
    run("Template.waitUntilReady", async move {
        wait_until_ready(&source, &given?).await
    })
}

fn run(
    operation: &'static str,
    future: impl Future<Output = Result<JsValue, Failure>> + 'static,
) -> Promise {
    let place = Place::new(operation);
    task::promise(Box::pin(async move {
        future.await.map_err(|failure| place.stamp(failure))
    }))
}

async fn wait_until_ready(source: &Rc<Source>, given: &Given) -> Result<JsValue, Failure> {
    let call = Rc::new(Call::new(&given.signal()));
    if let Some(ms) = given.timeout_ms() {
        call.limit(ms);
    }
    let build_id = newest_build(&call, source).await?;
    let log = given.on_log().is_function().then(|| {
        let (call, source, build_id) = (call.clone(), source.clone(), build_id.clone());
        LogInBackground::start(call, source, build_id, given.on_log())
    });
    let look = template::get_build(&source.id, &build_id)?;
    let poll_ms = given.poll_interval_ms().unwrap_or(POLL_MS);
    let progress = loop {
        let raw = get(&call, source, look.clone()).await?;
        let status = member(&raw, "status")?;
        match template::progress(&status, &surface::text(&raw, "error_message")) {
            Progress::UnderWay => call.sleep(poll_ms).await?,
            ended => break ended,
        };
    };
    if let Some(log) = log {
        log.finish(&call).await?;
    }
    match progress {
        Progress::Failed(code, message) => {
            Err(Failure(build_error(&code, &message, &build_id, &source.id)))
        }
        Progress::Cancelled => {
            let message = "the build was cancelled";
            Err(Failure::new(Class::Conflict, message, 409, "cancelled"))
        }
        _ => {
            let raw = get(&call, source, template::get(&source.id)?).await?;
            surface::one(&TEMPLATE_INFO, &raw)
        }
    }
}

/// The build to look at: the one that this object began, else the newest.
async fn newest_build(call: &Call, source: &Rc<Source>) -> Result<String, Failure> {
    let known = source.latest_build.get();
    if !known.is_empty() {
        return Ok(known);
    }
    let raw = get(call, source, template::list_builds(&source.id, "limit=1")?).await?;
    let newest = surface::first(&raw);
    if newest.is_undefined() {
        return Err(Error::InvalidResponse("the template has no builds".to_owned()).into());
    }
    Ok(member(&newest, "id")?)
}

async fn get(call: &Call, source: &Rc<Source>, request: Request) -> Result<JsValue, Failure> {
    let plan = Plan::new(
        To::Template(source.clone()),
        request,
        RequestOptions::default(),
    );
    plan::perform(call, &plan.answer(Read::Json, |_, raw| Ok(raw))).await
}

/// A log that is followed beside a wait. It never fails the wait, but what the callback throws does.
struct LogInBackground(Shared);

impl LogInBackground {
    fn start(wait: Rc<Call>, source: Rc<Source>, build_id: String, on_log: JsValue) -> Self {
        let shared = Shared::new();
        let signal = shared.signal();
        let promise = task::promise(Box::pin(async move {
            let call = Call::new(&signal);
            match follow(&call, &source, &build_id, &on_log).await {
                Err(Ended::Thrown(value)) => wait.fail(&value),
                Ok(()) | Err(Ended::Failed(_)) => {}
            }
            Ok(JsValue::UNDEFINED)
        }));
        shared.set_promise(&promise);
        Self(shared)
    }

    /// Lets the last events come, for a short while.
    async fn finish(&self, wait: &Call) -> Result<(), JsValue> {
        wait.share_for(&self.0, LAST_EVENTS_MS).await.map(drop)
    }
}

impl Drop for LogInBackground {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Why a log was not followed to its end.
enum Ended {
    /// The callback threw this.
    Thrown(JsValue),
    Failed(Failure),
}

impl From<Ended> for Failure {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Thrown(value) => Self(value),
            Ended::Failed(failure) => failure,
        }
    }
}

/// Follows a log to its last event, over as many connections as it takes.
async fn follow(
    call: &Call,
    source: &Rc<Source>,
    build_id: &str,
    on_event: &JsValue,
) -> Result<(), Ended> {
    let request = template::logs(&source.id, build_id).map_err(|e| Ended::Failed(e.into()))?;
    let plan = Plan::new(
        To::Template(source.clone()),
        request,
        RequestOptions::default(),
    );
    let mut log = Log::default();
    let mut buffer = vec![0; PIECE_BYTES];
    loop {
        let failure = match connection(call, &plan, &mut log, &mut buffer, on_event).await {
            Ok(true) => return Ok(()),
            Ok(false) => None,
            Err(Ended::Failed(failure)) if call.check().is_ok() => Some(failure),
            Err(ended) => return Err(ended),
        };
        let mut asked = None;
        if let Some(failure) = &failure {
            let outcome = plan::outcome(http::status_of(&failure.0), failure);
            if !retry::passes(&outcome) {
                return Err(Ended::Failed(Failure(failure.0.clone())));
            }
            asked = Some(http::retry_after_of(&failure.0)).filter(|ms| !ms.is_nan());
        }
        let Some(ms) = log.again_ms(failure.is_some(), asked, http::random()) else {
            return Err(Ended::Failed(failure.unwrap_or(Error::StreamEnded.into())));
        };
        call.sleep(ms)
            .await
            .map_err(|error| Ended::Failed(Failure(error)))?;
    }
}

/// Reads a log over one connection. Answers whether its last event came.
async fn connection(
    call: &Call,
    plan: &Plan,
    log: &mut Log,
    buffer: &mut [u8],
    on_event: &JsValue,
) -> Result<bool, Ended> {
    let failed = |error| Ended::Failed(Failure(error));
    let route = plan::route(&plan.to, plan.request.plane).map_err(Ended::Failed)?;
    // A call of its own, so that a connection that stalls ends and the whole does not.
    let whole = call;
    let call = &Call::new(&whole.signal());
    let sent = call.attempt(
        &route,
        &plan.request,
        &plan.content,
        STREAM_IDLE_MS,
        &Read::Stream,
    );
    let reader = match sent.await {
        Ok(reader) => reader,
        Err(failure) => return Err(Ended::Failed(whole.check().err().map_or(failure, Failure))),
    };
    log.connected();
    let shape = surface::known(&LOG_EVENT);
    loop {
        let Ok(chunk) = call.chunk(&reader).await else {
            // A connection that breaks or stalls is one that ends early, unless the call itself has ended.
            return whole.check().map(|()| false).map_err(failed);
        };
        if chunk.is_undefined() {
            return Ok(false);
        }
        let mut start = 0;
        loop {
            let copied = http::copy(&chunk, start, buffer);
            let Some(piece) = buffer.get(..copied).filter(|piece| !piece.is_empty()) else {
                break;
            };
            let mut outcome = Ok(false);
            log.push(piece, |data| {
                if matches!(outcome, Ok(false)) {
                    outcome = whole
                        .check()
                        .map_err(failed)
                        .and_then(|()| deliver(data, &shape, on_event).map_err(Ended::Thrown));
                }
            });
            if outcome? {
                call.finish(&reader);
                return Ok(true);
            }
            start += copied;
        }
        whole.check().map_err(failed)?;
    }
}
