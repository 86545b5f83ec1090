//! The one way in: a method of the surface was called.

use alloc::boxed::Box;
use alloc::rc::Rc;

use wasm_bindgen::prelude::*;

use super::call::Call;
use super::context::Context;
use super::exchange;
use super::failure::Failure;
use super::imports;
use super::imports::arguments::{Arguments, exec, local, local_text, member_of};
use super::imports::object::not_ours;
use super::options;
use super::prepared::{Prepared, Scripted, Sends};
use super::read::Read;
use super::resource::Resource;
use super::{build, download, object, runtime, session, task, ticket};
use crate::protocol::request::{Body, Plane, Target};
use crate::resources::commands::{
    DEFAULT_MAX_OUTPUT_BYTES, STREAM_IDLE_MS, STREAM_LIMIT_MS, timeout_ms_of,
};
use crate::resources::desktop::PUBLISHED;
use crate::resources::files::DEFAULT_MAX_BYTES;
use crate::resources::sandbox::{Transition, WAKE_MS};
use crate::resources::script::{self, MAX_OUTPUT_BYTES, Output, SILENCE_MS};
use crate::resources::{preview, secret};
use crate::surface::operation::{Action, Answer, Content, Operation};
use crate::surface::{self, OPERATIONS};

/// What may become of a sandbox at the end of its scope.
const PAUSE: usize = surface::number("Sandbox.pause");
const KILL: usize = surface::number("Sandbox.kill");

/// What a ticket has to allow for what only reads files.
const READS: &str = "files:read";

const GET_STREAM_URL: usize = surface::number("Desktop.getStreamUrl");
const PUBLISH_STREAM: usize = surface::number("Desktop.publishStream");
const SIGN_STREAM: usize = surface::number("Desktop.signStream");

/// Calls the operation of that number on the object with that handle; 0 for none. Answers with a promise, or with the value
/// of one that needs no request.
#[wasm_bindgen]
pub fn invoke(number: usize, handle: usize, given: Arguments) -> Result<JsValue, JsValue> {
    let Some(operation) = OPERATIONS.get(number).copied() else {
        return Err(not_ours());
    };
    let resource = object::find(handle);
    let given = Rc::new(given);
    let context = Rc::new(Context::new(resource.clone(), given.clone()));
    if let Action::Chain | Action::PreviewUrl | Action::Config | Action::Relayed = operation.action
    {
        let value = subject(operation, resource, &given)
            .and_then(|(resource, _)| at_once(operation, &resource, &given));
        return value.map_err(|failure| context.error(failure));
    }
    let of_stream = context.clone();
    let call = async move {
        // Not before: what a caller's values may throw is the task's to reject with.
        let (to, content) = subject(operation, resource, &given)?;
        match operation.action {
            Action::Session | Action::Terminal => session::open(operation, to, given).await,
            Action::BuildLog => build::stream_logs(to, given).await,
            Action::Awake => {
                let may_stream = !to.config.is_relayed
                    && !runtime::in_browser()
                    && !member_of(&given.link(), "fetch").is_function();
                if may_stream {
                    exchange::check(&to, &given)
                        .wait(&Call::new(&given))
                        .await?;
                }
                Ok(may_stream.into())
            }
            Action::BuildEnd => build::wait_until_ready(&to, &given).await,
            // Those of the others are done above; named all the same, so that a new one finds its place.
            Action::Request
            | Action::GetOrCreate
            | Action::ByOffset
            | Action::ByCursor
            | Action::Dispose
            | Action::Chain
            | Action::PreviewUrl
            | Action::Config
            | Action::Relayed => {
                let rests = operation.action == Action::Dispose && to.rests.get();
                let number = match operation.action {
                    Action::Dispose if rests => PAUSE,
                    Action::Dispose => KILL,
                    _ => number,
                };
                let mut step = (number, content);
                loop {
                    let (number, content) = step;
                    let mut prepared = request(number, to.clone(), &given, content)?;
                    if rests {
                        prepared.ask_for(Transition::Rest, true, None);
                        prepared.answer = Answer::Deleted;
                    }
                    if let Read::Chunks(_) = prepared.read {
                        return download::open(of_stream, &given, prepared).await;
                    }
                    let done = exchange::run(&given, prepared).await?;
                    match following(number, &done, &given) {
                        Some(next) => step = next,
                        None => return Ok(done),
                    }
                }
            }
        }
    };
    Ok(task::promise(Box::pin(async move {
        call.await.map_err(|failure| context.error(failure))
    }))
    .into())
}

