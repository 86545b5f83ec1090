//! Following a build: its log, and its end.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::call::Call;
use super::exchange::look_at;
use super::failure::Failure;
use super::imports::arguments::{Arguments, decode, first, local, local_text, member, text};
use super::imports::call::random;
use super::imports::template::{build_error, deliver};
use super::imports::web::Promise;
use super::prepared::Prepared;
use super::read::Read;
use super::resource::Resource;
use super::route::Route;
use super::task::{self};
use crate::protocol::error::{Class, Error};
use crate::resources::build_log::{LIMIT_MS, Log};
use crate::resources::commands::{STREAM_IDLE_MS, TOO_LARGE};
use crate::resources::template::{self, LAST_EVENTS_MS, MAX_FAILED_LOOKS, POLL_MS, Progress};
use crate::surface;
use crate::surface::operation::Operation;

const GET_INFO: &Operation = surface::entry("Template.getInfo");
const GET_BUILD: &Operation = surface::entry("Template.getBuild");
const LIST_BUILDS: &Operation = surface::entry("Template.listBuilds");
const STREAM_LOGS: &Operation = surface::entry("Template.streamBuildLogs");
const GET_INFO_NUMBER: usize = surface::number("Template.getInfo");
const STREAM_LOGS_NUMBER: usize = surface::number("Template.streamBuildLogs");

/// `template.streamBuildLogs(options)`.
pub async fn stream_logs(source: Rc<Resource>, given: Rc<Arguments>) -> Result<JsValue, Failure> {
    let call = Call::new(&given);
    call.limit(given.timeout_ms().unwrap_or(LIMIT_MS));
    let mut build_id = local_text(&given, "buildId");
    if build_id.is_empty() {
        build_id = newest_build(&call, &source, POLL_MS).await?;
    }
    if build_id.is_empty() {
        return Err(Error::InvalidResponse("the template has no builds".to_owned()).into());
    }
    follow(&call, &source, &build_id, &local(&given, "onEvent")).await?;
    Ok(JsValue::UNDEFINED)
}

/// `template.waitUntilReady(options)`.
pub async fn wait_until_ready(
    source: &Rc<Resource>,
    given: &Rc<Arguments>,
) -> Result<JsValue, Failure> {
    let call = Rc::new(Call::new(given));
    call.limit(given.timeout_ms().unwrap_or(template::LIMIT_MS));
    let poll_ms = local(given, "pollIntervalMs").as_f64().unwrap_or(POLL_MS);
    let build_id = match newest_build(&call, source, poll_ms).await {
        // The service's own templates have none: then the template itself tells.
        Err(failure) if failure.status() == 404 => String::new(),
        known => known?,
    };
    let entry = if build_id.is_empty() {
        GET_INFO
    } else {
        GET_BUILD
    };
    let on_log = local(given, "onLog");
    let log = (on_log.is_function() && !build_id.is_empty()).then(|| {
        let (call, source, build_id) = (call.clone(), source.clone(), build_id.clone());
        LogInBackground::start(call, source, build_id, on_log)
    });
    let progress = loop {
        let look = request_of(entry, source, &build_id, "")?;
        let raw = look_at(&call, &look, poll_ms, MAX_FAILED_LOOKS).await?;
        let status = member(&raw, "status")?;
        match template::progress(&status, &text(&raw, "error_message")) {
            Progress::UnderWay => call.sleep(poll_ms).await?,
            ended => break ended,
        };
    };
    if let Some(log) = log {
        log.finish(&call).await?;
    }
    match progress {
        Progress::Failed(code, message) => {
            Err(build_error(&code, &message, &build_id, &source.id).into())
        }
        Progress::Cancelled => {
            let message = "the build was cancelled";
            Err(Failure::new(Class::Conflict, message, 409, "cancelled"))
        }
        _ => {
            let look = request_of(GET_INFO, source, "", "")?;
            let raw = look_at(&call, &look, poll_ms, MAX_FAILED_LOOKS).await?;
            Ok(decode(GET_INFO_NUMBER, &raw)?)
        }
    }
}

/// The build to look at: the one that this object began, else the newest; empty for none.
async fn newest_build(call: &Call, source: &Rc<Resource>, poll_ms: f64) -> Result<String, Failure> {
    let known = source.latest_build.get();
    if !known.is_empty() {
        return Ok(known);
    }
    let look = request_of(LIST_BUILDS, source, "", "limit=1")?;
    let raw = look_at(call, &look, poll_ms, MAX_FAILED_LOOKS).await?;
    let newest = first(&raw);
    if newest.is_undefined() {
        return Ok(String::new());
    }
    Ok(member(&newest, "id")?)
}

/// A request of an entry of `Template`, about that build if its path names one.
fn request_of(
    entry: &Operation,
    source: &Rc<Resource>,
    build_id: &str,
    query: &str,
) -> Result<Box<Prepared>, Failure> {
    let mut target = entry.target(&|name| {
        let id = if name == "id" { &source.id } else { build_id };
        id.to_owned()
    })?;
    target.query(query);
    Ok(Prepared::new(source.clone(), entry.method, target))
}

