//! Sessions: a command or a terminal over a WebSocket.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::call::Call;
use super::context::Context;
use super::exchange;
use super::failure::Failure;
use super::imports::arguments::Arguments;
use super::imports::failures::words_of;
use super::imports::session::{begin, dial, has_web_socket};
use super::prepared::Prepared;
use super::resource::Resource;
use super::task::{self};
use crate::protocol::error::{Class, Error};
use crate::protocol::problem::Problem;
use crate::protocol::request::{Method, Target};
use crate::protocol::text::concat;
use crate::resources::commands::GRACE_MS;
use crate::surface::operation::{Action, Operation};

/// What the relay answers where only the WebSocket was missing.
const WEBSOCKET_REQUIRED: u16 = 426;

/// How long a dial may take.
const DIAL_MS: f64 = 30_000.0;

/// Opens the session of an operation. A sandbox that sleeps is woken, and dialled once more.
pub async fn open(
    operation: &'static Operation,
    to: Rc<Resource>,
    given: Rc<Arguments>,
) -> Result<JsValue, Failure> {
    let url = to.config.socket(&to.id)? + operation.path;
    let relayed = to.config.is_relayed;
    let call = Call::new(&given);
    exchange::renew_ahead(&call, &to, operation.plane).await?;
    let mut tried = false;
    loop {
        let renewals = to.renewals.get();
        let dialled = dial_once(operation, &to, &given, &url, !tried);
        let failure = match dialled.await {
            Ok(session) => return Ok(session),
            Err(failure) => failure,
        };
        if !failure.is_connection() || tried && !relayed {
            return Err(failure);
        }
        if relayed {
            ask_why(&call, &to, operation).await?;
            if tried {
                return Err(Error::NoUpgrade.into());
            }
        } else if to.renewals.get() == renewals {
            // Unless another call has woken it while this one dialled.
            exchange::renewal(&to, &given).wait(&call).await?;
        }
        tried = true;
    }
}

/// Dials once. `first` says that a further dial may follow.
async fn dial_once(
    operation: &'static Operation,
    to: &Rc<Resource>,
    given: &Rc<Arguments>,
    url: &str,
    first: bool,
) -> Result<JsValue, Failure> {
    if !has_web_socket(given) {
        let why = "a session needs a global WebSocket, which this runtime lacks: Node.js has one from version 22 on; \
            elsewhere set globalThis.WebSocket";
        return Err(Failure::new(Class::Sandbox, why, 0, "no_websocket"));
    }
    let relayed = to.config.is_relayed;
    let is_terminal = operation.action == Action::Terminal;
    let kind = if relayed { "ticket" } else { "token" };
    let call = Call::new(given);
    call.check()?;
    call.name(operation.path);
    let (token, hint): (String, String) = (to.token.get(), to.hint.get());
    let secrets = concat(&[&token, "\0", &hint]);
    let line = dial(&call.js, url, is_terminal, kind, &token, &hint).map_err(|thrown| {
        // A page's policy may forbid it. Its words may have the secrets in them.
        let mut problem = Problem::new(
            Class::Sandbox,
            &concat(&["the runtime refuses the WebSocket: ", &words_of(&thrown)]),
            0,
            "websocket_refused",
        );
        problem.redact(&secrets);
        call.lost(problem.into())
    })?;
    let session = begin(&line, given);
    let opened = line.opened();
    // A relay refuses for other reasons too, one of them that there are too many.
    let tells = first && !relayed;
    if tells {
        to.dials.add(call.number, &line);
    }
    call.limit(DIAL_MS);
    let opened = call.wait(opened).await;
    to.dials.remove(call.number);
    if let Err(failure) = opened {
        line.close();
        if tells && call.check().is_ok() {
            to.dials.give_up();
        }
        let failure = match (call.check(), failure.thrown()) {
            (Err(ended), _) => ended,
            (_, Some(thrown)) => Failure::of_request(thrown.clone(), &secrets),
            _ => failure,
        };
        return Err(call.lost(failure));
    }
    call.lift_limit();
    if let Some(ms) = given.timeout_ms() {
        call.limit(ms + GRACE_MS);
    }
    let context = Context::new(Some(to.clone()), given.clone());
    let own = line.clone();
    let result = task::shared(Box::pin(async move {
        let over = call.wait(own.over()).await;
        let result = over.map_err(|failure| {
            own.hang_up();
            context.error(failure)
        });
        own.close();
        result
    }));
    line.set_result(&result);
    Ok(session)
}

/// A WebSocket that is refused does not say why, but the relay tells a plain request: an expired ticket, which is
/// renewed here; a host that accepts no WebSockets. Fails with the reason, unless a further dial may succeed.
async fn ask_why(call: &Call, to: &Rc<Resource>, operation: &Operation) -> Result<(), Failure> {
    let mut target = Target::of(operation.path);
    target.push(operation.path);
    let prepared = Prepared::new(to.clone(), Method::Get, target);
    match exchange::perform(call, &prepared).await {
        Err(failure) if failure.status() != WEBSOCKET_REQUIRED => Err(failure),
        _ => Ok(()),
    }
}