/// What a call is about, once its arguments and options are found to be good, and what its request carries.
fn subject(
    operation: &Operation,
    resource: Option<Rc<Resource>>,
    given: &Arguments,
) -> Result<(Rc<Resource>, JsValue), Failure> {
    if resource.is_none() && !operation.is_static {
        return Err(not_ours().into());
    }
    // A function's arguments may be all it needs.
    let connects =
        operation.is_static && !matches!(operation.action, Action::Relayed | Action::PreviewUrl);
    let content = given.read(connects)?;
    let to = match resource {
        Some(resource) => {
            resource.permit(operation)?;
            resource
        }
        None if connects => options::service(),
        None => Rc::default(),
    };
    Ok((to, content))
}

fn at_once(operation: &Operation, to: &Resource, given: &Arguments) -> Result<JsValue, Failure> {
    let config = &to.config;
    if operation.action == Action::Chain {
        operation.target(&|name| local_text(given, name))?;
        return Ok(given.into());
    }
    if operation.action == Action::Relayed {
        return ticket::open(given);
    }
    if operation.action == Action::Config {
        let origin = config.sandbox_origin.clone();
        let api_key = if config.is_machine {
            ""
        } else {
            &config.api_key
        };
        return Ok(imports::object::config(
            api_key,
            &config.base_url,
            &config.sandbox_host,
            origin,
        ));
    }
    let port = local_text(given, "port");
    let url = if operation.is_static {
        let (id, host) = (
            local_text(given, "sandboxId"),
            local_text(given, "sandboxHost"),
        );
        preview::url("https", &id, &host, &port)?
    } else {
        to.preview_url(&port)?
    };
    Ok(url.into())
}

/// The request that follows one that has come to `done`, and what it carries, if any does.
fn following(number: usize, done: &JsValue, given: &Arguments) -> Option<(usize, JsValue)> {
    match number {
        GET_STREAM_URL => Some((PUBLISH_STREAM, PUBLISHED.into())),
        PUBLISH_STREAM if done.is_object() => Some((SIGN_STREAM, given.body())),
        _ => None,
    }
}