/// A log that is followed beside a wait. It never fails the wait, but what the callback throws does.
struct LogInBackground {
    call: Rc<Call>,
    followed: Promise,
}

impl LogInBackground {
    fn start(wait: Rc<Call>, source: Rc<Resource>, build_id: String, on_log: JsValue) -> Self {
        let call = Rc::new(Call::new(&wait.given));
        let own = call.clone();
        let followed = task::shared(Box::pin(async move {
            // A log that cannot be read fails nothing.
            let _ = follow(&own, &source, &build_id, &on_log).await;
            own.hand_over(&wait);
            Ok(JsValue::UNDEFINED)
        }));
        Self { call, followed }
    }

    /// Lets the last events come, for a short while.
    async fn finish(&self, wait: &Call) -> Result<(), Failure> {
        self.call.hurry();
        wait.sleep_beside(&self.followed, LAST_EVENTS_MS).await
    }
}

impl Drop for LogInBackground {
    fn drop(&mut self) {
        self.call.stop();
    }
}

/// Follows a log to its last event, over as many connections as it takes. What the callback throws ends the
/// call.
async fn follow(
    call: &Call,
    source: &Rc<Resource>,
    build_id: &str,
    on_event: &JsValue,
) -> Result<(), Failure> {
    let prepared = request_of(STREAM_LOGS, source, build_id, "")?;
    let mut log = Log::default();
    // Whether the build had ended before this connection: then it brings all that there is.
    let mut is_over = false;
    loop {
        let mut too_large = false;
        let take = &mut |log: &mut Log, piece: Option<&[u8]>| {
            let mut last = false;
            let event: &mut dyn FnMut(&[u8]) = &mut |data| {
                if !last && call.check().is_ok() {
                    match deliver(data, STREAM_LOGS_NUMBER, on_event, &call.js) {
                        Ok(finished) => last = finished,
                        Err(thrown) => call.fail(thrown),
                    }
                }
            };
            match piece {
                Some(piece) => log.push(piece, event),
                None => log.finish(event),
            }
            if log.is_overfull() {
                too_large = true;
            }
            last
        };
        let end = read(call, &prepared, &mut log, take).await;
        if too_large {
            return Err(Error::InvalidResponse(TOO_LARGE.to_owned()).into());
        }
        let failure = match end {
            Ok(End::Last) => {
                return call.check();
            }
            Ok(End::Whole) if is_over => return Ok(()),
            Ok(end) => {
                call.check()?;
                // A long log is cut by the service, and then has no last event.
                if end == End::Whole && has_ended(call, source, build_id).await {
                    is_over = true;
                    continue;
                }
                None
            }
            Err(failure) => Some(failure),
        };
        call.check()?;
        // A connection that was not made in its time may be made at the next try.
        let asked = match failure {
            Some(failure) if !failure.is_timeout() && !failure.passes() => {
                return Err(failure);
            }
            Some(ref failure) => failure.retry_after_ms(),
            None => None,
        };
        match log.again_ms(failure.is_some(), asked, random()) {
            Some(ms) => call.sleep(ms).await?,
            None => return Err(failure.unwrap_or(Error::StreamEnded.into())),
        };
    }
}

/// Whether the service says that a build has ended. If it says nothing, the log goes on.
async fn has_ended(call: &Call, source: &Rc<Resource>, build_id: &str) -> bool {
    let Ok(prepared) = request_of(GET_BUILD, source, build_id, "") else {
        return false;
    };
    let seen = look_at(call, &prepared, POLL_MS, MAX_FAILED_LOOKS).await;
    let status = seen.map_or_else(|_| String::new(), |raw| text(&raw, "status"));
    template::progress(&status, "") != Progress::UnderWay
}

/// How a connection to a log ended.
#[derive(PartialEq)]
enum End {
    /// With the log's last event.
    Last,
    /// As the service meant it to.
    Whole,
    /// It broke.
    Broken,
}

/// Reads a log over one connection that is made.
async fn read(
    call: &Call,
    prepared: &Prepared,
    log: &mut Log,
    take: &mut dyn FnMut(&mut Log, Option<&[u8]>) -> bool,
) -> Result<End, Failure> {
    let route = Route::of(&prepared.to, &prepared.request)?;
    let sent = call.attempt(
        &route,
        &prepared.request,
        &prepared.content,
        STREAM_IDLE_MS,
        &Read::Stream,
    );
    sent.await?;
    log.connected();
    let pieces = &mut |piece: &[u8]| Ok(take(log, Some(piece)));
    match call.read_stream(&route, STREAM_IDLE_MS, pieces).await {
        Ok(false) if take(log, None) => Ok(End::Last),
        Ok(false) => Ok(End::Whole),
        Ok(true) => Ok(End::Last),
        Err(_) => Ok(End::Broken),
    }
}
