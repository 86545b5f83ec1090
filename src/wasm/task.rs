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
use alloc::vec::Vec;
use core::future::Future;
use core::pin::Pin;
use core::ptr;
use core::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::slot::Slot;

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    pub type Promise;
}

#[wasm_bindgen(module = "/src/wasm/js/task.js")]
extern "C" {
    /// Told once what the module exports.
    fn begin(exports: &JsValue);
    /// The promise of a task, which it polls. Of one that is `shared` a rejection may go unheard.
    fn open(id: usize, shared: bool) -> Promise;
    fn close(id: usize, failed: bool, value: &JsValue);
    /// Takes no notice of a rejection.
    fn ignore(promise: &Promise);
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
    let free = FREE.with(Vec::pop);
    let id = TASKS.with(|tasks| {
        let id = free.unwrap_or(tasks.len());
        match tasks.get_mut(id) {
            Some(place) => *place = task,
            None => tasks.push(task),
        }
        id
    });
    open(id, shared)
}

/// Runs a future whose end nobody waits for.
pub fn background(future: impl Future<Output = Result<(), Failure>> + 'static) {
    shared(Box::pin(async move {
        let _ = future.await;
        Ok(JsValue::UNDEFINED)
    }));
}

fn with<T>(id: usize, f: impl FnOnce(&mut Task) -> T) -> Option<T> {
    TASKS.with(|tasks| tasks.get_mut(id).map(f))
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
    // Not before: if `close` throws, `abandon` frees the place, and freed twice it would be two tasks' at once.
    FREE.with(|free| free.push(id));
}

/// An import threw while the task was polled: its future is lost.
#[wasm_bindgen(skip_typescript)]
pub fn abandon(id: usize) {
    with(id, core::mem::take);
    FREE.with(|free| free.push(id));
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
        let id = context.waker().data().addr();
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
        match with(id, |task| task.settled.take()).flatten() {
            Some(settled) => Poll::Ready(settled),
            None => Poll::Pending,
        }
    }
}
