//! Work that is done once for all calls that need it: waking a sandbox, renewing a ticket.

use alloc::boxed::Box;
use alloc::rc::Rc;
use core::cell::Cell;

use wasm_bindgen::prelude::*;

use super::call::Call;
use super::context::Context;
use super::failure::Failure;
use super::imports::arguments::Arguments;
use super::imports::call::settled;
use super::imports::web::Promise;
use super::resource::Resource;
use super::slot::Slot;
use super::task::{self, Settle, Work};
use crate::protocol::problem::Problem;

/// It ends with the last of those who wait for it.
pub struct Shared {
    /// What the work makes its requests in, until it is over.
    call: Slot<Option<Rc<Call>>>,
    waiters: Cell<u32>,
    promise: Slot<Option<Promise>>,
    /// What went wrong: each of those who waited gets an error of its own.
    problem: Slot<Option<Problem>>,
}

impl Shared {
    /// Begins the work about `to`, for which it makes a call with `given`. It starts in a moment: what it calls may ask for
    /// it already.
    pub fn begin(to: &Rc<Resource>, given: Arguments, work: &dyn Fn(Rc<Call>) -> Work) -> Rc<Self> {
        let given = Rc::new(given);
        let context = Context::new(Some(to.clone()), given.clone());
        let call = Rc::new(Call::new(&given));
        let done = work(call.clone());
        let shared = Rc::new(Self {
            call: Slot::new(Some(call)),
            waiters: Cell::default(),
            promise: Slot::default(),
            problem: Slot::default(),
        });
        let own = shared.clone();
        let promise = task::shared(Box::pin(async move {
            let _ = Settle::new(settled()).await;
            let done = done.await;
            drop(own.call.take());
            match done {
                Ok(()) => Ok(JsValue::UNDEFINED),
                Err(failure) => {
                    own.problem.set(failure.problem().cloned());
                    Err(context.error(failure))
                }
            }
        }));
        shared.promise.set(Some(promise));
        shared
    }

    /// Whether one more may wait for it.
    pub fn is_alive(&self) -> bool {
        self.call.get().is_some_and(|call| call.check().is_ok())
    }

    /// Waits for it, as long as `call` goes on.
    pub async fn wait(&self, call: &Call) -> Result<(), Failure> {
        let Some(promise) = self.promise.get() else {
            return Ok(());
        };
        let _waiter = Waiter::of(self);
        let Err(failure) = call.wait(promise).await else {
            return Ok(());
        };
        match (self.problem.get(), failure.thrown()) {
            (Some(problem), Some(error)) => Err(Failure::caused(problem, error.clone())),
            // This call has ended, or a caller's own code threw it.
            _ => Err(failure),
        }
    }
}

/// One who waits.
struct Waiter<'a>(&'a Shared);

impl<'a> Waiter<'a> {
    fn of(shared: &'a Shared) -> Self {
        shared.waiters.set(shared.waiters.get() + 1);
        Self(shared)
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let left = self.0.waiters.get() - 1;
        self.0.waiters.set(left);
        if left == 0
            && let Some(call) = self.0.call.get()
        {
            call.stop();
        }
    }
}
