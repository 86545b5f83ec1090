//! The life of a call: how long it may go on, what ends it, and what then becomes of those who wait.

use alloc::rc::Rc;
use core::cell::Cell;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use wasm_bindgen::prelude::*;

use super::failure::{ABORTED, Failure};
use super::imports::call::{JsCall, now, number_text};
use super::imports::task::{follow, ignore, interrupt};
use super::imports::web::Promise;
use super::slab::Slab;
use super::slot::Slot;
use super::task;
use crate::protocol::error::Class;
use crate::protocol::problem::Problem;

/// Timers are of whole milliseconds.
const EARLY_MS: f64 = 0.5;

/// Why a call ended.
pub enum End {
    /// The caller's signal, with its reason.
    Aborted(JsValue),
    /// After so many milliseconds.
    TimedOut(f64),
    /// A callback threw that.
    Failed(JsValue),
    /// Nobody waits for it any more.
    Stopped,
}

/// What a call has, however many hold it.
#[derive(Default)]
pub struct Life {
    pub js: Slot<Option<JsCall>>,
    pub end: Slot<Option<Rc<End>>>,
    /// The task that waits, for one of the call's promises or for time.
    pub waiting: Cell<Option<usize>>,
    /// Whether its requests are a page's.
    pub passes: Cell<bool>,
    /// Whether it waits for time alone.
    pub sleeps: Cell<bool>,
    /// The time of what it waits for.
    pub step: Deadline,
    /// The time of the whole.
    pub limit: Deadline,
    /// What the timer is set to.
    pub armed: Deadline,
}

/// A moment of [`now`], and the milliseconds that led to it.
pub struct Deadline {
    at: Cell<f64>,
    ms: Cell<f64>,
}

impl Default for Deadline {
    /// Never.
    fn default() -> Self {
        Self {
            at: Cell::new(f64::INFINITY),
            ms: Cell::default(),
        }
    }
}

impl Deadline {
    pub fn set(&self, at: f64, ms: f64) {
        self.at.set(at);
        self.ms.set(ms);
    }

    pub fn lift(&self) {
        self.at.set(f64::INFINITY);
    }

    pub fn is_over(&self, now: f64) -> bool {
        now > self.at.get()
    }
}

pub static CALLS: Slab<Rc<Life>> = Slab::new();

fn find(number: usize) -> Option<Rc<Life>> {
    CALLS.with(number, |life| life.clone())
}

impl Life {
    pub fn has_ended(&self) -> bool {
        self.end.with(|end| end.is_some())
    }

    pub fn end(&self, end: End) {
        if self.has_ended() {
            return;
        }
        self.end.set(Some(Rc::new(end)));
        if let Some(js) = self.js.get() {
            js.end();
        }
    }

    /// Lets the task go on that waits.
    pub fn wake(&self) {
        // Once it is polled it no longer waits.
        if let Some(id) = self.waiting.get() {
            interrupt(id);
        }
    }

    /// Ends it when its time is over.
    pub fn ask_clock(&self, now: f64) {
        if self.limit.is_over(now) {
            self.end(End::TimedOut(self.limit.ms.get()));
        }
    }

    /// Whether it goes on, and what it waits for; wakes what does not.
    pub fn goes_on(&self, now: f64) -> bool {
        self.ask_clock(now);
        let goes_on = !self.has_ended() && !self.step.is_over(now);
        if !goes_on {
            self.wake();
        }
        goes_on
    }

    pub fn due(&self) -> f64 {
        self.step.at.get().min(self.limit.at.get())
    }

    /// Sees to it that the timer comes when something is due. One that comes too early asks again.
    pub fn arm(&self, now: f64) {
        let due = self.due();
        if due < self.armed.at.get()
            && let Some(js) = self.js.get()
        {
            self.armed.set(due, 0.0);
            js.arm(due - now);
        }
    }

    pub fn check(&self) -> Result<(), Failure> {
        let Some(end) = self.end.get() else {
            return Ok(());
        };
        let aborted = || Problem::new(Class::Sandbox, "the operation was aborted", 0, ABORTED);
        Err(match &*end {
            End::Aborted(reason) => Failure::caused(aborted(), reason.clone()),
            End::Stopped => aborted().into(),
            End::TimedOut(ms) => Problem::timeout(&number_text(*ms)).into(),
            End::Failed(thrown) => thrown.clone().into(),
        })
    }
}

/// Ends a call: the caller's signal with its reason, or a callback with what it threw. What waits of an aborted call goes on by [`wake`], in the call's own async context.
#[wasm_bindgen(skip_typescript)]
pub fn end(number: usize, aborted: bool, value: JsValue) {
    let Some(life) = find(number) else {
        return;
    };
    if aborted {
        return life.end(End::Aborted(value));
    }
    life.end(End::Failed(value));
    life.wake();
}

/// Lets go on what waits of a call that has ended.
#[wasm_bindgen(skip_typescript)]
pub fn wake(number: usize) {
    if let Some(life) = find(number)
        && life.has_ended()
    {
        life.wake();
    }
}

/// Whether a call goes on, and what it waits for, by the clock too.
#[wasm_bindgen(skip_typescript)]
pub fn goes_on(number: usize) -> bool {
    find(number).is_some_and(|life| life.goes_on(now()))
}

/// A piece of what is sent was taken: what a call waits for has its time again.
#[wasm_bindgen(skip_typescript)]
pub fn touch(number: usize) {
    let now = now();
    if let Some(life) = find(number)
        && life.step.at.get().is_finite()
    {
        let ms = life.step.ms.get();
        life.step.set(now + ms, ms);
    }
}

/// The timer: does what is due. Answers with the milliseconds until it has to come again, or 0.
#[wasm_bindgen(skip_typescript)]
pub fn tick(number: usize) -> f64 {
    let Some(life) = find(number) else {
        return 0.0;
    };
    // It is what it was set for, though it may come up to a millisecond early by this clock.
    let armed = life.armed.at.get();
    let now = now().max(armed);
    life.armed.lift();
    if !life.goes_on(now + EARLY_MS) {
        return 0.0;
    }
    let due = life.due();
    life.armed.set(due, 0.0);
    if due.is_finite() { due - now } else { 0.0 }
}

/// Waits for a promise, for the end of a sleep, or for the end of its call, whichever comes first.
pub struct Wait<'a> {
    pub life: &'a Life,
    pub promise: Option<Promise>,
    pub waits: bool,
}

impl Future for Wait<'_> {
    type Output = Result<JsValue, Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let life = self.life;
        life.waiting.set(None);
        if let Err(failure) = life.check() {
            if let Some(promise) = &self.promise {
                ignore(promise);
            }
            return Poll::Ready(Err(failure));
        }
        let id = task::id(context);
        if self.waits {
            return Poll::Ready(match task::settled(id) {
                Some(settled) => settled.map_err(Failure::from),
                // The time is over.
                None => Err(Problem::timeout(&number_text(life.step.ms.get())).into()),
            });
        }
        if let Some(promise) = &self.promise
            && let Err(thrown) = follow(promise, id)
        {
            // Nobody will hear of it.
            ignore(promise);
            return Poll::Ready(Err(thrown.into()));
        }
        life.waiting.set(Some(id));
        self.waits = true;
        Poll::Pending
    }
}
