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

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::local::Local;

#[wasm_bindgen(module = "/src/wasm/js/task.js")]
extern "C" {
    #[wasm_bindgen(js_name = onSettled)]
    fn on_settled(callback: &Closure<dyn Fn(usize, bool, JsValue)>);
    fn open(id: usize) -> Promise;
    fn close(id: usize, failed: bool, value: &JsValue);
    #[wasm_bindgen(catch)]
    fn follow(promise: &Promise, id: usize) -> Result<(), JsValue>;
}

type Settled = Result<JsValue, JsValue>;
type Running = Pin<Box<dyn Future<Output = Settled>>>;

/// A slot of the task table.
#[derive(Default)]
struct Task {
    /// The future, but for the time that it is being polled.
    running: Option<Running>,
    /// What the promise it waits for came to.
    settled: Option<Settled>,
}

struct Tasks {
    slots: Vec<Task>,
    free: Vec<usize>,
    /// The task being polled.
    current: usize,
}

static TASKS: Local<Tasks> = Local::new(Tasks { slots: Vec::new(), free: Vec::new(), current: 0 });

#[wasm_bindgen(start)]
fn start() {
    let callback = Closure::<dyn Fn(usize, bool, JsValue)>::new(|id: usize, failed: bool, value: JsValue| {
        let settled: Settled = if failed { Err(value) } else { Ok(value) };
        let mut tasks = TASKS.borrow_mut();
        if let Some(task) = tasks.slots.get_mut(id) {
            task.settled = Some(settled);
        }
        drop(tasks);
        poll(id);
    });
    on_settled(&callback);
    callback.forget();
}

/// Runs a future as a promise.
pub fn promise(running: Running) -> Promise {
    let id = {
        let mut tasks = TASKS.borrow_mut();
        let id = tasks.free.pop().unwrap_or(tasks.slots.len());
        let task = Task { running: Some(running), settled: None };
        match tasks.slots.get_mut(id) {
            Some(slot) => *slot = task,
            None => tasks.slots.push(task),
        }
        id
    };
    let promise = open(id);
    poll(id);
    promise
}

fn poll(id: usize) {
    // Taken out, so that nothing is borrowed while the future runs: it may call back into JavaScript, and
    // that may start other tasks.
    let (running, outer) = {
        let mut tasks = TASKS.borrow_mut();
        let outer = core::mem::replace(&mut tasks.current, id);
        (tasks.slots.get_mut(id).and_then(|task| task.running.take()), outer)
    };
    let Some(mut running) = running else { return };
    let polled = running.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    let mut tasks = TASKS.borrow_mut();
    tasks.current = outer;
    let result = match polled {
        Poll::Ready(result) => result,
        Poll::Pending => {
            if let Some(task) = tasks.slots.get_mut(id) {
                task.running = Some(running);
            }
            return;
        }
    };
    tasks.free.push(id);
    drop(tasks);
    drop(running);
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
        let id = TASKS.borrow_mut().current;
        if let Some(promise) = self.0.take() {
            return match follow(&promise, id) {
                Ok(()) => Poll::Pending,
                Err(thrown) => Poll::Ready(Err(thrown)),
            };
        }
        match TASKS.borrow_mut().slots.get_mut(id).and_then(|task| task.settled.take()) {
            Some(settled) => Poll::Ready(settled),
            None => Poll::Pending,
        }
    }
}
