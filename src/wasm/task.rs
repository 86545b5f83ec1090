//! The executor: a Rust future as a JavaScript promise.
//!
//! A task is polled at once when it is made, and again in the very reaction of the promise it waits for:
//! so `fetch` is called before an exported method returns, and each continuation runs in the async context
//! (`AsyncLocalStorage`) of its own call. wasm-bindgen-futures' executor, with one queue for all tasks,
//! gives neither.
//!
//! A task waits for one promise at a time and tasks meet only through promises, so there is no waker.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use wasm_bindgen::prelude::*;

use super::slot::Slot;

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    pub type Promise;
}

#[wasm_bindgen(module = "/src/wasm/js/task.js")]
extern "C" {
    fn open(id: usize) -> Promise;
    fn close(id: usize, failed: bool, value: &JsValue);
    #[wasm_bindgen(catch)]
    fn follow(promise: &Promise, id: usize) -> Result<(), JsValue>;
}

type Settled = Result<JsValue, JsValue>;
type Running = Pin<Box<dyn Future<Output = Settled>>>;

/// A place in the task table.
#[derive(Default)]
struct Task {
    /// The future, but for the time that it is being polled.
    running: Option<Running>,
    /// What the promise it waits for came to.
    settled: Option<Settled>,
}

static TASKS: Slot<Vec<Task>> = Slot::new(Vec::new());
/// Places in the table that are free.
static FREE: Slot<Vec<usize>> = Slot::new(Vec::new());
/// The task being polled.
static CURRENT: Slot<usize> = Slot::new(0);

/// Lets a task go on: what it waited for has settled. `task.js` calls this; a `Closure` would cost 500 bytes.
#[wasm_bindgen(skip_typescript)]
pub fn settle(id: usize, failed: bool, value: JsValue) {
    with(id, |task| {
        task.settled = Some(if failed { Err(value) } else { Ok(value) })
    });
    poll(id);
}

/// Runs a future as a promise.
pub fn promise(running: Running) -> Promise {
    let task = Task {
        running: Some(running),
        settled: None,
    };
    let free = FREE.with(Vec::pop);
    let id = TASKS.with(|tasks| {
        let id = free.unwrap_or(tasks.len());
        match tasks.get_mut(id) {
            Some(place) => *place = task,
            None => tasks.push(task),
        }
        id
    });
    let promise = open(id);
    poll(id);
    promise
}

fn with<T>(id: usize, f: impl FnOnce(&mut Task) -> T) -> Option<T> {
    TASKS.with(|tasks| tasks.get_mut(id).map(f))
}

fn poll(id: usize) {
    // Taken out of the table, since the future may call JavaScript, and that may start other tasks.
    let Some(mut running) = with(id, |task| task.running.take()).flatten() else {
        return;
    };
    let outer = CURRENT.get();
    CURRENT.set(id);
    let polled = running
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    CURRENT.set(outer);
    let Poll::Ready(result) = polled else {
        with(id, |task| task.running = Some(running));
        return;
    };
    drop(running);
    FREE.with(|free| free.push(id));
    match result {
        Ok(value) => close(id, false, &value),
        Err(value) => close(id, true, &value),
    }
}

/// Waits for a promise.
pub struct Settle(Option<Promise>);

impl Settle {
    pub fn new(promise: Promise) -> Self {
        Self(Some(promise))
    }
}

impl Future for Settle {
    type Output = Settled;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Settled> {
        let id = CURRENT.get();
        if let Some(promise) = self.0.take() {
            return match follow(&promise, id) {
                Ok(()) => Poll::Pending,
                Err(thrown) => Poll::Ready(Err(thrown)),
            };
        }
        match with(id, |task| task.settled.take()).flatten() {
            Some(settled) => Poll::Ready(settled),
            None => Poll::Pending,
        }
    }
}
