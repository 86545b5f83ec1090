//! The executor: a Rust future as a JavaScript promise.
//!
//! A task is polled at once when it is made, and again in the very reaction of the promise it waits for:
//! so `fetch` is called before an exported method returns, and each continuation runs in the async context
//! (`AsyncLocalStorage`) of its own call. wasm-bindgen-futures' executor, with one queue for all tasks,
//! gives neither.
//!
//! A task waits for one promise at a time and tasks meet only through promises, so there is no waker.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::failure::{Failure, Place};

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

#[derive(Default)]
struct Tasks {
    slots: Vec<Task>,
    free: Vec<usize>,
    /// The task being polled.
    current: usize,
}

thread_local! {
    static TASKS: RefCell<Tasks> = RefCell::default();
}

#[wasm_bindgen(start)]
fn start() {
    let callback = Closure::<dyn Fn(usize, bool, JsValue)>::new(|id, failed, value| {
        with(id, |task| task.settled = Some(if failed { Err(value) } else { Ok(value) }));
        poll(id);
    });
    on_settled(&callback);
    callback.forget();
}

/// Runs `future` as a promise. A failure becomes the error class it stands for, with `place` in it.
pub fn promise<F>(place: Place, future: F) -> Promise
where
    F: Future<Output = Result<JsValue, Failure>> + 'static,
{
    let running: Running = Box::pin(async move { future.await.map_err(|f| f.into_js(&place)) });
    let id = TASKS.with_borrow_mut(|tasks| {
        let task = Task { running: Some(running), settled: None };
        match tasks.free.pop() {
            Some(id) => {
                if let Some(slot) = tasks.slots.get_mut(id) {
                    *slot = task;
                }
                id
            }
            None => {
                tasks.slots.push(task);
                tasks.slots.len() - 1
            }
        }
    });
    let promise = open(id);
    poll(id);
    promise
}

fn with<T>(id: usize, f: impl FnOnce(&mut Task) -> T) -> Option<T> {
    TASKS.with_borrow_mut(|tasks| tasks.slots.get_mut(id).map(f))
}

fn poll(id: usize) {
    // Taken out, so that nothing is borrowed while the future runs: it may call back into JavaScript, and
    // that may start other tasks.
    let Some(mut running) = with(id, |task| task.running.take()).flatten() else { return };
    let outer = TASKS.with_borrow_mut(|tasks| std::mem::replace(&mut tasks.current, id));
    let polled = running.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    TASKS.with_borrow_mut(|tasks| tasks.current = outer);
    match polled {
        Poll::Pending => {
            with(id, |task| task.running = Some(running));
        }
        Poll::Ready(result) => {
            drop(running);
            TASKS.with_borrow_mut(|tasks| tasks.free.push(id));
            match result {
                Ok(value) => close(id, false, &value),
                Err(value) => close(id, true, &value),
            }
        }
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
        let id = TASKS.with_borrow(|tasks| tasks.current);
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
