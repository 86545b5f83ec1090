//! The one way in: a method of the surface was called.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::failure::{Failure, Place};
use super::http::{Read, Sink};
use super::options::{self, RequestOptions};
use super::plan::{self, Plan};
use super::resource::Resource;
use super::shapes::{self, Given, local, local_text};
use super::{build, object, relay, session, task};
use crate::call::{Body, Plane, Target};
use crate::commands::{DEFAULT_MAX_OUTPUT_BYTES, STREAM_LIMIT_MS, patience_ms};
use crate::files::DEFAULT_MAX_BYTES;
use crate::operation::{Action, Answer, Content, Operation};
use crate::sandbox::WAKE_MS;
use crate::surface::{CLASSES, command};
use crate::{preview, secret};

/// A preview URL that is signed without a time is good for so many seconds.
const SIGNED_URL_S: u32 = 60;

/// A command whose output is streamed.
const RUN_STREAM: &Operation = command::COMMANDS.entry("Commands.runStream");

/// Tells JavaScript what there is to call.
pub fn define() {
    for (class, operations) in CLASSES.iter().enumerate() {
        for (index, operation) in operations.operations.iter().enumerate() {
            if operation.is_public {
                object::define(class, index, operation.name, operation.is_static);
            }
        }
    }
}

/// Calls an operation on the object with that handle; 0 for none. `refresh` is its way to the next ticket. Answers
/// with a promise, or with the value of one that needs no request.
#[wasm_bindgen]
pub fn invoke(
    class: usize,
    index: usize,
    handle: usize,
    first: &JsValue,
    second: &JsValue,
    third: &JsValue,
    refresh: &JsValue,
) -> Result<JsValue, JsValue> {
    let operations = CLASSES.get(class).map(|class| class.operations);
    let Some(operation) = operations.and_then(|all| all.get(index)) else {
        return Err(object::not_ours());
    };
    let resource = object::find(handle);
    let place = Place::of(operation.name, resource.clone());
    let given = Given::new(first, second, third);
    if let Action::PreviewUrl | Action::Config | Action::Relayed = operation.action {
        let value = subject(operation, resource, &given)
            .and_then(|resource| at_once(operation, &resource, &given));
        return value.map_err(|failure| place.stamp(failure));
    }
    let refresh = refresh.clone();
    let call = async move {
        // Not before: what a caller's values may throw is the task's to reject with.
        let to = subject(operation, resource, &given)?;
        match operation.action {
            Action::Session | Action::Terminal => {
                session::open(operation, to, given, refresh).await
            }
            Action::BuildLog => build::stream_logs(to, given).await,
            Action::BuildEnd => build::wait_until_ready(&to, &given).await,
            _ => plan::run(request(operation, to, &given, &refresh)?).await,
        }
    };
    Ok(task::promise(Box::pin(async move {
        call.await.map_err(|failure| place.stamp(failure))
    }))
    .into())
}

/// What a call is about, once its arguments and options are found to be good.
fn subject(
    operation: &Operation,
    resource: Option<Rc<Resource>>,
    given: &Given,
) -> Result<Rc<Resource>, Failure> {
    if resource.is_none() && !operation.is_static {
        return Err(object::not_ours().into());
    }
    shapes::read(operation, given)?;
    match resource {
        Some(resource) => {
            resource.permit(operation)?;
            Ok(resource)
        }
        // A function's arguments may be all it needs.
        None if operation.options.is_none() || operation.action == Action::Relayed => {
            Ok(Rc::default())
        }
        None => Ok(Rc::new(Resource::new(
            options::connection(given)?,
            String::new(),
        ))),
    }
}

fn at_once(operation: &Operation, to: &Resource, given: &Given) -> Result<JsValue, Failure> {
    let config = &to.config;
    if operation.action == Action::Relayed {
        return relay::open(given);
    }
    if operation.action == Action::Config {
        let origin = config.sandbox_origin.clone();
        return Ok(object::config(
            &config.api_key,
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

/// The one request of most operations.
fn request(
    operation: &Operation,
    to: Rc<Resource>,
    given: &Given,
    refresh: &JsValue,
) -> Result<Box<Plan>, Failure> {
    let mut target = operation.target(|name| match name {
        "id" => Ok::<_, Failure>(to.id.clone()),
        name => Ok(local_text(given, name)),
    })?;
    let mut plan = Plan::new(
        to,
        operation.method,
        Default::default(),
        RequestOptions {
            refresh: refresh.clone(),
            ..RequestOptions::of(given)
        },
    );
    plan.request.plane = operation.plane;
    plan.answer = operation.answer;
    plan.wake = operation.wake;
    plan.undo = operation.undo;
    // The relay wakes the sandbox within the request, and the limit is the operation's own.
    let wakes = operation.plane == Plane::Data || operation.wake.is_some();
    let waking_ms = if plan.to.config.is_relayed && wakes {
        WAKE_MS
    } else {
        0.0
    };
    plan.patience_ms += waking_ms;
    if let Answer::SignedUrl = operation.answer {
        given.preset("expires_in_seconds", SIGNED_URL_S);
    }
    match operation.content {
        Content::Nothing => {}
        Content::Query => target.query(&given.query()?),
        Content::File => {
            plan.content = local(given, "content");
            plan.to.permit_file(&plan.content)?;
            plan.request.body = Body::File;
        }
        Content::Json | Content::Change | Content::NewSecret => {
            if operation.content == Content::NewSecret {
                secret::check(given.has("provider"), given.has("auth"), given.has("hosts"))?;
            }
            plan.content = match operation.content {
                Content::Change => given.change()?,
                _ => given.body()?,
            };
            plan.request.body = Body::Json;
        }
    }
    let most = |default| local(given, "maxBytes").as_f64().unwrap_or(default);
    match operation.answer {
        Answer::Nothing | Answer::Gone => plan.read = Read::Nothing,
        Answer::Bytes => plan.read = Read::Bytes(most(DEFAULT_MAX_BYTES)),
        Answer::Text => plan.read = Read::Text(most(DEFAULT_MAX_BYTES)),
        Answer::Command => {
            let (on_stdout, on_stderr) = (given.on_stdout(), given.on_stderr());
            let streams = on_stdout.is_function() || on_stderr.is_function();
            plan.patience_ms = patience_ms(plan.options.timeout_ms, streams) + waking_ms;
            if streams {
                target = Target::default();
                target.push(RUN_STREAM.path);
                let whole_ms = plan
                    .options
                    .timeout_ms
                    .map_or(STREAM_LIMIT_MS, |_| plan.patience_ms);
                plan.read = Read::Events(Sink::new(&on_stdout, &on_stderr), whole_ms);
                plan.answer = Answer::Raw;
            } else {
                let most = given.max_output_bytes();
                plan.read = Read::Output(most.unwrap_or(DEFAULT_MAX_OUTPUT_BYTES));
            }
        }
        _ => {}
    }
    plan.request.target = target;
    Ok(plan)
}
