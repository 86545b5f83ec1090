//! The executor: a Rust future as a JavaScript promise.
//!
//! A task is polled at once when it is made, and again in the very reaction of the promise it waits for:
//! so `fetch` is called before an exported method returns, and each continuation runs in the async context
//! (`AsyncLocalStorage`) of its own call. wasm-bindgen-futures' executor, with one queue for all tasks,
//! gives neither.
//!
//! A task waits for one promise at a time and tasks meet only through promises, so its waker wakes nothing: it tells
//! which task is polled.
//!
//! JavaScript does the polling (`task.js`), and catches what an import throws that nobody caught: then the task's
//! promise rejects with it, and [`abandon`] forgets the task. Whatever is on the wasm stack at that moment is lost, so
//! this is the net below the imports, not a way out of them.

use alloc::boxed::Box;
use core::future::Future;
use core::pin::Pin;
use core::ptr;
use core::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::imports::module::begin;
use super::imports::task::{close, follow, ignore, open};
use super::imports::web::Promise;
use super::slab::Slab;

/// The task that is being polled.
pub fn id(context: &Context<'_>) -> usize {
    context.waker().data().addr()
}

/// What the promise came to that a task waits for, if it has settled.
pub fn settled(id: usize) -> Option<Settled> {
    with(id, |task| task.settled.take()).flatten()
}

pub type Settled = Result<JsValue, JsValue>;
type Running = Pin<Box<dyn Future<Output = Settled>>>;

/// What is known of a task.
struct Task {
    /// The future, but for the time that it is being polled.
    running: Option<Running>,
    /// What the promise it waits for came to.
    settled: Option<Settled>,
}

static TASKS: Slab<Task> = Slab::new();

/// Must be called before the first task.
pub fn start() {
    begin(&wasm_bindgen::exports());
}

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
    begun(running, false)
}

/// The same, for those who wait for it here: its rejection is nobody's error when they no longer do.
pub fn shared(running: Running) -> Promise {
    begun(running, true)
}

fn begun(running: Running, shared: bool) -> Promise {
    let task = Task {
        running: Some(running),
        settled: None,
    };
    let id = TASKS.insert(task);
    open(id, shared)
}

/// What runs on its own behalf.
pub type Work = Pin<Box<dyn Future<Output = Result<(), Failure>>>>;

/// Runs a future whose end nobody waits for.
pub fn background(work: Work) {
    shared(Box::pin(async move {
        let _ = work.await;
        Ok(JsValue::UNDEFINED)
    }));
}

fn with<T>(id: usize, f: impl FnOnce(&mut Task) -> T) -> Option<T> {
    TASKS.with(id, f)
}

/// Lets a task run until it waits for a promise.
#[wasm_bindgen(skip_typescript)]
pub fn poll(id: usize) {
    // Taken out of the table, since the future may call JavaScript, and that may start other tasks.
    let Some(mut running) = with(id, |task| task.running.take()).flatten() else {
        return;
    };
    // SAFETY: the functions of the table do nothing, whatever the data.
    let waker = unsafe { Waker::new(ptr::without_provenance(id), &NAMES_THE_TASK) };
    let polled = running.as_mut().poll(&mut Context::from_waker(&waker));
    let Poll::Ready(result) = polled else {
        with(id, |task| task.running = Some(running));
        return;
    };
    drop(running);
    match result {
        Ok(value) => close(id, false, &value),
        Err(value) => close(id, true, &value),
    }
    // Not before: if `close` throws, `abandon` still has to find the task.
    TASKS.remove(id);
}

/// An import threw while the task was polled: its future is lost.
#[wasm_bindgen(skip_typescript)]
pub fn abandon(id: usize) {
    TASKS.remove(id);
}

/// A waker whose data is the number of its task.
static NAMES_THE_TASK: RawWakerVTable = RawWakerVTable::new(
    |data| RawWaker::new(data, &NAMES_THE_TASK),
    |_| {},
    |_| {},
    |_| {},
);

/// Waits for a promise.
pub struct Settle(Option<Promise>);

impl Settle {
    pub fn new(promise: Promise) -> Self {
        Self(Some(promise))
    }
}

impl Future for Settle {
    type Output = Settled;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Settled> {
        let id = id(context);
        if let Some(promise) = self.0.take() {
            return match follow(&promise, id) {
                Ok(()) => Poll::Pending,
                Err(thrown) => {
                    // Nobody will hear of it.
                    ignore(&promise);
                    Poll::Ready(Err(thrown))
                }
            };
        }
        settled(id).map_or(Poll::Pending, Poll::Ready)
    }
}
