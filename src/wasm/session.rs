//! Sessions: a command or a terminal over a WebSocket.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::failure::{Failure, Place};
use super::http::{Call, status_of};
use super::resource::Resource;
use super::shapes::Given;
use super::task::{self, Promise, Settle};
use crate::operation::{Answer, Operation};

#[wasm_bindgen(module = "/src/wasm/js/session.js")]
extern "C" {
    /// Dials once, and opens the session that `given` describes.
    /// `first` says that a further dial may follow.
    fn dial(
        terminal: bool,
        url: &str,
        token: &str,
        given: &Given,
        sandbox_id: &str,
        first: bool,
    ) -> Promise;
}

/// Opens the session of an operation. A sandbox that sleeps is woken, and dialled once more.
pub fn open(
    place: Place,
    operation: &'static Operation,
    ready: Result<Rc<Resource>, Failure>,
    given: Given,
) -> Promise {
    task::promise(Box::pin(async move {
        let opened = async {
            let to = ready?;
            let terminal = matches!(operation.answer, Answer::Terminal);
            let url = to.config.socket(&to.id)? + operation.path;
            let call = Call::new(&given.signal());
            let mut woken = false;
            loop {
                let token: String = to.token.get();
                let dialled =
                    Settle::new(dial(terminal, &url, &token, &given, &to.id, !woken)).await;
                let failure = match dialled {
                    Ok(session) => return Ok(session),
                    Err(failure) => failure,
                };
                if woken || status_of(&failure) != 0 {
                    return Err(failure.into());
                }
                woken = true;
                // Another call may have got a new token while this one dialled.
                if to.token.get() == token {
                    call.share(&to.waking()).await?;
                }
            }
        };
        opened
            .await
            .map_err(|failure: Failure| place.stamp(failure))
    }))
}
