//! Sessions: a command or a terminal over a WebSocket.

use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::given::Given;
use super::http::{Call, status_of};
use super::options::RequestOptions;
use super::plan::{self, Plan};
use super::resource::Resource;
use super::task::{Promise, Settle};
use crate::call::{Method, Target};
use crate::error::Error;
use crate::operation::{Action, Operation};

/// What the relay answers where only the WebSocket was missing.
const WEBSOCKET_REQUIRED: u16 = 426;

#[wasm_bindgen(module = "/src/wasm/js/session.js")]
extern "C" {
    /// Dials once, and opens the session that `given` describes.
    /// `first` says that a further dial may follow; `kind` what the token is.
    fn dial(
        terminal: bool,
        url: &str,
        kind: &str,
        token: &str,
        given: &Given,
        sandbox_id: &str,
        first: bool,
    ) -> Promise;
}

/// Opens the session of an operation. A sandbox that sleeps is woken, and dialled once more.
pub async fn open(
    operation: &'static Operation,
    to: Rc<Resource>,
    given: Given,
    refresh: JsValue,
) -> Result<JsValue, Failure> {
    let terminal = operation.action == Action::Terminal;
    let url = to.config.socket(&to.id)? + operation.path;
    let relayed = to.config.is_relayed;
    let kind = if relayed { "ticket" } else { "token" };
    let call = Call::new(&given.signal());
    if let Some(renewal) = to.renewal_ahead(&refresh) {
        call.share_quietly(&renewal).await?;
    }
    let mut tried = false;
    loop {
        let token: String = to.token.get();
        let dialled = dial(terminal, &url, kind, &token, &given, &to.id, !tried);
        let failure = match Settle::new(dialled).await {
            Ok(session) => return Ok(session),
            Err(failure) => failure,
        };
        if status_of(&failure) != 0 || tried && !relayed {
            return Err(failure.into());
        }
        if relayed {
            ask_why(&call, &to, operation, &refresh).await?;
            if tried {
                return Err(Error::NoUpgrade.into());
            }
        } else if to.token.get() == token {
            // Unless another call has got a new token while this one dialled.
            call.share(&to.renewal(&refresh)).await?;
        }
        tried = true;
    }
}

/// A WebSocket that is refused does not say why, but the relay tells a plain request: an expired ticket, which is
/// renewed here; a host that accepts no WebSockets. Fails with the reason, unless a further dial may succeed.
async fn ask_why(
    call: &Call,
    to: &Rc<Resource>,
    operation: &Operation,
    refresh: &JsValue,
) -> Result<(), Failure> {
    let mut target = Target::default();
    target.push(operation.path);
    let options = RequestOptions {
        refresh: refresh.clone(),
        ..RequestOptions::default()
    };
    let plan = Plan::new(to.clone(), Method::Get, target, options);
    match plan::perform(call, &plan).await {
        Err(failure) if status_of(&failure.0) != WEBSOCKET_REQUIRED => Err(failure),
        _ => Ok(()),
    }
}