/// The one request of most operations. `content` is what it carries.
fn request(
    number: usize,
    to: Rc<Resource>,
    given: &Arguments,
    content: JsValue,
) -> Result<Box<Prepared>, Failure> {
    let operation = OPERATIONS.get(number).copied().ok_or_else(not_ours)?;
    let mut target = operation.target(&|name| match name {
        "id" => to.id.clone(),
        name => local_text(given, name),
    })?;
    let timeout_ms = given.timeout_ms();
    let mut prepared = Prepared::new(to, operation.method, Target::default());
    if let Some(ms) = timeout_ms.or_else(|| given.usual_timeout_ms()) {
        prepared.timeout_ms = ms;
    }
    prepared.request.plane = operation.plane;
    prepared.answer = operation.answer;
    prepared.number = number;
    // The relay wakes the sandbox within the request, and the limit is the operation's own.
    let waking_ms = if prepared.to.config.is_relayed && operation.plane == Plane::Data {
        WAKE_MS
    } else {
        0.0
    };
    prepared.timeout_ms += waking_ms;
    // With a key of the caller's own it is not for this call to say whose the snapshot is; and a page may delete none.
    let is_kept = operation.transition == Some(Transition::Capture)
        && (prepared.to.config.is_relayed || !local(given, "idempotencyKey").is_undefined());
    if !is_kept {
        prepared.undo = operation.undo;
    }
    if let Some(transition) = operation.transition {
        let wait = local(given, "wait");
        let waits = wait.is_undefined() || wait.is_truthy();
        prepared.poll_ms = local(given, "pollIntervalMs").as_f64();
        prepared.ask_for(transition, waits, timeout_ms);
    }
    match operation.content {
        Content::Nothing => {}
        Content::Query => target.query(&content.as_string().unwrap_or_default()),
        Content::File | Content::Part | Content::Stream => {
            if operation.content != Content::File {
                prepared.timeout_ms = timeout_ms.unwrap_or(STREAM_IDLE_MS);
                prepared.repeats = true;
            }
            match operation.content {
                Content::Stream => prepared.sends = Sends::Once,
                _ => prepared.to.permit_file(&content)?,
            }
            prepared.request.body = Body::File;
            prepared.content = content;
        }
        Content::Script => {
            let Some(script) = script::of(operation.path) else {
                return Err(not_ours().into());
            };
            let values = script.values(&content.as_string().unwrap_or_default())?;
            let wakes = script.wakes(&values);
            prepared.repeats = operation.permission == READS;
            prepared.request.body = Body::Json;
            prepared.read = Read::Output(MAX_OUTPUT_BYTES);
            if prepared.to.config.is_relayed {
                prepared.content = given.body();
            } else {
                if !wakes {
                    prepared.sends = Sends::Seen;
                }
                prepared.started = exchange::some_name();
                prepared.content = exec(given, &script.words("", &values), &prepared.started);
                target = exchange::run_target(script.output == Output::Stream);
            }
            if let (Output::Stream, Some(sink)) = (script.output, given.sink()) {
                // What it has told is told: that is not to come twice.
                prepared.repeats = false;
                prepared.timeout_ms = timeout_ms.unwrap_or(SILENCE_MS) + waking_ms;
                prepared.read = Read::Events(sink, STREAM_LIMIT_MS);
            }
            prepared.script = Some(Scripted { script, values });
        }
        Content::Json | Content::Change | Content::NewSecret => {
            if operation.content == Content::NewSecret {
                secret::check(given.has("provider"), given.has("auth"), given.has("hosts"))?;
            }
            prepared.request.body = Body::Json;
            prepared.content = content;
        }
    }
    let most_or = |default| local(given, "maxBytes").as_f64().unwrap_or(default);
    let most = || most_or(DEFAULT_MAX_BYTES);
    match operation.answer {
        Answer::Nothing | Answer::Deleted => prepared.read = Read::Nothing,
        Answer::Bytes => match &*local_text(given, "format") {
            "text" => prepared.read = Read::Text(most()),
            "blob" => prepared.read = Read::Blob(most()),
            "stream" => prepared.read = Read::Chunks(most_or(f64::INFINITY)),
            _ => prepared.read = Read::Bytes(most()),
        },
        Answer::Text => prepared.read = Read::Text(most()),
        Answer::Command => {
            let sink = given.sink();
            prepared.timeout_ms = timeout_ms_of(timeout_ms, sink.is_some()) + waking_ms;
            if let Some(sink) = sink {
                target = exchange::run_target(true);
                let whole_ms = timeout_ms.map_or(STREAM_LIMIT_MS, |_| prepared.timeout_ms);
                prepared.read = Read::Events(sink, whole_ms);
                prepared.answer = exchange::RUN_STREAM.answer;
                prepared.started = local_text(given, "started");
            } else {
                let most = given.max_output_bytes();
                prepared.read = Read::Output(most.unwrap_or(DEFAULT_MAX_OUTPUT_BYTES));
            }
        }
        _ => {}
    }
    prepared.request.target = target;
    Ok(prepared)
}
